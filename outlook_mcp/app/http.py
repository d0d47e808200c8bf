"""Builds `serve --http`, the server of many users: authorization server, pages and MCP endpoint as one site."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import anyio
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from outlook_mcp.app.components import Components, open_components
from outlook_mcp.app.held_sender import WorkspaceHeldSender
from outlook_mcp.app.loading import loading
from outlook_mcp.app.mcp_server import build_mcp_server
from outlook_mcp.app.telemetry import open_telemetry
from outlook_mcp.app.token_issuers import TokenIssuance, open_token_issuance
from outlook_mcp.config import Configuration
from outlook_mcp.config.rule import Stage
from outlook_mcp.graph.tokens import TokenSource
from outlook_mcp.identity.session import SessionService
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.oauth.connections.mailbox_choice import Mailboxes
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.oauth.tokens.on_behalf_of import OnBehalfOf, OnBehalfOfTokens
from outlook_mcp.oauth.tokens.token_service import OAuthTokenService
from outlook_mcp.server.email_server import EmailServer
from outlook_mcp.server.inbox_watch import InboxWatch
from outlook_mcp.server.listening import ListenStreams
from outlook_mcp.server.mail_notices import MailNotices
from outlook_mcp.server.request_state import RequestStates
from outlook_mcp.server.services import Services
from outlook_mcp.server.session_subscriptions import SessionSubscriptions
from outlook_mcp.server.settings import CallSettings
from outlook_mcp.server.subscription_bus import UserSubscriptionBus
from outlook_mcp.vault.held_sends import VaultHeldSends
from outlook_mcp.vault.sessions import VaultSessions
from outlook_mcp.vault.store_address import is_shared, open_bus
from outlook_mcp.web.authorization.client_documents import ClientDocuments
from outlook_mcp.web.caller import HttpCaller, callers_assertion
from outlook_mcp.web.http.drain import Drain
from outlook_mcp.web.http.health import Readiness, health_routes
from outlook_mcp.web.http.metrics import metrics_routes
from outlook_mcp.web.http.notices import NOTICES_PATH, notice_routes
from outlook_mcp.web.http.serving import DrainingServer, Listener, http_server, listening_socket
from outlook_mcp.web.http.site import allowed_hosts, build_site
from outlook_mcp.web.issuers.own_mailbox import OnBehalfOfMailboxes
from outlook_mcp.web.mcp_endpoint.bearer_endpoint import BearerEndpoint
from outlook_mcp.web.mcp_endpoint.duplicate_request_ids import DuplicateRequestIds
from outlook_mcp.web.mcp_endpoint.session_quota import SessionQuota
from outlook_mcp.web.mcp_endpoint.user_limits import UserLimits
from outlook_mcp.web.pages.account_forms import ACCOUNT_PATH
from outlook_mcp.web.pages.links import ConnectLinks
from outlook_mcp.web.pages.pages import page_routes
from outlook_mcp.web.pages.rendering import not_found
from outlook_mcp.web.settings import WebLimits, WebSettings
from outlook_mcp.web.sign_ins import HttpSignIns
from outlook_mcp.web.unblocked import UnblockedVerifier

_log = logging.getLogger(__name__)
_start_log = logging.getLogger("outlook_mcp.start")


@dataclass(frozen=True, slots=True)
class Site:
    """The application that one process serves; `drain` shuts it down gracefully."""

    app: Starlette
    drain: Drain
    components: Components
    sessions: SessionService
    limits: WebLimits


async def serve_http(configuration: Configuration) -> None:
    """Serves until SIGTERM or Ctrl-C, then shuts down gracefully.

    Raises ConfigurationError or StoreUnavailable when it cannot start.
    """
    async with open_site(configuration) as site:
        for warning in configuration.warnings(Stage.HTTP):
            _log.warning("%s", warning)
        listening = listening_socket(configuration.host, configuration.port)
        _start_log.info("%s", start_line(configuration))
        await site_server(configuration, site).serve([listening])


def start_line(configuration: Configuration) -> str:
    """What the log says of a start: where the server listens, what clients are given, and who signs people in."""
    web = configuration.require_web()
    issuer = {"own": "this server", "entra": "Entra ID", "oidc": configuration.oidc_issuer}[configuration.auth]
    return (
        f"Serving MCP at {web.resource}, listening on {configuration.host} port {configuration.port}."
        f" Clients connect to that address with a token of {issuer}; people sign in with their browser and see what"
        f" they allowed at {web.public_url}{ACCOUNT_PATH}."
    )


def site_server(configuration: Configuration, site: Site) -> DrainingServer:
    """A server for the site, to be run on a listening socket."""
    listener = Listener(
        configuration.tls_certificate,
        configuration.trusted_proxies,
        site.limits.header_deadline_s,
        site.limits.unread_deadline_s,
    )
    return http_server(site.app, listener, site.drain)


@asynccontextmanager
async def open_site(
    configuration: Configuration,
    *,
    limits: WebLimits = WebLimits(),
    documents: ClientDocuments | None = None,
    settings: CallSettings | None = None,
    timing: OAuthTiming = OAuthTiming(),
    clock: UnixClock = unix_time,
) -> AsyncIterator[Site]:
    """The application with all its routes, ready to be served.

    `limits` are those of the web server, `settings` those of MCP calls; `documents` are fetched from the internet
    unless given. `clock` is that of `open_components`. Raises ConfigurationError or StoreUnavailable.
    """
    web = replace(configuration.require_web(), limits=limits)
    exchange = _exchange_callers_tokens if configuration.auth == "entra" else None
    async with open_components(
        configuration, callback=web.callback, exchange=exchange, timing=timing, clock=clock
    ) as components:
        vault_sessions, drain = VaultSessions(components.vault), Drain()
        sessions = SessionService(vault_sessions, longest=configuration.session_lifetime)
        async with (
            open_token_issuance(configuration, web, components, sessions, documents) as issuance,
            _open_mcp(configuration, web, components, sessions, drain, settings) as (server, notices),
            components.denials.reporting(),
            _sending_held(components, sessions),
            _open_metrics(configuration) as metrics,
        ):
            mcp, users = _mcp_app(configuration, components, server, limits), _user_limits(configuration, components)
            verifier = UnblockedVerifier(issuance.verifier, components.blocked)
            needed_scope, denials = server.needed_scope, components.denials
            endpoint = BearerEndpoint(mcp, verifier, sessions, web, needed_scope, drain, denials, users)
            routes = [
                *health_routes(Readiness(components.vault.check_usable), drain),
                *metrics,
                *notices,
                *issuance.routes,
                *_pages(web, components, sessions, issuance),
            ]
            yield Site(build_site(web, endpoint, routes, not_found), drain, components, sessions, limits)


def _user_limits(configuration: Configuration, components: Components) -> UserLimits:
    """Counted with the other servers where there may be some."""
    return UserLimits(
        per_minute=configuration.requests_per_minute,
        at_once=configuration.requests_at_once,
        shared=components.vault if is_shared(configuration.store.get_secret_value()) else None,
    )


def _mcp_app(configuration: Configuration, components: Components, server: EmailServer, limits: WebLimits) -> ASGIApp:
    mcp: ASGIApp = server.session_manager.handle_request
    if configuration.is_stateless:
        return mcp
    return SessionQuota(DuplicateRequestIds(mcp), components.vault, most=limits.sessions_per_user)


@asynccontextmanager
async def _sending_held(components: Components, sessions: SessionService) -> AsyncIterator[None]:
    """While it is open, messages that were held are sent when their time comes."""
    queue = components.send_queue
    if queue is None:
        yield
        return
    sender = WorkspaceHeldSender(
        components.workspaces, sessions, components.connections, components.blocked, components.audit
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(queue.run, sender)
        yield
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def _open_metrics(configuration: Configuration) -> AsyncIterator[list[Route]]:
    """The route of `/metrics`, if it is asked for."""
    with open_telemetry(configuration) as metrics:
        yield metrics_routes(metrics, configuration.metrics_token)


@asynccontextmanager
async def _open_mcp(
    configuration: Configuration,
    web: WebSettings,
    components: Components,
    sessions: SessionService,
    drain: Drain,
    settings: CallSettings | None,
) -> AsyncIterator[tuple[EmailServer, list[Route]]]:
    """The MCP server, for protocols up to 2025-11-25 (with sessions unless stateless) and later; routes for notices."""
    states, services = RequestStates(), _services(web, components, sessions)
    await states.derive_keys(components.vault, components.tickets)
    bus = UserSubscriptionBus(open_bus(configuration.store.get_secret_value()))
    inbox = _inbox_watch(configuration, web, components, bus)
    # Tokens that Entra ID issued for this server reach a mailbox only while a caller presents them.
    own = configuration.auth == "own"
    streams = ListenStreams(sessions if own else None, inbox=inbox if own else None)
    drain.on_begin(streams.close)

    @asynccontextmanager
    async def lifespan(_: MCPServer[Services]) -> AsyncIterator[Services]:
        yield services

    server = build_mcp_server(
        configuration, lifespan, states, settings=settings, subscriptions=bus, middleware=[streams]
    )
    subscriptions = SessionSubscriptions(streams, bus)
    if not configuration.is_stateless:
        server.serve_subscriptions(subscriptions)
    # Called for the session manager that it makes; the SDK's own application is not used.
    server.streamable_http_app(stateless_http=configuration.is_stateless, transport_security=_allowed_names(web))
    async with (
        bus.receiving(),
        inbox.running(),
        streams.watching(),
        subscriptions.running(),
        server.session_manager.run(),
        loading(server, components),
    ):
        yield server, notice_routes(inbox.take_notices) if configuration.change_notifications else []


def _inbox_watch(
    configuration: Configuration, web: WebSettings, components: Components, bus: UserSubscriptionBus
) -> InboxWatch:
    notices = None
    if configuration.change_notifications:
        url = f"{web.public_url}{NOTICES_PATH}"
        notices = MailNotices(url, components.mailboxes, components.workspaces, components.vault, components.tickets)
    return InboxWatch(components.mailboxes, components.workspaces, components.vault, bus, notices=notices)


def _allowed_names(web: WebSettings) -> TransportSecuritySettings:
    hosts = sorted(allowed_hosts(web.public_url))
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=[web.public_url])


def _exchange_callers_tokens(
    mailboxes: Mailboxes, tokens: OAuthTokenService, on_behalf_of: OnBehalfOf
) -> tuple[Mailboxes, TokenSource]:
    """With tokens that Entra ID issued for this server: a caller's own mailbox needs no sign-in of its own."""
    source = OnBehalfOfTokens(tokens, on_behalf_of, callers_assertion)
    return OnBehalfOfMailboxes(mailboxes, on_behalf_of), source


def _services(web: WebSettings, components: Components, sessions: SessionService) -> Services:
    caller = HttpCaller(sessions, web.scopes)
    links = ConnectLinks(web, components.tickets, components.digests)
    sign_ins = HttpSignIns(links, caller, components.mailboxes, web)
    return Services(caller, components.mailboxes, components.workspaces, sign_ins, components.audit)


def _pages(web: WebSettings, components: Components, sessions: SessionService, issuance: TokenIssuance) -> list[Route]:
    return page_routes(
        web,
        requests=issuance.provider,
        manager=components.manager,
        identities=issuance.identities,
        connections=components.connections,
        sessions=sessions,
        audit=components.audit,
        denials=components.denials,
        tickets=components.tickets,
        digests=components.digests,
        counter=components.vault,
        held_sends=VaultHeldSends(components.vault),
        admit=components.admission.check_user,
    )
