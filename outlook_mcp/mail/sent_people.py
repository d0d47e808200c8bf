"""The people to whom the user has written, as Sent Items tell.

Names on mail that came in are chosen by its senders; these were chosen or seen by the user.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from outlook_mcp.errors import AnswerUnreadable, GraphUnavailable, RequestRejected
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.search.phrases import phrase_of, quoted
from outlook_mcp.text.names import written_words

_SENT_ITEMS = "sentitems"
_SELECT = ("toRecipients", "ccRecipients", "bccRecipients", "sentDateTime")
# So many sent messages are looked at for a name: those the index found, else the newest.
_MOST_MESSAGES = 250
# Of the messages to one address, for the time of the last.
_MOST_TO_ADDRESS = 10


@dataclass(frozen=True, slots=True)
class WrittenPerson:
    """A recipient of sent mail, and when the user wrote to them last of all messages that were looked at."""

    name: str
    address: str
    when: datetime | None


class SentPeople:
    """For one mailbox."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def written_to(self, text: str) -> Sequence[WrittenPerson]:
        """The recipients of sent messages, each address once, of those that the index found for `text` if it answers.

        Others than those that are meant are among them.
        """
        sent = self._graph.me.mail_folders.by_mail_folder_id(_SENT_ITEMS).messages
        shape = {"$select": _SELECT, "$top": _MOST_MESSAGES}
        words = " AND ".join(f"recipients:{quoted(phrase_of(word))}" for word in written_words(text))
        try:
            request = self._graph.request(sent, query={"$search": f'"{words}"', **shape})
            page = await self._graph.answer_to(request, Page[Message])
        except (AnswerUnreadable, GraphUnavailable, RequestRejected):
            request = self._graph.request(sent, query={"$orderby": "receivedDateTime desc", **shape})
            page = await self._graph.answer_to(request, Page[Message])
        return _people_of(page.value)

    async def last_written(self, addresses: Sequence[str]) -> Sequence[WrittenPerson]:
        """When the user last wrote to each address; those to whom they never wrote are left out."""
        sent = self._graph.me.mail_folders.by_mail_folder_id(_SENT_ITEMS).messages
        shape = {"$select": _SELECT, "$top": _MOST_TO_ADDRESS}
        searches = [f'"recipients:{quoted(phrase_of(address))}"' for address in addresses]
        answers = await self._graph.answers_to(
            [self._graph.request(sent, query={"$search": search, **shape}) for search in searches]
        )
        found = []
        for address, answer in zip(addresses, answers, strict=True):
            if answer.is_success:
                people = _people_of(answer.decode(Page[Message]).value)
                found += [person for person in people if person.address.lower() == address.lower()]
        return found


def _people_of(messages: Sequence[Message]) -> list[WrittenPerson]:
    """Each address once, with the name and the time of the last message to it."""
    found: dict[str, WrittenPerson] = {}
    for message in messages:
        for recipient in message.recipients:
            person = WrittenPerson(
                recipient.email_address.name or "", recipient.email_address.address or "", message.sent_date_time
            )
            known = found.get(person.address.lower())
            if person.address and (known is None or _is_later(person.when, known.when)):
                found[person.address.lower()] = person
    return list(found.values())


def _is_later(first: datetime | None, second: datetime | None) -> bool:
    return first is not None and (second is None or first > second)
