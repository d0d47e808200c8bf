"""Graph permissions as a setting: a slip of the pen is found here and not on the sign-in page."""

from __future__ import annotations

import difflib
import re

# https://learn.microsoft.com/graph/permissions-reference, those about mail and signing in.
_KNOWN = (
    "Mail.Read",
    "Mail.Read.Shared",
    "Mail.ReadBasic",
    "Mail.ReadBasic.Shared",
    "Mail.ReadWrite",
    "Mail.ReadWrite.Shared",
    "Mail.Send",
    "Mail.Send.Shared",
    "MailboxSettings.Read",
    "MailboxSettings.ReadWrite",
    "User.Read",
    "email",
    "offline_access",
    "openid",
    "profile",
)
_BY_FOLDED = {name.casefold(): name for name in _KNOWN}
_PERMISSION = re.compile(r"[A-Za-z]+(\.[A-Za-z]+)+")
_CLOSE = 0.85


def check_permissions(value: tuple[str, ...]) -> tuple[str, ...]:
    """Known ones, and any other that has the form of a Graph permission and is not nearly a known one."""
    for name in value:
        if name in _KNOWN:
            continue
        close = difflib.get_close_matches(name.casefold(), _BY_FOLDED, n=1, cutoff=_CLOSE)
        if close:
            raise ValueError(f"Graph permissions ({name} is none; did you mean {_BY_FOLDED[close[0]]}?)")
        if not _PERMISSION.fullmatch(name):
            raise ValueError(f"Graph permissions, such as Mail.Read ({name[:80]!r} is none)")
    if "offline_access" not in value:
        raise ValueError("Graph permissions, among them offline_access (without it the sign-in ends after an hour)")
    return value
