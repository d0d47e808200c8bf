"""Sends messages that were held for a while, each once, whichever of the servers that share the vault does it.

A record goes from `waiting` to `claimed`, and to `begun` right before the POST. A server that stops in between leaves a
record whose claim runs out. One that was only claimed is sent by the next server. Of one that was begun nobody knows
whether it was sent: the mailbox is looked at, and what still is a draft is not sent by itself any more.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Literal, Protocol

import anyio

from outlook_mcp.errors import HeldSendStopped, OutcomeUnknown, OutlookError
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.vault.held_sends import HeldSend, HeldState, VaultHeldSends, held_send_id

_log = logging.getLogger(__name__)
# Beyond what a send takes with all its waiting.
_CLAIM_S = 180.0
# So long after its time a message that could not be sent is tried again; later its user decides.
_TRIED_S = 1800.0
_LEFT_OPEN = (
    "The server stopped while it was sent. It still is a draft, so it most likely was not sent: look in Sent Items,"
    " then send it again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """Every `sweep_s` seconds a server looks for messages that another one left when it stopped."""

    sweep_s: float = 30.0


class HeldSender(Protocol):
    """Does the work on a held message, as its user."""

    async def check_allowed(self, held: HeldSend) -> str:
        """Why it must not be sent any more, such as that the access of its client has ended; "" when it may."""

    async def send_held(self, held: HeldSend, before: Callable[[], Awaitable[None]]) -> None:
        """Sends it once; awaits `before()` right before the POST. Raises OutlookError."""

    async def was_sent(self, held: HeldSend) -> bool:
        """Whether the draft is none any more. Raises OutlookError."""


class StoredSendQueue:
    """A `SendQueue` whose messages `run` sends."""

    def __init__(
        self, store: VaultHeldSends, *, settings: QueueSettings = QueueSettings(), clock: UnixClock = unix_time
    ) -> None:
        self.store = store
        self._settings = settings
        self._clock = clock
        self._dues: list[float] = []
        self._added = anyio.Event()

    async def hold_draft(
        self,
        user: UserKey,
        connection: ConnectionId | None,
        *,
        session: str,
        draft: MessageId,
        check: str,
        due: datetime,
    ) -> bool:
        """False when it is held already."""
        held = HeldSend(
            user=user, connection=connection, session=session, draft=draft, check=check, due=due.timestamp()
        )
        if not await self.store.add_held(held):
            return False
        heapq.heappush(self._dues, held.due)
        self._added.set()
        return True

    async def state_of(self, user: UserKey, draft: MessageId) -> Literal["none", "waiting", "under way", "stopped"]:
        """See `SendQueue.state_of`."""
        held = await self.store.find_held(user, held_send_id(draft))
        if held is None:
            return "none"
        return held.state if held.state in ("waiting", "stopped") else "under way"

    async def reason_of(self, user: UserKey, draft: MessageId) -> str:
        """See `SendQueue.reason_of`."""
        held = await self.store.find_held(user, held_send_id(draft))
        return held.reason if held else ""

    async def take_back(self, user: UserKey, draft: MessageId) -> bool:
        """See `SendQueue.take_back`."""
        held = await self.store.find_held(user, held_send_id(draft))
        if held is None or not await self.store.change_held(held, partial(_changed, "waiting", state="stopped")):
            return False
        await self.store.revoke_held(held)
        return True

    async def run(self, sender: HeldSender) -> None:
        """Sends what is due until it is cancelled. A send under way is finished first."""
        async with anyio.create_task_group() as tasks:
            while True:
                self._added = anyio.Event()
                try:
                    for held in await self._due_ones():
                        tasks.start_soon(self._send_one, held, sender)
                except OutlookError as error:
                    _log.warning("Held messages could not be looked at: %s", error.message)
                with anyio.move_on_after(self._pause()):
                    await self._added.wait()

    def _pause(self) -> float:
        now = self._clock()
        while self._dues and self._dues[0] <= now:
            heapq.heappop(self._dues)
        until_due = self._dues[0] - now if self._dues else self._settings.sweep_s
        return max(0.0, min(until_due, self._settings.sweep_s))

    async def _due_ones(self) -> list[HeldSend]:
        now = self._clock()
        found = await self.store.open_ones()
        return [held for held in found if (held.due if held.state == "waiting" else held.claimed_until) <= now]

    async def _send_one(self, held: HeldSend, sender: HeldSender) -> None:
        # What was begun is finished and put on record also when the server shuts down.
        with anyio.CancelScope(shield=True):
            try:
                if held.state == "begun":
                    await self._settle(held, sender)
                else:
                    await self._send_claimed(held, sender)
            except OutlookError as error:
                _log.warning("A held message was left for later: %s", error.message)

    async def _send_claimed(self, held: HeldSend, sender: HeldSender) -> None:
        claimed = await self.store.change_held(held, self._claim(held))
        if claimed is None:
            return
        try:
            if refused := await sender.check_allowed(claimed):
                await self.store.stop_held(claimed, refused)
                return
            await sender.send_held(claimed, partial(self._begin, claimed, sender))
        except HeldSendStopped as refused_late:
            await self.store.stop_held(claimed, refused_late.message)
        except OutlookError as error:
            is_early = self._clock() < claimed.due + _TRIED_S
            if is_early and error.retryable and not isinstance(error, OutcomeUnknown):
                # Nothing was sent: the next sweep after the claim tries again.
                await self.store.change_held(claimed, partial(_changed, None, state="claimed"))
                raise
            await self.store.stop_held(claimed, f"{error.message} {error.next_step}".strip())
        else:
            await self.store.remove_held(claimed)

    async def _begin(self, held: HeldSend, sender: HeldSender) -> None:
        """The last look before the POST. Raises HeldSendStopped."""
        if refused := await sender.check_allowed(held):
            raise HeldSendStopped(refused)
        if await self.store.change_held(held, partial(_changed, "claimed", state="begun")) is None:
            raise HeldSendStopped("Another server took it over.")

    async def _settle(self, held: HeldSend, sender: HeldSender) -> None:
        """What became of one whose server stopped after its POST had begun."""
        if await self.store.change_held(held, self._claim(held)) is None:
            return
        if await sender.was_sent(held):
            await self.store.remove_held(held)
        else:
            await self.store.stop_held(held, _LEFT_OPEN)

    def _claim(self, seen: HeldSend) -> Callable[[HeldSend], HeldSend | None]:
        """For the first of all servers; a claim that ran out is taken over."""
        now = self._clock()

        def claim(present: HeldSend) -> HeldSend | None:
            if (present.state, present.claimed_until) != (seen.state, seen.claimed_until):
                return None
            state: HeldState = "begun" if present.state == "begun" else "claimed"
            return replace(present, state=state, claimed_until=now + _CLAIM_S)

        return claim


def _changed(
    expected: str | None, present: HeldSend, *, state: Literal["claimed", "begun", "stopped"]
) -> HeldSend | None:
    return replace(present, state=state) if expected in (None, present.state) else None
