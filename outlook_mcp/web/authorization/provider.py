"""Our authorization server behind the SDK's endpoints: what a client asks, a user approves, and tokens follow."""

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

from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import OutlookError, SignInRefused
from outlook_mcp.identity.session import Session, SessionService
from outlook_mcp.identity.user import SERVER, UserKey
from outlook_mcp.web.authorization.authorization_codes import AuthorizationCodes, GrantCode
from outlook_mcp.web.authorization.authorization_request import AuthorizationRequest, AuthorizationRequests
from outlook_mcp.web.authorization.client import OAuthClient
from outlook_mcp.web.authorization.grant_records import GrantRecords
from outlook_mcp.web.authorization.grant_tokens import GrantRefreshToken, GrantTokens, Record
from outlook_mcp.web.authorization.redirect_answer import describable, redirect_answer
from outlook_mcp.web.authorization.registration import TooManyRegistrations
from outlook_mcp.web.authorization.request_origin import current_request_origin
from outlook_mcp.web.authorization.resource_indicator import is_our_resource
from outlook_mcp.web.browser_ends import EndedBrowserSessions
from outlook_mcp.web.caller import CallerToken
from outlook_mcp.web.settings import CONSENT_PATH, WebSettings

_log = logging.getLogger(__name__)
# RFC 7636, 4.2.
_CODE_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class Clients(Protocol):
    """Whom the authorization server knows."""

    async def get(self, client_id: str) -> OAuthClient | None: ...

    async def register(self, info: OAuthClientInformationFull, *, address: str) -> OAuthClient: ...

    async def note_grant(self, client_id: str) -> None: ...


class IdentityAssertions(Protocol):
    """Checks assertions of an enterprise's identity provider (ID-JAG)."""

    async def accept(
        self, client: OAuthClientInformationFull, assertion: str, resource: str | None
    ) -> tuple[UserKey, str, tuple[str, ...]]:
        """The user, their address, and the scopes; raises TokenError."""


class RegistrationsExhausted(Exception):
    """Too many clients registered; `retry_after_s` is when it may be tried again."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("Too many clients registered.")
        self.retry_after_s = retry_after_s


class AuthorizationProvider:
    """An `OAuthAuthorizationServerProvider` of the SDK, and what the consent page does with a request."""

    def __init__(
        self,
        settings: WebSettings,
        clients: Clients,
        sessions: SessionService,
        records: GrantRecords,
        tokens: GrantTokens,
        browser_ends: EndedBrowserSessions,
        *,
        record: Record,
        identity_assertions: IdentityAssertions | None = None,
    ) -> None:
        self._settings = settings
        self._clients = clients
        self._sessions = sessions
        self._requests = AuthorizationRequests(records)
        self._codes = AuthorizationCodes(records)
        self._tokens = tokens
        self._browser_ends = browser_ends
        self._record = record
        self._identity_assertions = identity_assertions

    @property
    def accepts_identity_assertions(self) -> bool:
        return self._identity_assertions is not None

    async def get_client(self, client_id: str) -> OAuthClient | None:
        return await self._clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        """Changes `client_info` to what was registered, which the SDK sends back."""
        try:
            registered = await self._clients.register(client_info, address=current_request_origin().address)
        except TooManyRegistrations as refused:
            raise RegistrationsExhausted(refused.retry_after_s) from None
        for name in OAuthClientInformationFull.model_fields:
            setattr(client_info, name, getattr(registered, name))
        await self._record(
            AuditTag.CLIENT_REGISTERED,
            SERVER,
            personal={"address": current_request_origin().address},
            client=registered.client_id,
        )

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        """The address of our consent page for this request; raises AuthorizeError."""
        if not _CODE_CHALLENGE.fullmatch(params.code_challenge):
            raise AuthorizeError("invalid_request", "code_challenge: expected 43 to 128 unreserved characters.")
        if not is_our_resource(self._settings, params.resource):
            raise AuthorizeError("invalid_target", f"The resource here is {self._settings.resource}.")
        request = AuthorizationRequest(
            client_id=client.client_id,
            client_name=client.name if isinstance(client, OAuthClient) else client.client_id,
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
            return f"{self._settings.public_url}{CONSENT_PATH}?request={await self._requests.keep(request)}"
        except OutlookError as error:
            _log.warning("A sign-in could not begin: %s", error)
            raise AuthorizeError("temporarily_unavailable", "The server cannot answer just now.") from None

    async def request(self, handle: SecretStr) -> AuthorizationRequest | None:
        """For the consent page; None when it was answered or ten minutes are over."""
        return await self._requests.read(handle)

    async def bind(self, handle: SecretStr, browser: str) -> bool:
        """The first browser that opens the consent page owns the request; False to every other."""
        return await self._requests.bind(handle, browser)

    async def approve(self, handle: SecretStr, *, browser: str, user: UserKey, account: str, address: str) -> str:
        """Consumes the request; where the browser goes on to, with a code. Raises SignInRefused when it is over."""
        request = await self._take(handle, browser)
        await self._record(
            AuditTag.GRANT_APPROVED,
            user,
            personal={"address": address, "account": account},
            client=request.client_id,
            scopes=" ".join(request.scopes),
        )
        code = await self._codes.issue(request, user=user, account=account, address=address)
        return redirect_answer(request.redirect_uri, code=code, state=request.state, iss=self._settings.issuer)

    async def refuse(self, handle: SecretStr, *, browser: str, error: str, description: str) -> str:
        """Consumes the request; where the browser goes on to, with the error. Raises SignInRefused when it is over."""
        request = await self._take(handle, browser)
        await self._record(AuditTag.GRANT_REFUSED, client=request.client_id, error=error)
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
        """None when there is none (any more); a used one ends the session it made."""
        code = await self._codes.load(authorization_code)
        if code is None:
            await self._end_reused(authorization_code, client.client_id)
        return code

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: GrantCode
    ) -> OAuthToken:
        """To exactly one caller; redirect URI and code verifier were compared by the SDK."""
        approved = authorization_code.approved
        if approved.request.resource != self._settings.resource:
            raise TokenError("invalid_target", "The code is for another resource.")
        self._tokens.check_admitted(approved.user, approved.account)
        if await self._browser_ends.is_after(approved.user, approved.issued_at):
            raise TokenError("invalid_grant", "The user was signed out everywhere since.")
        session = await self._sessions.start(
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
            await self._sessions.end(approved.user, session.id)
            await self._end_reused(authorization_code.code, client.client_id)
            raise TokenError("invalid_grant", "The authorization code was used before; the grant has ended.")
        try:
            await self._started(session)
            await self._clients.note_grant(client.client_id)
            return await self._tokens.issue(session, with_refresh="refresh_token" in client.grant_types)
        except OutlookError:
            # The code is used up, so nobody will ever have tokens of this session.
            await self._sessions.end(approved.user, session.id)
            raise

    async def load_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: str
    ) -> GrantRefreshToken | None:
        return await self._tokens.load_refresh(refresh_token)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: GrantRefreshToken, scopes: list[str]
    ) -> OAuthToken:
        """To exactly one caller; scopes beyond those granted were refused by the SDK."""
        return await self._tokens.rotate(refresh_token, scopes)

    async def load_access_token(self, token: str) -> CallerToken | None:
        return await self._tokens.verify(token)

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        """Either token ends the session."""
        if not isinstance(token, CallerToken | GrantRefreshToken) or token.session.user is None:
            return
        session = token.session
        if await self._sessions.end(token.session.user, session.id):
            await self._record(AuditTag.TOKEN_REVOKED, session.user, session=session.id, client=session.client_id)

    async def exchange_identity_assertion(
        self, client: OAuthClientInformationFull, params: IdentityAssertionParams
    ) -> OAuthToken:
        """An access token without a refresh token: the enterprise decides anew each time (SEP-990)."""
        if self._identity_assertions is None:
            raise TokenError("unsupported_grant_type", "Identity assertions are not accepted here.")
        user, account, granted = await self._identity_assertions.accept(client, params.assertion, params.resource)
        self._tokens.check_admitted(user, account)
        scopes = self._settings.offered_scopes(granted)
        if params.scopes is not None:
            scopes = tuple(scope for scope in scopes if scope in params.scopes)
        if not scopes:
            raise TokenError("invalid_scope", "The assertion grants none of these scopes.")
        return await self._tokens.issue(await self._asserted(client, user, account, scopes), with_refresh=False)

    async def _asserted(
        self, client: OAuthClientInformationFull, user: UserKey, account: str, scopes: tuple[str, ...]
    ) -> Session:
        """The session of the same grant if there is one: assertions come anew every hour."""
        for session in await self._sessions.list(user):
            same_grant = (session.client_id, session.account, session.scopes) == (client.client_id, account, scopes)
            if session.is_asserted and same_grant:
                return session
        session = await self._sessions.start(
            user,
            client_id=client.client_id,
            client_name=client.name if isinstance(client, OAuthClient) else client.client_id,
            client_kind=client.kind if isinstance(client, OAuthClient) else "registered",
            scopes=scopes,
            account=account,
            is_asserted=True,
            address=current_request_origin().address,
        )
        await self._started(session)
        return session

    async def _take(self, handle: SecretStr, browser: str) -> AuthorizationRequest:
        request = await self._requests.take(handle, browser)
        if request is None:
            raise SignInRefused("This request is over, or was opened in another browser.", next_step="Start again.")
        return request

    async def _started(self, session: Session) -> None:
        await self._record(AuditTag.SESSION_STARTED, session.user, session=session.id, client=session.client_id)

    async def _end_reused(self, code: str, client_id: str) -> None:
        used = await self._codes.redeemed(code)
        if used is not None and await self._sessions.end(used.user, used.session_id):
            await self._record(AuditTag.GRANT_CODE_REUSED, used.user, session=used.session_id, presented_by=client_id)
