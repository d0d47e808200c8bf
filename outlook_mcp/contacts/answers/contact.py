"""One contact as text, and what was changed of it. All of it may come from others, so it is framed as data."""

from __future__ import annotations

from collections.abc import Iterator

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.frame import framed, framed_words
from outlook_mcp.contacts.models import Contact, PostalAddress
from outlook_mcp.contacts.saving import DeletedContact, SavedContact, called
from outlook_mcp.text.characters import one_line, strip_invisible
from outlook_mcp.text.dates import SHORT_MONTHS

_LONGEST = 200
_LONGEST_NOTES = 2000
# Outlook keeps a birthday without a year in this one, and none in the year 1.
_NO_YEAR, _NO_DAY = 1604, 1


def contact_answer(context: AnswerContext, contact: Contact) -> str:
    """Everything that is known of the contact."""
    return f"Contact {context.handle(contact.id)}\n{framed(contact_text(contact))}"


def saved_answer(context: AnswerContext, saved: SavedContact | DeletedContact) -> str:
    """The contact as it is now; of a changed one what was before, too, and of a deleted one where it is."""
    if isinstance(saved, DeletedContact):
        name = framed_words(_shown(called(saved.before)))
        return f"Deleted contact {context.handle(saved.before.id)}, {name}. It is in Deleted Items."
    handle = context.handle(saved.contact.id)
    if saved.before is None:
        lines = [f"Created contact {handle}.", framed(contact_text(saved.contact))]
        if saved.same_address:
            others = ", ".join(f"{context.handle(other.id)} {_shown(called(other))}" for other in saved.same_address)
            lines.append(f"With the same mail address there was already: {framed_words(others)}")
        return "\n".join(lines)
    before, now = dict(contact_properties(saved.before)), dict(contact_properties(saved.contact))
    changed = [
        f"{name}: {before.get(name) or 'none'} -> {now.get(name) or 'none'}"
        for name in dict.fromkeys((*before, *now))
        if before.get(name) != now.get(name)
    ]
    if not changed:
        return f"Contact {handle} is as it was: it had all of this already."
    return f"Changed contact {handle}, {framed_words(_shown(called(saved.contact)))}:\n{framed(chr(10).join(changed))}"


def contact_text(contact: Contact) -> str:
    """One property a line."""
    return "\n".join(f"{name}: {value}" for name, value in contact_properties(contact))


def contact_properties(contact: Contact) -> Iterator[tuple[str, str]]:
    """The properties that are set, in the order in which people read them."""
    phones = [
        ("mobile", [contact.mobile_phone or ""]),
        ("work", contact.business_phones),
        ("home", contact.home_phones),
    ]
    numbers = [f"{kind} {_shown(number)}" for kind, some in phones for number in some if number]
    values = {
        "name": _shown(contact.display_name),
        "nickname": _shown(contact.nick_name),
        "emails": ", ".join(map(_shown, contact.addresses)),
        "phones": ", ".join(numbers),
        "title": _shown(contact.job_title),
        "company": _shown(contact.company_name),
        "department": _shown(contact.department),
        "work address": _postal(contact.business_address),
        "home address": _postal(contact.home_address),
        "other address": _postal(contact.other_address),
        "birthday": _birthday(contact),
        "categories": ", ".join(map(_shown, contact.categories)),
        "notes": _notes(contact.personal_notes),
    }
    yield from ((name, value) for name, value in values.items() if value)


def _shown(text: str | None) -> str:
    return one_line(text or "", _LONGEST)


def _notes(text: str | None) -> str:
    notes = strip_invisible(text or "")[0].strip()
    return notes if len(notes) <= _LONGEST_NOTES else f"{notes[: _LONGEST_NOTES - 1]}…"


def _postal(address: PostalAddress | None) -> str:
    return ", ".join(map(_shown, address.lines)) if address else ""


def _birthday(contact: Contact) -> str:
    """The day alone: the time of it is always 11:59 UTC."""
    if contact.birthday is None or contact.birthday.year == _NO_DAY:
        return ""
    day = f"{contact.birthday.day} {SHORT_MONTHS[contact.birthday.month - 1]}"
    return day if contact.birthday.year == _NO_YEAR else f"{day} {contact.birthday.year}"
