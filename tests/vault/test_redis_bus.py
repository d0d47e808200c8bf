"""Messages between servers: to all that receive, over every kind of Redis, and again after it was away."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from redis.exceptions import TimeoutError as RedisTimeout

from outlook_mcp.errors import ConfigurationError, StoreUnavailable
from outlook_mcp.vault.redis_address import RedisAddress
from outlook_mcp.vault.redis_bus import RedisBus
from outlook_mcp.vault.redis_connection import RedisConnection
from outlook_mcp.vault.store_address import open_bus
from tests.valkey import HOST, Valkey, free_port, valkey, valkey_cluster, valkey_with_sentinel
from tests.waiting import pause

PATIENCE_S = 15.0
Heard = asyncio.Queue[bytes]


def bus_at(address: str) -> RedisBus:
    return RedisBus(RedisAddress.parse(address), reconnect_after_s=0.05, silence_s=0.2)


async def next_of(heard: Heard) -> bytes:
    async with asyncio.timeout(PATIENCE_S):
        return await heard.get()


async def sent_until_heard(sender: RedisBus, heard: Heard, message: bytes) -> None:
    """While a server is away messages are missed; once it is back they are not."""
    async with asyncio.timeout(PATIENCE_S):
        while heard.empty() or heard.get_nowait() != message:
            try:
                await sender.publish(message)
            except StoreUnavailable:
                await pause(0.05)
            await pause()


async def reach_each_other(*addresses: str) -> None:
    """Each bus is heard by every bus."""
    # Usual times: one that takes a busy server for a lost one misses what is published while it connects again.
    buses = [RedisBus(RedisAddress.parse(address)) for address in addresses]
    queues: list[Heard] = [Heard() for _ in buses]
    async with AsyncExitStack() as stack:
        for bus, heard in zip(buses, queues, strict=True):
            await stack.enter_async_context(bus.receiving(heard.put_nowait))
        for number, bus in enumerate(buses):
            await bus.publish(b"from %d" % number)
            assert [await next_of(heard) for heard in queues] == [b"from %d" % number] * len(buses)


async def test_servers_of_one_redis_hear_each_other(a_valkey: Valkey) -> None:
    await reach_each_other(a_valkey.url, a_valkey.url)


async def test_servers_of_a_cluster_hear_each_other_whichever_node_they_ask() -> None:
    with valkey_cluster() as nodes:
        places = [f"{HOST}:{node.port}" for node in nodes]
        await reach_each_other(f"redis+cluster://{','.join(places)}", f"redis+cluster://{','.join(reversed(places))}")


async def test_servers_that_ask_a_sentinel_hear_each_other() -> None:
    with valkey_with_sentinel() as (_, _, sentinel):
        address = f"redis+sentinel://{HOST}:{sentinel.port}/outlook"
        await reach_each_other(address, address)


async def test_prefixes_and_databases_are_apart(a_valkey: Valkey) -> None:
    addresses = (f"{a_valkey.url}?prefix=staging", f"{a_valkey.url}/1", a_valkey.url)
    async with AsyncExitStack() as stack:
        queues: list[Heard] = []
        for address in addresses:
            bus, heard = bus_at(address), Heard()
            await stack.enter_async_context(bus.receiving(heard.put_nowait))
            await bus.publish(address.encode())
            queues.append(heard)
        assert [await next_of(heard) for heard in queues] == [address.encode() for address in addresses]
        assert all(heard.empty() for heard in queues)


async def test_a_bus_outlives_a_restart_of_its_redis() -> None:
    with valkey() as server:
        heard: Heard = Heard()
        bus = bus_at(server.url)
        async with bus.receiving(heard.put_nowait):
            server.kill()
            with pytest.raises(StoreUnavailable):
                await bus.publish(b"lost")
            await asyncio.to_thread(server.start)
            await sent_until_heard(bus, heard, b"again")


async def test_a_connection_that_cannot_be_closed_ends_no_receiving(monkeypatch: pytest.MonkeyPatch) -> None:
    close = RedisConnection.aclose

    async def closed_too_late(connection: RedisConnection) -> None:
        await close(connection)
        raise RedisTimeout("Timeout while closing")

    with valkey() as server:
        heard: Heard = Heard()
        bus, other = bus_at(server.url), bus_at(server.url)
        async with bus.receiving(heard.put_nowait), other.receiving(Heard().put_nowait):
            monkeypatch.setattr(RedisConnection, "aclose", closed_too_late)
            server.kill()
            await asyncio.to_thread(server.start)
            await sent_until_heard(other, heard, b"again")
            monkeypatch.undo()


async def test_a_redis_that_fell_silent_is_given_up_and_found_again() -> None:
    with valkey() as server:
        heard: Heard = Heard()
        bus, other = bus_at(server.url), bus_at(server.url)
        async with bus.receiving(heard.put_nowait), other.receiving(Heard().put_nowait):
            server.freeze()
            with pytest.raises(StoreUnavailable, match="did not answer within 1 s"):
                await bus.publish(b"lost")
            server.thaw()
            await sent_until_heard(other, heard, b"again")


async def test_a_server_starts_while_its_redis_is_away() -> None:
    address = RedisAddress.parse(f"redis://{HOST}:{free_port()}")
    bus = RedisBus(address, reconnect_after_s=0.05, silence_s=0.2, subscribe_deadline_s=0.1)
    async with bus.receiving(Heard().put_nowait):
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            await bus.publish(b"lost")


def test_only_a_shared_store_has_a_bus() -> None:
    assert open_bus("sqlite:") is None
    assert open_bus("sqlite:/data/vault.db") is None
    assert isinstance(open_bus("rediss://store.example"), RedisBus)
    with pytest.raises(ConfigurationError):
        open_bus("redis://a,b")
