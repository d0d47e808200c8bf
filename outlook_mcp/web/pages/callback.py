"""Where Microsoft sends browsers back to, whatever they were sent there for."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.oauth.security_service import OAuthSecurityService
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager
from outlook_mcp.web.pages.account_mailboxes import MailboxForms
from outlook_mcp.web.pages.connect import ConnectPage
from outlook_mcp.web.pages.consent import ConsentPage
from outlook_mcp.web.pages.identification import SignInPages
from outlook_mcp.web.pages.page import Refusal, Visit
from outlook_mcp.web.pages.upstream import Consent, Identification, UpstreamSignIns


class CallbackPage:
    """Nothing is redeemed for a browser other than the one that was sent away (CVE-2026-27124)."""

    def __init__(
        self,
        manager: OAuthManager,
        security: OAuthSecurityService,
        upstream: UpstreamSignIns,
        sign_ins: SignInPages,
        consent: ConsentPage | None,
        connect: ConnectPage,
        mailboxes: MailboxForms,
    ) -> None:
        self._manager = manager
        self._security = security
        self._upstream = upstream
        self._sign_ins = sign_ins
        self._consent = consent
        self._connect = connect
        self._mailboxes = mailboxes

    async def receive(self, visit: Visit) -> Response:
        callback = dict(visit.request.query_params)
        state = callback.get("state", "")
        purpose = await self._upstream.returned(state, visit.browser)
        if purpose is None:
            await self._manager.decline(state)
            await self._security.record(AuditTag.STATE_REJECTED)
            raise Refusal(
                HTTPStatus.FORBIDDEN,
                "This sign-in does not belong here",
                "It was started in another browser, was used already or has expired. Nothing was connected.",
                next_step="Start again in your app. If somebody sent you this address, close it.",
            )
        if isinstance(purpose, Identification):
            return await self._sign_ins.finish(visit, purpose, callback)
        if isinstance(purpose, Consent):
            if self._consent is None:
                raise Refusal(HTTPStatus.NOT_FOUND, "Not found", "This server grants no access to clients.")
            return await self._consent.finish(visit, purpose, callback)
        if purpose.ticket is not None:
            return await self._connect.finish(visit, purpose, callback)
        return await self._mailboxes.finish(visit, purpose, callback)
