"""The answers about the calendar as fields, for programs; each is made of what the text is made of."""

from outlook_mcp.net.lean_imports import imported_on_use

# Only servers that were asked for it need it.
with imported_on_use():
    from outlook_mcp.calendar.structured.changes import deleted_fields, saved_fields, sent_event_fields
    from outlook_mcp.calendar.structured.events import events_fields, read_events_fields
    from outlook_mcp.calendar.structured.times import free_times_fields


__all__ = [
    "deleted_fields",
    "events_fields",
    "free_times_fields",
    "read_events_fields",
    "saved_fields",
    "sent_event_fields",
]
