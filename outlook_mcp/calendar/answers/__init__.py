"""How answers about the calendar are worded."""

from outlook_mcp.net.lean_imports import imported_on_use

# The list of tools needs none of it.
with imported_on_use():
    from outlook_mcp.calendar.answers.changes import deleted_answer, saved_answer, sent_event_answer
    from outlook_mcp.calendar.answers.listing import events_answer
    from outlook_mcp.calendar.answers.reading import read_events_answer
    from outlook_mcp.calendar.answers.times import free_times_answer


__all__ = [
    "deleted_answer",
    "events_answer",
    "free_times_answer",
    "read_events_answer",
    "saved_answer",
    "sent_event_answer",
]
