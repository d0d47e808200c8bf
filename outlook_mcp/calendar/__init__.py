"""The calendar: events, free times, and the calendars of others."""
