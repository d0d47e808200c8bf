"""What is shown of the end of the log, whatever stands there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from outlook_mcp.audit.settings import AuditLogSettings
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.tail import last_records
from outlook_mcp.audit.verify import AuditReport, verify_log
from outlook_mcp.audit.writer import Entry, LogWriter
from outlook_mcp.errors import AuditUnavailable
from outlook_mcp.identity.user import UserKey
from tests.audit_logs import AUDIT_KEY as KEY

ALICE = UserKey("contoso", "alice")


class TestTail:
    def test_the_last_records_come_oldest_first(self, log: LogWriter, path: Path) -> None:
        for number in range(1000):
            log.append_entry(Entry(AuditTag.TOOL_CALLED, ALICE, {"number": number}))
        for count in (0, 1, 3, 999, 1000, 2000):
            numbers = [record["seq"] for record in last_records(path, count)]
            assert numbers == list(range(1001 - min(count, 1000), 1001))

    def test_a_missing_log_has_no_records(self, path: Path) -> None:
        assert last_records(path, 5) == []
        assert verify_log(path, KEY) == AuditReport(0, None, None, 0)

    def test_a_line_that_is_no_record_is_shown_as_such(self, log: LogWriter, path: Path) -> None:
        log.append_entry(Entry(AuditTag.SIGNED_IN, ALICE))
        with path.open("ab") as file:
            file.write(b"garbage\xff\n" + json.dumps([1]).encode() + b"\n" + b"[" * 100_000 + b"\n")
        told = ["garbage\ufffd", "[1]", "[" * 200]
        assert last_records(path, 3) == [{"unreadable": text} for text in told]

    def test_a_log_that_cannot_be_read_is_told(self, tmp_path: Path) -> None:
        for read in (lambda: last_records(tmp_path, 1), lambda: verify_log(tmp_path, KEY)):
            with pytest.raises(AuditUnavailable, match="cannot be read"):
                read()

    def test_it_reaches_back_over_files(self, path: Path) -> None:
        log = LogWriter(path, KEY, AuditLogSettings(max_bytes=1000))
        for number in range(50):
            log.append_entry(Entry(AuditTag.TOOL_CALLED, ALICE, {"number": number}))
        last = verify_log(path, KEY).records
        for count in (1, 7, last, last + 5):
            shown = [record["seq"] for record in last_records(path, count)]
            assert shown == list(range(max(1, last - count + 1), last + 1))
