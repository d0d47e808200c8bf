"""What a call to send asks for: now, at a time, after a while in which it can be taken back; or to take one back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from outlook_mcp.errors import Conflict, InvalidInput
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.drafts.holding import LONGEST_UNDO_S, TAKE_BACK, HeldMessage, SendQueue, TakenBack
from outlook_mcp.mail.drafts.send_time import parse_send_time
from outlook_mcp.mail.drafts.sending import Sending, SentMessage, UnsentDraft
from outlook_mcp.net.clock import utc_now

_TAKE_BACK_WORDS = (TAKE_BACK, "undo", "never")
_NOW_WORDS = ("now", "immediately")
# Exchange takes a time that is over for none.
_OVER = datetime(2000, 1, 1, tzinfo=UTC)

SendOutcome = SentMessage | UnsentDraft | HeldMessage | TakenBack


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest:
    """The arguments of a call: `at` and `undo_s` as its model wrote them. `session` is that of the caller."""

    to: Sequence[str] | None = None
    check: str | None = None
    at: str | None = None
    undo_s: int | None = None
    session: str = ""


class SendRequests:
    """Carries out requests to send for one mailbox of `user`. Without a `queue` it is Exchange that holds messages."""

    def __init__(
        self,
        sending: Sending,
        queue: SendQueue | None,
        user: UserKey,
        connection: ConnectionId | None,
        *,
        zone: ZoneInfo,
    ) -> None:
        self._sending = sending
        self._queue = queue
        self._user = user
        self._connection = connection
        self._zone = zone

    async def carry_out(self, draft: MessageId, request: SendRequest) -> SendOutcome:
        """Raises InvalidInput for a time that cannot be meant, and as `Sending.send_draft`."""
        word = (request.at or "").strip().lower()
        if word in _TAKE_BACK_WORDS:
            return await self._taken_back(draft)
        undo_s = request.undo_s or 0
        if not 0 <= undo_s <= LONGEST_UNDO_S:
            raise InvalidInput(f"`undo_s` is 1 to {LONGEST_UNDO_S} seconds.")
        if undo_s and word:
            raise InvalidInput(
                "`at` and `undo_s` are not used together.", next_step='With `at` it can be taken back by at="cancel".'
            )
        await self._require_not_held(draft)
        if undo_s and self._queue is not None:
            return await self._held(draft, request, self._queue, undo_s)
        at = _OVER if word in _NOW_WORDS else None
        if undo_s:
            at = (utc_now() + timedelta(seconds=undo_s)).astimezone(self._zone)
        elif word and at is None:
            at = parse_send_time(request.at or "", utc_now(), self._zone)
        return await self._sending.send_draft(draft, request.to, request.check, at=at)

    async def _held(
        self, draft: MessageId, request: SendRequest, queue: SendQueue, undo_s: int
    ) -> HeldMessage | UnsentDraft:
        if not request.to or not request.check:
            return await self._sending.unsent_draft(draft)
        agreed = await self._sending.agreed_draft(draft, request.to, request.check)
        due = utc_now() + timedelta(seconds=undo_s)
        is_held = await queue.hold_draft(
            self._user,
            self._connection,
            session=request.session,
            draft=agreed.id,
            check=request.check,
            due=due,
        )
        if not is_held:
            raise _held_already()
        return HeldMessage(agreed, due)

    async def _require_not_held(self, draft: MessageId) -> None:
        if self._queue is not None and await self._queue.state_of(self._user, draft) in ("waiting", "under way"):
            raise _held_already()

    async def _taken_back(self, draft: MessageId) -> TakenBack:
        state = "none" if self._queue is None else await self._queue.state_of(self._user, draft)
        if self._queue is not None and state in ("waiting", "under way"):
            if await self._queue.take_back(self._user, draft):
                return TakenBack(draft, in_deleted=False)
            raise Conflict(
                "This message is just being sent, so it was not taken back.",
                next_step='Look in Sent Items (mail_search with folder="sent") and tell the user.',
            )
        if self._queue is not None and state == "stopped":
            raise Conflict(
                f"This message was not sent: {await self._queue.reason_of(self._user, draft)}",
                next_step="The draft is kept: look at it with mail_read, and send it again.",
            )
        return TakenBack((await self._sending.take_back(draft)).id, in_deleted=True)


def _held_already() -> Conflict:
    return Conflict(
        "This draft is held and will be sent by itself, so this call sent nothing.",
        next_step='To change it or send it now, take it back first: mail_send(draft=..., at="cancel").',
    )
