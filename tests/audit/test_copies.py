"""The audit logs of all servers come together in the store, in order and verified."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest

from outlook_mcp.app.audit_log import open_audit_log, records_of_user, verify_copies
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.errors import AuditBroken
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.key_sources import FileKeySource
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.vault import CredentialVault

ALICE = UserKey("2f1f6c3e-8a7b-4d55-9c0e-1b7d5a3e9001", "a1c5d2e0-6b3f-4a17-8e94-0d2b7c6f1001")
BOB = UserKey(ALICE.tid, "b1c5d2e0-6b3f-4a17-8e94-0d2b7c6f1001")


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[CredentialVault]:
    vault = CredentialVault(SqliteStore(tmp_path / "vault.db"), KeyRing(FileKeySource(tmp_path / "vault.key")))
    yield vault
    await vault.close()


def server(folder: Path, name: str, **settings: object) -> GivenConfiguration:
    own = {"data_dir": folder / name, "audit_name": name, "audit_store": True}
    return GivenConfiguration.model_validate(own | settings)


async def served(configuration: GivenConfiguration, vault: CredentialVault, *users: UserKey) -> None:
    """A server that starts, puts a call of each user on record, and ends."""
    async with open_audit_log(configuration, vault) as log:
        for user in users:
            await log.record(AuditTag.TOOL_CALLED, user, {"tool": "mail_read"}, personal={"account": "a@b.example"})


async def test_the_records_of_a_user_are_those_of_all_servers_by_time(vault: CredentialVault, tmp_path: Path) -> None:
    one, two = server(tmp_path, "one"), server(tmp_path, "two")
    for configuration, users in ((one, (ALICE, BOB)), (two, (ALICE,)), (one, (ALICE,)), (two, (BOB, ALICE))):
        await served(configuration, vault, *users)
    for configuration in (one, two):
        found = await records_of_user(configuration, vault, ALICE)
        assert {record.user for record in found} == {str(ALICE)}
        assert [record.seq for record in found] == [1, 1, 3, 3]
        assert found == sorted(found, key=lambda record: record.time)
        assert all(record.sealed for record in found)
    reports = await verify_copies(one, vault)
    assert {name: report.records for name, report in reports.items()} == {"one": 3, "two": 3}


async def test_records_that_were_written_before_or_while_the_store_was_away_are_copied_later(
    vault: CredentialVault, tmp_path: Path
) -> None:
    await served(server(tmp_path, "one", audit_store=False), vault, ALICE, ALICE)
    assert await verify_copies(server(tmp_path, "one"), vault) == {}
    await served(server(tmp_path, "one"), vault, BOB)
    assert (await verify_copies(server(tmp_path, "one"), vault))["one"].records == 3


async def test_the_store_sees_no_record_in_plain_text(vault: CredentialVault, tmp_path: Path) -> None:
    await served(server(tmp_path, "one"), vault, ALICE)
    stored = b"".join(row[0] for row in rows(tmp_path, "SELECT blob FROM log_line"))
    assert stored
    assert b"mail_read" not in stored
    assert ALICE.oid.encode() not in stored


async def test_what_a_log_removed_of_its_oldest_files_is_removed_from_its_copy(
    vault: CredentialVault, tmp_path: Path
) -> None:
    configuration = server(tmp_path, "one", audit_max_mb=1, audit_kept_files=0)
    async with open_audit_log(configuration, vault) as log:
        for _ in range(260):
            await log.record(AuditTag.TOOL_CALLED, ALICE, {str(number): "x" * 400 for number in range(12)})
    report = (await verify_copies(configuration, vault))["one"]
    assert report.removed > 0
    assert report.records + report.removed > 260


TAMPERED: dict[str, tuple[str, str]] = {
    "a line removed": ("DELETE FROM log_line WHERE number = 2", "deleted: record 2 is missing"),
    "the first line removed": ("DELETE FROM log_line WHERE number = 1", "deleted: record 1 is missing"),
    "the tail cut": ("DELETE FROM log_line WHERE number = 3", "truncated: the last link remembers 3 records"),
    "everything removed": ("DELETE FROM log_line", "truncated: the last link remembers 3 records"),
    "a line changed": ("UPDATE log_line SET blob = zeroblob(500) WHERE number = 2", "edited: Line 2 of a log"),
    "a line moved": (
        "UPDATE log_line SET blob = (SELECT blob FROM log_line WHERE number = 1) WHERE number = 2",
        "edited: Line 2 of a log",
    ),
}


@pytest.mark.parametrize(("statement", "told"), TAMPERED.values(), ids=TAMPERED)
async def test_a_copy_that_was_changed_in_the_store_is_told_by_verify_and_by_export(
    vault: CredentialVault, tmp_path: Path, statement: str, told: str
) -> None:
    await served(server(tmp_path, "one"), vault, ALICE, BOB, ALICE)
    rows(tmp_path, statement)
    elsewhere = server(tmp_path, "two")
    reads: tuple[Callable[[], object], ...] = (
        lambda: verify_copies(elsewhere, vault),
        lambda: records_of_user(elsewhere, vault, ALICE),
    )
    for read in reads:
        with pytest.raises(AuditBroken, match=told) as broken:
            await read()  # type: ignore[misc]
        assert broken.value.message.startswith("one (copy in the store)")


def rows(folder: Path, statement: str) -> list[tuple[bytes]]:
    # `with` on a connection ends its transaction and leaves it open.
    with closing(sqlite3.connect(folder / "vault.db")) as connection, connection:
        return connection.execute(statement).fetchall()
