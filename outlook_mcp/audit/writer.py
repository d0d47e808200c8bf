"""Writes the lines of the audit log: JSON, append only, each bound to the one before by HMAC-SHA256.

Several processes write one chain: each append takes the file's lock and goes on from the last line. A record
is with the operating system when `append` returns, so `kill -9` loses none. Only records of credentials are
also forced to disk: that costs milliseconds, which a rare event can pay and every tool call cannot.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretBytes

from outlook_mcp.audit.chain import MAX_LINE_BYTES, O_BINARY, Detail, Link, read_record, write_line
from outlook_mcp.audit.checkpoint import Checkpoint
from outlook_mcp.audit.file_lock import locked
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import AuditUnavailable
from outlook_mcp.identity.user import UserKey

LOCK_DEADLINE_S = 2.0
_FORCED_TO_DISK = ("oauth:", "vault:", "audit:")
Seal = Callable[[Link], str]


def checkpoint_path(path: Path) -> Path:
    """Where the checkpoint of a log lies unless it is put elsewhere."""
    return path.with_name("audit.checkpoint")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a record says. `seal` makes its personal fields, in base64, from the link that the record follows."""

    tag: AuditTag
    user: UserKey | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)
    seal: Seal | None = None

    @property
    def is_forced_to_disk(self) -> bool:
        return self.tag.startswith(_FORCED_TO_DISK)


class LogWriter:
    """`key` is 32 secret bytes that stay the same as long as the file is used."""

    def __init__(
        self,
        path: Path,
        key: SecretBytes,
        *,
        checkpoint: Path | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.path = path
        self._key = key
        self._checkpoint = Checkpoint(checkpoint or checkpoint_path(path), key)
        self._clock = clock
        self._one_thread = threading.Lock()
        self._known: tuple[int, Link] | None = None

    def append(self, entry: Entry) -> None:
        """Write one record. Raises AuditUnavailable when that is impossible."""
        if not self._append_within(LOCK_DEADLINE_S, entry):
            raise AuditUnavailable(
                f"The audit log {self.path} cannot be written: the file stayed locked for {LOCK_DEADLINE_S:g} s."
            )

    def append_at_once(self, entry: Entry) -> bool:
        """`append` that does not wait: False, and nothing written, when another writer has the log."""
        return self._append_within(0, entry)

    def _append_within(self, deadline_s: float, entry: Entry) -> bool:
        """False when another writer kept the log all that time."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | O_BINARY, 0o600)
            try:
                with self._alone(fd, deadline_s) as is_alone:
                    if is_alone:
                        self._append_locked(fd, entry)
                    return is_alone
            finally:
                os.close(fd)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise AuditUnavailable(f"The audit log {self.path} cannot be written: {reason}.") from error

    @contextmanager
    def _alone(self, fd: int, deadline_s: float) -> Iterator[bool]:
        """Among the threads of this process first, then among processes; yields False when either is not given."""
        if not self._one_thread.acquire(timeout=deadline_s):
            yield False
            return
        try:
            with ExitStack() as held:
                try:
                    held.enter_context(locked(fd, deadline_s=deadline_s))
                except TimeoutError:
                    yield False
                else:
                    yield True
        finally:
            self._one_thread.release()

    def _append_locked(self, fd: int, entry: Entry) -> None:
        size = os.fstat(fd).st_size
        if self._known is None or self._known[0] != size:
            size, last = self._catch_up(fd, size)
        else:
            last = self._known[1]
        self._known = self._write(fd, size, last, entry)

    def _catch_up(self, fd: int, size: int) -> tuple[int, Link]:
        """Where the chain goes on: after the last whole line, which must be ours and no older than the checkpoint."""
        size, last = self._last_line(fd, size)
        promised = self._checkpoint.read()
        if promised is None or promised.seq <= last.seq:
            return size, last
        # The loss stays on record: the number jumps, and verifying names this line for ever.
        lost = Entry(AuditTag.LOG_CUT, details={"expected": promised.seq, "found": last.seq})
        return self._write(fd, size, Link(promised.seq, last.mac), lost)

    def _last_line(self, fd: int, size: int) -> tuple[int, Link]:
        start = max(0, size - MAX_LINE_BYTES)
        os.lseek(fd, start, os.SEEK_SET)
        tail = os.read(fd, size - start)
        torn = len(tail) - (tail.rfind(b"\n") + 1)
        if torn:
            # Half a line was never acknowledged: its writer died or its disk was full.
            os.ftruncate(fd, size - torn)
            tail = tail[:-torn]
        if not tail:
            return size - torn, Link()
        record = read_record(self._key, tail[tail.rfind(b"\n", 0, -1) + 1 :])
        if record is None:
            raise ValueError("its last line was not written with this key")
        return size - torn, record.link

    def _write(self, fd: int, size: int, last: Link, entry: Entry) -> tuple[int, Link]:
        line, mac = write_line(self._key, self._fields(last, entry))
        try:
            if os.write(fd, line) != len(line):
                raise OSError(errno.ENOSPC, "no space left")
            if entry.is_forced_to_disk:
                os.fsync(fd)
        except OSError:
            os.ftruncate(fd, size)
            raise
        link = Link(last.seq + 1, mac)
        self._checkpoint.write(link)
        return size + len(line), link

    def _fields(self, last: Link, entry: Entry) -> dict[str, object]:
        fields: dict[str, object] = {
            "seq": last.seq + 1,
            "time": self._clock().astimezone(UTC).isoformat(timespec="milliseconds"),
            "tag": str(entry.tag),
            "user": "" if entry.user is None else str(entry.user),
            "details": entry.details,
            "prev": last.mac,
        }
        if entry.seal is not None:
            fields["sealed"] = entry.seal(last)
        return fields
