"""Writes the lines of the audit log: JSON, append only, each bound to the one before by HMAC-SHA256.

Several processes write one chain: each append takes the file's lock and goes on from the last line. A record
is with the operating system when `append_entry` returns, so `kill -9` loses none. Only records of credentials are
also forced to disk: that costs milliseconds, which a rare event can pay and every tool call cannot.

A file that has grown to its size is renamed under its lock, by exactly one writer: the others see that their open
file is no longer the one of that name, and open it again. Whoever finds an empty file goes on from the last line of
the newest older one, so a writer that dies after renaming leaves nothing to repair.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path

from pydantic import SecretBytes

from outlook_mcp.audit.chain import O_BINARY, Detail, Link, read_record, write_line
from outlook_mcp.audit.checkpoint import checkpoints_of
from outlook_mcp.audit.file_lock import locked
from outlook_mcp.audit.files import OlderFile, is_same_file, last_bytes, older_files, rotate_file
from outlook_mcp.audit.private_files import open_private, open_regular
from outlook_mcp.audit.settings import AuditLogSettings
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.tail import last_records
from outlook_mcp.errors import AuditUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import UtcClock, utc_now

_OTHER_VAULT = (
    "If the vault was replaced, put back the one that belongs to the log, or move the log away: all files whose names "
    "begin with audit. Otherwise somebody changed the log: keep it and compare it with your last copy."
)
_FORCED_TO_DISK = ("oauth:", "vault:", "audit:")
Seal = Callable[[Link], str]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a record says. `seal` makes its personal fields, in base64, from the link that the record follows.

    `request` is the id of the request that was being answered; "" outside one.
    """

    tag: AuditTag
    user: UserKey | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)
    seal: Seal | None = None
    request: str = ""

    @property
    def is_forced_to_disk(self) -> bool:
        return self.tag.startswith(_FORCED_TO_DISK)


@dataclass(frozen=True, slots=True)
class _End:
    """Where the chain goes on: which file, its size in bytes, and the link of its last record."""

    inode: int
    size: int
    last: Link


class LogWriter:
    """`key` is 32 secret bytes that stay the same as long as the log is used.

    `copy_line` gets each line once it is written; it must return at once and not raise.
    """

    def __init__(
        self,
        path: Path,
        key: SecretBytes,
        settings: AuditLogSettings | None = None,
        *,
        clock: UtcClock = utc_now,
        copy_line: Callable[[bytes], None] | None = None,
    ) -> None:
        self.path = path
        self._key = key
        self._settings = settings or AuditLogSettings()
        self._checkpoints = checkpoints_of(path, key, self._settings)
        self._clock = clock
        self._copy_line = copy_line
        self._thread_lock = threading.Lock()
        self._known: _End | None = None
        self._expected: Link | None = None
        self._looked_for: Link | None = None

    @property
    def last_link(self) -> Link | None:
        """The link of the last record that this writer wrote or found; None when it has written nothing."""
        return None if self._known is None else self._known.last

    def check_last_line(self) -> None:
        """Raises AuditUnavailable when the log cannot go on after its last whole line; writes nothing."""
        if not self.path.exists():
            return
        with self._errors_as_unavailable(), open_regular(self.path) as file:
            tail = last_bytes(file.fileno(), os.fstat(file.fileno()).st_size)
            if tail := tail[: tail.rfind(b"\n") + 1]:
                self._link_of_last(tail)

    def expect_link(self, link: Link | None) -> None:
        """`link` is known from elsewhere: when the log does not hold it, the next record says that some were lost.

        So it is also when it comes after records were written, as the store could not be reached before.
        """
        self._expected = link

    def append_entry(self, entry: Entry) -> None:
        """Write one record. Raises AuditUnavailable when that is impossible."""
        deadline_s = self._settings.lock_deadline_s
        with self._errors_as_unavailable():
            with self._locked_file(deadline_s) as fd:
                end = self._end_of_chain(fd)
                if not (self._is_full(end) and rotate_file(self.path, end.last.seq)):
                    self._known = self._append_entry(fd, end, entry)
                    return
            with self._locked_file(deadline_s) as fd:
                self._known = self._append_entry(fd, self._end_of_chain(fd), entry)
                self._remove_oldest(fd, self._known)

    def append_without_waiting(self, entry: Entry) -> bool:
        """`append_entry` that does not wait: False, and nothing written, when others write or the file is full."""
        with self._errors_as_unavailable():
            try:
                with self._locked_file(0) as fd:
                    end = self._end_of_chain(fd)
                    if self._is_full(end):
                        return False
                    self._known = self._append_entry(fd, end, entry)
                    return True
            except TimeoutError:
                return False

    def _is_full(self, end: _End) -> bool:
        return end.size >= self._settings.max_bytes

    @contextmanager
    def _errors_as_unavailable(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise AuditUnavailable(f"The audit log {self.path} cannot be written: {reason}.") from error

    @contextmanager
    def _locked_file(self, deadline_s: float) -> Iterator[int]:
        """The file, open and locked, first among the threads of this process and then among processes.

        Raises TimeoutError when others keep it that long.
        """
        if not self._thread_lock.acquire(timeout=deadline_s):
            raise TimeoutError(f"the file stayed locked for {deadline_s:g} s")
        try:
            is_current = False
            while not is_current:
                fd = self._open_file()
                try:
                    with locked(fd, deadline_s=deadline_s):
                        # Another writer may have renamed this file while we waited for its lock.
                        if is_current := is_same_file(fd, self.path):
                            yield fd
                finally:
                    os.close(fd)
        finally:
            self._thread_lock.release()

    def _open_file(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | O_BINARY
        try:
            return open_private(self.path, flags)
        except FileNotFoundError:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return open_private(self.path, flags)

    def _end_of_chain(self, fd: int) -> _End:
        status = os.fstat(fd)
        known = self._known
        if (
            known is not None
            and self._expected is None
            and (known.inode, known.size) == (status.st_ino, status.st_size)
        ):
            return known
        return self._catch_up(fd, status.st_ino, status.st_size)

    def _catch_up(self, fd: int, inode: int, size: int) -> _End:
        """The chain goes on after the last whole line, which must verify and be no older than the checkpoint."""
        size, last = self._last_line(fd, size)
        older = older_files(self.path)[-1:] if size == 0 else []
        if older:
            last = self._last_line_of(older[0])
        end = _End(inode, size, last)
        expected = self._expected_seq(last)
        if expected > last.seq:
            # The loss stays visible: a number is skipped, and `audit verify` names this line from now on.
            lost = Entry(AuditTag.LOG_CUT, details={"expected": expected, "found": last.seq})
            return self._append_entry(fd, replace(end, last=Link(expected, last.mac)), lost)
        if older:
            return self._append_entry(fd, end, Entry(AuditTag.LOG_CONTINUED, details={"after": older[0].path.name}))
        return end

    def _expected_seq(self, last: Link) -> int:
        """The number of the record with which the log must end at least; above that of `last` when some were lost."""
        own, *others = [checkpoint.read_link() for checkpoint in self._checkpoints]
        if own is None and last.seq > 1:
            # It is written with each record, so it was removed, or a writer died after its very first record.
            others.append(Link(last.seq + 1))
        self._looked_for = expected = self._expected
        if expected is not None:
            is_there = expected.seq > last.seq or self._holds(expected, last)
            others.append(expected if is_there else Link(last.seq + 1))
        known = self._known.last if self._known else None
        return max(link.seq for link in (own, *others, known, Link()) if link is not None)

    def _holds(self, link: Link, last: Link) -> bool:
        """Whether the log holds the record of this link, which is no later than `last`."""
        records = last_records(self.path, last.seq - link.seq + 1)
        return any((record.get("seq"), record.get("mac")) == (link.seq, link.mac) for record in records)

    def _last_line(self, fd: int, size: int) -> tuple[int, Link]:
        tail = last_bytes(fd, size)
        torn = len(tail) - (tail.rfind(b"\n") + 1)
        if torn:
            # The writer of an incomplete line died or its disk was full, so nobody was told that it is written.
            os.ftruncate(fd, size - torn)
            tail = tail[:-torn]
        return size - torn, self._link_of_last(tail) if tail else Link()

    def _last_line_of(self, older: OlderFile) -> Link:
        with open_regular(older.path) as file:
            last = self._link_of_last(last_bytes(file.fileno(), os.fstat(file.fileno()).st_size))
        if last.seq != older.last_seq:
            raise ValueError(f"{older.path.name} does not end with record {older.last_seq}")
        return last

    def _link_of_last(self, tail: bytes) -> Link:
        record = read_record(self._key, tail[tail.rfind(b"\n", 0, -1) + 1 :])
        if record is None:
            told = f"The audit log {self.path} cannot go on: its last line was not written with this key."
            raise AuditUnavailable(told, next_step=_OTHER_VAULT)
        return record.link

    def _remove_oldest(self, fd: int, end: _End) -> None:
        """Removes the oldest files, after a record of it, so that no further file can be removed unnoticed."""
        kept, older = self._settings.kept_files, older_files(self.path)
        if kept is None or len(older) <= kept:
            return
        removed = older[: len(older) - kept]
        details: dict[str, Detail] = {"files": len(removed), "through": removed[-1].last_seq}
        self._known = self._append_entry(fd, end, Entry(AuditTag.LOG_REMOVED, details=details))
        for file in removed:
            file.path.unlink(missing_ok=True)

    def _append_entry(self, fd: int, end: _End, entry: Entry) -> _End:
        line, mac = write_line(self._key, self._fields(end.last, entry))
        try:
            if os.write(fd, line) != len(line):
                raise OSError(errno.ENOSPC, "no space left")
            if entry.is_forced_to_disk:
                os.fsync(fd)
        except OSError:
            os.ftruncate(fd, end.size)
            raise
        link = Link(end.last.seq + 1, mac)
        for checkpoint in self._checkpoints:
            checkpoint.write_link(link)
        if self._copy_line is not None:
            self._copy_line(line)
        if self._looked_for is self._expected:
            self._expected = None
        return _End(end.inode, end.size + len(line), link)

    def _fields(self, last: Link, entry: Entry) -> dict[str, object]:
        fields: dict[str, object] = {
            "seq": last.seq + 1,
            "time": self._clock().astimezone(UTC).isoformat(timespec="milliseconds"),
            "tag": str(entry.tag),
            "user": "" if entry.user is None else str(entry.user),
            "details": entry.details,
            "prev": last.mac,
        }
        if entry.request:
            fields["request"] = entry.request
        if entry.seal is not None:
            fields["sealed"] = entry.seal(last)
        return fields
