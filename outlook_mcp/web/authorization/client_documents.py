"""Client ID Metadata Documents: the client_id is the https address of a document that describes the client.

Follows draft-ietf-oauth-client-id-metadata-document-02. An answer that is no valid document is not cached (5.2).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from cachetools import LRUCache, TLRUCache
from mcp.shared.auth import DEFAULT_GRANT_TYPES

from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot
from outlook_mcp.net.public_http import PublicHttp
from outlook_mcp.net.public_suffixes import registrable_domain
from outlook_mcp.net.redirects import LONGEST_HOST, RedirectRefused, accepted_redirects
from outlook_mcp.net.single_flight import SingleFlight
from outlook_mcp.text.characters import one_line
from outlook_mcp.web.authorization.client import OAuthClient
from outlook_mcp.web.authorization.client_document_http import (
    ClientDocumentHttp,
    DocumentRefused,
    DocumentUnavailable,
    FetchedDocument,
)
from outlook_mcp.web.authorization.kept_documents import KeptDocument, KeptDocuments

LONGEST_CLIENT_ID = 512
LONGEST_NAME = 80
MOST_CACHED = 500
SHORTEST_LIFETIME_S, DEFAULT_LIFETIME_S, LONGEST_LIFETIME_S = 60.0, 3600.0, 86_400.0
# How long an expired document is still used while its site does not answer, so that its users stay signed in.
STALE_S = 86_400.0
# How often anybody can make this server fetch documents that are not cached from one site.
FETCHES_PER_SITE, FETCHES_WINDOW_S = 30, 60.0
_URL_CHARACTERS = re.compile(r"https://[A-Za-z0-9._~:/?@!$&'()*+,;=%\[\]-]+")
# A DNS name, not an IP address in any notation: users must be able to recognize the site.
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?(\d{1,9})", re.IGNORECASE)


def is_document_id(client_id: str) -> bool:
    """True for an https URL that may be fetched: with a path, without fragment, user name or dot segments."""
    if len(client_id) > LONGEST_CLIENT_ID or not _URL_CHARACTERS.fullmatch(client_id):
        return False
    try:
        parts = urlsplit(client_id)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if len(host) > LONGEST_HOST:
        return False
    if "@" in parts.netloc or parts.netloc != parts.netloc.lower() or not _HOST.fullmatch(host):
        return False
    if parts.path in ("", "/"):
        return False
    return not any(unquote(segment) in (".", "..") for segment in parts.path.split("/"))


@dataclass(frozen=True, slots=True)
class _CachedClient:
    """`fresh_until` and `usable_until` are by the clock of ClientDocuments; in between the document is stale."""

    client: OAuthClient
    fresh_until: float
    usable_until: float


class _FetchCount(NamedTuple):
    """How many documents of a registered domain were fetched since `began`, by the clock of ClientDocuments."""

    began: float
    fetches: int


class ClientDocuments:
    """Fetches and caches documents, which are public and belong to no user. `clock` is in seconds.

    The cache holds `most_cached` documents. Those of clients that a user has allowed are also in `kept`, and fetched by
    `allowed_http`, so that sites which strangers name hold up none of them.
    """

    def __init__(
        self,
        http: ClientDocumentHttp | None = None,
        *,
        clock: MonotonicClock = seconds_since_boot,
        most_cached: int = MOST_CACHED,
        kept: KeptDocuments | None = None,
        allowed_http: ClientDocumentHttp | None = None,
    ) -> None:
        self._kept = kept
        self._http = http or ClientDocumentHttp(PublicHttp())
        self._allowed_http = allowed_http or self._http
        self._clock = clock
        self._cached: LRUCache[str, _CachedClient] = LRUCache(most_cached)
        self._fetches: SingleFlight[OAuthClient] = SingleFlight()
        self._fetch_counts: TLRUCache[str, _FetchCount, float] = TLRUCache(
            most_cached, ttu=lambda _domain, count, _now: count.began + FETCHES_WINDOW_S, timer=clock
        )

    async def is_known(self, client_id: str) -> bool:
        """True when the document is cached or being fetched, or a user has allowed its client."""
        return client_id in self._cached or client_id in self._fetches or await self._load_kept(client_id) is not None

    async def find_client(self, client_id: str) -> OAuthClient:
        """The client. Raises DocumentRefused or DocumentUnavailable, which say why there is none."""
        cached = self._cached.get(client_id)
        if cached is not None and self._clock() < cached.fresh_until:
            return cached.client
        return await self._fetches.join(client_id, lambda: self._fetch_client(client_id))

    async def note_grant(self, client_id: str) -> None:
        """A user allowed the client: its document is kept from now on."""
        cached = self._cached.get(client_id)
        if cached is not None:
            await self._keep(cached)

    async def _fetch_client(self, client_id: str) -> OAuthClient:
        kept = await self._load_kept(client_id)
        known = [found for found in (self._cached.pop(client_id, None), kept) if found is not None]
        cached = max(known, key=lambda found: found.fresh_until, default=None)
        if cached is not None and self._clock() < cached.fresh_until:
            # Another server has read it meanwhile, or this one before it was started again.
            self._cached[client_id] = cached
            return cached.client
        if cached is None:
            host = urlsplit(client_id).hostname or ""
            self._count_fetch(registrable_domain(host) or host)
        try:
            http = self._http if kept is None else self._allowed_http
            fetched = await http.fetch_document(client_id)
            client = client_of(client_id, fetched.body)
        except DocumentUnavailable:
            now = self._clock()
            if cached is None or now >= cached.usable_until:
                raise
            self._cached[client_id] = replace(cached, fresh_until=now + SHORTEST_LIFETIME_S)
            return cached.client
        except DocumentRefused:
            if kept is not None:
                await self._forget(client_id)
            raise
        fresh_until = self._clock() + _lifetime_s(fetched)
        self._cached[client_id] = read = _CachedClient(client, fresh_until, fresh_until + STALE_S)
        if kept is not None:
            await self._keep(read)
        return client

    async def _load_kept(self, client_id: str) -> _CachedClient | None:
        kept = None if self._kept is None else await self._kept.find_document(client_id)
        if kept is None:
            return None
        return _CachedClient(kept.client, self._clock() + kept.fresh_s, self._clock() + kept.usable_s)

    async def _keep(self, cached: _CachedClient) -> None:
        if self._kept is not None:
            now = self._clock()
            await self._kept.keep_document(
                KeptDocument(cached.client, cached.fresh_until - now, cached.usable_until - now)
            )

    async def _forget(self, client_id: str) -> None:
        if self._kept is not None:
            await self._kept.delete_document(client_id)

    def _count_fetch(self, domain: str) -> None:
        """Raises DocumentUnavailable when the domain was asked too often."""
        began, fetches = self._fetch_counts.get(domain, _FetchCount(self._clock(), 0))
        self._fetch_counts[domain] = _FetchCount(began, fetches + 1)
        if fetches >= FETCHES_PER_SITE:
            raise DocumentUnavailable("the site was asked too often in the last minute")


def client_of(client_id: str, body: bytes) -> OAuthClient:
    """The client that the document at `client_id` describes. Raises DocumentRefused when it may not be used."""
    document = _json_object(body)
    if document.get("client_id") != client_id:
        raise DocumentRefused("its client_id is not its address")
    if "client_secret" in document or "client_secret_expires_at" in document:
        raise DocumentRefused("it holds a client secret")
    _require_public_client(document)
    if "code" not in _strings(document, "response_types", ["code"]):
        raise DocumentRefused("its response_types lack code")
    named = _strings(document, "grant_types", DEFAULT_GRANT_TYPES)
    grant_types = [grant_type for grant_type in DEFAULT_GRANT_TYPES if grant_type in named]
    if "authorization_code" not in grant_types:
        raise DocumentRefused("its grant_types lack authorization_code")
    try:
        redirect_uris = accepted_redirects(_strings(document, "redirect_uris", []))
    except RedirectRefused as refused:
        raise DocumentRefused(str(refused)) from None
    return OAuthClient(
        kind="document",
        client_id=client_id,
        client_name=_name(document),
        redirect_uris=redirect_uris,
        token_endpoint_auth_method="none",  # noqa: S106
        grant_types=grant_types,
    )


def _name(document: Mapping[str, Any]) -> str:
    """Required by MCP 2026-07-28, client registration; the consent page shows it."""
    name = document.get("client_name")
    cleaned = one_line(name, LONGEST_NAME) if isinstance(name, str) else ""
    if not cleaned:
        raise DocumentRefused("it has no client_name")
    return cleaned


def _require_public_client(document: Mapping[str, Any]) -> None:
    """ChatGPT prefers `private_key_jwt` and offers `none` beside it (OpenID RP Metadata Choices)."""
    method = document.get("token_endpoint_auth_method", "none")
    if method != "none" and "none" not in _strings(document, "token_endpoint_auth_methods_supported", []):
        raise DocumentRefused("its token_endpoint_auth_method is not none")


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise DocumentRefused("not a JSON object")
    return document


def _strings(document: Mapping[str, Any], member: str, default: list[str]) -> list[str]:
    value = document.get(member, default)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise DocumentRefused(f"its {member} is not a list of strings")
    return value


def _lifetime_s(fetched: FetchedDocument) -> float:
    max_age = _MAX_AGE.search(fetched.cache_control)
    lifetime_s = float(max_age[1]) if max_age else DEFAULT_LIFETIME_S
    if "no-store" in fetched.cache_control or "no-cache" in fetched.cache_control:
        lifetime_s = SHORTEST_LIFETIME_S
    return min(max(lifetime_s, SHORTEST_LIFETIME_S), LONGEST_LIFETIME_S)
