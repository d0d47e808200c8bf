"""Posts a form to an address that a stranger named, without being open to abuse (SSRF).

Only https to public addresses; a host is resolved once and connected to at the addresses that were checked; no
redirects or cookies; limited in time, and nothing of the answer is read but its status.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import anyio
import yarl
from aiohttp.abc import AbstractResolver

from outlook_mcp import __version__
from outlook_mcp.net.proxies import NO_PROXIES, Proxies
from outlook_mcp.net.public_address import (
    AddressRefused as AddressRefused,
)
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
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": f"outlook-mcp/{__version__}",
}


class PostFailed(Exception):
    """There was no answer. `may_have_arrived` says whether the request may have been carried out."""

    def __init__(self, message: str, *, may_have_arrived: bool) -> None:
        super().__init__(message)
        self.may_have_arrived = may_have_arrived


class PublicPost:
    """`ca_file` holds authorities to trust besides the public ones; `resolve` and `is_allowed` are only for tests."""

    def __init__(
        self,
        *,
        resolve: Resolve | None = None,
        is_allowed: Callable[[IpAddress], bool] = is_public,
        ca_file: Path | None = None,
        proxies: Proxies = NO_PROXIES,
        deadline_s: float = 10.0,
    ) -> None:
        self._resolve = resolve or SystemResolve()
        self._is_allowed = is_allowed
        self._ca_file = ca_file
        self._proxies = proxies
        self._deadline_s = deadline_s

    async def post_form(self, url: str, body: str) -> int:
        """The status of the answer. Raises AddressRefused for an address that is not public, and PostFailed."""
        try:
            with anyio.fail_after(self._deadline_s):
                return await self._post_to_site(url, body)
        except TimeoutError:
            raise PostFailed(f"did not answer within {self._deadline_s:g} s", may_have_arrived=True) from None
        except aiohttp.ClientConnectorError as error:
            raise PostFailed(f"cannot be reached ({type(error).__name__})", may_have_arrived=False) from None
        except (aiohttp.ClientError, OSError, UnicodeError, ValueError) as error:
            raise PostFailed(f"gave no answer ({type(error).__name__})", may_have_arrived=True) from None

    async def _post_to_site(self, url: str, body: str) -> int:
        host = urlsplit(url).hostname or ""
        try:
            addresses = await allowed_addresses(host, self._resolve, self._is_allowed)
        except OSError:
            raise PostFailed("has no address", may_have_arrived=False) from None
        proxy = self._proxies.proxy_for(url)
        target = yarl.URL(url, encoded=True)
        resolver: AbstractResolver = PinnedResolver(host, addresses)
        if proxy is not None:
            # The proxy is told the address that was checked and not the name, which it might resolve otherwise.
            target, resolver = target.with_host(addresses[0]), aiohttp.ThreadedResolver()
        connector = aiohttp.TCPConnector(
            resolver=resolver, ssl=tls_context(self._ca_file), use_dns_cache=False, force_close=True
        )
        async with (
            aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False
            ) as session,
            session.post(
                target,
                data=body.encode(),
                headers={**_HEADERS, "Host": urlsplit(url).netloc},
                allow_redirects=False,
                proxy=None if proxy is None else proxy.get_secret_value(),
                server_hostname=host,
            ) as answer,
        ):
            return answer.status
