"""The page behind a `ConnectLink`: it does nothing for anybody but the caller it was made for."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from pydantic import SecretStr
from starlette.responses import Response

from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import AdministratorRequired, InvalidInput, OutlookError, SignInError, SignInRefused
from outlook_mcp.identity.scopes import graph_permissions
from outlook_mcp.identity.session import SessionService
from outlook_mcp.oauth.security_service import OAuthSecurityService
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager, SignInRequest
from outlook_mcp.web.pages.links import CONNECT_PATH, LinkTicket, LinkTickets
from outlook_mcp.web.pages.page import Refusal, Visit, explained
from outlook_mcp.web.pages.rendering import departure, redirect
from outlook_mcp.web.pages.upstream import Linking, UpstreamSignIns
from outlook_mcp.web.pages.wording import place_of, shown


class ConnectPage:
    """The form is about the ticket of the link."""

    def __init__(
        self,
        callback: str,
        links: LinkTickets,
        manager: OAuthManager,
        sessions: SessionService,
        security: OAuthSecurityService,
        upstream: UpstreamSignIns,
    ) -> None:
        self._callback = callback
        self._links = links
        self._manager = manager
        self._sessions = sessions
        self._security = security
        self._upstream = upstream

    async def show(self, visit: Visit) -> Response:
        handle, account = visit.asked("ticket"), visit.browser.account
        link = await self._links.read(SecretStr(handle))
        is_own = link is not None and account is not None and account.user == link.user
        if link is not None and link.is_done and is_own:
            return visit.render("connect_ended.html", link=link, client=_name(link))
        link = _open(link)
        if is_own:
            return visit.render(
                "connect.html",
                handle=handle,
                client=_name(link),
                link=link,
                client_host=place_of(link.client_id).host,
                place=place_of(link.redirect_uri) if link.redirect_uri else None,
            )
        status = HTTPStatus.OK if account is None else HTTPStatus.FORBIDDEN
        return visit.render("connect_sign_in.html", status=status, here=_here(handle), people=link.user.kind)

    async def decide(self, visit: Visit) -> Response:
        handle, decision = visit.about, visit.form.get("decision")
        link = await self._own(visit, handle)
        if decision == "refuse":
            await self._links.failed(SecretStr(handle), link, SignInRefused("The user said no."))
            return visit.render("connect_ended.html", link=link, client=_name(link))
        if decision != "allow":
            raise Refusal(HTTPStatus.BAD_REQUEST, "This form cannot be read", "Nothing was changed.")
        begun = await self._manager.begin(self._callback, _wish(link))
        await self._upstream.remember(begun.state, visit.browser, Linking(owner=link.user, ticket=handle))
        return departure(begun.url)

    async def finish(self, visit: Visit, purpose: Linking, callback: Mapping[str, str]) -> Response:
        """The browser is back from Microsoft; whoever is signed in at it must still be the caller."""
        handle = purpose.ticket or ""
        link = await self._own(visit, handle)
        try:
            await self._manager.complete(callback)
        except (SignInError, InvalidInput) as error:
            is_final = callback.get("error") == "access_denied" or isinstance(error, AdministratorRequired)
            raise await self._failed(handle, link, error, is_final=is_final) from error
        if link.added and not await self._widened(link):
            ended = SignInRefused("The access of this app has ended.", next_step="Connect again from your app.")
            raise await self._failed(handle, link, ended, is_final=True)
        await self._links.done(SecretStr(handle), link)
        return redirect(_here(handle))

    async def _widened(self, link: LinkTicket) -> bool:
        """False when the session has ended. Written first: what cannot be put on record is not granted."""
        added = " ".join(link.added)
        await self._security.record(AuditTag.GRANT_WIDENED, link.user, session=link.session_id, scopes=added)
        return await self._sessions.widen(link.user, link.session_id, link.added) is not None

    async def _own(self, visit: Visit, handle: str) -> LinkTicket:
        link = _open(await self._links.read(SecretStr(handle)))
        if visit.browser.account is None or visit.browser.account.user != link.user:
            raise Refusal(
                HTTPStatus.FORBIDDEN,
                "This link belongs to somebody else",
                "Nothing was connected.",
                next_step="If somebody sent you this link, close this page.",
            )
        return link

    async def _failed(self, handle: str, link: LinkTicket, error: OutlookError, *, is_final: bool) -> Refusal:
        """A no ends the link, as does what only an administrator can change; the rest may be tried again."""
        if not is_final:
            return explained(error, link=(_here(handle), "Try again"))
        await self._links.failed(SecretStr(handle), link, error)
        return explained(error)


def _open(link: LinkTicket | None) -> LinkTicket:
    """The link, when something can still come of it."""
    if link is None or link.has_ended:
        raise Refusal(
            HTTPStatus.GONE,
            "This link has ended",
            "It was used already, or ten minutes have passed.",
            next_step="Go back to your app and ask again; it gives you a new link if it needs one.",
        )
    return link


def _name(link: LinkTicket) -> str:
    return shown(link.client_name) or "your app"


def _here(handle: str) -> str:
    return f"{CONNECT_PATH}?{urlencode({'ticket': handle})}"


def _wish(link: LinkTicket) -> SignInRequest:
    scopes = graph_permissions(link.scopes)
    if link.takes_any_mailbox:
        return SignInRequest(scopes=scopes, owner=link.user, claims=link.claims, select_account=True)
    wanted, hint = link.mailbox or link.user, link.account or None
    return SignInRequest(scopes=scopes, owner=link.user, expected=wanted, login_hint=hint, claims=link.claims)
