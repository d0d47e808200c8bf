"""What the vault keeps, and under which name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import NamedTuple

from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import unix_time

REVOCATION_BYTES = 16
# Counting on from the time in microseconds leads there in 200 years.
_PLANTED_GENERATION = 2**53


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


class LogLine(NamedTuple):
    """A numbered line of a log as a store holds it."""

    number: int
    blob: bytes


@dataclass(frozen=True, slots=True)
class Revocations:
    """What of a user has ended for good: what was stamped before `epoch`, and what is named in `ended`.

    It stands beside the data keys of the user, so a row that was put back from a copy of the store stays ended unless
    the row of the data keys is put back, too.

    >>> one = Revocations().with_ended("session 1", most=2)
    >>> one.ends("session 1", epoch=0), one.ends("session 2", epoch=0)
    (True, False)
    >>> len(one.with_ended("session 2", most=2).with_ended("session 3", most=2).ended)
    2
    >>> one.with_next_epoch().ends("session 2", epoch=0)
    True
    """

    epoch: int = 0
    ended: tuple[bytes, ...] = ()

    def ends(self, name: str, *, epoch: int) -> bool:
        """True for what has this name and was stamped with this epoch, when that has ended."""
        return epoch < self.epoch or _short_digest(name) in self.ended

    def with_ended(self, name: str, *, most: int) -> Revocations:
        """With one more that ended; the oldest is forgotten when there are more than `most`."""
        return Revocations(self.epoch, (*self.ended, _short_digest(name))[-most:])

    def with_next_epoch(self) -> Revocations:
        """All has ended that was stamped until now."""
        return Revocations(self.epoch + 1)


def _short_digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:REVOCATION_BYTES]


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """An unsealed value, the generation to name when it is replaced, and what of its user has ended for good."""

    value: bytes = field(repr=False)
    generation: int
    revoked: Revocations = field(default_factory=Revocations)


@dataclass(frozen=True, slots=True)
class NewValue:
    """What a record is to hold; `expires_at` is Unix time in seconds, None for no expiry."""

    value: bytes = field(repr=False)
    expires_at: float | None = None


def next_generation(present: int | None) -> int:
    """The generation that follows `present`.

    A new record begins with the present time in microseconds, so that no row from before a deletion has its generation.
    So does what replaces a row with a number that was planted, which a store may have no successor for.

    >>> next_generation(41), next_generation(2**63 - 1) < 2**53
    (42, True)
    """
    if present is None or present >= _PLANTED_GENERATION:
        return int(unix_time() * 1_000_000)
    return present + 1
