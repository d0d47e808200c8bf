"""Calendars of the users: their events, and how meetings travel between mailboxes."""
