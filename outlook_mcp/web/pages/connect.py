"""`/connect`: the page of a `ConnectLink`; it works for the user whom the link was made for, and nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from pydantic import SecretStr
from starlette.responses import Response

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import AdministratorRequired, InvalidInput, OutlookError, Remedy, SignInError, SignInRefused
from outlook_mcp.identity.scopes import graph_permissions
from outlook_mcp.identity.session import SessionService
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager, SignInRequest
from outlook_mcp.web.pages.failed_sign_ins import log_failed_sign_in
from outlook_mcp.web.pages.links import CONNECT_PATH, LinkTicket, LinkTickets
from outlook_mcp.web.pages.page import PageRequest, Refusal, refusal_for
from outlook_mcp.web.pages.rendering import forwarding_page, redirect
from outlook_mcp.web.pages.started_sign_ins import MailboxSignIn, StartedSignIns
from outlook_mcp.web.pages.wording import destination_of, display_text


class ConnectPage:
    """A form that carries the handle of the link's ticket."""

    def __init__(
        self,
        callback: str,
        tickets: LinkTickets,
        manager: OAuthManager,
        sessions: SessionService,
        audit: AuditLog,
        started: StartedSignIns,
    ) -> None:
        self._callback = callback
        self._tickets = tickets
        self._manager = manager
        self._sessions = sessions
        self._audit = audit
        self._started = started

    async def show_link(self, request: PageRequest) -> Response:
        handle, account = request.query_value("ticket"), request.browser.account
        ticket = await self._tickets.find_ticket(SecretStr(handle))
        is_own = ticket is not None and account is not None and account.user == ticket.user
        if ticket is not None and ticket.is_done and is_own:
            return request.render("connect_ended.html", link=ticket, client=_client_name(ticket))
        ticket = _require_open(ticket)
        if is_own:
            return request.render(
                "connect.html",
                handle=handle,
                client=_client_name(ticket),
                link=ticket,
                client_site=destination_of(ticket.client_id),
                destination=destination_of(ticket.redirect_uri) if ticket.redirect_uri else None,
            )
        status = HTTPStatus.OK if account is None else HTTPStatus.FORBIDDEN
        return request.render(
            "connect_sign_in.html", status=status, here=_page_path(handle), user_kind=ticket.user.kind
        )

    async def decide(self, request: PageRequest) -> Response:
        handle, decision = request.form_subject, request.form.get("decision")
        ticket = await self._own_open_ticket(request, handle)
        if decision == "refuse":
            await self._tickets.mark_failed(SecretStr(handle), ticket, SignInRefused("The user refused."))
            return request.render("connect_ended.html", link=ticket, client=_client_name(ticket))
        if decision != "allow":
            raise Refusal(HTTPStatus.BAD_REQUEST, "This form cannot be read", "Nothing was changed.")
        begun = await self._manager.begin_sign_in(self._callback, _sign_in_request(ticket))
        await self._started.store_sign_in(begun.state, request.browser, MailboxSignIn(owner=ticket.user, ticket=handle))
        return forwarding_page(begun.url)

    async def finish(self, request: PageRequest, purpose: MailboxSignIn, callback: Mapping[str, str]) -> Response:
        """Completes the sign-in that `decide` began; the user signed in at the browser must still be the link's."""
        handle = purpose.ticket or ""
        ticket = await self._own_open_ticket(request, handle)
        try:
            await self._manager.complete_sign_in(callback)
        except (SignInError, InvalidInput) as error:
            log_failed_sign_in(
                error,
                person=ticket.account or str(ticket.user),
                client=ticket.client_name,
                client_id=ticket.client_id,
            )
            is_final = callback.get("error") == "access_denied" or isinstance(error, AdministratorRequired)
            raise await self._failure(handle, ticket, error, is_final=is_final) from error
        if ticket.added and not await self._widen_session(ticket):
            ended = SignInRefused("The access of this app has ended.", remedy=Remedy.CONNECT_AGAIN)
            raise await self._failure(handle, ticket, ended, is_final=True)
        await self._tickets.mark_done(SecretStr(handle), ticket)
        return redirect(_page_path(handle))

    async def _widen_session(self, ticket: LinkTicket) -> bool:
        """False when the session has ended. The audit record comes first: without it nothing is granted."""
        added = " ".join(ticket.added)
        await self._audit.record(AuditTag.GRANT_WIDENED, ticket.user, {"session": ticket.session_id, "scopes": added})
        return await self._sessions.widen_session(ticket.user, ticket.session_id, ticket.added) is not None

    async def _own_open_ticket(self, request: PageRequest, handle: str) -> LinkTicket:
        """The ticket, if it is open and the signed-in user's. Raises Refusal."""
        ticket = _require_open(await self._tickets.find_ticket(SecretStr(handle)))
        if request.browser.account is None or request.browser.account.user != ticket.user:
            raise Refusal(
                HTTPStatus.FORBIDDEN,
                "This link belongs to somebody else",
                "Nothing was connected.",
                next_step="If somebody sent you this link, close this page.",
            )
        return ticket

    async def _failure(self, handle: str, ticket: LinkTicket, error: OutlookError, *, is_final: bool) -> Refusal:
        """The page for `error`; a final failure ends the link, any other may be tried again."""
        if not is_final:
            return refusal_for(error, link=(_page_path(handle), "Try again"))
        await self._tickets.mark_failed(SecretStr(handle), ticket, error)
        return refusal_for(error)


def _require_open(ticket: LinkTicket | None) -> LinkTicket:
    """The ticket; raises Refusal when the link is unknown, has expired or has ended."""
    if ticket is None or ticket.has_ended:
        raise Refusal(
            HTTPStatus.GONE,
            "This link is no longer valid",
            "It was used already, or it is older than ten minutes.",
            next_step="Go back to your app and ask again; it gives you a new link if it needs one.",
        )
    return ticket


def _client_name(ticket: LinkTicket) -> str:
    return display_text(ticket.client_name) or "your app"


def _page_path(handle: str) -> str:
    return f"{CONNECT_PATH}?{urlencode({'ticket': handle})}"


def _sign_in_request(ticket: LinkTicket) -> SignInRequest:
    scopes = graph_permissions(ticket.scopes)
    if ticket.takes_any_mailbox:
        return SignInRequest(scopes=scopes, owner=ticket.user, claims=ticket.claims, select_account=True)
    expected, hint = ticket.mailbox or ticket.user, ticket.account or None
    return SignInRequest(scopes=scopes, owner=ticket.user, expected=expected, login_hint=hint, claims=ticket.claims)
