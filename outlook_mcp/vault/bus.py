"""Messages from one server to all that share a store. Only those that receive at that moment get one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

Deliver = Callable[[bytes], None]


class Bus(Protocol):
    """Publish and subscribe between the servers that share a store; nothing is kept or sent again."""

    async def publish(self, message: bytes) -> None:
        """To every server that receives now, this one too. Raises StoreUnavailable when it cannot be sent."""

    def receiving(self, deliver: Deliver) -> AbstractAsyncContextManager[None]:
        """While the context is open, `deliver` is called with every message; it must not raise."""
