"""Why a mailbox refuses an operation."""

from __future__ import annotations


class StoreError(Exception):
    """A mailbox refused an operation."""


class IdMalformed(StoreError):
    """Not an Exchange identifier."""


class ItemNotFound(StoreError):
    """A well-formed identifier that names nothing in this mailbox."""


class MailboxExists(StoreError):
    """The object id or the address already has a mailbox."""
