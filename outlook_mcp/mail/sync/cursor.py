"""Cursors of changes: up to where the changes of one folder were told, kept in the vault under a short name.

Graph's own state token has hundreds of characters, which a model would read and write with every call.
"""

from __future__ import annotations

import msgspec

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.ids import FolderId
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.shared_store import UserTicketStore
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.confirmation import random_code
from outlook_mcp.net.clock import utc_now
from outlook_mcp.text.past_times import parse_past

# Exchange forgets its tokens sooner.
_LIFETIME_S = 30 * 86_400.0
_PURPOSE = "changes_cursor"
_LONGEST = 20


class ChangesCursor(msgspec.Struct, array_like=True, frozen=True):
    """`told_until` is when the changes before it were asked for, in Unix seconds.

    Watched is the mail that arrived at `window_start` or later, in the same unit. `token` is Graph's: with
    `is_in_round`, of the next page of a round that is not finished. `is_ready` is False until what was there at the
    beginning has been read. `before` is the name of the cursor that this one goes on from.
    """

    folder: FolderId
    told_until: int
    window_start: int
    token: str
    is_in_round: bool = False
    is_ready: bool = True
    before: str = ""


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    connection: str | None
    cursor: ChangesCursor


class ChangesCursors:
    """The cursors of one mailbox, which every server finds that shares the vault; none of another user is found."""

    def __init__(self, store: UserTicketStore, user: UserKey, connection: ConnectionId | None) -> None:
        self._store = store
        self._user = user
        self._connection = connection

    async def keep_cursor(self, cursor: ChangesCursor) -> str:
        """The name of the cursor, eight letters and digits, for 30 days."""
        name = random_code()
        value = msgspec.msgpack.encode(_Kept(self._connection, cursor))
        await self._store.put_ticket(self._user, _PURPOSE, name, value, lifetime_s=_LIFETIME_S)
        return name

    async def find_cursor(self, name: str) -> ChangesCursor:
        """Raises InvalidInput for a name that is unknown, and for that of a cursor of another mailbox."""
        name = name.strip().lower()
        value = await self._store.read_ticket(self._user, _PURPOSE, name) if 0 < len(name) <= _LONGEST else None
        kept = None if value is None else _decoded(value)
        if kept is None or kept.connection != self._connection:
            raise _no_cursor(name)
        return kept.cursor

    async def forget_cursor(self, name: str) -> None:
        """Once a cursor is used that went on from it: so one call can be repeated, and no more than two are kept."""
        if name:
            await self._store.discard_ticket(self._user, _PURPOSE, name)


def _no_cursor(name: str) -> InvalidInput:
    begin = "leave `since` out to begin anew"
    try:
        parse_past(name, utc_now())
    except InvalidInput:
        message = "`since` is no cursor of this mailbox, was copied wrong, or is too old."
        return InvalidInput(message, next_step=f"Copy it exactly, or {begin}.")
    return InvalidInput(
        "`since` is a cursor from an earlier answer, and no time.",
        next_step=f'For the mail since then use mail_search(after="{name}"), or {begin}.',
    )


def _decoded(value: bytes) -> _Kept | None:
    """None for what another version of this server wrote."""
    try:
        return msgspec.msgpack.decode(value, type=_Kept)
    except msgspec.DecodeError:
        return None
