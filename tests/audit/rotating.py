"""A log that is kept in several small files."""

from __future__ import annotations

from pathlib import Path

from outlook_mcp.audit.settings import AuditLogSettings
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.writer import Entry, LogWriter
from tests.audit_logs import AUDIT_KEY

SMALL = AuditLogSettings(max_bytes=2000)


def write(path: Path, records: int, settings: AuditLogSettings = SMALL) -> None:
    log = LogWriter(path, AUDIT_KEY, settings)
    for number in range(records):
        log.append_entry(Entry(AuditTag.TOOL_CALLED, None, {"number": number}))
