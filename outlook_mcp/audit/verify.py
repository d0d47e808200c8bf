"""Verifies the audit log: whether the chain is intact over all files, and agrees with checkpoints and store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn

from pydantic import SecretBytes

from outlook_mcp.audit.chain import AuditRecord, Link, read_record
from outlook_mcp.audit.checkpoint import Checkpoint, checkpoints_of
from outlook_mcp.audit.file_lock import locked
from outlook_mcp.audit.files import OlderFile, is_same_file, lines_of, older_files
from outlook_mcp.audit.private_files import open_regular
from outlook_mcp.audit.settings import AuditLogSettings
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import AuditBroken, AuditUnavailable
from outlook_mcp.errors.counting import counted

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class AuditReport:
    """An intact chain: how many records it has in how many files, the times of the first and the last (UTC, ISO 8601),
    and how many older records were removed as the settings say.
    """

    records: int
    first: str | None
    last: str | None
    files: int = 1
    removed: int = 0


class _Promised(NamedTuple):
    """A record that the log must hold, and what remembers it."""

    link: Link
    source: str


def verify_log(
    path: Path, key: SecretBytes, *, stored: Link | None = None, settings: AuditLogSettings | None = None
) -> AuditReport:
    """The report of an intact chain. `stored` is the last link as the store knows it, read before the call.

    Raises AuditBroken, which names the first line that is edited, deleted, reordered or cut, and AuditUnavailable
    when a file cannot be read. Writers are held up only while names, a length and the checkpoint are read.
    """
    settings = settings or AuditLogSettings()
    marks = checkpoints_of(path, key, settings)
    kept = () if stored is None else (_Promised(stored, "store"),)
    try:
        for _ in range(_ATTEMPTS):
            try:
                return _verify_files(path, key, marks, kept, settings.lock_deadline_s)
            except FileNotFoundError:
                # A writer renamed or removed a file between the two readings.
                continue
    except OSError as error:
        raise AuditUnavailable(f"The audit log {path} cannot be read: {error.strerror or error}.") from error
    raise AuditUnavailable(f"The audit log {path} cannot be read: its files change all the time.")


def verify_copy(
    name: str,
    key: SecretBytes,
    lines: Iterator[tuple[int, bytes]],
    stored: Link,
    on_record: Callable[[AuditRecord], None] = lambda record: None,
) -> AuditReport:
    """The report of the copy of a log in the store, which must reach its last link there.

    `lines` are numbered, and `name` is for errors. Each record that is in order is handed to `on_record`. Raises
    AuditBroken, and what reading the lines raises.
    """
    place = Path(f"{name} (copy in the store)")
    verification = _Verification(place, key, [_Promised(stored, "last link")], [], has_checkpoint=False)
    return verification.verify_lines((_Line(place, number, text) for number, text in lines), on_record)


def _verify_files(
    path: Path, key: SecretBytes, marks: Sequence[Checkpoint], kept: Sequence[_Promised], deadline_s: float
) -> AuditReport:
    try:
        newest = open_regular(path)
    except FileNotFoundError:
        return _verify_without_newest(path, key, marks, kept)
    with newest:
        with locked(newest.fileno(), deadline_s=deadline_s):
            if not is_same_file(newest.fileno(), path):
                raise FileNotFoundError
            size, older = os.fstat(newest.fileno()).st_size, older_files(path)
            promised = [*_promised(marks, path), *kept]
        return _Verification(path, key, promised, older).verify_lines(_lines(path, older, newest, size))


def _verify_without_newest(
    path: Path, key: SecretBytes, marks: Sequence[Checkpoint], kept: Sequence[_Promised]
) -> AuditReport:
    """No log yet, or its writer died after it had renamed the full file; or somebody removed it."""
    older, promised = older_files(path), [*_promised(marks, path), *kept]
    if path.exists():
        raise FileNotFoundError
    if older:
        return _Verification(path, key, promised, older).verify_lines(_lines(path, older, None, 0))
    sources = [record.source for record in promised] + ["checkpoint" for mark in marks if mark.path.exists()]
    if sources:
        raise AuditBroken(f"{path}: truncated: the log is gone, and the {sources[0]} remembers it.")
    return AuditReport(0, None, None, 0)


def _promised(marks: Sequence[Checkpoint], path: Path) -> list[_Promised]:
    found = []
    for mark, source in zip(marks, ("checkpoint", "second checkpoint"), strict=False):
        try:
            link = mark.read_link()
        except ValueError:
            raise AuditBroken(f"{path}: edited: its checkpoint {mark.path} does not verify.") from None
        if link is not None:
            found.append(_Promised(link, source))
    return found


class _Line(NamedTuple):
    path: Path
    number: int
    text: bytes


def _lines(path: Path, older: list[OlderFile], newest: BinaryIO | None, size: int) -> Iterator[_Line]:
    for file in older:
        with open_regular(file.path) as content:
            for number, text in enumerate(content, 1):
                yield _Line(file.path, number, text)
    if newest is not None:
        for number, text in enumerate(lines_of(newest, size), 1):
            yield _Line(path, number, text)


class _Verification:
    def __init__(
        self,
        path: Path,
        key: SecretBytes,
        promised: Sequence[_Promised],
        older: list[OlderFile],
        *,
        has_checkpoint: bool = True,
    ) -> None:
        self._has_checkpoint = has_checkpoint
        self._path = path
        self._key = key
        self._promised = promised
        self._older = older
        self._missing_before = 0
        self._removed_through = 0

    def verify_lines(
        self, lines: Iterator[_Line], on_record: Callable[[AuditRecord], None] = lambda record: None
    ) -> AuditReport:
        first: AuditRecord | None = None
        last: AuditRecord | None = None
        line = _Line(self._path, 0, b"")
        for line in lines:
            record = self._record(line)
            if first is None:
                self._note_start(record)
            link = (
                last.link if last else Link(self._missing_before, record.prev if self._missing_before else Link().mac)
            )
            if record.seq != link.seq + 1 or record.prev != link.mac:
                self._explain_gap(line, link, record, lines)
            self._check_start_of_file(line, record, is_first=first is None)
            self._compare_with_promised(line, record)
            self._note_removal(record)
            on_record(record)
            first, last = first or record, record
        self._compare_with_last(line, last.seq if last else 0)
        if first is None or last is None:
            return AuditReport(0, None, None)
        self._check_removal()
        there = last.seq - self._missing_before
        return AuditReport(there, first.time, last.time, len(self._older) + 1, self._missing_before)

    def _record(self, line: _Line) -> AuditRecord:
        if not line.text.endswith(b"\n"):
            _broken(line, "truncated", "the line stops in the middle")
        record = read_record(self._key, line.text)
        if record is None:
            _broken(line, "edited", "its MAC does not fit")
        return record

    def _note_start(self, record: AuditRecord) -> None:
        """What precedes the oldest file may have been removed on purpose, which a later record must say."""
        if record.tag == AuditTag.LOG_CONTINUED:
            self._missing_before = record.seq - 1

    def _note_removal(self, record: AuditRecord) -> None:
        through = record.details.get("through")
        if record.tag == AuditTag.LOG_REMOVED and isinstance(through, int):
            self._removed_through = max(self._removed_through, through)

    def _check_removal(self) -> None:
        if self._missing_before > self._removed_through:
            start = _Line((self._older[0].path if self._older else self._path), 1, b"")
            told = "none says they were removed" if self._missing_before > 1 else "none says it was removed"
            _broken(start, "deleted", f"{_named(1, self._missing_before)} missing, and {told}")

    def _check_start_of_file(self, line: _Line, record: AuditRecord, *, is_first: bool) -> None:
        if line.number == 1 and not is_first and record.tag not in (AuditTag.LOG_CONTINUED, AuditTag.LOG_CUT):
            _broken(line, "edited", "the file does not begin as one that continues another")

    def _compare_with_promised(self, line: _Line, record: AuditRecord) -> None:
        for promised in self._promised:
            if record.seq == promised.link.seq and record.mac != promised.link.mac:
                _broken(line, "edited", f"the {promised.source} remembers another record here")

    def _explain_gap(self, line: _Line, link: Link, found: AuditRecord, rest: Iterator[_Line]) -> NoReturn:
        missing = link.seq + 1
        if found.tag == AuditTag.LOG_CUT:
            _broken(line, "truncated", f"{_named(missing, found.seq - 1, 'was', 'were')} cut off before it")
        if found.seq <= link.seq:
            _broken(line, "reordered", f"record {found.seq} stands after record {link.seq}")
        if found.seq == missing:
            _broken(line, "edited", "it was written after another record than the one before it")
        later = (read_record(self._key, other.text) for other in rest)
        if any(record is not None and record.seq == missing for record in later):
            _broken(line, "reordered", f"record {missing} comes later")
        _broken(line, "deleted", f"{_named(missing, found.seq - 1)} missing before it")

    def _compare_with_last(self, line: _Line, seq: int) -> None:
        """`seq` is the number of the last record, in this line."""
        after = _Line(line.path, line.number + 1, b"")
        for promised in self._promised:
            if promised.link.seq > seq:
                _broken(after, "truncated", f"the {promised.source} remembers {counted(promised.link.seq, 'record')}")
        known = {promised.source: promised.link.seq for promised in self._promised}
        # A writer may die between its record and its checkpoint, so one record may be ahead.
        if self._has_checkpoint and seq and known.get("checkpoint", -1) < seq - 1:
            told = known.get("checkpoint", 0)
            _broken(line, "truncated", f"the checkpoint is missing or old ({counted(told, 'record')})")


def _named(first: int, last: int, one: str = "is", several: str = "are") -> str:
    """These records with the verb that fits.

    >>> _named(7, 7), _named(7, 9, "was", "were")
    ('record 7 is', 'records 7 to 9 were')
    """
    return f"record {first} {one}" if first == last else f"records {first} to {last} {several}"


def _broken(line: _Line, kind: str, why: str) -> NoReturn:
    raise AuditBroken(f"{line.path} line {line.number}: {kind}: {why}.")
