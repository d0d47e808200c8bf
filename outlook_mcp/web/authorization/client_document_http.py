"""Fetches the metadata document of a client from an address that anybody may name, without being open to abuse (SSRF).

Only https to public addresses; a host is resolved once and connected to at the addresses that were checked; no
redirects, cookies or proxies; limited in size, in time and in parallel requests.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import anyio
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
    """`resolve`, `is_allowed` and `ca_file` are only for tests, which fetch from a site on this machine."""

    def __init__(
        self,
        *,
        resolve: Resolve | None = None,
        is_allowed: Callable[[IpAddress], bool] = is_public,
        ca_file: Path | None = None,
        deadline_s: float = 5.0,
    ) -> None:
        self._resolve = resolve or SystemResolve()
        self._is_allowed = is_allowed
        self._ca_file = ca_file
        self._deadline_s = deadline_s
        self._tls: ssl.SSLContext | None = None
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
        connector = aiohttp.TCPConnector(
            resolver=PinnedResolver(host, addresses), ssl=self._tls_context(), use_dns_cache=False, force_close=True
        )
        async with (
            aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False
            ) as session,
            session.get(yarl.URL(url, encoded=True), headers=_HEADERS, allow_redirects=False) as answer,
        ):
            _check_head(answer.status, answer.headers)
            return FetchedDocument(await _read_body(answer.content), answer.headers.get("Cache-Control", ""))

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=certifi.where())
            if self._ca_file is not None:
                self._tls.load_verify_locations(cafile=self._ca_file)
        return self._tls


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
