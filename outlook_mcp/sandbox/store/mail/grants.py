"""What users may do in mailboxes that are not their own; an administrator grants it, here the control API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from outlook_mcp.sandbox.store.mail.mailbox import Mailbox

Right = Literal["read", "full_access", "send_as", "send_on_behalf"]
RIGHTS: tuple[Right, ...] = get_args(Right)
_GRANTS = "grant"


def rights_in(mailbox: Mailbox, oid: str) -> frozenset[str]:
    """The rights of the user with this object id in a mailbox of somebody else."""
    found = mailbox.records(_GRANTS).find_record(oid)
    return frozenset(found["rights"] if found else ())


def grant_rights(mailbox: Mailbox, oid: str, rights: Iterable[Right]) -> None:
    """These rights and no others; none takes away what was granted before."""
    mailbox.records(_GRANTS).put_record(oid, {"rights": sorted(rights)})


def may_open(mailbox: Mailbox, oid: str, *, to_write: bool) -> bool:
    """Whether the user may read the mailbox of somebody else, or change what is in it."""
    rights = rights_in(mailbox, oid)
    return "full_access" in rights or (not to_write and "read" in rights)
