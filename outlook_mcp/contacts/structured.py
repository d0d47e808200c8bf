"""The answers about contacts and people as fields, for programs."""

from __future__ import annotations

from datetime import datetime

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.fields import Fields, Untrusted, local_time, words
from outlook_mcp.contacts.answers.contact import contact_properties
from outlook_mcp.contacts.models import Contact
from outlook_mcp.contacts.people_search import FoundPerson, NotAsked, PeopleFound
from outlook_mcp.contacts.saving import DeletedContact, SavedContact

_MOST_SHOWN = 15


class ContactWords(Untrusted, frozen=True, kw_only=True):
    """What is known of a contact, by its name in the text, such as emails, phones and notes."""

    properties: dict[str, str] = {}


class ContactFields(Fields, frozen=True, kw_only=True):
    """A contact of the user."""

    id: str
    untrusted: ContactWords


class PersonWords(Untrusted, frozen=True, kw_only=True):
    """Somebody who was found: of a single one that is a contact, everything."""

    name: str = ""
    address: str = ""
    title: str = ""
    company: str = ""
    properties: dict[str, str] = {}


class FoundPersonFields(Fields, frozen=True, kw_only=True):
    """`id` is that of a contact. `reasons` say what fits, `sources` where the person was found; `close`: written alike
    only."""

    id: str = ""
    last_written: datetime | None = None
    reasons: list[str] = []
    sources: list[str] = []
    close: bool = False
    untrusted: PersonWords


class SourceNotAsked(Fields, frozen=True, kw_only=True):
    """Either a Graph `permission` or a scope is missing, or there was an `error`."""

    source: str
    permission: str = ""
    scope: str = ""
    error: str = ""


class PeopleListed(Fields, frozen=True, kw_only=True):
    """Best first; `more` are counted only. `complete` is false where there are more contacts than were read."""

    people: list[FoundPersonFields]
    more: int = 0
    asked: list[str]
    not_asked: list[SourceNotAsked] = []
    complete: bool


class ContactSaved(Fields, frozen=True, kw_only=True):
    """`before` is what it was, unless it is new; a contact that was deleted is in Deleted Items. `same_address` are
    others with an address of it."""

    done: str
    contact: ContactFields
    before: ContactFields | None = None
    same_address: list[ContactFields] = []


def people_fields(context: AnswerContext, found: PeopleFound) -> PeopleListed:
    """The people that a search found, and what could not be asked."""
    fitting = [person for person in found.people if not person.is_close]
    # The addresses of one contact are one person.
    is_single = len({person.contact.id if person.contact else person.address for person in fitting}) == 1
    return PeopleListed(
        people=[_person(context, person, is_whole=is_single) for person in found.people[:_MOST_SHOWN]],
        more=max(0, len(found.people) - _MOST_SHOWN),
        asked=list(found.asked),
        not_asked=[_not_asked(context, source) for source in found.not_asked],
        complete=found.is_whole,
    )


def saved_fields(context: AnswerContext, saved: SavedContact | DeletedContact) -> ContactSaved:
    """The contact as it is now, and what was before."""
    if isinstance(saved, DeletedContact):
        return ContactSaved(done="deleted", contact=_contact(context, saved.before))
    before = _contact(context, saved.before) if saved.before else None
    contact = _contact(context, saved.contact)
    return ContactSaved(
        done="created" if before is None else "unchanged" if before == contact else "changed",
        contact=contact,
        before=before,
        same_address=[_contact(context, other) for other in saved.same_address],
    )


def _contact(context: AnswerContext, contact: Contact) -> ContactFields:
    known = ContactWords(properties=dict(contact_properties(contact)))
    return ContactFields(id=context.handle(contact.id), untrusted=known)


def _person(context: AnswerContext, person: FoundPerson, *, is_whole: bool) -> FoundPersonFields:
    contact = person.contact
    is_told = is_whole and contact is not None and not person.is_close
    return FoundPersonFields(
        id=context.handle(contact.id) if contact else "",
        last_written=local_time(context, person.last_written),
        reasons=list(person.reasons),
        sources=list(person.sources),
        close=person.is_close,
        untrusted=PersonWords(
            name=words(person.name),
            address=words(person.address),
            title=words(person.title),
            company=words(person.company),
            properties=dict(contact_properties(contact)) if contact and is_told else {},
        ),
    )


def _not_asked(context: AnswerContext, source: NotAsked) -> SourceNotAsked:
    return SourceNotAsked(
        source=source.source,
        permission=source.permission,
        scope=source.scope,
        error=context.error_text(source.error) if source.error else "",
    )
