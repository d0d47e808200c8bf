"""Imports a folder of .eml files, an mbox or a Maildir into a mailbox."""

from __future__ import annotations

from outlook_mcp.sandbox.importer.importing import ImportReport, import_path

__all__ = ["ImportReport", "import_path"]
