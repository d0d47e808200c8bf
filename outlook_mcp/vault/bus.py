"""Messages from one server to all that share a store; whoever is away when one is sent has missed it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from outlook_mcp.vault.redis_address import SCHEMES, RedisAddress

Deliver = Callable[[bytes], None]


class Bus(Protocol):
    async def publish(self, message: bytes) -> None:
        """To every server that receives now, this one too. Raises StoreUnavailable when it cannot be sent."""

    def receiving(self, deliver: Deliver) -> AbstractAsyncContextManager[None]:
        """While it is open every message goes to `deliver`, which must not raise."""


def open_bus(address: str) -> Bus | None:
    """The bus beside the store of this address; None beside a file, which one server has for itself.

    Nothing is opened or asked before it is used. Raises ConfigurationError as `open_store` does.
    """
    if address.partition(":")[0] not in SCHEMES:
        return None
    # Only who uses Redis pays for loading its client.
    from outlook_mcp.vault.redis_bus import RedisBus

    return RedisBus(RedisAddress.parse(address))
