"""The client for an address: one server, the master that Sentinels name, or a Cluster; with timeouts, without retries.

The store retries, because it knows which commands may be sent twice.
"""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff

from outlook_mcp.vault.redis_address import Credentials, RedisAddress, Topology

SOCKET_TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 2.0
MOST_CONNECTIONS = 32


class RedisConnection:
    """`client` sends commands. No connection is opened before the first one."""

    def __init__(self, address: RedisAddress) -> None:
        self._sentinel: Sentinel | None = None
        options = _options(address)
        if address.topology is Topology.CLUSTER:
            nodes = [ClusterNode(host, port) for host, port in address.hosts]
            self.client: Redis | RedisCluster = RedisCluster(startup_nodes=nodes, **options)
        elif address.topology is Topology.SENTINEL:
            asking = _options(address) | _login(address.sentinel_credentials)
            self._sentinel = Sentinel(address.hosts, sentinel_kwargs=asking, **options)  # type: ignore[no-untyped-call]
            self.client = self._sentinel.master_for(address.master, db=address.database)
        else:
            host, port = address.hosts[0]
            self.client = Redis(host=host, port=port, db=address.database, **options)

    async def run_on_primaries(self, *command: str) -> list[Any]:
        """The answer of each node that takes writes."""
        if not isinstance(self.client, RedisCluster):
            return [await self.client.execute_command(*command)]  # type: ignore[no-untyped-call]
        await self.client.initialize()
        return [
            await self.client.execute_command(*command, target_nodes=[node]) for node in self.client.get_primaries()
        ]

    async def aclose(self) -> None:
        await self.client.aclose()
        if self._sentinel is not None:
            # Each by itself: `Sentinel.aclose` came with redis-py 8.1.
            for sentinel in self._sentinel.sentinels:
                await sentinel.aclose()


def _options(address: RedisAddress) -> dict[str, Any]:
    options = _login(address.credentials) | {
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_connect_timeout": CONNECT_TIMEOUT_S,
        "max_connections": MOST_CONNECTIONS,
        "retry": Retry(NoBackoff(), 0),
        # RESP2 has no pushes, so an answer is always the answer to what was asked.
        "protocol": 2,
    }
    if address.tls:
        options |= {"ssl": True, "ssl_ca_certs": None if address.ca_file is None else str(address.ca_file)}
    return options


def _login(credentials: Credentials) -> dict[str, Any]:
    password = credentials.password
    return {"username": credentials.user, "password": None if password is None else password.get_secret_value()}
