"""What is read from Graph about the account itself, with the `$select` list beside its reader."""

from __future__ import annotations

import msgspec

PROFILE = ("displayName", "mail", "userPrincipalName")


class Profile(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Read with PROFILE. `mail` is null for an account without a mailbox and for some personal ones."""

    display_name: str | None = None
    mail: str | None = None
    user_principal_name: str | None = None


class MailboxSettings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`time_zone` is a Windows or an IANA name."""

    time_zone: str | None = None
