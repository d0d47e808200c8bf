"""Fetches the metadata document of a client from an address that anybody may name, without being open to abuse (SSRF).

Only https to public addresses; a host is resolved once and connected to at the addresses that were checked; no
redirects or cookies; limited in size, in time and in parallel requests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import anyio
import yarl
from aiohttp.abc import AbstractResolver

from outlook_mcp import __version__
from outlook_mcp.net.proxies import NO_PROXIES, Proxies
from outlook_mcp.net.public_address import (
    AddressRefused,
    IpAddress,
    PinnedResolver,
    Resolve,
    SystemResolve,
    allowed_addresses,
    is_public,
)
from outlook_mcp.net.trust import tls_context

LARGEST_BYTES = 64 * 1024
MOST_PARALLEL = 8
_JSON = re.compile(r"application/(?:[\w.!#$&^-]+\+)?json", re.IGNORECASE)
_HEADERS = {
    "Accept": "application/json",
    # No compression, so that a small answer cannot become a large one.
    "Accept-Encoding": "identity",
    "User-Agent": f"outlook-mcp/{__version__}",
}


class DocumentUnavailable(Exception):
    """The site did not answer in time or has an error; a document read before may still be valid."""


class DocumentRefused(Exception):
    """The answer is not a document that may be used; the message says why."""


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """The body as received, and the Cache-Control header, "" without one."""

    body: bytes
    cache_control: str


class ClientDocumentHttp:
    """`ca_file` holds authorities to trust besides the public ones; `resolve` and `is_allowed` are only for tests.

    A proxy is told the address that was checked and not the name, which it might resolve otherwise.
    """

    def __init__(
        self,
        *,
        resolve: Resolve | None = None,
        is_allowed: Callable[[IpAddress], bool] = is_public,
        ca_file: Path | None = None,
        proxies: Proxies = NO_PROXIES,
        deadline_s: float = 5.0,
    ) -> None:
        self._resolve = resolve or SystemResolve()
        self._is_allowed = is_allowed
        self._ca_file = ca_file
        self._proxies = proxies
        self._deadline_s = deadline_s
        self._slots = anyio.Semaphore(MOST_PARALLEL)

    async def fetch_document(self, url: str) -> FetchedDocument:
        """The document at `url`, which must be checked already. Raises DocumentUnavailable or DocumentRefused."""
        try:
            with anyio.fail_after(self._deadline_s):
                async with self._slots:
                    return await self._fetch_from_site(url)
        except TimeoutError:
            raise DocumentUnavailable(f"no document within {self._deadline_s:g} s") from None
        except AddressRefused as refused:
            raise DocumentRefused(str(refused)) from None
        except (aiohttp.ClientError, OSError, UnicodeError, ValueError) as error:
            raise DocumentUnavailable(f"no connection ({type(error).__name__})") from None

    async def _fetch_from_site(self, url: str) -> FetchedDocument:
        host = urlsplit(url).hostname or ""
        addresses = await allowed_addresses(host, self._resolve, self._is_allowed)
        proxy = self._proxies.proxy_for(url)
        target = yarl.URL(url, encoded=True)
        resolver: AbstractResolver = PinnedResolver(host, addresses)
        if proxy is not None:
            target, resolver = target.with_host(addresses[0]), aiohttp.ThreadedResolver()
        connector = aiohttp.TCPConnector(
            resolver=resolver, ssl=tls_context(self._ca_file), use_dns_cache=False, force_close=True
        )
        async with (
            aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False
            ) as session,
            session.get(
                target,
                headers={**_HEADERS, "Host": urlsplit(url).netloc},
                allow_redirects=False,
                proxy=None if proxy is None else proxy.get_secret_value(),
                server_hostname=host,
            ) as answer,
        ):
            _check_head(answer.status, answer.headers)
            return FetchedDocument(await _read_body(answer.content), answer.headers.get("Cache-Control", ""))


def _check_head(status: int, headers: Mapping[str, str]) -> None:
    # 403 may come from a firewall that takes this server for a robot, so it says nothing about the document.
    if status >= 500 or status in (403, 429):
        raise DocumentUnavailable(f"HTTP {status}")
    if status != 200:
        raise DocumentRefused(f"HTTP {status}")
    media_type = headers.get("Content-Type", "").partition(";")[0].strip()
    if not _JSON.fullmatch(media_type):
        raise DocumentRefused("not served as application/json")


async def _read_body(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > LARGEST_BYTES:
            raise DocumentRefused(f"larger than {LARGEST_BYTES} bytes")
    return bytes(body)
