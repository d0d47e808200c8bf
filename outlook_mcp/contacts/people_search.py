"""Finds people by name, address or company in every source that may be asked, and says which could not be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import anyio

from outlook_mcp.contacts.contact_requests import ContactRequests, ContactsFound
from outlook_mcp.contacts.models import Contact
from outlook_mcp.contacts.other_sources import directory_users, relevant_people
from outlook_mcp.errors import InvalidInput, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.identity.scopes import DIRECTORY_PERMISSION
from outlook_mcp.text.names import begins_words, is_called, words_of, written_words

OWN_CONTACTS, RELEVANT, SENT, DIRECTORY = "own contacts", "people by relevance", "Sent Items", "directory"
_MOST_DATED = 10
_LONGEST_TEXT = 200


class Written(Protocol):
    """Somebody to whom the user wrote, and when last."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def when(self) -> datetime | None: ...


class SentMail(Protocol):
    """The people to whom the user has written."""

    async def written_to(self, text: str) -> Sequence[Written]:
        """People whom a word of the text may name, each once."""

    async def last_written(self, addresses: Sequence[str]) -> Sequence[Written]:
        """When the user last wrote to each address; those to whom they never wrote are left out."""


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """One address, or a contact without one. `reasons` say what of the person fits the text; `sources` where it was."""

    name: str
    address: str
    title: str = ""
    company: str = ""
    sources: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    last_written: datetime | None = None
    contact: Contact | None = None

    @property
    def is_close(self) -> bool:
        """Whether the person is only written like the text, in the eyes of Exchange."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A source that could not be asked. Either a Graph `permission` is missing, or there is an `error`."""

    source: str
    permission: str = ""
    scope: str = ""
    error: OutlookError | None = None


@dataclass(frozen=True, slots=True)
class PeopleFound:
    """Best first. `asked` are the sources that answered; `is_whole` is False when one of them has more."""

    text: str
    people: Sequence[FoundPerson]
    asked: Sequence[str]
    not_asked: Sequence[NotAsked] = ()
    is_whole: bool = True


@dataclass(slots=True)
class _Gathered:
    """What one source told."""

    source: str
    people: list[FoundPerson] = field(default_factory=list)
    not_asked: list[NotAsked] = field(default_factory=list)
    is_asked: bool = False
    is_whole: bool = True

    def add_people(self, people: Iterable[FoundPerson]) -> None:
        self.is_asked = True
        self.people += [replace(person, sources=(self.source,)) for person in people]

    def refuse(self, permission: str = "", *, scope: str = "", error: OutlookError | None = None) -> None:
        self.not_asked.append(NotAsked(self.source, permission, scope, error))


class PeopleSearch:
    """For one mailbox.

    `sent` is None where the caller may not read mail; `has_directory` is False where the permission for it was not
    granted, None when that is not known.
    """

    def __init__(self, graph: GraphClient, sent: SentMail | None, *, has_directory: bool | None) -> None:
        self._graph = graph
        self._sent = sent
        self._has_directory = has_directory

    async def people_like(self, text: str) -> PeopleFound:
        """Everybody whom the text may mean. Raises InvalidInput for one without a word."""
        text = " ".join(text.split())[:_LONGEST_TEXT]
        if not words_of(text):
            raise InvalidInput("There is no name to look for.", next_step="Give a name, an address or a company.")
        # Own contacts first: what they tell of a person counts more than what others tell.
        sources = {
            OWN_CONTACTS: self._ask_contacts,
            RELEVANT: self._ask_relevant,
            SENT: self._ask_sent,
            DIRECTORY: self._ask_directory,
        }
        told = {source: _Gathered(source) for source in sources}
        async with anyio.create_task_group() as group:
            for source, ask in sources.items():
                group.start_soon(ask, text, told[source])
        people = sorted(_each_once(told.values()), key=_by_fit)
        return PeopleFound(
            text,
            await self._dated(people),
            [source for source, gathered in told.items() if gathered.is_asked],
            [refused for gathered in told.values() for refused in gathered.not_asked],
            all(gathered.is_whole for gathered in told.values()),
        )

    async def _ask_contacts(self, text: str, gathered: _Gathered) -> None:
        try:
            found = await _contacts_with_words(ContactRequests(self._graph), text)
        except OutlookError as error:
            gathered.refuse(error=error)
            return
        gathered.is_whole = found.is_whole
        if found.failure is not None:
            gathered.not_asked.append(NotAsked("a folder of own contacts", error=found.failure))
        gathered.add_people(person for contact in found.contacts for person in _of_contact(contact, text))

    async def _ask_relevant(self, text: str, gathered: _Gathered) -> None:
        people = await relevant_people(self._graph, text)
        if isinstance(people, OutlookError):
            gathered.refuse(error=people)
            return
        for person in people:
            name, company = person.display_name or "", person.company_name or ""
            address = next((scored.address for scored in person.scored_email_addresses if scored.address), "")
            reasons = _reasons(text, name, address, company)
            gathered.add_people([FoundPerson(name, address, person.job_title or "", company, reasons=reasons)])
        gathered.is_asked = True

    async def _ask_directory(self, text: str, gathered: _Gathered) -> None:
        if self._has_directory is False:
            gathered.refuse(DIRECTORY_PERMISSION)
            return
        users = await directory_users(self._graph, text)
        if isinstance(users, OutlookError):
            gathered.refuse(DIRECTORY_PERMISSION, error=users)
            return
        named = [(user.display_name or "", user.mail) for user in users if user.mail]
        gathered.add_people(FoundPerson(name, mail, reasons=_reasons(text, name, mail)) for name, mail in named)

    async def _ask_sent(self, text: str, gathered: _Gathered) -> None:
        if self._sent is None:
            gathered.refuse("Mail.Read", scope="mail.read")
            return
        try:
            people = await self._sent.written_to(text)
        except OutlookError as error:
            gathered.refuse(error=error)
            return
        gathered.add_people(
            FoundPerson(person.name, person.address, reasons=reasons, last_written=person.when)
            for person in people
            if (reasons := _reasons(text, person.name, person.address))
        )

    async def _dated(self, people: Sequence[FoundPerson]) -> list[FoundPerson]:
        """With the last contact of the first of them, where the caller may read mail."""
        undated = [person.address for person in people[:_MOST_DATED] if person.address and not person.last_written]
        if self._sent is None or not undated:
            return list(people)
        try:
            dates = {person.address.lower(): person.when for person in await self._sent.last_written(undated)}
        except OutlookError:
            return list(people)
        return [
            replace(person, last_written=person.last_written or dates.get(person.address.lower())) for person in people
        ]


async def contacts_called(requests: ContactRequests, name: str) -> ContactsFound:
    """The contacts that have every word of `name` as a word of theirs, not only as its beginning."""
    found = await _contacts_with_words(requests, name)
    called = [
        contact
        for contact in found.contacts
        if any(is_called(contact.display_name, address, name) for address in contact.addresses or ("",))
        or is_called(contact.nick_name, None, name)
    ]
    return replace(found, contacts=called)


async def _contacts_with_words(requests: ContactRequests, text: str) -> ContactsFound:
    return await requests.contacts_in_all_folders({"$search": f'"{" ".join(written_words(text))}"'})


def _of_contact(contact: Contact, text: str) -> Iterable[FoundPerson]:
    """One for each address of the contact that may be meant."""
    for address in contact.addresses or ("",):
        reasons = _reasons(text, contact.display_name, address, contact.company_name)
        others = {
            "nickname": contact.nick_name,
            "title": contact.job_title,
            "department": contact.department,
            "notes": contact.personal_notes,
        }
        reasons = reasons or tuple(name for name, value in others.items() if begins_words(value, text))
        yield FoundPerson(
            contact.display_name or "",
            address,
            contact.job_title or "",
            contact.company_name or "",
            reasons=reasons or ("words of the contact",),
            contact=contact,
        )


def _reasons(text: str, name: str | None, address: str | None, company: str | None = None) -> tuple[str, ...]:
    """Which of these has every word of the text; all of them together, where none has."""
    parts = {"name": name, "address": address, "company": company}
    found = tuple(part for part, value in parts.items() if begins_words(value, text))
    if found:
        return found
    together = " ".join(value for value in parts.values() if value)
    return ("name and company",) if begins_words(together, text) else ()


def _each_once(told: Iterable[_Gathered]) -> list[FoundPerson]:
    """Every address once; a contact without one by itself."""
    found: dict[str, FoundPerson] = {}
    for person in (person for gathered in told for person in gathered.people):
        key = person.address.lower() or f"{person.name} {person.contact.id if person.contact else ''}"
        found[key] = _merged(found[key], person) if key in found else person
    return list(found.values())


def _merged(known: FoundPerson, other: FoundPerson) -> FoundPerson:
    return replace(
        known,
        # Some sources have the address alone, in place of a name.
        name=other.name if known.name.lower() in ("", known.address.lower()) else known.name,
        title=known.title or other.title,
        company=known.company or other.company,
        sources=tuple(dict.fromkeys((*known.sources, *other.sources))),
        reasons=tuple(dict.fromkeys((*known.reasons, *other.reasons))),
        last_written=known.last_written or other.last_written,
        contact=known.contact or other.contact,
    )


def _by_fit(person: FoundPerson) -> tuple[bool, bool, bool, float, str]:
    """Who is really called so first, then own contacts, then whom the user wrote to last."""
    written = person.last_written.timestamp() if person.last_written else 0.0
    return (person.is_close, "name" not in person.reasons, person.contact is None, -written, person.name)
