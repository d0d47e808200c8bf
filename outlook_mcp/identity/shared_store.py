"""What the vault keeps for all servers that share it: marks, values for a limited time, and counts."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr

from outlook_mcp.identity.user import UserKey


class Marks(Protocol):
    """See `outlook_mcp.vault.tickets.Tickets`."""

    async def mark_handle(self, purpose: str, handle: SecretStr, /, *, lifetime_s: float) -> bool:
        """True for the first who marks this handle; False to everybody after, until its time is over."""

    async def discard_ticket(self, purpose: str, handle: SecretStr, /) -> None:
        """Removes the mark."""


class KeptValues(Protocol):
    """Values of whoever knows their handle. See `outlook_mcp.vault.tickets.Tickets`."""

    async def put_ticket(self, purpose: str, handle: SecretStr, value: bytes, /, *, lifetime_s: float) -> None:
        """Keeps the value under this handle, in place of what was there."""

    async def read_ticket(self, purpose: str, handle: SecretStr, /) -> bytes | None:
        """The value; None when there is none or it has expired."""

    async def discard_ticket(self, purpose: str, handle: SecretStr, /) -> None:
        """Deletes the value."""


class UserTicketStore(Protocol):
    """Values of one user. See `outlook_mcp.vault.user_tickets.UserTickets`."""

    async def put_ticket(self, user: UserKey, purpose: str, name: str, value: bytes, /, *, lifetime_s: float) -> None:
        """Keeps the value under this name, in place of what was there."""

    async def read_ticket(self, user: UserKey, purpose: str, name: str, /) -> bytes | None:
        """The value; None when there is none or it has expired."""

    async def discard_ticket(self, user: UserKey, purpose: str, name: str, /) -> bool:
        """True for exactly one caller; False when there was none."""


class SharedCounter(Protocol):
    """Counts by name; a count starts again at 0 when its window has passed."""

    async def increment_counter(self, name: str, *, window_s: float, by: int = 1) -> int:
        """The count with `by` added."""
