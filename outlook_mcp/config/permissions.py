"""Checks Graph permissions when the settings are read, so that a typo is not found only on the sign-in page."""

from __future__ import annotations

import difflib
import re

from outlook_mcp.identity.scopes import BASIC_PERMISSIONS, DIRECTORY_PERMISSION, OFFLINE_ACCESS, SCOPES

# https://learn.microsoft.com/graph/permissions-reference: those of the table of scopes, others of the same areas, and
# those of a sign-in.
_KNOWN = tuple(
    dict.fromkeys(
        (
            *BASIC_PERMISSIONS,
            *(permission for scope in SCOPES for permission in scope.graph),
            "Calendars.Read.Shared",
            "Calendars.ReadBasic",
            "Calendars.ReadWrite",
            "Calendars.ReadWrite.Shared",
            "Mail.Read.Shared",
            "Mail.ReadBasic",
            "Mail.ReadBasic.Shared",
            "Mail.ReadWrite.Shared",
            "Mail.Send.Shared",
            "MailboxSettings.ReadWrite",
            DIRECTORY_PERMISSION,
            "email",
            OFFLINE_ACCESS,
            "openid",
            "profile",
        )
    )
)
_BY_FOLDED = {name.casefold(): name for name in _KNOWN}
_PERMISSION = re.compile(r"[A-Za-z]+(\.[A-Za-z]+)+")
# From this similarity (0 to 1) on, an unknown name counts as a misspelling.
_CLOSE = 0.85


def check_permissions(value: tuple[str, ...]) -> tuple[str, ...]:
    """`value`, if each is a known permission, or has the form of one and is no misspelling of a known one.

    Raises ValueError.
    """
    for name in value:
        if name in _KNOWN:
            continue
        close = difflib.get_close_matches(name.casefold(), _BY_FOLDED, n=1, cutoff=_CLOSE)
        if close:
            raise ValueError(f"Graph permissions ({name} is none; did you mean {_BY_FOLDED[close[0]]}?)")
        if not _PERMISSION.fullmatch(name):
            raise ValueError(f"Graph permissions, such as Mail.Read ({name[:80]!r} is none)")
    if OFFLINE_ACCESS not in value:
        raise ValueError("Graph permissions, among them offline_access (without it the sign-in ends after an hour)")
    return value
