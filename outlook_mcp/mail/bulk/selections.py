"""Lists of messages that a change is confirmed for: kept for ten minutes under a short code, and used once.

`mail.confirmation` says how this differs from other confirmations.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.shared_store import UserTicketStore
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.confirmation import random_code
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.net.clock import UnixClock, unix_time

LIFETIME_S = 600.0
# Longer than the 20 messages take that are changed at once, with all that is asked again about them.
HELD_S = 120.0
_PURPOSE = "selected_messages"
_NOTHING = "Nothing was changed."


@dataclass(frozen=True, slots=True)
class Terms:
    """What a list of messages is for: the tool, and everything that decides what it does to each message."""

    tool: str
    change: object

    def digest(self) -> bytes:
        return _digest([self.tool, self.change])


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    connection: str | None
    tool: str
    terms: bytes
    handles: list[str]
    query: MailQuery | None
    changed: int
    unclear: int
    # Until then (Unix time) a call is making the change, unless its server was killed.
    held_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Selection:
    """The messages that are still to be changed. Earlier calls `changed` so many; of `unclear` they may have.

    `query` is the one that found them, None where the caller named them.
    """

    ids: Sequence[MessageId]
    query: MailQuery | None = None
    changed: int = 0
    unclear: int = 0


class Selections:
    """The lists of one mailbox. No code of another user is ever found."""

    def __init__(
        self,
        store: UserTicketStore,
        user: UserKey,
        connection: ConnectionId | None,
        handles: Handles,
        clock: UnixClock = unix_time,
    ) -> None:
        self._store = store
        self._user = user
        self._connection = connection
        self._handles = handles
        self._clock = clock

    async def seal_selection(self, terms: Terms, selection: Selection) -> str:
        """The code of a new list: eight letters and digits."""
        code = random_code()
        await self.keep_rest(code, terms, selection)
        return code

    async def keep_rest(self, code: str, terms: Terms, rest: Selection, *, held_s: float = 0.0) -> None:
        """Keeps what is left under the code, for ten more minutes; nobody takes it in the next `held_s` seconds."""
        kept = _Kept(
            connection=self._connection,
            tool=terms.tool,
            terms=terms.digest(),
            handles=[self._handles.short(message_id) for message_id in rest.ids],
            query=rest.query,
            changed=rest.changed,
            unclear=rest.unclear,
            held_until=self._clock() + held_s if held_s else 0.0,
        )
        value = msgspec.msgpack.encode(kept)
        await self._store.put_ticket(self._user, _PURPOSE, code, value, lifetime_s=LIFETIME_S)

    async def take_selection(self, code: str, terms: Terms, query: MailQuery | None = None) -> Selection:
        """The list, for exactly one caller on all servers.

        Raises InvalidInput, and leaves the list, for a code of another mailbox, tool, change or, if given, query, and
        while another call makes the change. One that is too old, was used or belongs to another user is unknown.
        """
        code = code.strip().lower()
        value = await self._store.read_ticket(self._user, _PURPOSE, code)
        kept = None if value is None else _decoded(value)
        if kept is None:
            raise _unknown(terms)
        self._check(kept, terms, query)
        if not await self._store.discard_ticket(self._user, _PURPOSE, code):
            raise _unknown(terms)
        ids = self._handles.full_ids(map(Handle, kept.handles))
        return Selection(ids, kept.query, kept.changed, kept.unclear)

    async def take_rest(self, code: str, terms: Terms) -> Selection | None:
        """As `take_selection`; None where no earlier call has left anything."""
        if await self._store.read_ticket(self._user, _PURPOSE, code) is None:
            return None
        return await self.take_selection(code, terms)

    async def forget_selection(self, code: str) -> None:
        """Once nothing is left of it."""
        await self._store.discard_ticket(self._user, _PURPOSE, code)

    def code_for_ids(self, terms: Terms, ids: Sequence[MessageId]) -> str:
        """One code for all calls that name these messages for this change."""
        return f"ids-{_digest([self._connection, terms.digest(), ids]).hex()}"

    def _check(self, kept: _Kept, terms: Terms, query: MailQuery | None) -> None:
        if kept.connection != self._connection:
            told, step = "belongs to another mailbox", "Give the `account` of the call that showed the code."
        elif kept.tool != terms.tool:
            told, step = f"is for {kept.tool}", f"Call {kept.tool} with it, or {terms.tool} with `where` for a new one."
        elif kept.terms != terms.digest() or (query is not None and query != kept.query):
            told = "is for another change"
            step = "Repeat the arguments of the call that showed it, or call without `confirm` for a new code."
        elif (wait_s := kept.held_until - self._clock()) > 0:
            raise InvalidInput(
                "Another call is making this change, or its server was stopped. This call changed nothing.",
                next_step=f"Repeat the call in {math.ceil(wait_s)} seconds: it goes on where that one has stopped.",
            )
        else:
            return
        raise InvalidInput(f"This code {told}. {_NOTHING}", next_step=step)


def _unknown(terms: Terms) -> InvalidInput:
    return InvalidInput(
        f"This code is not known: it was used, is older than 10 minutes, or is misspelt. {_NOTHING}",
        next_step=f"Call {terms.tool} with `where` and without `confirm` to see the messages and a new code.",
    )


def _decoded(value: bytes) -> _Kept | None:
    """None for what another version of this server wrote."""
    try:
        return msgspec.msgpack.decode(value, type=_Kept)
    except msgspec.DecodeError:
        return None


def _digest(value: Any) -> bytes:
    return hashlib.sha256(msgspec.json.encode(value)).digest()[:16]
