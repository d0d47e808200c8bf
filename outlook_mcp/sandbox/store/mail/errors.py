"""Why a folder of a mailbox refuses an operation."""

from __future__ import annotations

from outlook_mcp.sandbox.store.core.errors import StoreError


class FolderExists(StoreError):
    """The parent already has a folder of that name."""


class FolderProtected(StoreError):
    """A well-known folder can be neither moved nor deleted."""
