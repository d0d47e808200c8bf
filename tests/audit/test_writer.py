from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from pydantic import SecretBytes

from outlook_mcp.audit.chain import checked_fields, write_line
from outlook_mcp.audit.checkpoint import checkpoint_path
from outlook_mcp.audit.file_lock import locked
from outlook_mcp.audit.personal import encode_fields, sealing
from outlook_mcp.audit.settings import AuditLogSettings
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.tail import last_records
from outlook_mcp.audit.verify import verify_log
from outlook_mcp.audit.writer import Entry, LogWriter
from outlook_mcp.errors import AuditBroken, AuditUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.envelope import SealingKey
from outlook_mcp.vault.personal_fields import UserSealingKey
from tests.audit_logs import AUDIT_KEY as KEY
from tests.killed_writer import rest_of_lines

ROOT = Path(__file__).parents[2]
ALICE = UserKey("contoso", "alice")


class TestARecord:
    def test_it_says_when_what_who_and_how_much(self, path: Path) -> None:
        noon = datetime(2026, 5, 1, 14, tzinfo=timezone(timedelta(hours=2)))
        log = LogWriter(path, KEY, clock=lambda: noon)
        log.append_entry(Entry(AuditTag.TOOL_CALLED, ALICE, {"tool": "mail_search", "count": 25, "complete": True}))
        (record,) = last_records(path, 5)
        assert {name: record[name] for name in ("seq", "time", "tag", "user", "details")} == {
            "seq": 1,
            "time": "2026-05-01T12:00:00.000+00:00",
            "tag": "tool:call:finished",
            "user": "contoso:alice",
            "details": {"tool": "mail_search", "count": 25, "complete": True},
        }

    def test_long_text_is_cut_and_line_ends_cannot_forge_a_line(self, log: LogWriter, path: Path) -> None:
        log.append_entry(
            Entry(AuditTag.TOOL_FAILED, None, checked_fields({"id": "x" * 10_000, "name": 'a\n{"seq":2}\u2028'}))
        )
        (record,) = last_records(path, 5)
        assert record["details"] == {"id": "x" * 400 + "…", "name": 'a\n{"seq":2}\u2028'}
        assert path.read_bytes().count(b"\n") == 1

    def test_the_longest_record_fits_the_look_back(self, path: Path) -> None:
        details = checked_fields({f"{number}" * 20: "\U0001f600" * 500 for number in range(16)})
        personal = encode_fields({f"{number}" * 20: "\0" * 500 for number in range(8)})
        key = UserSealingKey(ALICE, SealingKey.generate())
        for _ in range(3):
            sealed = Entry(AuditTag.TOOL_CALLED, ALICE, details, sealing(key, personal))
            LogWriter(path, KEY).append_entry(sealed)
        assert verify_log(path, KEY).records == 3

    def test_the_key_shows_nowhere(self, log: LogWriter) -> None:
        assert "kkkk" not in repr(log) + repr(vars(log))

    def test_every_tag_is_source_subject_action_and_unique(self) -> None:
        assert all(re.fullmatch(r"[a-z]+:[a-z_]+:[a-z_]+", tag) for tag in AuditTag)


class TestWriting:
    def test_the_chain_goes_on_after_a_restart(self, path: Path) -> None:
        for number in range(5):
            LogWriter(path, KEY).append_entry(Entry(AuditTag.TOOL_CALLED, ALICE, {"number": number}))
        report = verify_log(path, KEY)
        assert report.records == 5
        assert report.first is not None
        assert report.last is not None
        assert report.first <= report.last <= datetime.now(UTC).isoformat()

    def test_the_chain_goes_on_after_a_record_of_a_newer_version(self, path: Path) -> None:
        LogWriter(path, KEY).append_entry(Entry(AuditTag.TOOL_CALLED, ALICE))
        (first,) = last_records(path, 1)
        newer = {**first, "seq": 2, "later": "of a newer version", "prev": first["mac"]}
        del newer["mac"]
        with path.open("ab") as file:
            file.write(write_line(KEY, newer)[0])
        LogWriter(path, KEY).append_entry(Entry(AuditTag.TOOL_CALLED, ALICE))
        assert verify_log(path, KEY).records == 3

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
    def test_log_and_checkpoint_belong_to_their_owner_only(self, log: LogWriter, path: Path) -> None:
        log.append_entry(Entry(AuditTag.SIGNED_IN, ALICE))
        for file in (path, checkpoint_path(path)):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_the_checkpoint_is_repeated_in_a_second_place(self, path: Path, tmp_path: Path) -> None:
        settings = AuditLogSettings(second_checkpoint=tmp_path / "second")
        LogWriter(path, KEY, settings).append_entry(Entry(AuditTag.SIGNED_IN, ALICE))
        assert (tmp_path / "second").read_bytes() == checkpoint_path(path).read_bytes()
        assert verify_log(path, KEY, settings=settings).records == 1

    def test_a_log_that_cannot_be_opened_refuses(self, tmp_path: Path) -> None:
        with pytest.raises(AuditUnavailable, match="cannot be written: Is a directory"):
            LogWriter(tmp_path, KEY).append_entry(Entry(AuditTag.SIGNED_IN, ALICE))

    def test_a_full_disk_refuses_and_leaves_no_half_a_line(
        self, log: LogWriter, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log.append_entry(Entry(AuditTag.SIGNED_IN, ALICE))
        before, write = path.read_bytes(), os.write
        with monkeypatch.context() as full_disk:
            full_disk.setattr(os, "write", lambda fd, line: write(fd, line[:40]))
            with pytest.raises(AuditUnavailable, match="cannot be written: no space left"):
                log.append_entry(Entry(AuditTag.SIGNED_IN, ALICE))
        assert path.read_bytes() == before

    def test_a_checkpoint_that_cannot_be_written_refuses(self, path: Path, tmp_path: Path) -> None:
        log = LogWriter(path, KEY, AuditLogSettings(second_checkpoint=tmp_path))
        with pytest.raises(AuditUnavailable, match="cannot be written"):
            log.append_entry(Entry(AuditTag.SIGNED_IN, ALICE))

    def test_a_log_of_another_key_is_not_continued(self, log: LogWriter, path: Path) -> None:
        log.append_entry(Entry(AuditTag.SIGNED_IN, ALICE))
        before = path.read_bytes()
        with pytest.raises(AuditUnavailable, match="not written with this key"):
            LogWriter(path, SecretBytes(b"o" * 32)).append_entry(Entry(AuditTag.SIGNED_IN, ALICE))
        assert path.read_bytes() == before

    def test_half_a_line_of_a_dead_writer_is_taken_away(self, log: LogWriter, path: Path) -> None:
        log.append_entry(Entry(AuditTag.SIGNED_IN, ALICE))
        with path.open("ab") as file:
            file.write(b'{"seq":2,"time":"2026')
        with pytest.raises(AuditBroken, match="line 2: truncated"):
            verify_log(path, KEY)
        log.append_entry(Entry(AuditTag.SIGNED_IN, ALICE))
        assert verify_log(path, KEY).records == 2

    def test_a_lock_that_is_never_given_back_refuses(self, path: Path) -> None:
        log = LogWriter(path, KEY, AuditLogSettings(lock_deadline_s=0.02))
        log.append_entry(Entry(AuditTag.SIGNED_IN, ALICE))
        with (
            path.open("rb") as file,
            locked(file.fileno(), deadline_s=1),
            pytest.raises(AuditUnavailable, match="stayed locked"),
        ):
            log.append_entry(Entry(AuditTag.SIGNED_IN, ALICE))


class TestSeveralWriters:
    def test_threads_keep_one_chain(self, log: LogWriter, path: Path) -> None:
        def work() -> None:
            for _ in range(50):
                log.append_entry(Entry(AuditTag.TOOL_CALLED, ALICE))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert verify_log(path, KEY).records == 200

    def test_processes_keep_one_chain(self, path: Path) -> None:
        writers = [start_writer(path, 100) for _ in range(3)]
        told = [writer.communicate(timeout=30)[0] for writer in writers]
        assert [len(lines.split()) for lines in told] == [100, 100, 100]
        assert verify_log(path, KEY).records == 300

    def test_a_writer_killed_at_any_moment_leaves_a_chain_that_goes_on(self, log: LogWriter, path: Path) -> None:
        for _ in range(4):
            writer = start_writer(path, -1)
            assert writer.stdout is not None
            writer.stdout.readline()
            writer.kill()
            told = 1 + len(rest_of_lines(writer))
            log.append_entry(Entry(AuditTag.SESSION_ENDED))
            assert verify_log(path, KEY).records >= told
        counts = [record["details"] for record in last_records(path, 10**6) if record["tag"] == "tool:call:finished"]
        assert len(counts) >= 4


WRITER = """
import sys
from pathlib import Path
from outlook_mcp.audit.writer import Entry, LogWriter
from outlook_mcp.audit.settings import AuditLogSettings
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.vault.envelope import SealingKey
from outlook_mcp.vault.personal_fields import UserSealingKey
from tests.audit_logs import AUDIT_KEY as KEY

log, left = LogWriter(Path(sys.argv[1]), KEY), int(sys.argv[2])
while left:
    log.append_entry(Entry(AuditTag.TOOL_CALLED, None, {"left": left}))
    print(left, flush=True)
    left -= 1
"""


def start_writer(path: Path, records: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), str(records)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def test_appending_is_fast_enough_for_every_tool_call(log: LogWriter) -> None:
    log.append_entry(Entry(AuditTag.TOOL_CALLED, ALICE))
    before = os.times()
    for _ in range(200):
        log.append_entry(Entry(AuditTag.TOOL_CALLED, ALICE, {"tool": "mail_search", "count": 25}))
    after = os.times()
    cpu_s = (after.user + after.system) - (before.user + before.system)
    assert cpu_s / 200 < 0.001
