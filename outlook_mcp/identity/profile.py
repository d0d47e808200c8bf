"""A local profile: the name under which a person signs in on their own machine."""

from __future__ import annotations

import re
from typing import Protocol

from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.user import UserKey

DEFAULT_PROFILE = "default"
_NAME = re.compile(r"[a-z0-9-]{1,32}")


def check_profile_name(name: str) -> str:
    """The name. Raises ConfigurationError when it is no name of a profile.

    >>> check_profile_name("work-2")
    'work-2'
    >>> check_profile_name("Work")
    Traceback (most recent call last):
    ...
    outlook_mcp.errors.ConfigurationError: The profile is 'Work'; expected 1 to 32 of the characters a-z, 0-9 and -.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"The profile is {name[:40]!r}; expected 1 to 32 of the characters a-z, 0-9 and -.")
    return name


def profile_owner(name: str) -> UserKey:
    """The key under which records of the profile itself are kept."""
    return UserKey.of_profile(check_profile_name(name))


def profile_of(owner: UserKey) -> str | None:
    """The profile whose records have this owner; None when it is the key of a person or of the server."""
    return owner.oid if owner.kind == "profile" else None


class ProfileStore(Protocol):
    """Which user is signed in under which profile."""

    async def user_of(self, profile: str) -> UserKey | None:
        """The user, None when nobody is signed in."""

    async def bind_profile(self, profile: str, user: UserKey) -> None:
        """Makes this the user of the profile."""

    async def forget_profile(self, profile: str) -> None:
        """Leaves the profile without a user."""

    async def profiles(self) -> dict[str, UserKey]:
        """The user of every profile that has one, in order of name."""
