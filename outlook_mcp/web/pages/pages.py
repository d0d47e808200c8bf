"""All addresses that a person opens in a browser."""

from __future__ import annotations

from starlette.routing import Route

from outlook_mcp.identity.admission import Admit
from outlook_mcp.identity.session import SessionService
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.security_service import OAuthSecurityService
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.web.authorization.rate_limits import AddressLimit, Counter, RateLimits
from outlook_mcp.web.pages.account import AccountPage, SessionForms
from outlook_mcp.web.pages.account_forms import ACCOUNT_PATH
from outlook_mcp.web.pages.account_mailboxes import MailboxForms
from outlook_mcp.web.pages.browser import BrowserSessions
from outlook_mcp.web.pages.callback import CallbackPage
from outlook_mcp.web.pages.connect import ConnectPage
from outlook_mcp.web.pages.consent import ConsentPage
from outlook_mcp.web.pages.consent_request import ConsentRequests
from outlook_mcp.web.pages.identification import SIGN_IN_PATH, SIGN_OUT_PATH, IdentityProviders, SignInPages
from outlook_mcp.web.pages.links import CONNECT_PATH, LinkTickets
from outlook_mcp.web.pages.page import Handler, Page
from outlook_mcp.web.pages.rendering import ICON_PATH, STYLE_PATH, icon, style
from outlook_mcp.web.pages.upstream import UpstreamSignIns
from outlook_mcp.web.settings import CALLBACK_PATH, CONSENT_PATH, WebSettings


def page_routes(
    settings: WebSettings,
    *,
    requests: ConsentRequests | None,
    manager: OAuthManager,
    identities: IdentityProviders,
    connections: OAuthIntegrationService,
    sessions: SessionService,
    security: OAuthSecurityService,
    tickets: Tickets,
    digests: Digests,
    counter: Counter,
    admit: Admit,
    limits: RateLimits = RateLimits(),
) -> list[Route]:
    """Without `requests` there is no consent page: somebody else's authorization server asks.

    `admit` raises SignInRefused for users who may not use this server (any more).
    """
    browsers = BrowserSessions(tickets, digests, admit=admit, is_https=settings.is_https)
    limit = AddressLimit(counter, "pages", limits.pages)
    upstream = UpstreamSignIns(tickets, browsers)
    sign_ins = SignInPages(settings.callback, identities, upstream, browsers)
    consent = None if requests is None else ConsentPage(settings.callback, requests, manager, upstream, sign_ins)
    connect = ConnectPage(settings.callback, LinkTickets(tickets), manager, sessions, security, upstream)
    mailboxes = MailboxForms(settings.callback, connections, sessions, manager, upstream)
    account_forms = _account_forms(SessionForms(sessions, security), mailboxes)
    callback = CallbackPage(manager, security, upstream, sign_ins, consent, connect, mailboxes)

    def page(path: str, *, get: Handler | None = None, post: Handler | None = None) -> Route:
        return Route(path, endpoint=Page(browsers, limit, get=get, post=post))

    return [
        Route(STYLE_PATH, endpoint=style),
        Route(ICON_PATH, endpoint=icon),
        *([page(CONSENT_PATH, get=consent.show, post=consent.decide)] if consent else []),
        page(CONNECT_PATH, get=connect.show, post=connect.decide),
        Route(CALLBACK_PATH, endpoint=Page(browsers, limit, get=callback.receive, counted=("GET",))),
        page(SIGN_IN_PATH, post=sign_ins.sign_in),
        page(SIGN_OUT_PATH, post=sign_ins.sign_out),
        page(ACCOUNT_PATH, get=AccountPage(sessions, connections, identities).show),
        *(page(f"{ACCOUNT_PATH}/{name}", post=form) for name, form in account_forms.items()),
    ]


def _account_forms(ends: SessionForms, mailboxes: MailboxForms) -> dict[str, Handler]:
    return {
        "sessions/end": ends.end,
        "sessions/end-all": ends.end_all,
        "mailboxes/add": mailboxes.add,
        "mailboxes/default": mailboxes.make_default,
        "mailboxes/rename": mailboxes.rename,
        "mailboxes/disconnect": mailboxes.disconnect,
    }
