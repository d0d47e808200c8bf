"""Verifies access tokens that another issuer issued for this server: Entra ID, or OpenID Connect (RFC 9068)."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from outlook_mcp.errors import SignInRefused
from outlook_mcp.identity.admission import Admit
from outlook_mcp.identity.scopes import DEFAULT_SCOPES, known_scopes
from outlook_mcp.identity.session import Session
from outlook_mcp.identity.user import Identity
from outlook_mcp.net.clock import UnixClock, unix_time, utc_now
from outlook_mcp.web.caller import CallerToken
from outlook_mcp.web.issuers.issuer import Issuer
from outlook_mcp.web.issuers.signed_token import LEEWAY_S, TokenKind, TokenRefused, verified_claims
from outlook_mcp.web.issuers.subject import subject_of
from outlook_mcp.web.verified_tokens import VerifiedTokens

_log = logging.getLogger(__name__)

ACCESS_TOKEN = TokenKind(frozenset({"", "jwt", "at+jwt"}), required=("sub",))
# Claims that only id tokens have (OpenID Connect Core, 2 and 3.3.2.11).
_ID_TOKEN_CLAIMS = ("nonce", "at_hash", "c_hash")
# The `typ` claim of Keycloak's tokens that are no access tokens.
_OTHER_TYPES = frozenset({"ID", "Refresh", "Offline", "Logout"})


def entra_audiences(client_id: str) -> tuple[str, str]:
    """The two audiences by which Entra ID names the app registration `client_id`."""
    return client_id, f"api://{client_id}"


class ExternalTokenVerifier:
    """A `Verifier` of tokens. `resource` is this server; `audiences` are the names that the issuer has for it.

    `scopes` are those that this server offers; a token gets no others.

    `admit` raises SignInRefused for a user, with this mail address, who may not use this server. `clock` is Unix time
    in seconds.
    """

    def __init__(
        self,
        issuer: Issuer,
        *,
        resource: str,
        audiences: Collection[str],
        admit: Admit,
        scopes: Collection[str] = DEFAULT_SCOPES,
        verified: VerifiedTokens | None = None,
        clock: UnixClock = unix_time,
    ) -> None:
        self._issuer = issuer
        self._resource = resource
        self._audiences = tuple(audiences)
        self._admit = admit
        self._scopes = frozenset(scopes)
        self._verified = VerifiedTokens() if verified is None else verified
        self._clock = clock

    async def verify(self, token: str) -> CallerToken | None:
        """The caller; None when the token is not a valid one of a user. Raises SignInUnavailable."""
        digest = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
        cached = self._verified.find_token(digest)
        if cached is not None and self._clock() < (cached.expires_at or 0) + LEEWAY_S:
            return cached
        verified_at = self._verified.now()
        try:
            caller = await self._verified_caller(token)
        except (TokenRefused, SignInRefused) as refused:
            _log.info("An access token was refused: %s", refused)
            return None
        self._verified.add_token(digest, caller, verified_at=verified_at)
        return caller

    async def _verified_caller(self, token: str) -> CallerToken:
        claims = await verified_claims(token, self._issuer, kind=ACCESS_TOKEN, audiences=self._audiences)
        _require_access_token(claims)
        client_id = _client_id_of(claims)
        granted = _scopes_of_entra(claims) if self._issuer.is_entra else _scopes_of_oidc(claims, client_id)
        scopes = tuple(scope for scope in granted if scope in self._scopes)
        identity = subject_of(self._issuer, claims)
        self._admit(identity.user, identity.address)
        return CallerToken(
            token=token,
            client_id=client_id,
            scopes=list(scopes),
            expires_at=int(claims["exp"]),
            resource=self._resource,
            subject=str(identity.user),
            claims={"iss": claims["iss"]},
            session=_session(claims, identity, client_id, scopes),
        )


def _require_access_token(claims: Mapping[str, Any]) -> None:
    if any(name in claims for name in _ID_TOKEN_CLAIMS) or str(claims.get("typ")) in _OTHER_TYPES:
        raise TokenRefused("it is not an access token")


def _client_id_of(claims: Mapping[str, Any]) -> str:
    """`client_id` (RFC 9068) or `azp` (Entra ID, OpenID Connect)."""
    found = claims.get("client_id", claims.get("azp"))
    if not isinstance(found, str) or not found:
        raise TokenRefused("it names no client")
    return found


def _scopes_of_entra(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """`scp`, which an app that acts for itself does not have. Tokens of version 1.0 have another issuer."""
    scp = claims.get("scp")
    if claims.get("ver") != "2.0" or claims.get("idtyp") == "app" or not isinstance(scp, str) or not scp:
        raise TokenRefused("it lets no app act for a user")
    return known_scopes(scp.split())


def _scopes_of_oidc(claims: Mapping[str, Any], client_id: str) -> tuple[str, ...]:
    """`scope` (RFC 9068) or `scp`, a string or a list; id tokens have neither."""
    if claims["sub"] in (client_id, f"{client_id}@clients"):
        raise TokenRefused("it belongs to an app, not to a user")
    scope = claims.get("scope", claims.get("scp"))
    words = scope.split() if isinstance(scope, str) else scope
    if not isinstance(words, list):
        raise TokenRefused("it has no scope")
    return known_scopes(word for word in words if isinstance(word, str))


def _session(claims: Mapping[str, Any], identity: Identity, client_id: str, scopes: tuple[str, ...]) -> Session:
    """The session that stands for the grant at the issuer: the same for all tokens of one user and client."""
    grant = json.dumps([claims["iss"], str(identity.user), client_id])
    digest = hashlib.sha256(grant.encode()).digest()
    return Session(
        id=base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode(),
        user=identity.user,
        transport="http",
        created=datetime.fromtimestamp(claims["iat"], UTC),
        last_seen=utc_now(),
        client_id=client_id,
        client_name=client_id,
        account=identity.address,
        scopes=scopes,
    )
