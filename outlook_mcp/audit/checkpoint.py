"""The checkpoint: number and MAC of the last record, in a second file with a MAC of its own.

It shows when the end of the log was cut off. Beside the log it shows accidents, since whoever can write to the log can
replace both by older copies. A further one on another disk or mount, as set, and the link in the store show that too.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import SecretBytes

from outlook_mcp.audit.chain import O_BINARY, Link, read_line, write_line
from outlook_mcp.audit.private_files import open_private, open_regular
from outlook_mcp.audit.settings import AuditLogSettings

_WIDTH = 256
_KIND = "checkpoint"


class Checkpoint:
    """One line, overwritten in place under the lock of the log; padded, so that it is always one small write."""

    def __init__(self, path: Path, key: SecretBytes) -> None:
        self.path = path
        self._key = key

    def read_link(self) -> Link | None:
        """None when there is no checkpoint. Raises ValueError when its MAC does not verify."""
        try:
            file = open_regular(self.path)
        except FileNotFoundError:
            return None
        with file:
            line = file.read()
        if not line:
            return None
        fields = read_line(self._key, line.rstrip(b" "))
        # A record has a MAC of the same key, and is no checkpoint.
        if fields is None or fields.get("kind") != _KIND:
            raise ValueError(f"the checkpoint {self.path} was altered")
        return Link(int(str(fields["seq"])), str(fields["last"]))

    def write_link(self, link: Link) -> None:
        line, _ = write_line(self._key, {"kind": _KIND, "seq": link.seq, "last": link.mac})
        fd = open_private(self.path, os.O_RDWR | os.O_CREAT | O_BINARY)
        try:
            os.write(fd, line.ljust(_WIDTH))
        finally:
            os.close(fd)


def checkpoint_path(path: Path) -> Path:
    """Where the checkpoint of a log is kept that every log has."""
    return path.with_name("audit.checkpoint")


def checkpoints_of(path: Path, key: SecretBytes, settings: AuditLogSettings) -> tuple[Checkpoint, ...]:
    """The checkpoints of a log: the one beside it, then the one in the second place if one is set."""
    second = () if settings.second_checkpoint is None else (settings.second_checkpoint,)
    return tuple(Checkpoint(place, key) for place in (checkpoint_path(path), *second))
