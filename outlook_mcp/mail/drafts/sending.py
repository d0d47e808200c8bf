"""Sends a draft at most once: one POST that is never repeated, then a check of what became of the message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import anyio
from pydantic import SecretStr

from outlook_mcp.errors import Conflict, InvalidInput, NotFound, OutcomeUnknown, OutlookError
from outlook_mcp.errors.counting import counted
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.identity.shared_store import Marks
from outlook_mcp.mail.area import SEND_PERMISSION
from outlook_mcp.mail.correspondents import Correspondents
from outlook_mcp.mail.deferred_send import EXPAND_DEFERRAL, deferred_until
from outlook_mcp.mail.drafts.deferral import Deferral
from outlook_mcp.mail.drafts.draft_locks import DraftLocks
from outlook_mcp.mail.drafts.recipients import check_number
from outlook_mcp.mail.drafts.refused_sends import refused_send
from outlook_mcp.mail.drafts.send_quota import SendQuota
from outlook_mcp.mail.drafts.send_terms import SendChecks, SendTerms
from outlook_mcp.mail.drafts.send_time import shown_send_time
from outlook_mcp.mail.drafts.sent_lookup import STILL_A_DRAFT, SentLookup, recipient_addresses
from outlook_mcp.mail.models import DRAFT, EXPAND, Message
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.net.clock import utc_now

_PURPOSE = "mail_send"
_SENT_NOTHING = "sent nothing"
_EXPAND = {"$expand": f"{EXPAND['full']['$expand']},{EXPAND_DEFERRAL}"}
# Called before a POST that sends. What it raises keeps the message from being sent.
BeforeSending = Callable[[], Awaitable[None]]


async def _nothing_before() -> None:
    """For a send that nobody else has to know of."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """The message was sent. `was_verified`: its answer was lost and it was then found in Sent Items.

    Exchange holds it `until` a time; None when it went out at once.
    """

    message: Message
    was_verified: bool = False
    until: datetime | None = None

    @property
    def recipients(self) -> Sequence[str]:
        """The addresses it went to."""
        return recipient_addresses(self.message)


@dataclass(frozen=True, slots=True)
class UnsentDraft:
    """Nothing was sent, as the caller did not say what `terms` say."""

    message: Message
    terms: SendTerms


class Sending:
    """Sends for one mailbox."""

    def __init__(
        self,
        graph: GraphClient,
        marks: Marks,
        locks: DraftLocks,
        checks: SendChecks,
        quota: SendQuota,
        correspondents: Correspondents,
        settings: MailSettings,
    ) -> None:
        self._graph = graph
        self._marks = marks
        self._locks = locks
        self._checks = checks
        self._quota = quota
        self._correspondents = correspondents
        self._settings = settings
        self._lookup = SentLookup(graph, settings)
        self._deferral = Deferral(graph, self._lookup, look_again_s=settings.poll_s)

    async def send_draft(
        self, draft_id: MessageId, to: Sequence[str] | None, check: str | None, *, at: datetime | None = None
    ) -> SentMessage | UnsentDraft:
        """Sends the draft that `to` and `check` are of; without one of them it sends nothing and returns both.

        From the check to the send no other call of these servers changes the draft.

        Exchange holds it until `at`; a time that is over takes back one that the draft has. Raises InvalidInput for
        what cannot be sent, and OutcomeUnknown when it may or may not have been sent.

        Raises Conflict, sending nothing, when the draft was changed or has other recipients, and when another call
        sends it or has just done so, on any server. Raises SendQuotaExceeded when the user has sent too much. When the
        call is cancelled after the POST has begun, it ends only when the outcome is known.
        """
        if not to or not check:
            return await self.unsent_draft(draft_id)
        async with self._locks.locked(draft_id, _SENT_NOTHING):
            agreed = await self.agreed_draft(draft_id, to, check)
            if agreed.id == draft_id:
                return await self._sent(agreed, at, _nothing_before)
        # Other calls lock it by the id that Graph gives.
        return await self.send_draft(agreed.id, to, check, at=at)

    async def send_held(self, draft_id: MessageId, check: str, before: BeforeSending) -> SentMessage:
        """Sends a draft that was agreed to before, if it still is what `check` is of. Raises as `send_draft`."""
        async with self._locks.locked(draft_id, _SENT_NOTHING):
            draft = await self._sendable_draft(draft_id)
            self._require_check(draft, check)
            await self._check_people(draft)
            return await self._sent(draft, None, before)

    async def unsent_draft(self, draft_id: MessageId) -> UnsentDraft:
        """The draft as it is, and what sends it. Sends nothing, and raises as `send_draft`."""
        draft = await self._sendable_draft(draft_id)
        return UnsentDraft(draft, self._checks.terms_of(draft))

    async def agreed_draft(self, draft_id: MessageId, to: Sequence[str], check: str) -> Message:
        """The draft as it is, if `to` and `check` are of it. Sends nothing, and raises as `send_draft`."""
        draft = await self._sendable_draft(draft_id)
        self._require_check(draft, check)
        if not self._checks.names_everybody(to, draft):
            raise _not_agreed("`to` is not everybody who would get this message, and nobody else.")
        await self._check_people(draft)
        return draft

    async def is_still_draft(self, draft_id: MessageId) -> bool:
        """False when it was sent, or is in no folder any more."""
        try:
            return (await self._lookup.fetch_message(draft_id, ("id", "isDraft"))).is_draft is True
        except NotFound:
            return False

    async def take_back(self, draft_id: MessageId) -> Message:
        """See `Deferral.take_back`; it can be sent again then."""
        message = await self._deferral.take_back(draft_id)
        await self._marks.discard_ticket(_PURPOSE, SecretStr(message.id))
        return message

    async def _sendable_draft(self, draft_id: MessageId) -> Message:
        try:
            draft = await self._lookup.fetch_message(draft_id, DRAFT, _EXPAND)
        except OutlookError as error:
            raise refused_send(error) from None
        if not draft.is_draft:
            raise InvalidInput(
                "This message is not a draft, so this call sent nothing; it may have been sent already.",
                next_step='If it waits to be sent, at="cancel" takes it back. Else look in Sent Items (mail_search with'
                ' folder="sent"), or save a draft with draft_save.',
            )
        if not draft.recipients:
            raise InvalidInput("The draft has no recipients.", next_step="Add them with draft_save.")
        if not all(recipient_addresses(draft)):
            raise InvalidInput(
                "A recipient of this draft has no address, as a list of contacts in Outlook has none, so it cannot be "
                "shown who would get it. This call sent nothing.",
                next_step="Write the addresses of the people who are meant with draft_save, or let the user send it.",
            )
        check_number(draft.recipients)
        return draft

    def _require_check(self, draft: Message, check: str) -> None:
        """Raises Conflict unless it is that of the draft as it is now."""
        if not self._checks.is_current(check, draft):
            raise _not_agreed(
                "The check is not that of the draft as it is now: it was changed since, or the check is misspelt."
            )

    async def _check_people(self, draft: Message) -> None:
        try:
            await self._correspondents.check_recipients(recipient_addresses(draft))
        except OutlookError as error:
            raise refused_send(error) from None

    async def _sent(self, draft: Message, at: datetime | None, before: BeforeSending) -> SentMessage:
        with anyio.CancelScope(shield=True):
            was_verified, until = await self._send_once(draft, at, before)
        return SentMessage(draft, was_verified, until)

    async def _send_once(
        self, draft: Message, at: datetime | None, before: BeforeSending
    ) -> tuple[bool, datetime | None]:
        """Whether its answer was lost and it was then found to be sent, and until when Exchange holds it."""
        # By the id that Graph gave, so that a draft has one mark however a caller wrote its id.
        claim = SecretStr(draft.id)
        now = utc_now()
        until = deferred_until(draft, now) if at is None else at if at > now else None
        held_s = (until - now).total_seconds() if until else 0.0
        if not await self._marks.mark_handle(_PURPOSE, claim, lifetime_s=self._settings.send_claim_s + held_s):
            raise self._is_being_sent()
        number = len(draft.recipients)
        try:
            await self._quota.count_send(number)
        except OutlookError:
            await self._marks.discard_ticket(_PURPOSE, claim)
            raise
        try:
            if at is not None and (until or deferred_until(draft, now)):
                await self._deferral.set_time(draft, at)
            await before()
            return await self._post(draft, until), until
        except OutcomeUnknown:
            raise
        except OutlookError as error:
            # Refused: nothing was sent, so the next call may try at once.
            await self._marks.discard_ticket(_PURPOSE, claim)
            await self._quota.uncount_send(number)
            author = draft.author.address
            is_from_other = bool(author) and (author or "").lower() != self._checks.address.lower()
            raise _with_time_told(refused_send(error, is_from_other=is_from_other), at) from None

    async def _post(self, draft: Message, until: datetime | None) -> bool:
        """Whether its answer was lost and it was then found in Sent Items, or where Exchange holds messages."""
        builder = self._graph.me.messages.by_message_id(draft.id).send
        try:
            await self._graph.send_mail(self._graph.request(builder, "POST"), permission=SEND_PERMISSION)
        except OutcomeUnknown as unknown:
            seen = await self._lookup.settled_state(draft)
            if not seen:
                return True
            if seen == STILL_A_DRAFT and until is None:
                # Long enough after the request, so the user may decide to send again.
                await self._marks.discard_ticket(_PURPOSE, SecretStr(draft.id))
            raise self._unknown(draft, unknown, seen, until) from None
        return False

    def _unknown(self, draft: Message, unknown: OutcomeUnknown, seen: str, until: datetime | None) -> OutcomeUnknown:
        # One that is held may stand among the drafts until its time.
        held = f"; whether Exchange holds it shows at {shown_send_time(until)}" if until else ""
        waited = counted(round(self._settings.settle_s), "second")
        lost = OutcomeUnknown(
            f"{unknown.message} After {waited} {seen}{held}.",
            status=unknown.status,
            graph_code=unknown.graph_code,
            request_id=unknown.request_id,
            next_step=unknown.next_step,
        )
        lost.recipients = tuple(recipient_addresses(draft))
        return lost

    def _is_being_sent(self) -> Conflict:
        minutes = f"{self._settings.send_claim_s / 60:g} minutes"
        return Conflict(
            f"Another call handed this draft to Exchange within the last {minutes}, or for a time that is still ahead, "
            "so this one sent nothing.",
            next_step=(
                f'Look in Sent Items (mail_search with folder="sent"). If it is not there after {minutes}, send again.'
            ),
        )


def _not_agreed(told: str) -> Conflict:
    return Conflict(
        f"{told} This call sent nothing.",
        next_step="Read the draft with mail_read and show it to the user before sending it.",
    )


def _with_time_told(error: OutlookError, at: datetime | None) -> OutlookError:
    """A time that was written before the send was refused stays on the draft."""
    if at is not None and "time to be sent at" not in error.message:
        error.message = f"{error.message} The draft may keep {shown_send_time(at)} as its time to be sent at."
    return error
