"""Which messages are the first that their sender has sent to this mailbox."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.graph.literals import literal
from outlook_mcp.graph.models import Item, Page
from outlook_mcp.mail.correspondents import Correspondents
from outlook_mcp.mail.delivery_reports import is_delivery_report
from outlook_mcp.mail.mailing_lists import list_facts
from outlook_mcp.mail.models import Message
from outlook_mcp.text.dates import graph_time

# As many as travel in one batch.
_MOST_SENDERS = 20
_MOST_REMEMBERED = 1000


class FirstContacts:
    """Asks one mailbox, whose own address is `own_address`, about each sender once.

    A message that is younger than another one of its sender, which was read here, is not the first.
    """

    def __init__(self, graph: GraphClient, correspondents: Correspondents, own_address: str) -> None:
        self._graph = graph
        self._correspondents = correspondents
        self._own_domain = own_address.lower().rpartition("@")[2]
        # By sender the oldest message that was asked about: when it came, and whether nothing older was there.
        self._oldest: OrderedDict[str, tuple[datetime, bool]] = OrderedDict()

    async def first_of_sender(self, messages: Sequence[Message]) -> frozenset[MessageId]:
        """Messages of senders from whom there is nothing older in the mailbox, and to whom the user has not written.

        Colleagues, mailing lists, what can be unsubscribed from and reports of servers are left out: there it says
        nothing. What cannot be asked counts as known.
        """
        oldest: dict[str, Message] = {}
        for message in messages:
            sender = _sender(message)
            known = oldest.get(sender)
            if self._may_matter(message) and (known is None or _is_older(message, known)):
                oldest[sender] = message
        try:
            await self._ask_about([(sender, message) for sender, message in oldest.items() if self._is_new(message)])
            new = {sender: message for sender, message in oldest.items() if self._is_first(message)}
            return frozenset(
                [new[sender].id for sender in new if not await self._correspondents.has_written_to(sender)]
            )
        except OutlookError:
            return frozenset()

    async def _ask_about(self, messages: Sequence[tuple[str, Message]]) -> None:
        asked = messages[:_MOST_SENDERS]
        if not asked:
            return
        answers = await self._graph.answers_to([self._earlier_mail(sender, message) for sender, message in asked])
        for (sender, message), answer in zip(asked, answers, strict=True):
            if answer.is_success and message.moment is not None:
                self._oldest[sender] = message.moment, not answer.decode(Page[Item]).value
        while len(self._oldest) > _MOST_REMEMBERED:
            self._oldest.popitem(last=False)

    def _is_new(self, message: Message) -> bool:
        """Whether its sender is not known, or by younger messages only."""
        known = self._oldest.get(_sender(message))
        return known is None or message.moment is None or message.moment < known[0]

    def _is_first(self, message: Message) -> bool:
        return self._oldest.get(_sender(message)) == (message.moment, True)

    def _may_matter(self, message: Message) -> bool:
        sender = _sender(message)
        if not sender or message.is_draft or message.moment is None or sender.rpartition("@")[2] == self._own_domain:
            return False
        return list_facts(message.internet_message_headers) is None and not is_delivery_report(message)

    def _earlier_mail(self, sender: str, message: Message) -> Any:
        assert message.moment is not None
        earlier = f"receivedDateTime lt {graph_time(message.moment)} and from/emailAddress/address eq {literal(sender)}"
        return self._graph.request(self._graph.me.messages, query={"$filter": earlier, "$select": ("id",), "$top": 1})


def _sender(message: Message) -> str:
    return (message.author.address or "").lower()


def _is_older(message: Message, other: Message) -> bool:
    return message.moment is not None and other.moment is not None and message.moment < other.moment
