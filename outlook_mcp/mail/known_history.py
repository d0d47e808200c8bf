"""Whether what stands below a message is earlier mail of this mailbox, so that it may be left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from outlook_mcp.errors import GraphError
from outlook_mcp.graph.batch import BatchAnswer
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId, checked_id
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.models import Message
from outlook_mcp.text.quotes.subjects import subject_kind

_OLDEST_FIRST = datetime.min.replace(tzinfo=UTC)
_MEMBERS = ("id", "conversationId", "internetMessageId", "receivedDateTime", "sentDateTime")
_MOST_MEMBERS = 20
_SHORTEST_NAME = 5
_ANSWERS = frozenset({"in-reply-to", "references"})


class KnownHistory:
    """Asks one mailbox. A conversation of Exchange may hold mail that only has the same subject."""

    def __init__(self, graph: GraphClient, own_address: str) -> None:
        self._graph = graph
        self._own_address = own_address.casefold()

    def is_of_reader(self, message: Message, history: str) -> bool:
        """The history of a reply names the reader, by address or as the recipients do, so the reader was part of it."""
        if subject_kind(message.subject or "") != "reply" or not self._own_address:
            return False
        people = (recipient.email_address for recipient in message.recipients)
        names = {(person.name or "").casefold() for person in people if self._is_own(person.address)}
        return any(len(name) >= _SHORTEST_NAME and name in history for name in (self._own_address, *names))

    def _is_own(self, address: str | None) -> bool:
        return (address or "").casefold() == self._own_address

    async def replies_among(self, messages: Sequence[Message]) -> set[MessageId]:
        """Those that answer a message which the mailbox has: their history can be read there.

        A forward is none of them, nor one that came to a new reader in the middle of a conversation. What cannot be
        asked counts as none, so that nothing is left out without need.
        """
        asked = [message for message in messages if message.conversation_id and not is_forward(message)]
        if not asked:
            return set()
        unsure = [message for message in asked if subject_kind(message.subject or "") is None]
        requests = [self._members_request(message) for message in asked]
        requests += [self._headers_request(message) for message in unsure]
        try:
            answers = await self._graph.answers_to(requests)
        except GraphError:
            return set()
        has_earlier = {
            message.id
            for message, answer in zip(asked, answers[: len(asked)], strict=True)
            if _has_earlier(message, answer)
        }
        no_replies = {
            message.id
            for message, answer in zip(unsure, answers[len(asked) :], strict=True)
            if not _names_an_earlier_one(answer)
        }
        return has_earlier - no_replies

    def _members_request(self, message: Message) -> Any:
        quoted = (message.conversation_id or "").replace("'", "''")
        query = {"$filter": f"conversationId eq '{quoted}'", "$select": _MEMBERS, "$top": _MOST_MEMBERS}
        return self._graph.request(self._graph.me.messages, query=query)

    def _headers_request(self, message: Message) -> Any:
        builder = self._graph.me.messages.by_message_id(checked_id(message.id))
        return self._graph.request(builder, query={"$select": ("id", "internetMessageHeaders")})


def is_forward(message: Message) -> bool:
    """By its subject: the reader may never have had what it brings."""
    return subject_kind(message.subject or "") == "forward"


def _has_earlier(message: Message, answer: BatchAnswer) -> bool:
    if not answer.is_success:
        return False
    own = message.moment or _OLDEST_FIRST
    return any(
        (member.moment or own) < own
        for member in answer.decode(Page[Message]).value
        if member.id != message.id
        and member.conversation_id == message.conversation_id
        and not (member.internet_message_id and member.internet_message_id == message.internet_message_id)
    )


def _names_an_earlier_one(answer: BatchAnswer) -> bool:
    if not answer.is_success:
        return False
    return any(header.name.lower() in _ANSWERS for header in answer.decode(Message).internet_message_headers)
