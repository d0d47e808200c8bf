"""Which network addresses this server may connect to when a client names a URL (SSRF protection)."""

from __future__ import annotations

# A thread of ours tells its loop what it found. Those of anyio are shared with all that blocks, and counted for all.
import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import anyio
from aiohttp.abc import AbstractResolver, ResolveResult

from outlook_mcp.net.public_suffixes import registrable_domain

IpAddress = IPv4Address | IPv6Address
# Every address of a host name.
Resolve = Callable[[str], Awaitable[Sequence[str]]]

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
    """The system's resolver, each lookup in a thread of its own, waited for `deadline_s` seconds.

    A lookup cannot be ended: a thread whose DNS server never answers stays until the system gives up. So one registered
    domain has at most `most_per_domain` threads, and all together `most_threads`; what is beyond that is refused at
    once, and a hostile domain holds up no other.
    """

    def __init__(
        self,
        look_up: Callable[[str], Sequence[str]] | None = None,
        *,
        deadline_s: float = 2.0,
        most_per_domain: int = 2,
        most_threads: int = 64,
    ) -> None:
        self._look_up = look_up or _look_up
        self._deadline_s = deadline_s
        self._most_per_domain = most_per_domain
        self._most_threads = most_threads
        self._threads: Counter[str] = Counter()

    async def __call__(self, host: str) -> Sequence[str]:
        """Raises OSError, and TimeoutError at the deadline."""
        domain = registrable_domain(host) or host
        if self._threads[domain] >= self._most_per_domain or self._threads.total() >= self._most_threads:
            raise OSError("too many names are being looked up")
        loop = asyncio.get_running_loop()
        found: asyncio.Future[list[str]] = loop.create_future()

        def finish(addresses: Sequence[str] | None) -> None:
            self._threads -= Counter([domain])
            if found.done():
                return
            if addresses is None:
                found.set_exception(OSError("the name was not found"))
            else:
                found.set_result(list(dict.fromkeys(addresses)))

        def look_up() -> None:
            try:
                addresses: Sequence[str] | None = self._look_up(host)
            except (OSError, UnicodeError):
                addresses = None
            # The loop is closed when the server has ended meanwhile.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(finish, addresses)

        self._threads[domain] += 1
        # A daemon: the end of the process waits for no DNS server.
        threading.Thread(target=look_up, name="client-name", daemon=True).start()
        with anyio.fail_after(self._deadline_s):
            return await found


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
        # A URL may have capitals, which mean nothing in a host.
        if host.lower() != self._host:
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
