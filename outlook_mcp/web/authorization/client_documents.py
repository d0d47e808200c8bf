"""Client ID Metadata Documents: a client whose id is the https address of what it says about itself.

Follows draft-ietf-oauth-client-id-metadata-document-02. An answer that is no valid document is not kept (5.2 of it).
"""

from __future__ import annotations

import json
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from mcp.shared.auth import DEFAULT_GRANT_TYPES

from outlook_mcp.net.single_flight import SingleFlight
from outlook_mcp.text.characters import one_line
from outlook_mcp.web.authorization.client import OAuthClient
from outlook_mcp.web.authorization.client_document_http import (
    ClientDocumentHttp,
    DocumentRefused,
    DocumentUnavailable,
    FetchedDocument,
)
from outlook_mcp.web.authorization.redirects import RedirectRefused, accepted

LONGEST_CLIENT_ID = 512
LONGEST_NAME = 80
MOST_KEPT = 500
SHORTEST_S, DEFAULT_S, LONGEST_S = 60.0, 3600.0, 86_400.0
# How long a document serves on while its site does not answer: a client's users are not signed out by its outage.
STALE_S = 86_400.0
# How often strangers can make us ask one site for documents we do not have.
ASKS_PER_SITE, ASKS_WINDOW_S = 30, 60.0
_URL_CHARACTERS = re.compile(r"https://[A-Za-z0-9._~:/?@!$&'()*+,;=%\[\]-]+")
# A name of the DNS, not an address in any of its notations: people are to know the site by it.
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?(\d{1,9})", re.IGNORECASE)


def is_document_id(client_id: str) -> bool:
    """True for an https address that may be fetched: a path, no fragment, no user, no dot segments."""
    if len(client_id) > LONGEST_CLIENT_ID or not _URL_CHARACTERS.fullmatch(client_id):
        return False
    try:
        parts = urlsplit(client_id)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or parts.netloc != parts.netloc.lower() or not _HOST.fullmatch(host):
        return False
    if parts.path in ("", "/"):
        return False
    return not any(unquote(segment) in (".", "..") for segment in parts.path.split("/"))


@dataclass(frozen=True, slots=True)
class _Kept:
    client: OAuthClient
    fresh_until: float
    usable_until: float


class ClientDocuments:
    """Reads and keeps the documents, which are public and of no user. `clock` is in seconds."""

    def __init__(self, http: ClientDocumentHttp | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._http = http or ClientDocumentHttp()
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._fetches: SingleFlight[OAuthClient] = SingleFlight()
        self._asks: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def knows(self, client_id: str) -> bool:
        """Whether the document is kept or being read just now: asking for it costs its site nothing more."""
        return client_id in self._kept or client_id in self._fetches

    async def get(self, client_id: str) -> OAuthClient:
        """The client; raises DocumentRefused or DocumentUnavailable, which say why there is none."""
        kept = self._kept.get(client_id)
        if kept is not None and self._clock() < kept.fresh_until:
            self._kept.move_to_end(client_id)
            return kept.client
        return await self._fetches.join(client_id, lambda: self._fetch(client_id))

    def close(self) -> None:
        self._http.close()

    async def _fetch(self, client_id: str) -> OAuthClient:
        kept = self._kept.pop(client_id, None)
        if kept is None:
            self._count_ask(urlsplit(client_id).hostname or "")
        try:
            fetched = await self._http.fetch(client_id)
        except DocumentUnavailable:
            now = self._clock()
            if kept is None or now >= kept.usable_until:
                raise
            self._keep(client_id, replace(kept, fresh_until=now + SHORTEST_S))
            return kept.client
        client = client_of(client_id, fetched.body)
        fresh_until = self._clock() + _lifetime_s(fetched)
        self._keep(client_id, _Kept(client, fresh_until, fresh_until + STALE_S))
        return client

    def _keep(self, client_id: str, kept: _Kept) -> None:
        self._kept[client_id] = kept
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def _count_ask(self, host: str) -> None:
        now = self._clock()
        began, asks = self._asks.pop(host, (now, 0))
        if now - began >= ASKS_WINDOW_S:
            began, asks = now, 0
        self._asks[host] = (began, asks + 1)
        if len(self._asks) > MOST_KEPT:
            self._asks.popitem(last=False)
        if asks >= ASKS_PER_SITE:
            raise DocumentUnavailable("the site was asked too often in the last minute")


def client_of(client_id: str, body: bytes) -> OAuthClient:
    """What the document at `client_id` says, as far as it may be used; DocumentRefused when it may not."""
    document = _json_object(body)
    if document.get("client_id") != client_id:
        raise DocumentRefused("its client_id is not its address")
    if "client_secret" in document or "client_secret_expires_at" in document:
        raise DocumentRefused("it holds a client secret")
    _require_public_client(document)
    if "code" not in _strings(document, "response_types", ["code"]):
        raise DocumentRefused("its response_types lack code")
    grant_types = [one for one in DEFAULT_GRANT_TYPES if one in _strings(document, "grant_types", DEFAULT_GRANT_TYPES)]
    if "authorization_code" not in grant_types:
        raise DocumentRefused("its grant_types lack authorization_code")
    try:
        redirect_uris = accepted(_strings(document, "redirect_uris", []))
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
    """Required by MCP 2026-07-28, client registration; people are to read who asks."""
    name = document.get("client_name")
    shown = one_line(name, LONGEST_NAME) if isinstance(name, str) else ""
    if not shown:
        raise DocumentRefused("it has no client_name")
    return shown


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
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise DocumentRefused(f"its {member} is not a list of strings")
    return value


def _lifetime_s(fetched: FetchedDocument) -> float:
    max_age = _MAX_AGE.search(fetched.cache_control)
    asked = float(max_age[1]) if max_age else DEFAULT_S
    if "no-store" in fetched.cache_control or "no-cache" in fetched.cache_control:
        asked = SHORTEST_S
    return min(max(asked, SHORTEST_S), LONGEST_S)
