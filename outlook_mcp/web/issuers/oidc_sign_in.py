"""Signs users in at an issuer other than Entra ID (OpenID Connect Core, 3.1, with PKCE)."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from pydantic import SecretStr

from outlook_mcp.errors import Remedy, SignInRefused, SignInUnavailable
from outlook_mcp.identity.admission import Admit
from outlook_mcp.identity.user import Identity, UserKey
from outlook_mcp.oauth.security_service import OAuthSecurityService, SignInSecrets
from outlook_mcp.oauth.sign_in.oauth_manager import BegunSignIn
from outlook_mcp.oauth.sign_in.pending import LIFETIME_S
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.web.issuers.issuer import Issuer, IssuerMetadata
from outlook_mcp.web.issuers.signed_token import TokenKind, TokenRefused, verified_claims
from outlook_mcp.web.issuers.subject import subject_of

ID_TOKEN = TokenKind(frozenset({"", "jwt"}), required=("sub", "nonce"))
SCOPES = "openid profile email"
_PURPOSE = "oidc_sign_in"


class OidcIdentityProvider:
    """An `IdentityProvider`: authorization code flow with PKCE, state and nonce, each used once.

    `admit` raises SignInRefused for a user, with this mail address, who may not use this server, and `refuse_blocked`
    for one whom an administrator has blocked.
    """

    def __init__(
        self,
        issuer: Issuer,
        tickets: Tickets,
        security: OAuthSecurityService,
        *,
        client_id: str,
        client_secret: SecretStr | None,
        admit: Admit,
        refuse_blocked: Callable[[UserKey, str], Awaitable[None]] | None = None,
    ) -> None:
        self._issuer = issuer
        self._tickets = tickets
        self._security = security
        self._client_id = client_id
        self._client_secret = client_secret
        self._admit = admit
        self._refuse_blocked = refuse_blocked

    @property
    def name(self) -> str:
        return urlsplit(self._issuer.address).hostname or ""

    async def begin_sign_in(self, redirect_uri: str, *, login_hint: str | None = None) -> BegunSignIn:
        """A sign-in whose callback must come to `redirect_uri` within ten minutes, once."""
        endpoint = (await self._issuer.metadata()).authorization_endpoint
        if endpoint is None:
            raise SignInUnavailable("The metadata of the issuer has no authorization_endpoint.")
        secrets = self._security.new_secrets()
        parameters = {
            "client_id": self._client_id,
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": SCOPES,
            "state": secrets.state,
            "nonce": secrets.nonce.get_secret_value(),
            "code_challenge": secrets.code_challenge,
            "code_challenge_method": "S256",
        }
        if login_hint:
            parameters["login_hint"] = login_hint
        separator = "&" if "?" in endpoint else "?"
        url = self._security.check_browser_url(f"{endpoint}{separator}{urlencode(parameters)}")
        await self._tickets.put_ticket(
            _PURPOSE, SecretStr(secrets.state), _to_bytes(secrets, redirect_uri), lifetime_s=LIFETIME_S
        )
        return BegunSignIn(url, secrets.state)

    async def finish(self, callback: Mapping[str, str]) -> Identity:
        """Who signed in, from the query parameters of the callback. Raises SignInError."""
        state = callback.get("state", "")
        stored = await self._tickets.take_ticket(_PURPOSE, SecretStr(state)) if state else None
        if stored is None:
            raise SignInRefused("The sign-in is unknown, was finished before, or took too long.")
        metadata = await self._issuer.metadata()
        iss = callback.get("iss")
        if iss != metadata.issuer and (iss is not None or metadata.sends_iss):
            raise SignInRefused("The callback comes from another issuer than the one asked.")
        if "error" in callback or not callback.get("code"):
            raise SignInRefused("The sign-in was not completed.", remedy=Remedy.START_SIGN_IN_AGAIN)
        secrets, redirect_uri = _from_bytes(state, stored)
        id_token = await self._redeem_code(metadata, SecretStr(callback["code"]), secrets, redirect_uri)
        identity = await self._verified_identity(id_token, secrets.nonce)
        self._admit(identity.user, identity.address)
        if self._refuse_blocked is not None:
            await self._refuse_blocked(identity.user, identity.address)
        return identity

    async def _redeem_code(
        self, metadata: IssuerMetadata, code: SecretStr, secrets: SignInSecrets, redirect_uri: str
    ) -> SecretStr:
        """The id token for the code; other tokens of the answer are dropped."""
        if metadata.token_endpoint is None:
            raise SignInUnavailable("The metadata of the issuer has no token_endpoint.")
        form = {
            "grant_type": "authorization_code",
            "code": code.get_secret_value(),
            "redirect_uri": redirect_uri,
            "code_verifier": secrets.code_verifier.get_secret_value(),
        }
        basic = None
        if self._client_secret is not None and "client_secret_post" not in metadata.token_auth_methods:
            basic = (self._client_id, self._client_secret)
        else:
            form["client_id"] = self._client_id
            if self._client_secret is not None:
                form["client_secret"] = self._client_secret.get_secret_value()
        answer = await self._issuer.post(metadata.token_endpoint, form, basic=basic)
        if answer.status >= 500:
            raise SignInUnavailable(f"The issuer could not complete the sign-in (HTTP {answer.status}).")
        id_token = answer.body.get("id_token")
        if answer.status != 200 or not isinstance(id_token, str):
            raise SignInRefused("The issuer did not complete the sign-in.")
        return SecretStr(id_token)

    async def _verified_identity(self, id_token: SecretStr, nonce: SecretStr) -> Identity:
        try:
            claims = await verified_claims(
                id_token.get_secret_value(), self._issuer, kind=ID_TOKEN, audiences=(self._client_id,)
            )
            self._check_authorized_party(claims)
            if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.get_secret_value().encode()):
                raise TokenRefused("it does not belong to this sign-in")
            return subject_of(self._issuer, claims)
        except TokenRefused as refused:
            raise SignInRefused(f"The id token is not accepted: {refused}.") from None

    def _check_authorized_party(self, claims: Mapping[str, Any]) -> None:
        """OpenID Connect Core, 3.1.3.7 (4) and (5)."""
        party = claims.get("azp")
        has_several_audiences = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (party is not None or has_several_audiences) and party != self._client_id:
            raise TokenRefused("it was given to another client")


def _to_bytes(secrets: SignInSecrets, redirect_uri: str) -> bytes:
    """Without the state, which is the key of the record."""
    fields = [secrets.nonce.get_secret_value(), secrets.code_verifier.get_secret_value(), redirect_uri]
    return json.dumps(fields).encode()


def _from_bytes(state: str, value: bytes) -> tuple[SignInSecrets, str]:
    nonce, code_verifier, redirect_uri = json.loads(value)
    return SignInSecrets(state, SecretStr(nonce), SecretStr(code_verifier)), redirect_uri
