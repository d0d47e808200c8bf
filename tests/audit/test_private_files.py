"""Attacks by another user of the machine who may write into the folder of the key or of the log."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from outlook_mcp.audit.checkpoint import checkpoint_path
from outlook_mcp.audit.files import all_lines
from outlook_mcp.audit.private_files import may_others_replace_files_in
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.tail import last_records
from outlook_mcp.audit.verify import verify_log
from outlook_mcp.audit.writer import Entry, LogWriter
from outlook_mcp.errors import AuditUnavailable, ServerFileError, StoreUnavailable
from outlook_mcp.vault.envelope import SealingKey
from outlook_mcp.vault.key_ring import Keys
from outlook_mcp.vault.key_sources import FileKeySource
from tests.audit_logs import AUDIT_KEY as KEY

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no owners and modes of this kind")
ENTRY = Entry(AuditTag.TOOL_CALLED)
needs_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")


def new_key(present: Keys) -> Keys:
    return (*present, SealingKey.generate())


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "vault.key"
    FileKeySource(path).update_keys(new_key)
    return path


@pytest.mark.parametrize(
    ("mode", "may"), [(0o777, True), (0o702, True), (0o1777, False), (0o770, False), (0o755, False), (0o700, False)]
)
def test_a_folder_whose_files_every_user_can_replace_is_found(tmp_path: Path, mode: int, may: bool) -> None:
    tmp_path.chmod(mode)
    assert may_others_replace_files_in(tmp_path) is may
    assert not may_others_replace_files_in(tmp_path / "missing")
    tmp_path.chmod(0o700)


class TestLog:
    @pytest.mark.parametrize("name", ["audit.jsonl", "audit.checkpoint"])
    def test_a_symbolic_link_in_its_place_gets_no_record(self, path: Path, tmp_path: Path, name: str) -> None:
        target = tmp_path / "somebody's file"
        target.write_bytes(b"")
        path.parent.mkdir()
        path.with_name(name).symlink_to(target)
        with pytest.raises(AuditUnavailable, match="it is a symbolic link"):
            LogWriter(path, KEY).append_entry(ENTRY)
        assert target.read_bytes() == b""

    @pytest.mark.parametrize("name", ["audit.jsonl", "audit.checkpoint"])
    def test_a_named_pipe_holds_nobody_up(self, path: Path, name: str) -> None:
        path.parent.mkdir()
        os.mkfifo(path.with_name(name))
        with pytest.raises(AuditUnavailable, match="it is no regular file"):
            LogWriter(path, KEY).append_entry(ENTRY)

    @pytest.mark.parametrize("name", ["audit.jsonl", "audit.jsonl.7", "audit.checkpoint"])
    def test_a_named_pipe_holds_nobody_up_who_reads(self, path: Path, name: str) -> None:
        path.parent.mkdir()
        os.mkfifo(path.with_name(name))
        with pytest.raises(AuditUnavailable, match="it is no regular file"):
            verify_log(path, KEY)
        if name == "audit.checkpoint":
            return
        with pytest.raises(AuditUnavailable, match="it is no regular file"):
            last_records(path, 1)
        with pytest.raises(OSError, match="it is no regular file"):
            list(all_lines(path))

    @pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
    def test_a_file_that_others_may_write_gets_no_record(self, log: LogWriter, path: Path, mode: int) -> None:
        log.append_entry(ENTRY)
        path.chmod(mode)
        with pytest.raises(AuditUnavailable, match=f"open to other users .mode {mode:04o}"):
            log.append_entry(ENTRY)

    def test_a_file_that_a_group_may_read_is_written(self, log: LogWriter, path: Path) -> None:
        log.append_entry(ENTRY)
        path.chmod(0o640)
        log.append_entry(ENTRY)

    @needs_root
    @pytest.mark.parametrize("name", ["audit.jsonl", "audit.checkpoint"])
    def test_a_file_of_another_user_gets_no_record(self, log: LogWriter, path: Path, name: str) -> None:
        log.append_entry(ENTRY)
        os.chown(path.with_name(name), 12345, -1)
        with pytest.raises(AuditUnavailable, match="belongs to another user .id 12345"):
            log.append_entry(ENTRY)

    @needs_root
    def test_root_may_write_where_the_folder_belongs_to_the_user_of_the_server(
        self, log: LogWriter, path: Path
    ) -> None:
        log.append_entry(ENTRY)
        for file in (path.parent, path, checkpoint_path(path)):
            os.chown(file, 12345, -1)
        log.append_entry(ENTRY)


class TestKey:
    def test_a_named_pipe_holds_nobody_up(self, key_file: Path) -> None:
        key_file.unlink()
        os.mkfifo(key_file)
        with pytest.raises(StoreUnavailable, match="it is no regular file"):
            FileKeySource(key_file).load_keys()

    def test_a_symbolic_link_is_not_read(self, key_file: Path) -> None:
        moved = key_file.rename(key_file.with_name("of somebody"))
        key_file.symlink_to(moved)
        with pytest.raises(ServerFileError, match="it is a symbolic link"):
            FileKeySource(key_file).load_keys()

    def test_a_symbolic_link_as_its_lock_is_not_opened(self, key_file: Path) -> None:
        lock, target = key_file.with_name("vault.key.lock"), key_file.with_name("target")
        lock.unlink()
        lock.symlink_to(target)
        with pytest.raises(StoreUnavailable, match="it is a symbolic link"):
            FileKeySource(key_file).update_keys(new_key)
        assert not target.exists()

    @needs_root
    def test_a_file_of_another_user_is_not_read(self, key_file: Path) -> None:
        os.chown(key_file, 12345, -1)
        with pytest.raises(ServerFileError, match="belongs to another user"):
            FileKeySource(key_file).load_keys()

    def test_it_is_made_for_its_owner_alone(self, key_file: Path) -> None:
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
