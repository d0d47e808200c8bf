"""How large a file of the audit log grows, how many are kept, and how long a writer waits for another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLogSettings:
    """A file that has reached `max_bytes` is renamed and another one begun.

    `kept_files` is how many of the renamed files are kept, None for all. `lock_deadline_s` is for how many seconds a
    writer waits while others write. `second_checkpoint` is a file that repeats the checkpoint in another place.
    """

    max_bytes: int = 100 * 1024 * 1024
    kept_files: int | None = None
    lock_deadline_s: float = 2.0
    second_checkpoint: Path | None = None
