"""Marks that all servers which share a store see."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr


class Marks(Protocol):
    """See `outlook_mcp.vault.tickets.Tickets`."""

    async def mark_handle(self, purpose: str, handle: SecretStr, /, *, lifetime_s: float) -> bool:
        """True for the first who marks this handle; False to everybody after, until its time is over."""

    async def discard_ticket(self, purpose: str, handle: SecretStr, /) -> None:
        """Removes the mark."""
