"""Which network addresses this server may connect to when a client names a URL (SSRF protection)."""

from __future__ import annotations

# Its loop takes an executor. anyio starts another thread for every abandoned lookup, so names that are never answered
# could start threads without limit.
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
# The range that IANA has allocated to hosts; mapped, translated (64:ff9b::/96), local and multicast ones lie outside.
_IPV6_HOSTS = IPv6Network("2000::/3")
# Tunnels that embed an IPv4 address, protocol assignments, and documentation.
_IPV6_SPECIAL = tuple(IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# Protocol assignments, 6to4 relays, and the host agent of Azure's virtual machines, which Python counts as public.
_IPV4_SPECIAL = tuple(ip_network(network) for network in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"))


def is_public(address: IpAddress) -> bool:
    """True for a host of the public internet, False for every special-purpose address (RFC 6890)."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv6Address):
        return address in _IPV6_HOSTS and not any(address in network for network in _IPV6_SPECIAL)
    return not any(address in network for network in _IPV4_SPECIAL)


class AddressRefused(Exception):
    """The host name has no address, or one that is not public."""


async def allowed_addresses(host: str, resolve: Resolve, is_allowed: Callable[[IpAddress], bool]) -> tuple[str, ...]:
    """The addresses of `host`, resolved once. Raises AddressRefused unless every one is allowed."""
    addresses = [ip_address(address) for address in await resolve(host)]
    if not addresses or not all(is_allowed(address) for address in addresses):
        raise AddressRefused("its site has no address, or one that is not public")
    return tuple(str(address) for address in addresses)


class SystemResolve:
    """The system's resolver, on `_THREADS` threads of its own, so that a slow DNS server holds up nothing else."""

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
    """Resolves one host to the addresses that were checked, so that no second DNS answer is used (DNS rebinding)."""

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
