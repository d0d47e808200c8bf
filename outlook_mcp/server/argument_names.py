"""What to say of an argument that a tool or a prompt does not have: the one that is meant, or what to do instead."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping

# Names that models use by mistake, and the arguments they mean: the first of them that the tool has.
MEANT: Mapping[str, tuple[str, ...]] = {
    "actions": ("do",),
    "attachment_id": ("n",),
    "attendees": ("people",),
    "begin": ("start",),
    "body_text": ("body",),
    "conditions": ("when",),
    "contact_id": ("id",),
    "content": ("body", "internal"),
    "conversation": ("thread",),
    "conversation_id": ("thread_of",),
    "count": ("limit",),
    "date": ("start",),
    "description": ("body",),
    "destination": ("folder",),
    "destination_folder": ("folder",),
    "draft_id": ("draft",),
    "due_date": ("due",),
    "duration": ("minutes",),
    "duration_minutes": ("minutes",),
    "email": ("emails",),
    "email_addresses": ("emails",),
    "end_date": ("end",),
    "end_time": ("end",),
    "event_id": ("id", "ids"),
    "event_ids": ("ids",),
    "file_name": ("has_file",),
    "filename": ("has_file",),
    "folder_id": ("folder",),
    "from": ("sender", "start"),
    "full_name": ("name",),
    "guests": ("attendees", "people"),
    "has_attachments": ("attachments",),
    "id": ("ids", "draft"),
    "invitees": ("attendees", "people"),
    "is_read": ("read",),
    "keywords": ("text",),
    "length": ("minutes",),
    "location": ("place",),
    "max_results": ("limit",),
    "message": ("body", "comment", "internal"),
    "message_id": ("ids", "id", "draft"),
    "message_ids": ("ids",),
    "mobile": ("phones",),
    "name": ("text", "folder", "rule"),
    "online_meeting": ("online",),
    "order": ("oldest_first",),
    "out_of_office": ("auto_reply",),
    "order_by": ("oldest_first",),
    "page_token": ("cursor",),
    "participants": ("attendees", "people"),
    "phone": ("phones",),
    "q": ("text",),
    "query": ("text",),
    "recipients": ("to", "attendees"),
    "recurrence": ("repeat",),
    "reminder": ("reminder_minutes",),
    "reply": ("internal",),
    "reply_to": ("of",),
    "response": ("action",),
    "rrule": ("repeat",),
    "sensitivity": ("private",),
    "since": ("after", "start"),
    "sort": ("oldest_first",),
    "star": ("flag",),
    "start_date": ("start",),
    "start_time": ("start",),
    "status": ("show_as",),
    "teams": ("online",),
    "thread_id": ("thread_of",),
    "time_zone": ("zone",),
    "timezone": ("zone",),
    "title": ("subject", "job_title"),
    "to": ("folder",),
    "top": ("limit",),
    "until": ("before", "end"),
    "zone": ("time_zone",),
}

# What no tool has an argument for, and what does the same or the nearest to it.
_PIN = "Outlook lets no other program pin a message. A flag is the nearest: mail_update with flag=flagged."
_JUNK = "Move it with mail_move: folder=junk, and folder=inbox for what is no junk."
INSTEAD = {
    **dict.fromkeys(("pin", "pinned", "is_pinned", "unpin"), _PIN),
    **dict.fromkeys(("junk", "is_junk", "not_junk", "mark_as_junk", "spam", "is_spam"), _JUNK),
}

# The same for tools about events.
_LENGTH = "Give `end`: a time, or how long it lasts, as in end=45min."
_DATES = "An id with @date is one date of a series, and the id without it the whole series."
_OF_EVENTS = {
    **dict.fromkeys(("minutes", "duration", "duration_minutes", "length"), _LENGTH),
    **dict.fromkeys(("all_day", "is_all_day"), "An event is all day long when `start` is a date without a time."),
    **dict.fromkeys(("optional", "optional_attendees"), "Write `?` before an attendee who is optional."),
    **dict.fromkeys(("series", "occurrence", "recurring"), _DATES),
    "days": "Give `end`: a day, or as in end=+7d.",
}
_EVENT_TOOLS = ("event_", "calendar_", "find_time")
# The same for single tools.
_SAVE_FIRST = "Save it with draft_save first, which shows what to give here."
_BY_TOOL = {
    "mail_search": {"importance": 'Write text="importance:high".'},
    "mail_send": dict.fromkeys(("subject", "body", "cc", "bcc", "attach", "attachments", "of", "kind"), _SAVE_FIRST),
}

# How much alike two names are, from 0 to 1, of which one is a misspelling of the other.
_MISSPELT = 0.85


def unknown_argument(owner: str, name: str, parameters: Collection[str]) -> str:
    """`owner` is the tool or prompt that has no such argument.

    >>> unknown_argument("mail_search", "query", ("text", "sender"))
    'mail_search has no argument `query`. Use `text`.'
    >>> unknown_argument("mail_update", "spam", ("ids", "read"))
    'mail_update has no argument `spam`. Move it with mail_move: folder=junk, and folder=inbox for what is no junk.'
    >>> unknown_argument("event_save", "minutes", ("start", "end", "reminder_minutes"))
    'event_save has no argument `minutes`. Give `end`: a time, or how long it lasts, as in end=45min.'
    >>> unknown_argument("find_time", "length", ("people", "minutes", "start", "end"))
    'find_time has no argument `length`. Use `minutes`.'
    >>> unknown_argument("mail_read", "thred", ("ids", "thread"))
    'mail_read has no argument `thred`. Use `thread`.'
    >>> unknown_argument("mail_read", "read", ("ids", "thread"))
    'mail_read has no argument `read`. Perhaps `thread` is meant. It takes: ids, thread.'
    """
    shown = f"{owner} has no argument `{name[:80]}`."
    if known := argument_meant_by(name, parameters):
        return f"{shown} Use `{known}`."
    instead = {**INSTEAD, **(_OF_EVENTS if owner.startswith(_EVENT_TOOLS) else {}), **_BY_TOOL.get(owner, {})}
    if name.lower() in instead:
        return f"{shown} {instead[name.lower()]}"
    if misspelt := difflib.get_close_matches(name.lower(), parameters, n=1, cutoff=_MISSPELT):
        return f"{shown} Use `{misspelt[0]}`."
    like = difflib.get_close_matches(name.lower(), parameters, n=1)
    # Written alike need not mean the same: whoever reads it sees the others too.
    return f"{shown} {f'Perhaps `{like[0]}` is meant. ' if like else ''}It takes: {', '.join(parameters)}."


def argument_meant_by(name: str, parameters: Collection[str]) -> str | None:
    """The argument that models mean by this name."""
    return next((meant for meant in MEANT.get(name.lower(), ()) if meant in parameters), None)
