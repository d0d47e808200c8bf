"""Unsubscribes from a list at most once, and only after it was shown how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from outlook_mcp.errors import Conflict, DeadlinePassed, InvalidInput, OutcomeUnknown, OutlookError, SiteRefused
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle, checked_id
from outlook_mcp.identity.shared_store import Marks
from outlook_mcp.mail.confirmation import Confirmations
from outlook_mcp.mail.drafts.content import DraftContent
from outlook_mcp.mail.drafts.drafts import Drafts
from outlook_mcp.mail.drafts.sending import SentMessage
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.unsubscribing.headers import UnsubscribeMail, UnsubscribeWays, unsubscribe_ways

_SELECT = ("id", "subject", "from", "isDraft", "internetMessageHeaders")
_PURPOSE = "unsubscribe"
# The body of RFC 8058.
_BODY = "List-Unsubscribe=One-Click"
# Nobody needs to unsubscribe by the same message again; after a day an attempt that failed may be repeated.
_DAY_S = 86_400.0
Way = Literal["one-click", "mail"]


class OneClick(Protocol):
    """Posts to an address that a stranger named. `PublicOneClick` does."""

    async def __call__(self, url: str, body: str, /) -> int:
        """The status of the answer. Raises OutlookError when there was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedUnsubscription:
    """The call did nothing yet. `codes` confirm each way that there is here, the best first; none for no way."""

    message: Message
    ways: UnsubscribeWays
    codes: Mapping[Way, str]
    was_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscription:
    """What was done: `status` is that of the answer to the request, `sent` the message that was sent."""

    message: Message
    host: str = ""
    status: int = 0
    sent: SentMessage | None = None


class Unsubscriber:
    """For one mailbox."""

    def __init__(
        self,
        graph: GraphClient,
        handles: Handles,
        drafts: Drafts,
        confirmations: Confirmations,
        *,
        marks: Marks,
        one_click: OneClick,
    ) -> None:
        self._graph = graph
        self._handles = handles
        self._drafts = drafts
        self._confirmations = confirmations
        self._marks = marks
        self._one_click = one_click

    async def unsubscribe(self, handle: Handle, confirm: str | None) -> PlannedUnsubscription | Unsubscription:
        """Unsubscribes as `confirm` says; without it, tells how that would be done.

        Raises Conflict when it was done by this message within the last day, OutcomeUnknown or DeadlinePassed when it
        is not known whether it was.
        """
        message_id = checked_id(self._handles.full(handle))
        builder = self._graph.me.messages.by_message_id(message_id)
        message = await self._graph.answer_to(self._graph.request(builder, query={"$select": _SELECT}), Message)
        ways = unsubscribe_ways(message.internet_message_headers)
        known = {way: ("unsubscribe", message.id, way, target) for way, target in _targets(ways).items()}
        for way, facts in known.items():
            if self._confirmations.confirms(confirm, *facts):
                return await self._unsubscribe_once(message, ways, way)
        codes = {way: self._confirmations.code_for(*facts) for way, facts in known.items()}
        was_refused = confirm is not None and bool(codes)
        return PlannedUnsubscription(message=message, ways=ways, codes=codes, was_refused=was_refused)

    async def _unsubscribe_once(self, message: Message, ways: UnsubscribeWays, way: Way) -> Unsubscription:
        claim = SecretStr(message.id)
        if not await self._marks.mark_handle(_PURPOSE, claim, lifetime_s=_DAY_S):
            raise Conflict(
                "You have unsubscribed by this message within the last day, so this call did nothing.",
                next_step="Lists may take some days. If mail still comes, use a rule or mark it as junk.",
            )
        try:
            if ways.mail is not None and way == "mail":
                return Unsubscription(message=message, sent=await self._send_mail(ways.mail))
            return await self._post_one_click(message, ways.one_click or "")
        except (OutcomeUnknown, DeadlinePassed):
            raise
        except OutlookError as error:
            # Nothing has left, so the next call may try at once.
            await self._marks.discard_ticket(_PURPOSE, claim)
            if isinstance(error, SiteRefused) and ways.mail is not None:
                error.next_step = "The list takes a message too: a call without `confirm` shows it and its code."
            raise

    async def _post_one_click(self, message: Message, url: str) -> Unsubscription:
        status = await self._one_click(url, _BODY)
        host = urlsplit(url).hostname or ""
        if not 200 <= status < 300:
            redirected = " It leads elsewhere, and that is not followed." if 300 <= status < 400 else ""
            raise SiteRefused(
                f"The site {host} answered with HTTP {status}.{redirected} You are probably not unsubscribed.",
                next_step="Let the user open the message in Outlook, or use a rule or mark it as junk.",
            )
        return Unsubscription(message=message, host=host, status=status)

    async def _send_mail(self, mail: UnsubscribeMail) -> SentMessage:
        """By the same path as any message: counted, checked, and sent once."""
        content = DraftContent(to=[mail.to], subject=mail.subject or "unsubscribe", body=mail.body or "unsubscribe")
        saved = await self._drafts.save_draft(content)
        if saved.terms is None:
            raise saved.unread or InvalidInput("The message could not be written; nothing was sent.")
        sent = await self._drafts.send_draft(saved.message.id, saved.terms.to, saved.terms.check)
        if not isinstance(sent, SentMessage):
            raise InvalidInput("The message was not sent.", next_step="Look into Drafts.")
        return sent


def _targets(ways: UnsubscribeWays) -> dict[Way, str]:
    """What each way reaches, the best way first: one click unless a server found that no signature vouches for it."""
    targets: dict[Way, str] = {}
    if ways.one_click and ways.vouched != "no":
        targets["one-click"] = ways.one_click
    if ways.mail:
        targets["mail"] = repr(ways.mail)
    return targets
