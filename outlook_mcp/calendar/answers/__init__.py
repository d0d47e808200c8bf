"""How answers about the calendar are worded."""

from outlook_mcp.calendar.answers.listing import events_answer
from outlook_mcp.calendar.answers.reading import read_events_answer

__all__ = ["events_answer", "read_events_answer"]
