"""What is read from Graph about the account itself, with the `$select` list beside its reader."""

from __future__ import annotations

from dataclasses import dataclass

from outlook_mcp.graph.models import WireModel

PROFILE = ("displayName", "mail", "userPrincipalName")


class Profile(WireModel, frozen=True, kw_only=True):
    """Read with PROFILE. `mail` is null for an account without a mailbox and for some personal ones."""

    display_name: str | None = None
    mail: str | None = None
    user_principal_name: str | None = None


class MailboxSettings(WireModel, frozen=True, kw_only=True):
    """`time_zone` is a Windows or an IANA name."""

    time_zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleSources:
    """Where the caller may look for people. `has_directory` is None when it is not known whether that was granted."""

    sent_items: bool = True
    contacts: bool = False
    has_directory: bool | None = False


ONLY_SENT_ITEMS = PeopleSources()
