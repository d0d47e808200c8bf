"""Which addresses of the network a stranger may make this server connect to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult

IpAddress = IPv4Address | IPv6Address
# Every address of a host name.
Resolve = Callable[[str], Awaitable[Sequence[str]]]

_THREADS = 4
# All that IANA has given out for hosts; beyond it lie mapped, translated (64:ff9b::/96), local and multicast ones.
_IPV6_HOSTS = IPv6Network("2000::/3")
# Tunnels that carry an IPv4 address inside, protocol assignments, and documentation.
_IPV6_SPECIAL = tuple(IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# Protocol assignments, 6to4 relays, and the host agent of Azure's virtual machines, which Python takes for public.
_IPV4_SPECIAL = tuple(ip_network(network) for network in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"))


def is_public(address: IpAddress) -> bool:
    """A host of the public internet, and nothing else that leads anywhere (RFC 6890)."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv6Address):
        return address in _IPV6_HOSTS and not any(address in network for network in _IPV6_SPECIAL)
    return not any(address in network for network in _IPV4_SPECIAL)


class AddressRefused(Exception):
    """The name leads to an address that is not public, or to none."""


async def allowed_addresses(host: str, resolve: Resolve, is_allowed: Callable[[IpAddress], bool]) -> tuple[str, ...]:
    """The addresses of `host`, asked for once; AddressRefused unless every one is allowed."""
    addresses = [ip_address(address) for address in await resolve(host)]
    if not addresses or not all(is_allowed(address) for address in addresses):
        raise AddressRefused("its site is not at public addresses alone")
    return tuple(str(address) for address in addresses)


class SystemResolve:
    """The resolver of this machine, on threads of its own: a name that never answers holds up nothing else."""

    def __init__(self) -> None:
        self._executor: ThreadPoolExecutor | None = None

    async def __call__(self, host: str) -> Sequence[str]:
        if self._executor is None:
            self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="client-names")
        found = await asyncio.get_running_loop().run_in_executor(self._executor, _look_up, host)
        return tuple(dict.fromkeys(found))

    def close(self) -> None:
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]


class PinnedResolver(AbstractResolver):
    """Knows one host and the addresses it was checked to have, so a second answer of the DNS is never heard."""

    def __init__(self, host: str, addresses: Sequence[str]) -> None:
        self._host = host
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host != self._host:
            raise OSError(f"{host} was not looked up")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        return None
