"""The part of this room that loads msgraph-sdk (0.2 s and 40 MB): imported at the first use of a mailbox."""

from __future__ import annotations

import importlib
import ssl
import warnings
from typing import Any

import certifi
import httpx
from kiota_abstractions.authentication import BaseBearerTokenAuthenticationProvider
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation

from outlook_mcp import __version__
from outlook_mcp.graph.retry import NEVER, SafeRetry
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.graph.token_provider import UserTokenProvider
from outlook_mcp.graph.transport import AiohttpTransport

__all__ = ["NEVER", "Method", "RequestInformation", "UserTokenProvider", "http_client", "service", "transport"]

# Every builder that mail needs; the SDK would import them one by one in the middle of calls.
_BUILDERS = (
    "user_item_request_builder",
    "mailbox_settings.mailbox_settings_request_builder",
    "messages.messages_request_builder",
    "messages.item.message_item_request_builder",
    "messages.item.attachments.attachments_request_builder",
    "messages.item.attachments.create_upload_session.create_upload_session_request_builder",
    "messages.item.attachments.item.attachment_item_request_builder",
    "messages.item.copy.copy_request_builder",
    "messages.item.create_forward.create_forward_request_builder",
    "messages.item.create_reply.create_reply_request_builder",
    "messages.item.create_reply_all.create_reply_all_request_builder",
    "messages.item.move.move_request_builder",
    "messages.item.permanent_delete.permanent_delete_request_builder",
    "messages.item.send.send_request_builder",
    "mail_folders.mail_folders_request_builder",
    "mail_folders.item.mail_folder_item_request_builder",
    "mail_folders.item.child_folders.child_folders_request_builder",
    "mail_folders.item.messages.messages_request_builder",
)

# By name, because following 30,000 typed SDK modules would cost the type checker minutes.
with warnings.catch_warnings():
    # The SDK's modules warn about themselves when they are imported.
    warnings.simplefilter("ignore", DeprecationWarning)
    _msgraph: Any = importlib.import_module("msgraph")
    _core: Any = importlib.import_module("msgraph_core")
    _telemetry: Any = importlib.import_module("msgraph_core.middleware")
    _telemetry_options: Any = importlib.import_module("msgraph_core.middleware.options")
    _adapter_options: Any = importlib.import_module("msgraph.graph_request_adapter").options
    _o_data: Any = importlib.import_module("msgraph.generated.models.o_data_errors.o_data_error")
    for _name in _BUILDERS:
        importlib.import_module(f"msgraph.generated.users.item.{_name}")

ERRORS: dict[str, Any] = {"XXX": _o_data.ODataError}


def transport(settings: GraphSettings) -> AiohttpTransport:
    tls = None
    if settings.base_url.startswith("https:"):
        tls = ssl.create_default_context(cafile=certifi.where())
        if settings.ca_file:
            tls.load_verify_locations(cafile=settings.ca_file)
    return AiohttpTransport(tls=tls, max_connections=settings.max_connections, max_body_bytes=settings.max_body_bytes)


class _NoCookies(httpx.Cookies):
    """Neither keeps nor sends any: one jar for all users would hand one user's cookie to another."""

    def extract_cookies(self, response: httpx.Response) -> None:
        return

    def set_cookie_header(self, request: httpx.Request) -> None:
        return


_NO_COOKIES = _NoCookies()


class CookielessClient(httpx.AsyncClient):
    @property  # type: ignore[misc]
    def cookies(self) -> httpx.Cookies:
        """An empty jar that stays empty; httpx also lets the jar be replaced, which nobody may do here."""
        return _NO_COOKIES


def http_client(settings: GraphSettings, over: AiohttpTransport) -> httpx.AsyncClient:
    """The one client of the process: no cookies, no redirects, no proxy of the environment, our retry rule."""
    client = CookielessClient(
        transport=over,
        base_url=settings.base_url,
        headers={"Accept-Encoding": "gzip, deflate", "User-Agent": f"outlook-mcp/{__version__}"},
        timeout=httpx.Timeout(settings.deadline_s, connect=5.0, pool=settings.deadline_s),
        follow_redirects=False,
        trust_env=False,
    )
    telemetry = _telemetry_options.GraphTelemetryHandlerOption
    middleware = [
        SafeRetry(settings.longest_retry_s),
        _telemetry.GraphTelemetryHandler(_adapter_options[telemetry.get_key()]),
    ]
    made: httpx.AsyncClient = _core.GraphClientFactory.create_with_custom_middleware(middleware, client=client)
    return made


def service(provider: UserTokenProvider, http: httpx.AsyncClient, base_url: str) -> Any:
    """A GraphServiceClient for one user: 12 microseconds, so one is built whenever it is needed."""
    adapter = _msgraph.GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(provider), client=http)
    adapter.base_url = base_url
    return _msgraph.GraphServiceClient(request_adapter=adapter)
