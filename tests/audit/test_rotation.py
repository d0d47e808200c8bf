"""A log over many files is one chain: it is set aside by one writer, survives any death, and hides no lost file."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from outlook_mcp.audit.checkpoint import Checkpoint, checkpoint_path
from outlook_mcp.audit.file_lock import locked
from outlook_mcp.audit.files import OlderFile, all_lines, older_files, rotate_file
from outlook_mcp.audit.settings import AuditLogSettings
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.tail import last_records
from outlook_mcp.audit.verify import AuditReport, verify_log
from outlook_mcp.audit.writer import Entry, LogWriter
from outlook_mcp.errors import AuditBroken, AuditUnavailable
from tests.audit.rotating import write
from tests.audit_logs import AUDIT_KEY as KEY

ROOT = Path(__file__).parents[2]
OLDER = re.compile(r"audit\.jsonl\.\d+$")


def broken(path: Path) -> str:
    with pytest.raises(AuditBroken) as found:
        verify_log(path, KEY)
    return found.value.message


class TestRotating:
    def test_every_record_stays_and_the_chain_goes_on_over_the_files(self, path: Path) -> None:
        write(path, 40)
        older = older_files(path)
        report = verify_log(path, KEY)
        assert report.files == len(older) + 1
        assert report.records == 40 + len(older)
        assert (report.removed, report.first is None) == (0, False)
        assert sum(b'"tag":"tool:call:finished"' in line for line in all_lines(path)) == 40

    def test_a_new_file_begins_with_the_last_mac_and_number_of_the_old_one(self, path: Path) -> None:
        write(path, 20)
        older = older_files(path)[-1]
        last, first = last_records(older.path, 1)[0], last_records(path, 100)[-len(path.read_bytes().splitlines())]
        assert first["tag"] == "audit:log:continued"
        assert (first["prev"], first["seq"]) == (last["mac"], older.last_seq + 1)
        assert first["details"] == {"after": older.path.name}

    def test_no_file_is_larger_than_its_limit_and_one_record(self, path: Path, rotated: list[OlderFile]) -> None:
        for file in rotated:
            assert file.path.stat().st_size < 2000 + 400

    def test_a_limit_below_one_record_still_ends(self, path: Path) -> None:
        write(path, 5, AuditLogSettings(max_bytes=1))
        assert verify_log(path, KEY).records == 5 + len(older_files(path))

    def test_a_file_that_cannot_be_renamed_grows_on(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(self: Path, target: Path) -> Path:
            raise PermissionError(13, "The process cannot access the file")

        monkeypatch.setattr(Path, "rename", refuse)
        write(path, 40)
        assert older_files(path) == []
        assert verify_log(path, KEY).records == 40

    def test_a_full_file_is_not_waited_for(self, path: Path) -> None:
        log = LogWriter(path, KEY, AuditLogSettings(max_bytes=1))
        assert log.append_without_waiting(Entry(AuditTag.TOOL_CALLED)) is True
        assert log.append_without_waiting(Entry(AuditTag.TOOL_CALLED)) is False
        assert verify_log(path, KEY).records == 1

    def test_other_files_beside_it_are_none_of_the_log(self, path: Path, rotated: list[OlderFile]) -> None:
        for name in ("audit.jsonl.gz", "audit.jsonl.007", "audit.jsonl.1.bak", "audit.jsonl.-3", "other.5"):
            path.with_name(name).write_bytes(b"garbage\n")
        assert older_files(path) == rotated
        verify_log(path, KEY)


class TestSeveralWriters:
    def test_processes_set_each_file_aside_once(self, path: Path) -> None:
        writers = [start(path, WRITER, "60") for _ in range(4)]
        assert [process.wait(60) for process in writers] == [0, 0, 0, 0]
        report = verify_log(path, KEY)
        continued = sum(b'"tag":"audit:log:continued"' in line for line in all_lines(path))
        assert continued == len(older_files(path)) == report.files - 1 > 10
        assert report.records == 240 + continued

    def test_a_file_set_aside_while_a_writer_waits_for_its_lock_is_written_no_more(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(path, 3)

        def late(fd: int, *, deadline_s: float) -> AbstractContextManager[None]:
            monkeypatch.undo()
            rotate_file(path, 3)
            return locked(fd, deadline_s=deadline_s)

        monkeypatch.setattr("outlook_mcp.audit.writer.locked", late)
        write(path, 1)
        assert [len(last_records(older.path, 9)) for older in older_files(path)] == [3]
        assert verify_log(path, KEY).records == 5

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
    @pytest.mark.parametrize("step", ["before_rename", "after_rename", "before_continuing", "before_removal"])
    def test_a_writer_killed_within_a_rotation_leaves_a_log_that_verifies_and_goes_on(
        self, path: Path, step: str
    ) -> None:
        killed = start(path, KILLED, step)
        assert killed.wait(60) == -signal.SIGKILL
        assert verify_log(path, KEY).records > 1
        before = list(all_lines(path))
        write(path, 30, AuditLogSettings(max_bytes=2000, kept_files=None))
        report = verify_log(path, KEY)
        assert report.records >= len(before) + 30
        assert list(all_lines(path))[: len(before)] == before


WRITER = """
import sys
from pathlib import Path
from tests.audit.rotating import write

write(Path(sys.argv[1]), int(sys.argv[2]))
"""
KILLED = """
import sys
from pathlib import Path
from tests.audit.test_rotation import die_in_rotation

die_in_rotation(Path(sys.argv[1]), sys.argv[2])
"""


def start(path: Path, program: str, argument: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", program, str(path), argument], cwd=ROOT)


def die_in_rotation(path: Path, step: str) -> None:
    """For a process of its own: writes until the third rotation, and kills itself at that step of it."""
    renamed = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal renamed
        renamed += event == "os.rename"
        is_open = event == "open" and renamed == 3
        opened = str(arguments[0]) if is_open else ""
        reached = {
            "before_rename": event == "os.rename" and renamed == 3,
            "after_rename": opened == str(path.parent),
            "before_continuing": is_open and OLDER.search(opened) is not None,
            "before_removal": event == "os.remove" and renamed == 3,
        }
        if reached[step]:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    write(path, 1000, AuditLogSettings(max_bytes=2000, kept_files=1))


class TestRetention:
    def test_so_many_older_files_are_kept_and_the_chain_is_whole(self, path: Path) -> None:
        write(path, 60, AuditLogSettings(max_bytes=2000, kept_files=2))
        assert len(older_files(path)) == 2
        report = verify_log(path, KEY)
        assert report.files == 3
        assert report.removed > 20
        assert report.removed + report.records == last_records(path, 1)[0]["seq"]

    def test_none_can_be_kept(self, path: Path) -> None:
        write(path, 60, AuditLogSettings(max_bytes=2000, kept_files=0))
        assert older_files(path) == []
        assert verify_log(path, KEY).files == 1

    def test_removing_one_more_is_tampering(self, path: Path) -> None:
        write(path, 60, AuditLogSettings(max_bytes=2000, kept_files=3))
        older_files(path)[0].path.unlink()
        assert "none says they were removed" in broken(path)


def test_a_log_that_keeps_changing_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, 3)
    monkeypatch.setattr("outlook_mcp.audit.verify.is_same_file", lambda fd, path: False)
    with pytest.raises(AuditUnavailable, match="its files change all the time"):
        verify_log(path, KEY)


def test_an_empty_folder_verifies(path: Path) -> None:
    assert verify_log(path, KEY) == AuditReport(0, None, None, 0)
    assert list(all_lines(path)) == []


def test_the_checkpoint_alone_is_found(path: Path) -> None:
    write(path, 1)
    path.unlink()
    assert Checkpoint(checkpoint_path(path), KEY).read_link() is not None
    assert "the log is gone" in broken(path)


def test_a_folder_that_cannot_be_listed_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, 1)

    def refuse(folder: object) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("outlook_mcp.audit.files.os.listdir", refuse)
    with pytest.raises(AuditUnavailable, match="Permission denied"):
        verify_log(path, KEY)
