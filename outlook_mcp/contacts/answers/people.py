"""The people that a search found, one a line, and what could not be asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.frame import framed
from outlook_mcp.answers.people import full_name
from outlook_mcp.contacts.answers.contact import contact_text
from outlook_mcp.contacts.people_search import DIRECTORY, RELEVANT, SENT, FoundPerson, NotAsked, PeopleFound
from outlook_mcp.graph.models import Address
from outlook_mcp.text.characters import one_line

_MOST_SHOWN = 15
_LONGEST = 80


def people_answer(context: AnswerContext, found: PeopleFound) -> str:
    """A single one is shown whole; nobody is said of the sources that answered alone."""
    return "\n".join(_parts(context, found))


def _parts(context: AnswerContext, found: PeopleFound) -> Iterator[str]:
    text = one_line(found.text, _LONGEST)
    fitting = [person for person in found.people if not person.is_close]
    contacts = {person.contact.id if person.contact else "" for person in fitting}
    close = [person for person in found.people if person.is_close]
    if len(fitting) == 1 or (len(contacts) == 1 and "" not in contacts):
        # The addresses of one contact, which are all told.
        yield f"One person fits {text!r}:"
        yield framed(_whole(context, fitting[0]))
    elif fitting:
        yield f"Several people fit {text!r}; ask the user who is meant:"
        yield framed(_lines(context, fitting))
    else:
        yield _nobody(text, found)
    if close:
        yield "Written alike, and perhaps not meant:"
        yield framed(_lines(context, close))
    if any(person.sources == (RELEVANT,) for person in found.people):
        yield f"A name that is only in {RELEVANT} may have been chosen by a sender."
    if not found.is_whole:
        yield "There are more contacts than were read: look for more of the name."
    yield from (_not_asked(context, source) for source in found.not_asked)


def _nobody(text: str, found: PeopleFound) -> str:
    asked = ", ".join(found.asked[:-1]) + (" and " if found.asked[1:] else "") + "".join(found.asked[-1:])
    if not found.asked:
        return f"Nobody could be asked about {text!r}."
    if found.not_asked:
        return f"Nobody fits {text!r} in {asked}; not everything could be asked."
    return f"Nobody fits {text!r} in {asked}."


def _not_asked(context: AnswerContext, source: NotAsked) -> str:
    if source.error is not None:
        return f"Not asked: {source.source}. {context.error_text(source.error)}"
    if source.source == SENT:
        return f"Not asked: {source.source} (this client may not read mail: scope {source.scope})."
    if source.source == DIRECTORY:
        return f"Not asked: the directory of the organisation (no permission {source.permission})."
    return f"Not asked: {source.source} (no permission {source.permission})."


def _lines(context: AnswerContext, people: Sequence[FoundPerson]) -> str:
    lines = [_line(context, person) for person in people[:_MOST_SHOWN]]
    more = len(people) - len(lines)
    return "\n".join([*lines, *([f"and {more} more"] if more > 0 else [])])


def _line(context: AnswerContext, person: FoundPerson) -> str:
    """`3101 Jo Ek <jo@x.example> · Clerk, Lakeside · last written Mon 23 Nov 2026 · name · own contacts`."""
    work = ", ".join(one_line(part, _LONGEST) for part in (person.title, person.company) if part)
    parts = [
        _named(context, person),
        work,
        f"last written {context.day(person.last_written)}" if person.last_written else "",
        f"fits by {', '.join(person.reasons)}" if person.reasons else "",
        ", ".join(person.sources),
    ]
    return " · ".join(part for part in parts if part)


def _named(context: AnswerContext, person: FoundPerson) -> str:
    shown = full_name(Address(name=person.name, address=person.address or None))
    return f"{context.handle(person.contact.id)} {shown}" if person.contact else shown


def _whole(context: AnswerContext, person: FoundPerson) -> str:
    if person.contact is None:
        return _line(context, person)
    return f"{_line(context, person)}\n{contact_text(person.contact)}"
