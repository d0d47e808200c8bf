"""Ids of connections: a user's access to one mailbox."""

from __future__ import annotations

import hashlib
from typing import NewType

from outlook_mcp.identity.user import UserKey

ConnectionId = NewType("ConnectionId", str)


def connection_id_of(mailbox: UserKey) -> ConnectionId:
    """Always the same for a mailbox, so that signing in again replaces its connection.

    >>> connection_id_of(UserKey("tenant", "alice"))
    'f3fbc28451a966e3'
    """
    return ConnectionId(hashlib.sha256(str(mailbox).encode()).hexdigest()[:16])


def shared_mailbox_id(connection: ConnectionId, address: str) -> ConnectionId:
    """Keeps apart what belongs to a mailbox that others share with the user, such as cursors; no tokens have this id.

    >>> shared_mailbox_id(ConnectionId("f3fbc28451a966e3"), "Team@contoso.example")
    'f3fbc28451a966e3:team@contoso.example'
    """
    return ConnectionId(f"{connection}:{address.lower()}")
