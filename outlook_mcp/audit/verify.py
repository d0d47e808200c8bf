"""Reading the audit log back: is the chain whole, and what happened last."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from pydantic import SecretBytes

from outlook_mcp.audit.chain import AuditRecord, Link, read_record
from outlook_mcp.audit.checkpoint import Checkpoint
from outlook_mcp.audit.file_lock import locked
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.writer import LOCK_DEADLINE_S, checkpoint_path
from outlook_mcp.errors import AuditBroken, AuditUnavailable

_TAIL_STEP_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class AuditReport:
    """A whole chain: how many records, and the times of the first and the last (UTC, ISO 8601)."""

    records: int
    first: str | None
    last: str | None


def verify(path: Path, key: SecretBytes, *, checkpoint: Path | None = None) -> AuditReport:
    """The report of a whole chain; `AuditBroken` names the first line that is edited, deleted, reordered or cut.

    Writers are held up only while the file's length and the checkpoint are read.
    """
    mark = Checkpoint(checkpoint or checkpoint_path(path), key)
    try:
        with path.open("rb") as file:
            size, promised = _snapshot(file, mark, path)
            return _Verification(path, key, promised).run(_lines(file, size))
    except FileNotFoundError:
        if mark.path.exists():
            raise AuditBroken(f"{path}: truncated: the log is gone, its checkpoint is not.") from None
        return AuditReport(0, None, None)
    except OSError as error:
        raise AuditUnavailable(f"The audit log {path} cannot be read: {error.strerror or error}.") from error


def tail(path: Path, count: int) -> list[dict[str, object]]:
    """The last `count` records, oldest first, unverified; a line that is no JSON object is shown as `unreadable`."""
    try:
        lines = _last_lines(path, count)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise AuditUnavailable(f"The audit log {path} cannot be read: {error.strerror}.") from error
    return [_shown(line) for line in lines]


class _Verification:
    def __init__(self, path: Path, key: SecretBytes, promised: Link | None) -> None:
        self._path = path
        self._key = key
        self._promised = promised

    def run(self, lines: Iterator[bytes]) -> AuditReport:
        first: AuditRecord | None = None
        last: AuditRecord | None = None
        for number, line in enumerate(lines, 1):
            record = self._read(number, line)
            link = last.link if last else Link()
            if record.seq != link.seq + 1 or record.prev != link.mac:
                self._explain_gap(number, link, record, lines)
            if self._promised and record.seq == self._promised.seq and record.mac != self._promised.mac:
                self._broken(number, "edited", "the checkpoint remembers another record here")
            first, last = first or record, record
        self._compare_with_checkpoint(last.seq if last else 0)
        if first is None or last is None:
            return AuditReport(0, None, None)
        return AuditReport(last.seq, first.time, last.time)

    def _read(self, number: int, line: bytes) -> AuditRecord:
        if not line.endswith(b"\n"):
            self._broken(number, "truncated", "the line stops in the middle")
        record = read_record(self._key, line)
        if record is None:
            self._broken(number, "edited", "its MAC does not fit")
        return record

    def _explain_gap(self, number: int, link: Link, found: AuditRecord, rest: Iterator[bytes]) -> NoReturn:
        missing = link.seq + 1
        if found.tag == AuditTag.LOG_CUT:
            self._broken(number, "truncated", f"records {missing} to {found.seq - 1} were cut off before it")
        if found.seq <= link.seq:
            self._broken(number, "reordered", f"record {found.seq} stands after record {link.seq}")
        if found.seq == missing:
            self._broken(number, "edited", "it was written after another record than the one before it")
        later = (read_record(self._key, line) for line in rest)
        if any(record is not None and record.seq == missing for record in later):
            self._broken(number, "reordered", f"record {missing} comes later")
        self._broken(number, "deleted", f"record {missing} is missing before it")

    def _compare_with_checkpoint(self, seq: int) -> None:
        promised = self._promised.seq if self._promised else 0
        if promised > seq:
            self._broken(seq + 1, "truncated", f"the checkpoint remembers {promised} records")
        # A writer may die between its record and its checkpoint, so one record may be ahead.
        if promised < seq - 1 or (seq and self._promised is None):
            self._broken(seq, "truncated", f"the checkpoint is missing or old ({promised} records)")

    def _broken(self, number: int, kind: str, why: str) -> NoReturn:
        raise AuditBroken(f"{self._path} line {number}: {kind}: {why}.")


def _snapshot(file: BinaryIO, mark: Checkpoint, path: Path) -> tuple[int, Link | None]:
    with locked(file.fileno(), deadline_s=LOCK_DEADLINE_S):
        size = os.fstat(file.fileno()).st_size
        try:
            return size, mark.read()
        except ValueError:
            raise AuditBroken(f"{path}: edited: its checkpoint {mark.path} does not verify.") from None


def _lines(file: BinaryIO, size: int) -> Iterator[bytes]:
    left = size
    while left > 0:
        line = file.readline(left)
        if not line:
            return
        left -= len(line)
        yield line


def _last_lines(path: Path, count: int) -> list[bytes]:
    with path.open("rb") as file:
        position = file.seek(0, os.SEEK_END)
        found = b""
        while position > 0 and found.count(b"\n") <= count:
            step = min(_TAIL_STEP_BYTES, position)
            position = file.seek(position - step)
            found = file.read(step) + found
    lines = found.splitlines()
    return lines[max(0, len(lines) - count) :]


def _shown(line: bytes) -> dict[str, object]:
    try:
        fields = json.loads(line)
    except ValueError:
        fields = None
    return fields if isinstance(fields, dict) else {"unreadable": line[:200].decode("utf-8", "replace")}
