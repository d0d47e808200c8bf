"""A mailbox a user has connected."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from outlook_mcp.identity.user import UserKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """`owner` may use the mailbox of (`tid`, `oid`) under `name`; `scopes` are those Microsoft granted.

    `is_chosen` says that the owner made it the default, rather than that it became so.
    """

    id: str
    owner: UserKey
    name: str
    tid: str
    oid: str
    address: str
    display_name: str
    scopes: tuple[str, ...]
    connected_at: datetime
    is_default: bool
    is_chosen: bool = False

    @property
    def mailbox(self) -> UserKey:
        """Whose mailbox it is; the owner's own unless another account was linked."""
        return UserKey(self.tid, self.oid)

    @property
    def is_own(self) -> bool:
        return self.mailbox == self.owner


def connection_id(mailbox: UserKey) -> str:
    """Always the same for a mailbox, so that signing in again replaces its connection."""
    return hashlib.sha256(str(mailbox).encode()).hexdigest()[:16]
