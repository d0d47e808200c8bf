"""Contacts and people in the imitated Microsoft Graph."""
