"""The caller of a stdio process: whoever is signed in under its local profile."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from outlook_mcp.errors import SignInRequired
from outlook_mcp.identity.context import UserContext
from outlook_mcp.identity.profile import ProfileStore, check_profile_name
from outlook_mcp.identity.session import Session
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import utc_now

# For so many seconds the user of the profile is not read again: a logout in another process takes effect within them.
TRUSTED_S = 5.0


class LocalCaller:
    """One session for the life of the process. Nothing in a request can change whose it is.

    `scopes` are those of ours that the configuration offers, None for all of them.
    """

    def __init__(
        self,
        profile: str,
        profiles: ProfileStore,
        clock: Callable[[], float],
        *,
        scopes: Collection[str] | None = None,
    ) -> None:
        self.profile = check_profile_name(profile)
        self._profiles = profiles
        self._clock = clock
        self._scopes = scopes
        now = utc_now()
        self._session = Session(user=None, transport="stdio", created=now, last_seen=now)
        self._trusted_until = 0.0

    async def session(self) -> Session:
        """The session as it is now; its user is None when nobody is signed in."""
        if self._clock() >= self._trusted_until:
            user = await self._profiles.user_of(self.profile)
            self._session = replace(self._session, user=user, last_seen=utc_now())
            self._trusted_until = self._clock() + TRUSTED_S if user else 0.0
        return self._session

    async def context(self) -> UserContext:
        """Raises SignInRequired when nobody is signed in."""
        session = await self.session()
        if session.user is None:
            raise SignInRequired(f"Nobody is signed in under the profile {self.profile!r}.")
        return UserContext(session.user, session)

    async def find_session(self, user: UserKey, session_id: str) -> Session | None:
        """The session while this user is signed in; None after they signed out, or somebody else signed in."""
        session = await self.session()
        return session if session.user == user and session.id == session_id else None

    async def allows(self, scope: str) -> bool:
        """Whoever can start this process may do all that its configuration offers."""
        return (self._scopes is None or scope in self._scopes) and (await self.session()).allows(scope)

    async def user(self) -> UserKey:
        """Raises SignInRequired when nobody is signed in."""
        return (await self.context()).user

    async def bind_user(self, user: UserKey) -> None:
        """Makes this the user of the profile, also for later processes."""
        await self._profiles.bind_profile(self.profile, user)
        self._trusted_until = 0.0

    async def other_profiles_of(self, user: UserKey) -> tuple[str, ...]:
        """The profiles besides this one under which the user is signed in."""
        profiles = await self._profiles.profiles()
        return tuple(name for name, bound in profiles.items() if bound == user and name != self.profile)

    async def unbind_user(self) -> None:
        """Leaves the profile without a user."""
        await self._profiles.forget_profile(self.profile)
        self._trusted_until = 0.0
