"""Attacks by somebody who can write every file of the log, and neither the store nor the second place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from outlook_mcp.audit.chain import Link
from outlook_mcp.audit.checkpoint import checkpoint_path
from outlook_mcp.audit.last_link import LastLinkKeeper
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.settings import AuditLogSettings
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.tail import last_records
from outlook_mcp.audit.verify import verify_log
from outlook_mcp.audit.writer import Entry, LogWriter
from outlook_mcp.errors import AuditBroken, AuditUnavailable, RecordBroken, StoreUnavailable
from outlook_mcp.vault.audit_links import VaultLastLinks
from outlook_mcp.vault.vault import CredentialVault
from tests.audit_logs import AUDIT_KEY as KEY
from tests.audit_logs import MemoryPersonalKeys
from tests.vaults import vault

__all__ = ["vault"]

RECORDS = 6
Attack = Callable[[Path], None]


class MemoryLinks:
    """A `LastLinks` that can fail."""

    def __init__(self) -> None:
        self.link: Link | None = None
        self.error: Exception | None = None

    async def load_link(self) -> Link | None:
        if self.error:
            raise self.error
        return self.link

    async def save_link(self, link: Link) -> None:
        self.link = link


def write_records(
    path: Path, count: int, settings: AuditLogSettings | None = None, tag: AuditTag = AuditTag.TOOL_CALLED
) -> Link:
    writer = LogWriter(path, KEY, settings)
    for _ in range(count):
        writer.append_entry(Entry(tag))
    assert writer.last_link is not None
    return writer.last_link


def cut_the_tail_and_delete_the_checkpoint(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    checkpoint_path(path).unlink()


def delete_log_and_checkpoint(path: Path) -> None:
    path.unlink()
    checkpoint_path(path).unlink()


def restore_older_copies(path: Path) -> None:
    """Those of a log that had three records, whose checkpoint agrees with them."""
    kept = path.read_bytes().splitlines(keepends=True)[:3]
    delete_log_and_checkpoint(path)
    write_records(path, 3)
    path.write_bytes(b"".join(kept))
    record = last_records(path, 1)[0]
    for checkpoint in LogWriter(path, KEY)._checkpoints:
        checkpoint.write_link(Link(3, str(record["mac"])))


def put_the_log_of_another_server_there(path: Path) -> None:
    # Of other events: equal records of the same millisecond would make the two logs one.
    write_records(path.parent / "other" / path.name, RECORDS + 4, tag=AuditTag.SESSION_STARTED)
    delete_log_and_checkpoint(path)
    shutil.copytree(path.parent / "other", path.parent, dirs_exist_ok=True)


ATTACKS = [
    cut_the_tail_and_delete_the_checkpoint,
    delete_log_and_checkpoint,
    restore_older_copies,
    put_the_log_of_another_server_there,
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_link_in_the_store_shows(path: Path, attack: Attack) -> None:
    stored = write_records(path, RECORDS)
    attack(path)
    with pytest.raises(AuditBroken):
        verify_log(path, KEY, stored=stored)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_link_in_the_store_shows_for_ever_after_a_server_went_on_writing(path: Path, attack: Attack) -> None:
    stored = write_records(path, RECORDS)
    attack(path)
    writer = LogWriter(path, KEY)
    writer.expect_link(stored)
    for _ in range(3):
        writer.append_entry(Entry(AuditTag.TOOL_CALLED))
    with pytest.raises(AuditBroken, match="cut off before it"):
        verify_log(path, KEY, stored=writer.last_link)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_running_server_shows(path: Path, attack: Attack) -> None:
    writer = LogWriter(path, KEY)
    for _ in range(RECORDS):
        writer.append_entry(Entry(AuditTag.TOOL_CALLED))
    attack(path)
    writer.append_entry(Entry(AuditTag.TOOL_CALLED))
    if attack is not put_the_log_of_another_server_there:
        with pytest.raises(AuditBroken, match="cut off before it"):
            verify_log(path, KEY)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_second_place_shows(path: Path, tmp_path: Path, attack: Attack) -> None:
    settings = AuditLogSettings(second_checkpoint=tmp_path / "second")
    write_records(path, RECORDS, settings)
    attack(path)
    with pytest.raises(AuditBroken):
        verify_log(path, KEY, settings=settings)


def test_a_tail_cut_with_the_checkpoint_deleted_is_found_without_a_store_after_more_was_written(path: Path) -> None:
    write_records(path, RECORDS)
    cut_the_tail_and_delete_the_checkpoint(path)
    write_records(path, 2)
    with pytest.raises(AuditBroken, match="cut off before it"):
        verify_log(path, KEY)


def test_an_intact_log_agrees_with_an_earlier_link(path: Path) -> None:
    stored = write_records(path, 3)
    writer = LogWriter(path, KEY)
    writer.expect_link(stored)
    writer.append_entry(Entry(AuditTag.TOOL_CALLED))
    assert verify_log(path, KEY, stored=stored).records == 4


async def test_a_later_link_is_not_replaced_by_an_earlier_one(vault: CredentialVault) -> None:
    ours, other = VaultLastLinks(vault, "server 1"), VaultLastLinks(vault, "server 2")
    assert await ours.load_link() is None
    for seq in (7, 9, 8):
        await ours.save_link(Link(seq, f"{seq}" * 64))
    assert await ours.load_link() == Link(9, "9" * 64)
    assert await other.load_link() is None


class TestKeeping:
    async def test_a_burst_of_records_is_saved_once_and_waiting_saves_nothing(self, path: Path) -> None:
        saved: list[Link] = []
        links, pauses = MemoryLinks(), anyio.Semaphore(0)

        async def save_link(link: Link) -> None:
            saved.append(link)

        async def sleep(seconds: float) -> None:
            await pauses.acquire()

        links.save_link = save_link  # type: ignore[method-assign]
        writer = LogWriter(path, KEY)
        keeper = LastLinkKeeper(writer, links, sleep=sleep)
        log = AuditLog(writer, MemoryPersonalKeys(), keeper)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(keeper.save_links)
            for _ in range(4):
                await log.record(AuditTag.TOOL_CALLED)
            pauses.release()
            pauses.release()
            await anyio.wait_all_tasks_blocked()
            await keeper.finish()
            tasks.cancel_scope.cancel()
        assert [link.seq for link in saved] == [4]

    async def test_records_are_written_while_the_store_is_away(
        self, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        links = MemoryLinks()
        links.link, links.error = Link(9, "f" * 64), StoreUnavailable("The store is away.")
        writer = LogWriter(path, KEY)
        log = AuditLog(writer, MemoryPersonalKeys(), keeper := LastLinkKeeper(writer, links))
        await log.record(AuditTag.TOOL_CALLED)
        await keeper.finish()
        assert links.link.seq == 9
        assert "could not be read: The store is away." in caplog.text

    async def test_an_altered_link_in_the_store_stops_no_record(
        self, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        links = MemoryLinks()
        links.error = RecordBroken("altered")
        writer = LogWriter(path, KEY)
        await AuditLog(writer, MemoryPersonalKeys(), LastLinkKeeper(writer, links)).record(AuditTag.TOOL_CALLED)
        assert "was altered" in caplog.text


async def test_older_copies_are_found_when_the_store_is_away_at_the_first_record(path: Path) -> None:
    links = MemoryLinks()
    links.link = write_records(path, RECORDS)
    restore_older_copies(path)
    links.error = StoreUnavailable("The store is away.")
    writer = LogWriter(path, KEY)
    log = AuditLog(writer, MemoryPersonalKeys(), keeper := LastLinkKeeper(writer, links))
    await log.record(AuditTag.TOOL_CALLED)
    links.error = None
    for _ in range(RECORDS):
        await log.record(AuditTag.TOOL_CALLED)
    await keeper.finish()
    assert links.link.seq > RECORDS
    with pytest.raises(AuditBroken, match="cut off before it"):
        verify_log(path, KEY, stored=links.link)


def test_a_record_in_the_place_of_the_checkpoint_is_none(path: Path) -> None:
    write_records(path, RECORDS)
    checkpoint_path(path).write_bytes(path.read_bytes().splitlines(keepends=True)[2])
    with pytest.raises(AuditBroken, match="does not verify"):
        verify_log(path, KEY)
    with pytest.raises(AuditUnavailable, match="was altered"):
        write_records(path, 1)


def test_a_checkpoint_in_the_place_of_a_record_is_none(path: Path) -> None:
    write_records(path, RECORDS)
    with path.open("ab") as log:
        log.write(checkpoint_path(path).read_bytes().rstrip(b" "))
    with pytest.raises(AuditBroken, match=f"line {RECORDS + 1}: edited"):
        verify_log(path, KEY)
    with pytest.raises(AuditUnavailable, match="not written with this key"):
        write_records(path, 1)
