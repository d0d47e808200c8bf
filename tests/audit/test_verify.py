"""Whatever is done to the files by somebody without the key is found and named."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from pydantic import SecretBytes

from outlook_mcp.audit.checkpoint import checkpoint_path
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.tail import last_records
from outlook_mcp.audit.verify import verify_log
from outlook_mcp.audit.writer import Entry, LogWriter
from outlook_mcp.errors import AuditBroken, AuditUnavailable
from tests.audit_logs import AUDIT_KEY as KEY
from tests.effort import usually

RECORDS = 12


@pytest.fixture
def lines(log: LogWriter, path: Path) -> list[bytes]:
    for number in range(RECORDS):
        log.append_entry(Entry(AuditTag.TOOL_CALLED, None, {"number": number}))
    return path.read_bytes().splitlines(keepends=True)


def broken(path: Path, lines: list[bytes]) -> str:
    path.write_bytes(b"".join(lines))
    with pytest.raises(AuditBroken) as found:
        verify_log(path, KEY)
    return found.value.message


@pytest.mark.parametrize("index", range(RECORDS))
class TestEveryLine:
    def test_an_edit_is_found(self, path: Path, lines: list[bytes], index: int) -> None:
        lines[index] = lines[index].replace(b'"number":%d' % index, b'"number":%d' % (index + 50))
        assert f"line {index + 1}: edited" in broken(path, lines)

    def test_a_line_of_ones_own_is_found(self, path: Path, lines: list[bytes], index: int) -> None:
        lines[index] = b"{}\n"
        assert f"line {index + 1}: edited" in broken(path, lines)

    def test_a_deletion_is_found(self, path: Path, lines: list[bytes], index: int) -> None:
        del lines[index]
        kind = "truncated" if index == RECORDS - 1 else "deleted"
        assert f"line {index + 1}: {kind}" in broken(path, lines)

    def test_a_swap_is_found(self, path: Path, lines: list[bytes], index: int) -> None:
        other = (index + 5) % RECORDS
        lines[index], lines[other] = lines[other], lines[index]
        assert f"line {min(index, other) + 1}: reordered" in broken(path, lines)

    def test_a_repeated_line_is_found(self, path: Path, lines: list[bytes], index: int) -> None:
        lines.insert(index, lines[index])
        assert f"line {index + 2}: reordered" in broken(path, lines)

    def test_a_cut_tail_is_found(self, path: Path, lines: list[bytes], index: int) -> None:
        assert f"line {index + 1}: truncated" in broken(path, lines[:index])

    def test_a_tail_cut_in_the_middle_of_a_line_is_found(self, path: Path, lines: list[bytes], index: int) -> None:
        assert f"line {index + 1}: truncated" in broken(path, [*lines[:index], lines[index][:-20]])

    def test_a_tail_cut_before_more_was_written_is_found_for_ever(
        self, path: Path, lines: list[bytes], index: int
    ) -> None:
        path.write_bytes(b"".join(lines[:index]))
        LogWriter(path, KEY).append_entry(Entry(AuditTag.TOOL_CALLED))
        assert [record["tag"] for record in last_records(path, 2)] == [AuditTag.LOG_CUT, AuditTag.TOOL_CALLED]
        found = broken(path, path.read_bytes().splitlines(keepends=True))
        cut = f"record {RECORDS} was" if index + 1 == RECORDS else f"records {index + 1} to {RECORDS} were"
        assert f"line {index + 1}: truncated: {cut} cut off" in found


def test_every_flipped_bit_of_the_log_is_found(path: Path, lines: list[bytes]) -> None:
    whole = b"".join(lines)
    chosen = random.Random(7)
    for _ in range(usually(500, thoroughly=2000)):
        forged = bytearray(whole)
        forged[chosen.randrange(len(forged))] ^= 1 << chosen.randrange(8)
        broken(path, [bytes(forged)])


def test_random_surgery_is_always_found(path: Path, lines: list[bytes]) -> None:
    chosen = random.Random(8)
    for _ in range(usually(200, thoroughly=500)):
        forged = chosen.sample(lines, chosen.randint(1, len(lines)))
        if forged != lines:
            broken(path, forged)


def test_the_whole_log_gone_is_found(path: Path, lines: list[bytes]) -> None:
    path.unlink()
    with pytest.raises(AuditBroken, match="truncated: the log is gone"):
        verify_log(path, KEY)


def test_a_removed_checkpoint_is_found(path: Path, lines: list[bytes]) -> None:
    checkpoint_path(path).unlink()
    assert "checkpoint is missing" in broken(path, lines)


def test_an_older_checkpoint_is_found(log: LogWriter, path: Path, lines: list[bytes]) -> None:
    old = checkpoint_path(path).read_bytes()
    log.append_entry(Entry(AuditTag.TOOL_CALLED))
    log.append_entry(Entry(AuditTag.TOOL_CALLED))
    checkpoint_path(path).write_bytes(old)
    with pytest.raises(AuditBroken, match="missing or old"):
        verify_log(path, KEY)


def test_one_record_ahead_of_the_checkpoint_is_a_writer_that_died(
    log: LogWriter, path: Path, lines: list[bytes]
) -> None:
    old = checkpoint_path(path).read_bytes()
    log.append_entry(Entry(AuditTag.TOOL_CALLED))
    checkpoint_path(path).write_bytes(old)
    assert verify_log(path, KEY).records == RECORDS + 1


def test_an_altered_checkpoint_is_found_and_nothing_is_written(path: Path, lines: list[bytes]) -> None:
    mark = checkpoint_path(path)
    mark.write_bytes(mark.read_bytes().replace(b'"seq":12', b'"seq":10'))
    with pytest.raises(AuditBroken, match="checkpoint .* does not verify"):
        verify_log(path, KEY)
    with pytest.raises(AuditUnavailable, match="checkpoint .* was altered"):
        LogWriter(path, KEY).append_entry(Entry(AuditTag.TOOL_CALLED))


def test_a_chain_of_another_log_under_the_same_key_is_found(tmp_path: Path, path: Path, lines: list[bytes]) -> None:
    other = tmp_path / "other" / "audit.jsonl"
    for _ in range(RECORDS):
        LogWriter(other, KEY).append_entry(Entry(AuditTag.TOOL_CALLED))
    assert "the checkpoint remembers another record" in broken(path, other.read_bytes().splitlines(keepends=True))


def test_a_record_exchanged_for_an_older_telling_of_it_is_found(log: LogWriter, path: Path) -> None:
    for number in range(4):
        log.append_entry(Entry(AuditTag.TOOL_CALLED, None, {"number": number}))
    files = {file: file.read_bytes() for file in (path, checkpoint_path(path))}
    for _ in range(3):
        log.append_entry(Entry(AuditTag.TOOL_CALLED))
    lines = path.read_bytes().splitlines(keepends=True)
    for file, content in files.items():
        file.write_bytes(content)
    for _ in range(3):
        LogWriter(path, KEY).append_entry(Entry(AuditTag.TOOL_FAILED))
    retold = path.read_bytes().splitlines(keepends=True)
    assert "line 6: edited: it was written after another record" in broken(path, [*lines[:5], *retold[5:]])


def test_another_key_verifies_nothing(path: Path, lines: list[bytes]) -> None:
    with pytest.raises(AuditBroken, match="edited"):
        verify_log(path, SecretBytes(b"o" * 32))
