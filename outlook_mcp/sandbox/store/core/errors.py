"""What a mailbox refuses to do."""

from __future__ import annotations


class StoreError(Exception):
    """A mailbox refused an operation."""


class IdMalformed(StoreError):
    """Not an Exchange identifier."""


class ItemNotFound(StoreError):
    """A well-formed identifier that names nothing in this mailbox."""


class FolderExists(StoreError):
    """The parent already has a folder of that name."""


class FolderProtected(StoreError):
    """A well-known folder can be neither moved nor deleted."""


class MailboxExists(StoreError):
    """The object id or the address already has a mailbox."""
