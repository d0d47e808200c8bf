"""Sends a draft at most once: one POST that is never repeated, then a check of what became of the message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import anyio
from pydantic import SecretStr

from outlook_mcp.errors import Conflict, InvalidInput, NotFound, OutcomeUnknown, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId, checked_id
from outlook_mcp.graph.models import Item, Page
from outlook_mcp.mail.area import SEND_PERMISSION
from outlook_mcp.mail.correspondents import Correspondents
from outlook_mcp.mail.drafts.recipients import check_number
from outlook_mcp.mail.drafts.refused_sends import refused_send
from outlook_mcp.mail.drafts.send_quota import SendQuota
from outlook_mcp.mail.drafts.send_terms import SendChecks, SendTerms
from outlook_mcp.mail.models import DRAFT, EXPAND, Message
from outlook_mcp.mail.settings import MailSettings

_STATE = ("id", "isDraft", "parentFolderId")
_PURPOSE = "mail_send"
_STILL_A_DRAFT = "it is still a draft"


class Marks(Protocol):
    """Marks in the store that all servers share. See `outlook_mcp.vault.tickets.Tickets`."""

    async def mark_handle(self, purpose: str, handle: SecretStr, /, *, lifetime_s: float) -> bool:
        """True for the first who marks this handle; False to everybody after, until its time is over."""

    async def discard_ticket(self, purpose: str, handle: SecretStr, /) -> None:
        """Removes the mark."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """The message was sent. `was_verified`: its answer was lost and it was then found in Sent Items."""

    message: Message
    was_verified: bool = False

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
        checks: SendChecks,
        quota: SendQuota,
        correspondents: Correspondents,
        settings: MailSettings,
    ) -> None:
        self._graph = graph
        self._marks = marks
        self._checks = checks
        self._quota = quota
        self._correspondents = correspondents
        self._settings = settings

    async def send_draft(
        self, draft_id: MessageId, to: Sequence[str] | None, check: str | None
    ) -> SentMessage | UnsentDraft:
        """Sends the draft that `to` and `check` are of; without one of them it sends nothing and returns both.

        Raises InvalidInput for what cannot be sent, and OutcomeUnknown when it may or may not have been sent.

        Raises Conflict, sending nothing, when the draft was changed or has other recipients, and when another call
        sends it or has just done so, on any server. Raises SendQuotaExceeded when the user has sent too much. When the
        call is cancelled after the POST has begun, it ends only when the outcome is known.
        """
        try:
            draft = await self._fetch_message(draft_id, DRAFT, EXPAND["full"])
        except OutlookError as error:
            raise refused_send(error) from None
        if not draft.is_draft:
            raise InvalidInput(
                "This message is not a draft, so this call sent nothing; it may have been sent already.",
                next_step='Look in Sent Items (mail_search with folder="sent"), or save a draft with draft_save.',
            )
        if not draft.recipients:
            raise InvalidInput("The draft has no recipients.", next_step="Add them with draft_save.")
        check_number(draft.recipients)
        if not to or not check:
            return UnsentDraft(draft, self._checks.terms_of(draft))
        self._check_terms(draft, to, check)
        try:
            await self._correspondents.check_recipients(recipient_addresses(draft))
        except OutlookError as error:
            raise refused_send(error) from None
        with anyio.CancelScope(shield=True):
            was_verified = await self._send_once(draft)
        return SentMessage(draft, was_verified)

    async def _send_once(self, draft: Message) -> bool:
        """Whether its answer was lost and it was then found in Sent Items."""
        # By the id that Graph gave, so that a draft has one mark however a caller wrote its id.
        claim = SecretStr(draft.id)
        if not await self._marks.mark_handle(_PURPOSE, claim, lifetime_s=self._settings.send_claim_s):
            raise self._is_being_sent()
        number = len(draft.recipients)
        try:
            await self._quota.count_send(number)
        except OutlookError:
            await self._marks.discard_ticket(_PURPOSE, claim)
            raise
        try:
            return await self._send_draft(draft)
        except OutcomeUnknown:
            raise
        except OutlookError as error:
            # Refused: nothing was sent, so the next call may try at once.
            await self._marks.discard_ticket(_PURPOSE, claim)
            await self._quota.uncount_send(number)
            raise refused_send(error) from None

    def _check_terms(self, draft: Message, to: Sequence[str], check: str) -> None:
        """Raises Conflict unless they are those of the draft as it is now."""
        if not self._checks.is_current(check, draft):
            told = "The check is not that of the draft as it is now: it was changed since, or the check is misspelt."
        elif not self._checks.names_everybody(to, draft):
            told = "`to` is not everybody who would get this message, and nobody else."
        else:
            return
        raise Conflict(
            f"{told} This call sent nothing.",
            next_step="Read the draft with mail_read and show it to the user before sending it.",
        )

    async def _send_draft(self, draft: Message) -> bool:
        builder = self._graph.me.messages.by_message_id(draft.id).send
        try:
            await self._graph.send_mail(self._graph.request(builder, "POST"), permission=SEND_PERMISSION)
        except OutcomeUnknown as unknown:
            await self._verify_sent(draft, unknown)
            return True
        return False

    def _is_being_sent(self) -> Conflict:
        minutes = f"{self._settings.send_claim_s / 60:g} minutes"
        return Conflict(
            f"Another call handed this draft to Exchange within the last {minutes}, so this one sent nothing.",
            next_step=(
                f'Look in Sent Items (mail_search with folder="sent"). If it is not there after {minutes}, send again.'
            ),
        )

    async def _verify_sent(self, draft: Message, unknown: OutcomeUnknown) -> None:
        """Returns once the message is in Sent Items. Raises OutcomeUnknown, which says what was seen, otherwise."""
        seen = "the mailbox could not be read"
        with anyio.move_on_after(self._settings.settle_s):
            while True:
                try:
                    seen = await self._unsent_state(draft)
                except OutlookError as error:
                    # Such as a sign-in that has ended: it must not hide that the message may have been sent.
                    seen = f"looking for it failed ({error.code})"
                if not seen:
                    return
                await anyio.sleep(self._settings.poll_s)
        if seen == _STILL_A_DRAFT:
            # Long enough after the request, so the user may decide to send again.
            await self._marks.discard_ticket(_PURPOSE, SecretStr(draft.id))
        lost = OutcomeUnknown(
            f"{unknown.message} After {self._settings.settle_s:.0f} seconds {seen}.",
            status=unknown.status,
            graph_code=unknown.graph_code,
            request_id=unknown.request_id,
            next_step=unknown.next_step,
        )
        lost.recipients = tuple(recipient_addresses(draft))
        raise lost

    async def _unsent_state(self, draft: Message) -> str:
        """What shows that the message was not sent; empty when it was sent."""
        try:
            now = await self._fetch_message(draft.id, _STATE)
        except NotFound:
            # Without immutable ids the sent message has another id than the draft.
            return "" if await self._is_in_sent_items(draft) else "it is in no folder under its id"
        if not now.is_draft or now.parent_folder_id == await self._sent_items_id():
            return ""
        return _STILL_A_DRAFT

    async def _is_in_sent_items(self, draft: Message) -> bool:
        if not draft.internet_message_id:
            return False
        quoted = draft.internet_message_id.replace("'", "''")
        messages = self._graph.me.mail_folders.by_mail_folder_id("sentitems").messages
        query = {"$filter": f"internetMessageId eq '{quoted}'", "$select": ("id",), "$top": 1}
        page = await self._graph.answer_to(self._graph.request(messages, query=query), Page[Item])
        return bool(page.value)

    async def _sent_items_id(self) -> str:
        folder = self._graph.me.mail_folders.by_mail_folder_id("sentitems")
        return (await self._graph.answer_to(self._graph.request(folder, query={"$select": ("id",)}), Item)).id

    async def _fetch_message(
        self, message_id: MessageId, select: tuple[str, ...], expand: Mapping[str, str] = MappingProxyType({})
    ) -> Message:
        builder = self._graph.me.messages.by_message_id(checked_id(message_id))
        request = self._graph.request(builder, query={"$select": select, **expand})
        return await self._graph.answer_to(request, Message)


def recipient_addresses(message: Message) -> list[str]:
    """The addresses of all recipients, Bcc included."""
    return [recipient.email_address.address or "" for recipient in message.recipients]
