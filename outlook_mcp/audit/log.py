"""The audit log: JSON lines, append only, each bound to the one before by HMAC-SHA256.

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
from datetime import UTC, datetime
from pathlib import Path

import anyio.to_thread
from pydantic import SecretBytes

from outlook_mcp.audit.chain import (
    MAX_LINE_BYTES,
    O_BINARY,
    Detail,
    Link,
    checked_details,
    read_record,
    write_line,
)
from outlook_mcp.audit.checkpoint import Checkpoint
from outlook_mcp.audit.file_lock import locked
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import AuditUnavailable
from outlook_mcp.identity.user import UserKey

LOCK_DEADLINE_S = 2.0
_FORCED_TO_DISK = ("oauth:", "vault:", "audit:")


def checkpoint_path(path: Path) -> Path:
    """Where the checkpoint of a log lies unless it is put elsewhere."""
    return path.with_name("audit.checkpoint")


class AuditLog:
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

    def append(self, tag: AuditTag, user: UserKey | None = None, details: Mapping[str, Detail] | None = None) -> None:
        """Write one record; `AuditUnavailable` when that is impossible, and then the deed must not be done."""
        if not self._append_within(LOCK_DEADLINE_S, tag, user, details):
            raise AuditUnavailable(
                f"The audit log {self.path} cannot be written: the file stayed locked for {LOCK_DEADLINE_S:g} s."
            )

    async def record(
        self, tag: AuditTag, user: UserKey | None = None, details: Mapping[str, Detail] | None = None
    ) -> None:
        """`append` that never holds up the event loop: for the lock and for the disk a thread waits.

        A thread costs three times the CPU of the record itself, so a free log is written to at once.
        """
        if tag.startswith(_FORCED_TO_DISK) or not self._append_within(0, tag, user, details):
            await anyio.to_thread.run_sync(self.append, tag, user, details)

    def _append_within(
        self, deadline_s: float, tag: AuditTag, user: UserKey | None, details: Mapping[str, Detail] | None
    ) -> bool:
        """False when another writer kept the log all that time."""
        fields = checked_details(details or {})
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | O_BINARY, 0o600)
            try:
                with self._alone(fd, deadline_s) as is_alone:
                    if is_alone:
                        self._append_locked(fd, tag, "" if user is None else str(user), fields)
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

    def _append_locked(self, fd: int, tag: AuditTag, user: str, details: Mapping[str, Detail]) -> None:
        size = os.fstat(fd).st_size
        if self._known is None or self._known[0] != size:
            size, last = self._catch_up(fd, size)
        else:
            last = self._known[1]
        self._known = self._write(fd, size, last, tag, user, details)

    def _catch_up(self, fd: int, size: int) -> tuple[int, Link]:
        """Where the chain goes on: after the last whole line, which must be ours and no older than the checkpoint."""
        size, last = self._last_line(fd, size)
        promised = self._checkpoint.read()
        if promised is None or promised.seq <= last.seq:
            return size, last
        # The loss stays on record: the number jumps, and verifying names this line for ever.
        lost = {"expected": promised.seq, "found": last.seq}
        return self._write(fd, size, Link(promised.seq, last.mac), AuditTag.LOG_CUT, "", lost)

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

    def _write(
        self, fd: int, size: int, last: Link, tag: AuditTag, user: str, details: Mapping[str, Detail]
    ) -> tuple[int, Link]:
        record = {
            "seq": last.seq + 1,
            "time": self._clock().astimezone(UTC).isoformat(timespec="milliseconds"),
            "tag": str(tag),
            "user": user,
            "details": details,
            "prev": last.mac,
        }
        line, mac = write_line(self._key, record)
        try:
            if os.write(fd, line) != len(line):
                raise OSError(errno.ENOSPC, "no space left")
            if tag.startswith(_FORCED_TO_DISK):
                os.fsync(fd)
        except OSError:
            os.ftruncate(fd, size)
            raise
        link = Link(last.seq + 1, mac)
        self._checkpoint.write(link)
        return size + len(line), link
