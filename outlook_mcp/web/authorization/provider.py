"""Our authorization server behind the SDK's endpoints: authorization requests, approval, codes and tokens."""

from __future__ import annotations

import logging
import re
from typing import Protocol

from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationParams,
    AuthorizeError,
    IdentityAssertionParams,
    RefreshToken,
    TokenError,
)
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import SecretStr

from outlook_mcp.audit.denials import Denials
from outlook_mcp.audit.log import Record
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import OutlookError, Remedy, SignInRefused
from outlook_mcp.identity.session import Session, SessionService
from outlook_mcp.identity.user import SERVER, UserKey
from outlook_mcp.web.authorization.authorization_codes import AuthorizationCodes, GrantCode
from outlook_mcp.web.authorization.authorization_requests import AuthorizationRequest, AuthorizationRequests
from outlook_mcp.web.authorization.client import OAuthClient
from outlook_mcp.web.authorization.grant_records import GrantRecords
from outlook_mcp.web.authorization.grant_tokens import GrantRefreshToken, GrantTokens
from outlook_mcp.web.authorization.redirect_answer import describable, redirect_answer
from outlook_mcp.web.authorization.registration import TooManyRegistrations
from outlook_mcp.web.authorization.resource_indicator import is_our_resource
from outlook_mcp.web.caller import CallerToken
from outlook_mcp.web.ended_browser_sessions import EndedBrowserSessions
from outlook_mcp.web.http.rate_limits import LimitExceeded
from outlook_mcp.web.http.request_origin import current_request_origin
from outlook_mcp.web.settings import CONSENT_PATH, WebSettings

_log = logging.getLogger(__name__)
# Longer than what is shown of it; an administrator may have written any name.
LONGEST_CLIENT_NAME = 200
# RFC 7636, 4.2.
_CODE_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class Clients(Protocol):
    """The clients of the authorization server."""

    async def find_client(self, client_id: str) -> OAuthClient | None: ...

    async def register(self, info: OAuthClientInformationFull, *, address: str) -> OAuthClient: ...

    async def note_grant(self, client_id: str) -> None: ...


class IdentityAssertions(Protocol):
    """Verifies assertions of an enterprise's identity provider (ID-JAG)."""

    async def accept(
        self, client: OAuthClientInformationFull, assertion: str, resource: str | None
    ) -> tuple[UserKey, str, tuple[str, ...]]:
        """The user, their mail address, and the scopes. Raises TokenError."""


class AuthorizationProvider:
    """An `OAuthAuthorizationServerProvider` of the SDK, and the `ConsentRequests` of the consent page."""

    def __init__(
        self,
        settings: WebSettings,
        clients: Clients,
        sessions: SessionService,
        records: GrantRecords,
        tokens: GrantTokens,
        ended_browsers: EndedBrowserSessions,
        *,
        record: Record,
        denials: Denials,
        identity_assertions: IdentityAssertions | None = None,
    ) -> None:
        self._settings = settings
        self._clients = clients
        self._sessions = sessions
        self._requests = AuthorizationRequests(records)
        self._codes = AuthorizationCodes(records)
        self._tokens = tokens
        self._ended_browsers = ended_browsers
        self._record = record
        self._denials = denials
        self._identity_assertions = identity_assertions

    @property
    def accepts_identity_assertions(self) -> bool:
        return self._identity_assertions is not None

    async def get_client(self, client_id: str) -> OAuthClient | None:
        return await self._clients.find_client(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        """Registers the client and changes `client_info` to what was registered, which the SDK sends back."""
        address = current_request_origin().address
        try:
            registered = await self._clients.register(client_info, address=address)
        except TooManyRegistrations as refused:
            raise LimitExceeded("Too many clients registered.", refused.retry_after_s) from None
        is_stored = registered.client_id == client_info.client_id
        for name in OAuthClientInformationFull.model_fields:
            setattr(client_info, name, getattr(registered, name))
        # A flood of those that carry their registration in their id may fill no log either.
        if not is_stored:
            return
        details, personal = {"client": registered.client_id}, {"address": address}
        await self._record(AuditTag.CLIENT_REGISTERED, SERVER, details, personal=personal)

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        """The address of our consent page for this request. Raises AuthorizeError."""
        if not _CODE_CHALLENGE.fullmatch(params.code_challenge):
            raise AuthorizeError("invalid_request", "code_challenge: expected 43 to 128 unreserved characters.")
        if not is_our_resource(self._settings, params.resource):
            raise AuthorizeError("invalid_target", f"The resource here is {self._settings.resource}.")
        request = AuthorizationRequest(
            client_id=client.client_id,
            client_name=(client.name if isinstance(client, OAuthClient) else client.client_id)[:LONGEST_CLIENT_NAME],
            client_kind=client.kind if isinstance(client, OAuthClient) else "registered",
            redirect_uri=str(params.redirect_uri),
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            state=params.state,
            code_challenge=params.code_challenge,
            scopes=self._settings.offered_scopes(params.scopes or ()) or self._settings.first_scopes,
            resource=self._settings.resource,
            login_hint=current_request_origin().login_hint,
        )
        try:
            return f"{self._settings.public_url}{CONSENT_PATH}?request={await self._requests.seal_request(request)}"
        except OutlookError as error:
            _log.warning("A sign-in could not begin: %s", error)
            raise AuthorizeError("temporarily_unavailable", "The server is temporarily unavailable.") from None

    async def pending_request(self, handle: SecretStr) -> AuthorizationRequest | None:
        """None when it is unknown, decided or older than ten minutes."""
        return await self._requests.find_request(handle)

    async def belongs_to_another(self, handle: SecretStr, browser: str) -> bool:
        """True when the request was decided in another browser."""
        return await self._requests.belongs_to_another(handle, browser)

    async def bind(self, handle: SecretStr, browser: str) -> bool:
        """Binds the request to the first browser that decides; False for every other one."""
        return await self._requests.bind(handle, browser)

    async def approve(self, handle: SecretStr, *, browser: str, user: UserKey, account: str, address: str) -> str:
        """Ends the request; the client's redirect URI with a code. Raises SignInRefused when it has ended."""
        request = await self._take_request(handle, browser)
        await self._record(
            AuditTag.GRANT_APPROVED,
            user,
            {"client": request.client_id, "scopes": " ".join(request.scopes)},
            personal={"address": address, "account": account},
        )
        code = await self._codes.issue_code(request, user=user, account=account, address=address)
        return redirect_answer(request.redirect_uri, code=code, state=request.state, iss=self._settings.issuer)

    async def refuse(self, handle: SecretStr, *, browser: str, error: str, description: str, address: str) -> str:
        """Ends the request; the client's redirect URI with `error`. Raises SignInRefused when it has ended."""
        request = await self._take_request(handle, browser)
        details = {"client": request.client_id, "error": error}
        await self._denials.record_denial(AuditTag.GRANT_REFUSED, address, details)
        return redirect_answer(
            request.redirect_uri,
            error=error,
            error_description=describable(description),
            state=request.state,
            iss=self._settings.issuer,
        )

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> GrantCode | None:
        """None when it is unknown, expired or redeemed; a redeemed one ends the session that it started."""
        code = await self._codes.find_code(authorization_code)
        if code is None:
            await self._end_reused(authorization_code, client.client_id)
        return code

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: GrantCode
    ) -> OAuthToken:
        """Tokens, to exactly one caller. The SDK has checked redirect URI and code verifier."""
        approved = authorization_code.approved
        if approved.request.resource != self._settings.resource:
            raise TokenError("invalid_target", "The code is for another resource.")
        self._tokens.check_admitted(approved.user, approved.account)
        if await self._ended_browsers.ended_since(approved.user, approved.issued_at):
            raise TokenError("invalid_grant", "The user was signed out everywhere after the code was issued.")
        session = await self._sessions.start_session(
            approved.user,
            client_id=client.client_id,
            client_name=approved.request.client_name,
            client_kind=approved.request.client_kind,
            redirect_uri=approved.request.redirect_uri,
            scopes=approved.request.scopes,
            account=approved.account,
            address=approved.address,
        )
        if not await self._codes.redeem(authorization_code, session):
            await self._sessions.end_session(approved.user, session.id)
            await self._end_reused(authorization_code.code, client.client_id)
            raise TokenError("invalid_grant", "The authorization code was used before; the grant has ended.")
        try:
            await self._record_session(AuditTag.SESSION_STARTED, session)
            await self._clients.note_grant(client.client_id)
            return await self._tokens.issue(session, with_refresh="refresh_token" in client.grant_types)
        except OutlookError:
            # The code is used up, so nobody can get tokens of this session any more.
            await self._sessions.end_session(approved.user, session.id)
            raise

    async def load_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: str
    ) -> GrantRefreshToken | None:
        return await self._tokens.load_refresh(refresh_token)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: GrantRefreshToken, scopes: list[str]
    ) -> OAuthToken:
        """New tokens, to exactly one caller. The SDK has refused scopes beyond those granted."""
        return await self._tokens.rotate(refresh_token, scopes)

    async def load_access_token(self, token: str) -> CallerToken | None:
        return await self._tokens.verify(token)

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        """Ends the session, whichever of its tokens is revoked."""
        if not isinstance(token, CallerToken | GrantRefreshToken) or token.session.user is None:
            return
        session = token.session
        if await self._sessions.end_session(token.session.user, session.id):
            await self._record_session(AuditTag.TOKEN_REVOKED, session)

    async def exchange_identity_assertion(
        self, client: OAuthClientInformationFull, params: IdentityAssertionParams
    ) -> OAuthToken:
        """An access token without a refresh token, so that the enterprise decides again each time (SEP-990)."""
        if self._identity_assertions is None:
            raise TokenError("unsupported_grant_type", "Identity assertions are not accepted here.")
        user, account, granted = await self._identity_assertions.accept(client, params.assertion, params.resource)
        self._tokens.check_admitted(user, account)
        scopes = self._settings.offered_scopes(granted)
        if params.scopes is not None:
            scopes = tuple(scope for scope in scopes if scope in params.scopes)
        if not scopes:
            raise TokenError("invalid_scope", "The assertion grants none of these scopes.")
        return await self._tokens.issue(await self._asserted_session(client, user, account, scopes), with_refresh=False)

    async def _asserted_session(
        self, client: OAuthClientInformationFull, user: UserKey, account: str, scopes: tuple[str, ...]
    ) -> Session:
        """The session of an equal earlier assertion, else a new one: clients send a new assertion about every hour."""
        for session in await self._sessions.sessions_of(user):
            same_grant = (session.client_id, session.account, session.scopes) == (client.client_id, account, scopes)
            if session.is_asserted and same_grant:
                return session
        session = await self._sessions.start_session(
            user,
            client_id=client.client_id,
            client_name=client.name if isinstance(client, OAuthClient) else client.client_id,
            client_kind=client.kind if isinstance(client, OAuthClient) else "registered",
            scopes=scopes,
            account=account,
            is_asserted=True,
            address=current_request_origin().address,
        )
        await self._record_session(AuditTag.SESSION_STARTED, session)
        return session

    async def _take_request(self, handle: SecretStr, browser: str) -> AuthorizationRequest:
        request = await self._requests.take_request(handle, browser)
        if request is None:
            raise SignInRefused(
                "This request is no longer valid, or was opened in another browser.", remedy=Remedy.CONNECT_AGAIN
            )
        return request

    async def _record_session(self, tag: AuditTag, session: Session) -> None:
        await self._record(tag, session.user, {"session": session.id, "client": session.client_id})

    async def _end_reused(self, code: str, client_id: str) -> None:
        used = await self._codes.find_redeemed(code)
        if used is not None and await self._sessions.end_session(used.user, used.session_id):
            await self._record(
                AuditTag.GRANT_CODE_REUSED, used.user, {"session": used.session_id, "presented_by": client_id}
            )
