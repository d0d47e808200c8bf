"""Calendars in the imitated Microsoft Graph."""
