"""The interface of a store, which keeps rows by key. It sees encrypted blobs only.

Every operation touches the rows of one user, or one meta row, so a store may spread users over many nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.records import LogLine, RecordKey, StoredRecord


class StoredLogs(Protocol):
    """Logs by name: numbered lines that are only added behind the last one. Every operation may raise StoreUnavailable.

    A write is durable when it returns.
    """

    async def append_lines(self, log: str, lines: Sequence[LogLine]) -> None:
        """Adds lines, in order; those whose number is not above that of the last one are left out."""

    async def read_lines(self, log: str, *, after: int, most: int) -> tuple[LogLine, ...]:
        """At most so many lines whose number is above `after`, in order."""

    async def last_number(self, log: str) -> int:
        """The number of the last line; 0 when there is none."""

    async def remove_lines(self, log: str, *, through: int) -> None:
        """Removes the lines up to this number."""

    async def log_names(self) -> tuple[str, ...]:
        """Every log that has lines, in order."""


class VaultStore(Protocol):
    """Rows by key, replaced by compare-and-swap only. Every operation may raise StoreUnavailable.

    A write is durable when it returns. A row past its `expires_at` is absent for every operation.
    """

    @property
    def logs(self) -> StoredLogs:
        """The logs beside the rows."""

    async def get_record(self, key: RecordKey) -> StoredRecord | None:
        """The row, or None."""

    async def put_record(self, key: RecordKey, record: StoredRecord, *, expected_generation: int | None) -> None:
        """Write the row if the present one has `expected_generation`; None means there must be no row.

        Raises `GenerationConflict` otherwise, and changes nothing.
        """

    async def delete_record(self, key: RecordKey) -> bool:
        """Remove the row; False when there was none."""

    async def delete_user(self, user: UserKey) -> int:
        """Deletes every row of the user, past recovery as far as the store can do that; how many there were."""

    async def record_keys_of(self, user: UserKey, kind: str | None = None) -> tuple[RecordKey, ...]:
        """The user's rows, of one kind or of all, in order of kind and id."""

    async def users(self) -> tuple[UserKey, ...]:
        """Everybody who has a row, in order."""

    async def get_meta(self, name: str) -> bytes | None:
        """A row of the vault itself, owned by no user."""

    async def put_meta(self, name: str, value: bytes, *, expected: bytes | None) -> None:
        """Swap a meta row as `put_record` does, comparing its bytes."""

    async def meta_names(self) -> tuple[str, ...]:
        """Every meta row, in order."""

    async def increment_counter(self, name: str, *, window_s: float, by: int = 1) -> int:
        """Adds `by` to a counter and returns its value; a counter starts again at 0 when its window has passed.

        The window begins when something is added to a counter that stands at 0.
        """

    async def check_usable(self) -> None:
        """A quick check for readiness. StoreUnavailable, or ConfigurationError when this store must not be used."""

    async def close(self) -> None:
        """Release files and connections; closing twice is fine."""
