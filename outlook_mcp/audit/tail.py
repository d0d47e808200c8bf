"""The last records of the audit log, unverified."""

from __future__ import annotations

import json
import os
from pathlib import Path

from outlook_mcp.audit.files import older_files
from outlook_mcp.audit.private_files import open_regular
from outlook_mcp.errors import AuditUnavailable

_STEP_BYTES = 64 * 1024


def last_records(path: Path, count: int) -> list[dict[str, object]]:
    """The last `count` records, oldest first; a line that is no JSON object is shown as `unreadable`.

    Raises AuditUnavailable when a file cannot be read.
    """
    try:
        return [_parsed(line) for line in last_lines(path, count)]
    except OSError as error:
        raise AuditUnavailable(f"The audit log {path} cannot be read: {error.strerror}.") from error


def last_lines(path: Path, count: int) -> list[bytes]:
    """The last `count` lines of all files with their ends, oldest first. Raises OSError."""
    lines: list[bytes] = []
    for file in (path, *(older.path for older in reversed(older_files(path)))):
        if len(lines) < count:
            lines = _last_lines(file, count - len(lines)) + lines
    return lines


def _last_lines(path: Path, count: int) -> list[bytes]:
    try:
        file = open_regular(path)
    except FileNotFoundError:
        # Renamed or removed meanwhile, or there is none yet.
        return []
    with file:
        position = file.seek(0, os.SEEK_END)
        found = b""
        while position > 0 and found.count(b"\n") <= count:
            step = min(_STEP_BYTES, position)
            position = file.seek(position - step)
            found = file.read(step) + found
    lines = found.splitlines(keepends=True)
    return lines[max(0, len(lines) - count) :]


def _parsed(line: bytes) -> dict[str, object]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        fields = None
    return fields if isinstance(fields, dict) else {"unreadable": line.rstrip(b"\n")[:200].decode("utf-8", "replace")}
