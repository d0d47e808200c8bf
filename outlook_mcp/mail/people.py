"""Who is meant by a name: the people to whom the user has written, as Sent Items tell.

Names on mail that came in are chosen by its senders, so none of them is ever taken for a recipient.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from outlook_mcp.answers.people import full_name
from outlook_mcp.errors import AnswerUnreadable, GraphUnavailable, InvalidInput, RequestRejected
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Address, Page
from outlook_mcp.mail.drafts.recipients import is_name, split_recipients
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.search.phrases import phrase_of, quoted

_SENT_ITEMS = "sentitems"
_SELECT = ("toRecipients", "ccRecipients", "bccRecipients")
# So many sent messages are looked at for a name: those the index found, else the newest.
_MOST_MESSAGES = 250
_MOST_SHOWN = 8
# So many messages are looked at for senders.
_MOST_SENDERS_OF = 100
_LONGEST_NAME = 80
_WORD = re.compile(r"\w+")


class People:
    """Finds the addresses of people for one mailbox, whose own address is `me`."""

    def __init__(self, graph: GraphClient, *, me: str) -> None:
        self._graph = graph
        self._me = me

    async def recipients(self, written: Sequence[str]) -> tuple[str, ...]:
        """Each of `written` with an address: `me` and names are replaced, addresses stay.

        Raises InvalidInput for a name that nobody or more than one person has, with those who have it.
        """
        known: dict[str, str] = {}
        entries = split_recipients(written)
        for entry in dict.fromkeys(entries):
            known[entry] = await self._address(entry) if is_name(entry) else entry
        return tuple(known[entry] for entry in entries)

    async def recent_senders(self) -> list[str]:
        """The addresses that the newest messages came from, each once, the newest first."""
        query = {"$orderby": "receivedDateTime desc", "$select": ("from",), "$top": _MOST_SENDERS_OF}
        page = await self._graph.answer_to(self._graph.request(self._graph.me.messages, query=query), Page[Message])
        found = [(message.from_.email_address.address or "").lower() for message in page.value if message.from_]
        return [address for address in dict.fromkeys(found) if address]

    async def _address(self, name: str) -> str:
        if name.strip().casefold() in ("me", "myself"):
            return self._me
        found = [person for person in await self._written_to(name) if _is_called(person, name)]
        by_address = {(person.address or "").casefold(): person for person in found}
        if len(by_address) == 1:
            return found[0].address or ""
        shown = name.strip()[:_LONGEST_NAME]
        if not by_address:
            raise InvalidInput(
                f"The user has written to nobody called {shown!r}, so the address is not known.",
                next_step="Write the address, and ask the user for it rather than guess.",
            )
        people = ", ".join(full_name(person) for person in list(by_address.values())[:_MOST_SHOWN])
        more = len(by_address) - _MOST_SHOWN
        raise InvalidInput(
            f"{shown!r} can be {people}{f' and {more} more' if more > 0 else ''}.",
            next_step="Ask the user who is meant, and write the address.",
        )

    async def _written_to(self, name: str) -> list[Address]:
        """The recipients of sent messages, of those that the index found for this name if it answers."""
        sent = self._graph.me.mail_folders.by_mail_folder_id(_SENT_ITEMS).messages
        shape = {"$select": _SELECT, "$top": _MOST_MESSAGES}
        words = " AND ".join(f"recipients:{quoted(phrase_of(word))}" for word in _WORD.findall(name))
        try:
            request = self._graph.request(sent, query={"$search": f'"{words}"', **shape})
            page = await self._graph.answer_to(request, Page[Message])
        except (AnswerUnreadable, GraphUnavailable, RequestRejected):
            request = self._graph.request(sent, query={"$orderby": "receivedDateTime desc", **shape})
            page = await self._graph.answer_to(request, Page[Message])
        return [recipient.email_address for message in page.value for recipient in message.recipients]


def _is_called(person: Address, name: str) -> bool:
    """Whether every word of `name` is one of the person's name, or of what stands before the `@`."""
    local_part = (person.address or "").partition("@")[0]
    words = _words(name)
    return bool(person.address) and (words <= _words(person.name or "") or words <= _words(local_part))


def _words(text: str) -> set[str]:
    """The words in small letters without accents.

    >>> sorted(_words("Größe, Jürgen"))
    ['grosse', 'jurgen']
    """
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return set(_WORD.findall(plain.casefold().replace("_", " ")))
