"""A rotation of keys that is killed at any step: no record is lost, it can be finished, and no old key stays behind."""

from __future__ import annotations

import itertools
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from outlook_mcp.identity.user import SERVER, UserKey
from outlook_mcp.vault.envelope import SealingKey
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.records import RecordKey, StoredRecord
from outlook_mcp.vault.rotation import KeyRotation
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.vault import CredentialVault
from tests.vaults import vault_in

ALICE = UserKey("contoso", "alice")
NAMES = tuple(RecordKey(user, "token", number) for user in (ALICE, SERVER) for number in "12")


class Killed(BaseException):
    pass


class DyingStore(SqliteStore):
    """The process ends right before or after the write of this number."""

    def __init__(self, file: Path, number: int, *, is_written: bool) -> None:
        super().__init__(file)
        self._left = number
        self._is_written = is_written

    async def put_record(self, key: RecordKey, record: StoredRecord, *, expected_generation: int | None) -> None:
        self._left -= 1
        if self._left or self._is_written:
            await super().put_record(key, record, expected_generation=expected_generation)
        self._die()

    async def put_meta(self, name: str, value: bytes, *, expected: bytes | None) -> None:
        self._left -= 1
        if self._left or self._is_written:
            await super().put_meta(name, value, expected=expected)
        self._die()

    def _die(self) -> None:
        if not self._left:
            raise Killed


async def _rotate(vault: CredentialVault) -> None:
    """`keys rotate --rekey --drop-old`, without the wait for other servers."""
    await vault.rotation.rotate_master_key()
    await vault.rotation.replace_data_keys()
    await vault.rotation.drop_old_keys()


def _vault(store: SqliteStore, folder: Path) -> CredentialVault:
    ring = KeyRing(FileKeySource(folder / "vault.key"))
    vault = CredentialVault(store, ring)
    vault.rotation = KeyRotation(store, ring, vault._root, vault._user_keys, writes_end_s=0.0)
    return vault


async def _values(vault: CredentialVault) -> list[bytes]:
    found = [await vault.get_record(name) for name in NAMES]
    return [record.value for record in found if record is not None]


@pytest.mark.parametrize("is_written", [False, True], ids=["before a write", "after a write"])
async def test_a_rotation_killed_at_any_write_loses_nothing_and_can_be_finished(
    tmp_path: Path, is_written: bool
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    vault = vault_in(whole)
    for name in NAMES:
        await vault.put_record(name, name.id.encode(), expected_generation=None)
    await vault.close()
    kills = 0
    for number in itertools.count(1):
        folder = tmp_path / str(number)
        shutil.copytree(whole, folder)
        dying = _vault(DyingStore(folder / "vault.db", number, is_written=is_written), folder)
        try:
            await _rotate(dying)
            break
        except Killed:
            kills += 1
        finally:
            await dying.close()
        heir = _vault(SqliteStore(folder / "vault.db"), folder)
        assert await _values(heir) == [b"1", b"2", b"1", b"2"]
        await _rotate(heir)
        assert await _values(heir) == [b"1", b"2", b"1", b"2"]
        (key,) = await heir.rotation.master_keys()
        assert (key.seals, key.wraps, key.checks) == (True, 2, True)
        await heir.close()
    assert kills > 10


ADDS_A_KEY_AND_DIES = """
import os, signal, sys
from pathlib import Path
from outlook_mcp.vault.envelope import SealingKey
from outlook_mcp.vault.key_sources import FileKeySource

Path.replace = lambda self, target: os.kill(os.getpid(), signal.SIGKILL)
FileKeySource(Path(sys.argv[1])).update_keys(lambda keys: (*keys, SealingKey.generate()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_rotation_leaves_no_copy_of_a_key_that_was_dropped_since(tmp_path: Path) -> None:
    file = tmp_path / "vault.key"
    old = _made(file)
    died = subprocess.run([sys.executable, "-c", ADDS_A_KEY_AND_DIES, str(file)], cwd=Path(__file__).parents[2])
    assert died.returncode == -signal.SIGKILL
    assert file.read_text() == old
    assert _made(file) != old
    assert [path.name for path in tmp_path.iterdir() if old.strip() in path.read_text()] == []


def _made(file: Path) -> str:
    """The content of a key file with one new key."""
    FileKeySource(file).update_keys(lambda _: (SealingKey.generate(),))
    return file.read_text()
