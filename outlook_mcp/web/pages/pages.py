"""The routes of all pages that a user opens in a browser."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from outlook_mcp.audit.denials import Denials
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.identity.admission import Admit
from outlook_mcp.identity.session import SessionService
from outlook_mcp.identity.shared_store import SharedCounter
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.held_sends import VaultHeldSends
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.web.http.rate_limits import AddressLimit, RateLimits
from outlook_mcp.web.pages.account import AccountPage, SessionForms
from outlook_mcp.web.pages.account_forms import ACCOUNT_PATH
from outlook_mcp.web.pages.account_mailboxes import MailboxForms
from outlook_mcp.web.pages.browser import BrowserSessions
from outlook_mcp.web.pages.callback import CallbackPage
from outlook_mcp.web.pages.connect import ConnectPage
from outlook_mcp.web.pages.consent import ConsentPage
from outlook_mcp.web.pages.consent_request import ConsentRequests
from outlook_mcp.web.pages.links import CONNECT_PATH, LinkTickets
from outlook_mcp.web.pages.page import Handler, Page
from outlook_mcp.web.pages.rendering import ICON_PATH, STYLE_PATH, icon, render, style
from outlook_mcp.web.pages.sign_in import SIGN_IN_PATH, SIGN_OUT_PATH, IdentityProviders, SignInPages
from outlook_mcp.web.pages.started_sign_ins import StartedSignIns
from outlook_mcp.web.settings import CALLBACK_PATH, CONSENT_PATH, WebSettings


def page_routes(
    settings: WebSettings,
    *,
    requests: ConsentRequests | None,
    manager: OAuthManager,
    identities: IdentityProviders,
    connections: OAuthIntegrationService,
    sessions: SessionService,
    audit: AuditLog,
    denials: Denials,
    tickets: Tickets,
    digests: Digests,
    counter: SharedCounter,
    held_sends: VaultHeldSends,
    admit: Admit,
    limits: RateLimits = RateLimits(),
) -> list[Route]:
    """Without `requests` there is no consent page: another authorization server asks for consent.

    `admit` raises SignInRefused for users who may not use this server (any more).
    """
    browsers = BrowserSessions(tickets, digests, admit=admit, is_https=settings.is_https)
    started, callback_url = StartedSignIns(tickets, browsers), settings.callback
    account = AccountPage(sessions, connections, identities, held_sends, settings.scopes)
    sign_ins = SignInPages(callback_url, identities, started, browsers, denials)
    consent = None if requests is None else ConsentPage(callback_url, requests, manager, started, sign_ins)
    connect = ConnectPage(callback_url, LinkTickets(tickets), manager, sessions, audit, started)
    mailboxes = MailboxForms(callback_url, connections, sessions, manager, started)
    callback = CallbackPage(manager, denials, started, sign_ins, consent, connect, mailboxes)
    routes = _Routes(browsers, AddressLimit(counter, "pages", limits.pages))
    return [
        Route("/", endpoint=start_page(settings)),
        Route(STYLE_PATH, endpoint=style),
        Route(ICON_PATH, endpoint=icon),
        *([routes.page(CONSENT_PATH, get=consent.show_consent, post=consent.decide)] if consent else []),
        routes.page(CONNECT_PATH, get=connect.show_link, post=connect.decide),
        routes.page(CALLBACK_PATH, get=callback.receive_callback, counted=("GET",)),
        *routes.sign_in(sign_ins),
        *routes.account(account, SessionForms(sessions, audit), mailboxes),
    ]


def start_page(settings: WebSettings) -> Callable[[Request], Awaitable[Response]]:
    """The page at the bare address of the server: what it is, and how an app is connected to it."""
    entry = json.dumps({"name": "outlook", "type": "http", "url": settings.resource})

    async def respond(_: Request) -> Response:
        return render(
            "start.html",
            address=settings.resource,
            entry=entry,
            issuer=settings.token_issuer,
            scopes=settings.scopes,
        )

    return respond


class _Routes:
    """Makes routes to pages that share the browser sessions and one rate limit."""

    def __init__(self, browsers: BrowserSessions, limit: AddressLimit) -> None:
        self._browsers = browsers
        self._limit = limit

    def page(
        self,
        path: str,
        *,
        get: Handler | None = None,
        post: Handler | None = None,
        counted: tuple[str, ...] = ("POST",),
    ) -> Route:
        return Route(path, endpoint=Page(self._browsers, self._limit, get=get, post=post, counted=counted))

    def sign_in(self, sign_ins: SignInPages) -> list[Route]:
        return [self.page(SIGN_IN_PATH, post=sign_ins.sign_in), self.page(SIGN_OUT_PATH, post=sign_ins.sign_out)]

    def account(self, account: AccountPage, sessions: SessionForms, mailboxes: MailboxForms) -> list[Route]:
        forms = {
            "sessions/end": sessions.end_session,
            "sessions/end-all": sessions.end_all_sessions,
            "mailboxes/add": mailboxes.add_mailbox,
            "mailboxes/default": mailboxes.set_default,
            "mailboxes/rename": mailboxes.rename_mailbox,
            "mailboxes/disconnect": mailboxes.disconnect_mailbox,
        }
        return [
            self.page(ACCOUNT_PATH, get=account.show_account),
            *(self.page(f"{ACCOUNT_PATH}/{name}", post=form) for name, form in forms.items()),
        ]
