"""The bus of a shared store: one channel of Redis pub/sub.

The channel is named after prefix, format and database: a user of Redis with an access list needs the channels
`prefix:*` beside the keys. Nothing that is published is kept.
"""

from __future__ import annotations

# Its timeouts cancel once, which redis-py needs, as `redis_store` says.
import asyncio
import itertools
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.net.tasks import end_task
from outlook_mcp.vault.bus import Deliver
from outlook_mcp.vault.redis_address import RedisAddress, Topology
from outlook_mcp.vault.redis_connection import RedisConnection
from outlook_mcp.vault.redis_failures import errors_as_unavailable
from outlook_mcp.vault.redis_keys import FORMAT

PUBLISH_DEADLINE_S = 1.0
SUBSCRIBE_DEADLINE_S = 5.0
RECONNECT_AFTER_S = 1.0
# After so many seconds without a message the server is sent a PING; without an answer the connection is closed.
SILENCE_S = 10.0

_log = logging.getLogger(__name__)


class RedisBus:
    """A `Bus` that reconnects for as long as it receives."""

    def __init__(
        self,
        address: RedisAddress,
        *,
        reconnect_after_s: float = RECONNECT_AFTER_S,
        silence_s: float = SILENCE_S,
        subscribe_deadline_s: float = SUBSCRIBE_DEADLINE_S,
    ) -> None:
        self._name = address.name
        self._channel = f"{address.prefix}:{FORMAT}:events:{address.database}"
        self._places = itertools.cycle(_places(address))
        self._reconnect_after_s = reconnect_after_s
        self._silence_s = silence_s
        self._subscribe_deadline_s = subscribe_deadline_s
        self._publisher: RedisConnection | None = None

    async def publish(self, message: bytes) -> None:
        """Raises StoreUnavailable after a second at most. A lost connection is opened again once."""
        with errors_as_unavailable(self._name, PUBLISH_DEADLINE_S):
            async with asyncio.timeout(PUBLISH_DEADLINE_S):
                try:
                    await self._send(message)
                except RedisError:
                    await self._close_publisher()
                    await self._send(message)

    @asynccontextmanager
    async def receiving(self, deliver: Deliver) -> AsyncIterator[None]:
        """Waits a few seconds for the first connection, and goes on without one after that."""
        is_subscribed = asyncio.Event()
        receiver = asyncio.create_task(self._receive_for_ever(deliver, is_subscribed))
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(is_subscribed.wait(), self._subscribe_deadline_s)
            yield
        finally:
            await end_task(receiver)
            await self._close_publisher()

    async def _send(self, message: bytes) -> None:
        publisher = self._publisher = self._publisher or self._connect()
        await _client(publisher).publish(self._channel, message)

    async def _close_publisher(self) -> None:
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.aclose()

    def _connect(self) -> RedisConnection:
        return RedisConnection(next(self._places))

    async def _receive_for_ever(self, deliver: Deliver, is_subscribed: asyncio.Event) -> None:
        while True:
            connection = self._connect()
            try:
                with errors_as_unavailable(self._name, self._subscribe_deadline_s):
                    try:
                        await self._receive(_client(connection), deliver, is_subscribed)
                    finally:
                        # Closing can fail, too, such as where the other side of TLS is silent.
                        await connection.aclose()
            except StoreUnavailable as error:
                if is_subscribed.is_set():
                    _log.warning("Changes made on other servers are not received at the moment. %s", error.message)
                is_subscribed.clear()
            await asyncio.sleep(self._reconnect_after_s)

    async def _receive(self, client: Redis, deliver: Deliver, is_subscribed: asyncio.Event) -> None:
        """Receives until the connection fails, which raises."""
        async with client.pubsub() as subscription:
            async with asyncio.timeout(self._subscribe_deadline_s):
                await subscription.subscribe(self._channel)
            is_asked = False
            while True:
                message = await subscription.get_message(timeout=self._silence_s)
                if message is None and is_asked:
                    raise ConnectionLost("silent")
                is_asked = message is None
                if message is None:
                    await subscription.ping()
                elif message["type"] == "subscribe":
                    is_subscribed.set()
                elif message["type"] == "message":
                    deliver(message["data"])


def _places(address: RedisAddress) -> tuple[RedisAddress, ...]:
    """Any node of a Cluster passes messages on to all others, so one connection to one of them is enough."""
    if address.topology is not Topology.CLUSTER:
        return (address,)
    return tuple(replace(address, topology=Topology.SERVER, hosts=(host,)) for host in address.hosts)


def _client(connection: RedisConnection) -> Redis:
    if not isinstance(connection.client, Redis):
        raise TypeError("The bus connects to single nodes of a Cluster.")
    return connection.client
