"""Requests to addresses that a stranger named, without being open to abuse (SSRF).

Only to public addresses: a host is resolved once and connected to at the addresses that were checked, so that no second
DNS answer is used. No redirects, no cookies, no proxies of the environment. That the address is an https one, its
callers check.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver

from outlook_mcp import __version__
from outlook_mcp.net.proxies import NO_PROXIES, Proxies
from outlook_mcp.net.public_address import (
    IpAddress,
    PinnedResolver,
    Resolve,
    SystemResolve,
    allowed_addresses,
    is_public,
)
from outlook_mcp.net.trust import tls_context

_HEADERS = {
    # No compression, so that a small answer cannot become a large one.
    "Accept-Encoding": "identity",
    "User-Agent": f"outlook-mcp/{__version__}",
}


class NameNotFound(OSError):
    """The host has no address that could be found; nothing was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicHttp:
    """`ca_file` holds authorities to trust besides the public ones; `resolve` and `is_allowed` are only for tests.

    A proxy is told the address that was checked and not the name, which it might resolve otherwise.
    """

    resolve: Resolve = field(default_factory=SystemResolve)
    is_allowed: Callable[[IpAddress], bool] = is_public
    ca_file: Path | None = None
    proxies: Proxies = NO_PROXIES

    @asynccontextmanager
    async def open_answer(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        on_connected: Callable[[], None] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer, whose body is read while the block is open; callers set a deadline and limit its size.

        `on_connected` is called once there is a connection, before which nothing of the request can have arrived.

        Raises AddressRefused for an address that is not public, NameNotFound, and what aiohttp raises.
        """
        host = urlsplit(url).hostname or ""
        try:
            addresses = await allowed_addresses(host, self.resolve, self.is_allowed)
        except OSError as error:
            raise NameNotFound(str(error)) from None
        proxy = self.proxies.proxy_for(url)
        target = yarl.URL(url, encoded=True)
        resolver: AbstractResolver = PinnedResolver(host, addresses)
        if proxy is not None:
            target, resolver = target.with_host(addresses[0]), aiohttp.ThreadedResolver()
        async with (
            self._session(resolver, on_connected) as session,
            session.request(
                method,
                target,
                data=body,
                headers={**_HEADERS, **headers, "Host": urlsplit(url).netloc},
                allow_redirects=False,
                proxy=None if proxy is None else proxy.get_secret_value(),
                server_hostname=host,
            ) as answer,
        ):
            yield answer

    def _session(self, resolver: AbstractResolver, on_connected: Callable[[], None] | None) -> aiohttp.ClientSession:
        async def connected(*_: object) -> None:
            if on_connected is not None:
                on_connected()

        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(connected)
        connector = aiohttp.TCPConnector(
            resolver=resolver, ssl=tls_context(self.ca_file), use_dns_cache=False, force_close=True
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            trace_configs=[trace],
        )
