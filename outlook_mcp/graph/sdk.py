"""Loads msgraph-sdk (0.2 s and 40 MB), and makes with it the HTTP client of the process and each user's sender.

Only `client_factory` imports this module, when a mailbox is used for the first time. Every module of this package that
needs the SDK, kiota or httpx is imported from here.
"""

from __future__ import annotations

import importlib
import ssl
import warnings
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import httpx
from kiota_abstractions.authentication import BaseBearerTokenAuthenticationProvider
from kiota_abstractions.request_information import RequestInformation

from outlook_mcp import __version__
from outlook_mcp.graph.area import GraphArea, path_words
from outlook_mcp.graph.concurrency_limit import ConcurrencyLimit
from outlook_mcp.graph.retry import SafeRetry
from outlook_mcp.graph.sender import RequestSender
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.graph.token_provider import UserTokenProvider
from outlook_mcp.graph.tokens import TokenSource
from outlook_mcp.graph.transport import AiohttpTransport
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.trust import tls_context

# The SDK's modules warn about themselves when they are imported, which they also are in the middle of calls.
warnings.filterwarnings("ignore", category=DeprecationWarning, module="kiota_abstractions|msgraph")
# By name, because following 30,000 typed SDK modules would cost the type checker minutes.
_msgraph: Any = importlib.import_module("msgraph")
_core: Any = importlib.import_module("msgraph_core")
_telemetry: Any = importlib.import_module("msgraph_core.middleware")
_telemetry_options: Any = importlib.import_module("msgraph_core.middleware.options")
_adapter_options: Any = importlib.import_module("msgraph.graph_request_adapter").options
_o_data: Any = importlib.import_module("msgraph.generated.models.o_data_errors.o_data_error")

_ERROR_TYPES: dict[str, Any] = {"XXX": _o_data.ODataError}


def load_builders(area: GraphArea) -> None:
    """Imports the SDK's builders of this area, which it would otherwise import one by one in the middle of calls."""
    for name in area.builders:
        # Here and not at the top: which builders there are, the areas say.
        importlib.import_module(f"msgraph.generated.users.item.{name}")


class _RequestAdapter(_msgraph.GraphRequestAdapter):  # type: ignore[misc]
    """The SDK's adapter without its own answer to claims challenges: the sender renews every refused token."""

    async def retry_cae_response_if_required(
        self, resp: httpx.Response, request_info: RequestInformation, claims: str
    ) -> httpx.Response:
        """Returns `resp` as it is. The SDK would send the request again, and only for some of the challenges."""
        return resp


class _Telemetry(_telemetry.GraphTelemetryHandler):  # type: ignore[misc]
    """The SDK's headers about itself. Whether an address is one of Graph's is looked up once and not for each request.

    Every request goes to `base_url`: the sender makes no other, and pages elsewhere are refused.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__(_adapter_options[_telemetry_options.GraphTelemetryHandlerOption.get_key()])
        address = urlsplit(base_url)
        self._is_graph = f"{address.scheme}://{address.netloc}" in {cloud.value for cloud in _core.NationalClouds}

    def is_graph_url(self, url: object) -> bool:
        return self._is_graph


class SharedHttp:
    """The HTTP client that all users share, and what sends through it for each of them."""

    def __init__(
        self,
        settings: GraphSettings,
        tokens: TokenSource,
        areas: Iterable[GraphArea],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._transport = AiohttpTransport(
            tls=_tls_context(settings),
            max_connections=settings.max_connections,
            max_body_bytes=settings.max_body_bytes,
            proxies=settings.proxies,
            path_words=path_words(builder for area in areas for builder in area.builders),
        )
        self._client = _http_client(settings, transport or self._transport)

    def sender_of(self, user: UserKey, connection: ConnectionId | None, limit: ConcurrencyLimit) -> RequestSender:
        """Costs 12 microseconds, so one is made whenever it is needed."""
        provider = UserTokenProvider(self._tokens, user, connection, self._settings)
        adapter = _RequestAdapter(BaseBearerTokenAuthenticationProvider(provider), client=self._client)
        adapter.base_url = self._settings.base_url
        return RequestSender(
            service=_msgraph.GraphServiceClient(request_adapter=adapter),
            error_types=_ERROR_TYPES,
            provider=provider,
            http=self._client,
            transport=self._transport,
            limit=limit,
            settings=self._settings,
        )

    async def aclose(self) -> None:
        """Closes all connections; the SDK's own transport wrapper would not."""
        await self._client.aclose()
        await self._transport.aclose()


class _NoCookies(httpx.Cookies):
    """Neither keeps nor sends any cookie: in a jar for all users, one user's cookie would reach another."""

    def extract_cookies(self, response: httpx.Response) -> None:
        return

    def set_cookie_header(self, request: httpx.Request) -> None:
        return


_NO_COOKIES = _NoCookies()


class CookielessClient(httpx.AsyncClient):
    """Neither keeps nor sends cookies: all users share the client, and a cookie of one would reach another."""

    @property  # type: ignore[misc]
    def cookies(self) -> httpx.Cookies:
        """An empty jar that stays empty. The setter that httpx has for it is left out."""
        return _NO_COOKIES


def _http_client(settings: GraphSettings, transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    """No cookies, no redirects, no other proxy than the transport's, and our retry rule."""
    client = CookielessClient(
        transport=transport,
        base_url=settings.base_url,
        headers={"Accept-Encoding": "gzip, deflate", "User-Agent": f"outlook-mcp/{__version__}"},
        timeout=httpx.Timeout(settings.deadline_s, connect=5.0, pool=settings.deadline_s),
        follow_redirects=False,
        trust_env=False,
    )
    middleware = [SafeRetry(settings.longest_retry_s, settings.backoff_s), _Telemetry(settings.base_url)]
    made: httpx.AsyncClient = _core.GraphClientFactory.create_with_custom_middleware(middleware, client=client)
    return made


def _tls_context(settings: GraphSettings) -> ssl.SSLContext | None:
    return tls_context(settings.ca_file) if settings.base_url.startswith("https:") else None
