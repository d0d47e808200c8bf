"""What of the calendar is loaded when a call first needs it: the list of tools is made without it."""

from outlook_mcp.net.lean_imports import lazy_imports

with lazy_imports():
    from outlook_mcp.calendar.answers.changes import deleted_answer, saved_answer, sent_event_answer
    from outlook_mcp.calendar.answers.listing import events_answer
    from outlook_mcp.calendar.answers.reading import read_events_answer
    from outlook_mcp.calendar.answers.times import free_times_answer
    from outlook_mcp.calendar.area import Calendar
    from outlook_mcp.calendar.changes.editor import EventEditor, Owner
    from outlook_mcp.calendar.changes.fields import EventFields, Person, shown_as
    from outlook_mcp.calendar.event_ids import EventIds
    from outlook_mcp.calendar.invitations import InvitationStates
    from outlook_mcp.calendar.structured.changes import deleted_fields, saved_fields, sent_event_fields
    from outlook_mcp.calendar.structured.events import events_fields, read_events_fields
    from outlook_mcp.calendar.structured.times import free_times_fields
