"""What an event has where nothing else is said, and what Teams adds to the text of an online meeting."""

from __future__ import annotations

from typing import Any

TO_JOIN = '<div class="me-email-text"><a href="https://teams.microsoft.com/l/meetup-join/1">Join the meeting</a></div>'
USUAL: dict[str, Any] = {
    "subject": "",
    "isAllDay": False,
    "isCancelled": False,
    "isOrganizer": True,
    "showAs": "busy",
    "sensitivity": "normal",
    "attendees": [],
    "location": {"displayName": ""},
    "body": {"contentType": "html", "content": ""},
    "recurrence": None,
    "isOnlineMeeting": False,
    "responseRequested": True,
    "isReminderOn": True,
    "reminderMinutesBeforeStart": 15,
    "allowNewTimeProposals": True,
}
