"""Contacts in SQLite: the folders of each mailbox, what is in them, and photos."""
