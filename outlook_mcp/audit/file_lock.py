"""An exclusive lock on a file, across processes. The operating system releases it when its process dies."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from outlook_mcp.net.clock import seconds_since_boot

_PAUSE_S = 0.001

if sys.platform == "win32":
    import msvcrt
    import os

    # A byte far beyond any content: Windows locks are mandatory and would block readers of real bytes.
    _LOCKED_BYTE = 1 << 40

    def _try_lock(fd: int) -> None:
        _change_lock(fd, msvcrt.LK_NBLCK)

    def _unlock(fd: int) -> None:
        _change_lock(fd, msvcrt.LK_UNLCK)

    def _change_lock(fd: int, mode: int) -> None:
        # What is locked begins at the position of the file, from which its holder goes on reading.
        position = os.lseek(fd, 0, os.SEEK_CUR)
        os.lseek(fd, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(fd, mode, 1)
        finally:
            os.lseek(fd, position, os.SEEK_SET)

else:
    import fcntl

    def _try_lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_UN)


@contextmanager
def locked(fd: int, *, deadline_s: float) -> Iterator[None]:
    """Holds the exclusive lock of an open file. Raises TimeoutError when another process holds it longer."""
    give_up = seconds_since_boot() + deadline_s
    while True:
        try:
            _try_lock(fd)
            break
        except OSError:
            if seconds_since_boot() >= give_up:
                raise TimeoutError(f"the file stayed locked for {deadline_s:g} s") from None
            time.sleep(_PAUSE_S)
    try:
        yield
    finally:
        _unlock(fd)
