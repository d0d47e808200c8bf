"""Rooms and room lists in the imitated Microsoft Graph."""
