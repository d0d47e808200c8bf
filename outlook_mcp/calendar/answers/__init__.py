"""How answers about the calendar are worded."""

from outlook_mcp.calendar.answers.listing import events_answer

__all__ = ["events_answer"]
