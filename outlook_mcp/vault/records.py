"""What the vault keeps, and under which name."""

from __future__ import annotations

from dataclasses import dataclass, field

from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import unix_time


@dataclass(frozen=True, slots=True, order=True)
class RecordKey:
    """The full name of a record: its owner, its type (`kind`) and an id unique within both."""

    user: UserKey
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A row as a store holds it; `expires_at` is Unix time in seconds, None for no expiry."""

    blob: bytes = field(repr=False)
    generation: int
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """An unsealed value, the generation to name when it is replaced, and the present epoch of its user."""

    value: bytes = field(repr=False)
    generation: int
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class NewValue:
    """What a record is to hold; `expires_at` is Unix time in seconds, None for no expiry."""

    value: bytes = field(repr=False)
    expires_at: float | None = None


def next_generation(present: int | None) -> int:
    """The generation that follows `present`.

    A new record begins with the present time in microseconds, so that no row from before a deletion has its generation.
    """
    return int(unix_time() * 1_000_000) if present is None else present + 1
