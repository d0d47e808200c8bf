"""Whether what stands below a message is earlier mail of this mailbox, so that it may be left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from outlook_mcp.errors import GraphError
from outlook_mcp.graph.batch import BatchAnswer
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import MessageId, checked_id
from outlook_mcp.graph.literals import literal
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.models import Message
from outlook_mcp.text.quotes.subjects import subject_kind

_MEMBERS = ("id", "conversationId", "internetMessageId", "receivedDateTime", "sentDateTime")
_MOST_MEMBERS = 20
# The newest ones hold in their own history what the older ones say.
_MOST_COMPARED = 3
_SHORTEST_NAME = 5
_ANSWERS = frozenset({"in-reply-to", "references"})


@dataclass(frozen=True, slots=True)
class EarlierMail:
    """The replies whose history the mailbox has, and of each message the newest earlier ones, the newest first."""

    replies: frozenset[MessageId] = frozenset()
    earlier: Mapping[MessageId, Sequence[MessageId]] = field(default_factory=dict)


class KnownHistory:
    """Asks one mailbox. A conversation of Exchange may hold mail that only has the same subject."""

    def __init__(self, graph: GraphClient, own_address: str) -> None:
        self._graph = graph
        self._own_address = own_address.lower()

    def is_of_reader(self, message: Message, history: str) -> bool:
        """The history of a reply names the reader, by address or as the recipients do, so the reader was part of it."""
        if subject_kind(message.subject or "") != "reply" or not self._own_address:
            return False
        people = (recipient.email_address for recipient in message.recipients)
        names = {(person.name or "").casefold() for person in people if self._is_own(person.address)}
        return any(len(name) >= _SHORTEST_NAME and name in history for name in (self._own_address, *names))

    def _is_own(self, address: str | None) -> bool:
        return (address or "").lower() == self._own_address

    async def earlier_mail(self, messages: Sequence[Message]) -> EarlierMail:
        """Which of them answer a message that the mailbox has: their history can be read there.

        A forward is none of them, nor one that came to a new reader in the middle of a conversation. What cannot be
        asked counts as none, so that nothing is left out without need.
        """
        asked = [message for message in messages if message.conversation_id and not is_forward(message)]
        if not asked:
            return EarlierMail()
        unsure = [message for message in asked if subject_kind(message.subject or "") is None]
        requests = [self._members_request(message) for message in asked]
        requests += [self._headers_request(message) for message in unsure]
        try:
            answers = await self._graph.answers_to(requests)
        except GraphError:
            return EarlierMail()
        earlier = {
            message.id: _earlier_ids(message, answer)
            for message, answer in zip(asked, answers[: len(asked)], strict=True)
        }
        no_replies = {
            message.id
            for message, answer in zip(unsure, answers[len(asked) :], strict=True)
            if not _names_an_earlier_one(answer)
        }
        replies = frozenset(message_id for message_id, ids in earlier.items() if ids and message_id not in no_replies)
        return EarlierMail(replies, {message_id: ids[:_MOST_COMPARED] for message_id, ids in earlier.items()})

    async def bodies_of(self, ids: Sequence[MessageId]) -> dict[MessageId, Message]:
        """The messages with their bodies, as far as they can be read."""
        query = {"$select": ("id", "body")}
        try:
            answers = await self._graph.answers_to(
                [
                    self._graph.request(self._graph.me.messages.by_message_id(checked_id(id_)), query=query)
                    for id_ in ids
                ]
            )
        except GraphError:
            return {}
        found = zip(ids, answers, strict=True)
        return {message_id: answer.decode(Message) for message_id, answer in found if answer.is_success}

    def _members_request(self, message: Message) -> Any:
        members = f"conversationId eq {literal(message.conversation_id or '')}"
        query = {"$filter": members, "$select": _MEMBERS, "$top": _MOST_MEMBERS}
        return self._graph.request(self._graph.me.messages, query=query)

    def _headers_request(self, message: Message) -> Any:
        builder = self._graph.me.messages.by_message_id(checked_id(message.id))
        return self._graph.request(builder, query={"$select": ("id", "internetMessageHeaders")})


def is_forward(message: Message) -> bool:
    """Whether the subject says so: the reader may never have had what a forward brings."""
    return subject_kind(message.subject or "") == "forward"


def _earlier_ids(message: Message, answer: BatchAnswer) -> list[MessageId]:
    """The earlier messages of the conversation, and those of the same second; the newest first."""
    if not answer.is_success:
        return []
    members = [
        member
        for member in answer.decode(Page[Message]).value
        if member.moment
        and member.moment <= message.order
        and member.id != message.id
        and member.conversation_id == message.conversation_id
        and not (member.internet_message_id and member.internet_message_id == message.internet_message_id)
    ]
    members.sort(key=lambda member: member.order, reverse=True)
    return [member.id for member in members]


def _names_an_earlier_one(answer: BatchAnswer) -> bool:
    if not answer.is_success:
        return False
    return any(header.name.lower() in _ANSWERS for header in answer.decode(Message).internet_message_headers)
