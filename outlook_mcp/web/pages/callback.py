"""`/callback`: where Microsoft and other issuers send the browser back to after a sign-in of any purpose."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from outlook_mcp.audit.denials import Denials
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager
from outlook_mcp.web.pages.account_mailboxes import MailboxForms
from outlook_mcp.web.pages.connect import ConnectPage
from outlook_mcp.web.pages.consent import ConsentPage
from outlook_mcp.web.pages.page import PageRequest, Refusal
from outlook_mcp.web.pages.sign_in import SignInPages
from outlook_mcp.web.pages.started_sign_ins import ConsentSignIn, PageSignIn, StartedSignIns


class CallbackPage:
    """Redeems a code only in the browser that started the sign-in (CVE-2026-27124)."""

    def __init__(
        self,
        manager: OAuthManager,
        denials: Denials,
        started: StartedSignIns,
        sign_ins: SignInPages,
        consent: ConsentPage | None,
        connect: ConnectPage,
        mailboxes: MailboxForms,
    ) -> None:
        self._manager = manager
        self._denials = denials
        self._started = started
        self._sign_ins = sign_ins
        self._consent = consent
        self._connect = connect
        self._mailboxes = mailboxes

    async def receive_callback(self, request: PageRequest) -> Response:
        callback = dict(request.http.query_params)
        state = callback.get("state", "")
        purpose = await self._started.take_purpose(state, request.browser)
        if purpose is None:
            await self._manager.cancel_sign_in(state)
            await self._denials.record_denial(AuditTag.STATE_REJECTED, request.address, {})
            raise Refusal(
                HTTPStatus.FORBIDDEN,
                "This sign-in cannot be completed",
                "It was started in another browser, was used already or has expired. Nothing was connected.",
                next_step="Start again in your app. If somebody sent you this link, close this page.",
            )
        if isinstance(purpose, PageSignIn):
            return await self._sign_ins.finish(request, purpose, callback)
        if isinstance(purpose, ConsentSignIn):
            if self._consent is None:
                raise Refusal(HTTPStatus.NOT_FOUND, "Not found", "This server grants no access to clients.")
            return await self._consent.finish(request, purpose, callback)
        if purpose.ticket is not None:
            return await self._connect.finish(request, purpose, callback)
        return await self._mailboxes.finish(request, purpose, callback)
