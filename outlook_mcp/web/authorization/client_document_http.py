"""Fetches a client's metadata document for a stranger who named its address, and lets itself be used for nothing else.

https to public addresses alone, each looked up once and connected to as it was checked; no redirects, cookies or
proxies; bounded in size, in time, and in how often a site is asked.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import certifi
import yarl

from outlook_mcp import __version__
from outlook_mcp.web.authorization.public_address import (
    AddressRefused,
    IpAddress,
    PinnedResolver,
    Resolve,
    SystemResolve,
    allowed_addresses,
    is_public,
)

LARGEST = 64 * 1024
AT_ONCE = 8
_JSON = re.compile(r"application/(?:[\w.!#$&^-]+\+)?json", re.IGNORECASE)
_HEADERS = {
    "Accept": "application/json",
    # Nothing is unpacked here, so there is nothing that could swell.
    "Accept-Encoding": "identity",
    "User-Agent": f"outlook-mcp/{__version__}",
}


class DocumentUnavailable(Exception):
    """The site did not answer in time or is failing; the document may still be what it was."""


class DocumentRefused(Exception):
    """What came is no document that may be used; says why."""


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """The body as it came, and the Cache-Control header."""

    body: bytes
    cache_control: str


class ClientDocumentHttp:
    """`resolve`, `is_allowed` and `ca_file` are there for a site on this machine; leave them alone in production."""

    def __init__(
        self,
        *,
        resolve: Resolve | None = None,
        is_allowed: Callable[[IpAddress], bool] = is_public,
        ca_file: Path | None = None,
        deadline_s: float = 5.0,
    ) -> None:
        self._system_resolve = SystemResolve()
        self._resolve = resolve or self._system_resolve
        self._is_allowed = is_allowed
        self._ca_file = ca_file
        self._deadline_s = deadline_s
        self._tls: ssl.SSLContext | None = None
        self._places = asyncio.Semaphore(AT_ONCE)

    async def fetch(self, url: str) -> FetchedDocument:
        """Raises DocumentUnavailable or DocumentRefused. `url` is checked already."""
        try:
            async with asyncio.timeout(self._deadline_s), self._places:
                return await self._fetch(url)
        except TimeoutError:
            raise DocumentUnavailable(f"no document within {self._deadline_s:g} s") from None
        except AddressRefused as refused:
            raise DocumentRefused(str(refused)) from None
        except (aiohttp.ClientError, OSError, UnicodeError, ValueError) as error:
            raise DocumentUnavailable(f"no connection ({type(error).__name__})") from None

    def close(self) -> None:
        self._system_resolve.close()

    async def _fetch(self, url: str) -> FetchedDocument:
        host = urlsplit(url).hostname or ""
        addresses = await allowed_addresses(host, self._resolve, self._is_allowed)
        connector = aiohttp.TCPConnector(
            resolver=PinnedResolver(host, addresses), ssl=self._trust(), use_dns_cache=False, force_close=True
        )
        async with (
            aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False
            ) as session,
            session.get(yarl.URL(url, encoded=True), headers=_HEADERS, allow_redirects=False) as answer,
        ):
            _check_head(answer.status, answer.headers)
            return FetchedDocument(await _read(answer.content), answer.headers.get("Cache-Control", ""))

    def _trust(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=certifi.where())
            if self._ca_file is not None:
                self._tls.load_verify_locations(cafile=self._ca_file)
        return self._tls


def _check_head(status: int, headers: Mapping[str, str]) -> None:
    # 403 is what a site's firewall answers to servers it takes for robots.
    if status >= 500 or status in (403, 429):
        raise DocumentUnavailable(f"HTTP {status}")
    if status != 200:
        raise DocumentRefused(f"HTTP {status}")
    media_type = headers.get("Content-Type", "").partition(";")[0].strip()
    if not _JSON.fullmatch(media_type):
        raise DocumentRefused("not served as application/json")


async def _read(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > LARGEST:
            raise DocumentRefused(f"larger than {LARGEST} bytes")
    return bytes(body)
