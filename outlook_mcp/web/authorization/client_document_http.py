"""Fetches the metadata document of a client from an address that anybody may name; see `net.public_http`.

It is limited in size, in time and in parallel requests.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import anyio

from outlook_mcp.net.public_address import AddressRefused
from outlook_mcp.net.public_http import PublicHttp
from outlook_mcp.net.public_suffixes import registrable_domain

LARGEST_BYTES = 64 * 1024
# In all, and of one registered domain: a site that keeps connections open until the deadline holds up few others.
MOST_PARALLEL, MOST_PER_DOMAIN = 32, 2
_JSON = re.compile(r"application/(?:[\w.!#$&^-]+\+)?json", re.IGNORECASE)
_HEADERS = {"Accept": "application/json"}


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
    """Fetches documents as `http` does, a limited number at a time and each within `deadline_s` seconds."""

    def __init__(self, http: PublicHttp, *, deadline_s: float = 5.0) -> None:
        self._http = http
        self._deadline_s = deadline_s
        self._slots = anyio.Semaphore(MOST_PARALLEL)
        self._being_read: Counter[str] = Counter()

    async def fetch_document(self, url: str) -> FetchedDocument:
        """The document at `url`, which must be checked already. Raises DocumentUnavailable or DocumentRefused."""
        host = urlsplit(url).hostname or ""
        domain = registrable_domain(host) or host
        if self._being_read[domain] >= MOST_PER_DOMAIN:
            raise DocumentUnavailable("too many documents of that site are being read")
        self._being_read[domain] += 1
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
        finally:
            self._being_read -= Counter([domain])

    async def _fetch_from_site(self, url: str) -> FetchedDocument:
        async with self._http.open_answer("GET", url, _HEADERS) as answer:
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
