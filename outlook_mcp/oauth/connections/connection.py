"""A connection: what lets one user use one mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """`owner` may use the mailbox of the Entra ID user (`tid`, `oid`) and calls it `name`.

    `scopes` are the Graph permissions that Microsoft granted. `is_chosen` is True when the owner made the connection
    the default, False when it is the default only because no other was chosen.
    """

    id: ConnectionId
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
        """The user whose mailbox it is: the owner, unless the mailbox of another account was linked."""
        return UserKey(self.tid, self.oid)

    @property
    def is_own(self) -> bool:
        return self.mailbox == self.owner
