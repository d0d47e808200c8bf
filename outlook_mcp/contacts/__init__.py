"""Contacts of the user's own address book, and people found by name."""
