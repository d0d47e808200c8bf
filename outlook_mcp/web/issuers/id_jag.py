"""Identity assertions (ID-JAG) of an enterprise's identity provider as grants (SEP-990).

draft-ietf-oauth-identity-assertion-authz-grant, 3.1 and 4.4.1, on RFC 7523, 3.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from mcp.server.auth.provider import TokenError
from mcp.shared.auth import OAuthClientInformationFull
from pydantic import SecretStr

from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import unix_time
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.web.authorization.resource_indicator import is_our_resource
from outlook_mcp.web.issuers.issuer import Issuer, of_tenant
from outlook_mcp.web.issuers.signed_token import (
    LEEWAY_S,
    TokenKind,
    TokenRefused,
    unverified_issuer,
    verified_claims,
)
from outlook_mcp.web.issuers.subject import subject_of
from outlook_mcp.web.settings import WebSettings

ID_JAG = TokenKind(frozenset({"oauth-id-jag+jwt"}), required=("sub", "jti", "client_id"))
# An assertion is exchanged at once; the one in the draft's example is valid for 300 s.
LONGEST_LIFETIME_S = 1800
_PURPOSE = "id_jag"


class IdentityAssertions:
    """Accepts assertions of these issuers, each once on all servers that share the vault."""

    def __init__(self, settings: WebSettings, issuers: Collection[Issuer], tickets: Tickets) -> None:
        self._settings = settings
        self._issuers = tuple(issuers)
        self._tickets = tickets

    async def accept(
        self, client: OAuthClientInformationFull, assertion: str, resource: str | None
    ) -> tuple[UserKey, str, tuple[str, ...]]:
        """The user, their mail address, and those of our scopes that the assertion grants to `client`.

        Raises TokenError; SignInUnavailable when the issuer's keys cannot be fetched.
        """
        if not is_our_resource(self._settings, resource):
            raise TokenError("invalid_target", "This server issues tokens for its own resource only.")
        try:
            claims, issuer = await self._verified(assertion)
            self._check_grant(client, claims)
            # The draft resolves accounts by `email`; the issuer is the company's own, so it vouches for the address.
            identity = subject_of(issuer, claims, vouches_for_email=True)
            self._check_resource(claims)
            scopes = self._scopes(claims)
            await self._use_up(claims)
        except TokenRefused as refused:
            raise TokenError("invalid_grant", f"The assertion is not accepted: {refused}.") from None
        return identity.user, identity.address, scopes

    def _scopes(self, claims: Mapping[str, Any]) -> tuple[str, ...]:
        """The offered scopes that the assertion names; the default ones when it names none at all."""
        scope = claims.get("scope")
        if scope is None:
            return self._settings.first_scopes
        granted = self._settings.offered_scopes(scope.split()) if isinstance(scope, str) else ()
        if not granted:
            raise TokenError("invalid_scope", "The assertion grants none of the scopes of this server.")
        return granted

    async def _verified(self, assertion: str) -> tuple[Mapping[str, Any], Issuer]:
        issuer = await self._trusted_issuer(unverified_issuer(assertion))
        # Our issuer is an origin without a path, so a trailing slash makes no difference.
        ours = (self._settings.issuer, f"{self._settings.issuer}/")
        return await verified_claims(assertion, issuer, kind=ID_JAG, audiences=ours), issuer

    async def _trusted_issuer(self, name: str) -> Issuer:
        """The configured issuer of this name. Entra ID has a name for each tenant. Raises TokenRefused."""
        for issuer in self._issuers:
            if not issuer.is_entra and issuer.address == name:
                return issuer
            tenant = name.rsplit("/", 2)[-2] if name.count("/") > 2 else ""
            if issuer.is_entra and of_tenant((await issuer.metadata()).issuer, tenant) == name:
                return issuer
        raise TokenRefused("its issuer is not trusted here")

    def _check_grant(self, client: OAuthClientInformationFull, claims: Mapping[str, Any]) -> None:
        if claims["client_id"] != client.client_id:
            raise TokenRefused("it was given to another client")
        if isinstance(claims["aud"], list) and len(claims["aud"]) != 1:
            raise TokenRefused("it is for other servers as well")
        if "authorization_details" in claims:
            # They could narrow what the scopes allow (RFC 9396).
            raise TokenRefused("it has authorization_details, which are not supported here")

    def _check_resource(self, claims: Mapping[str, Any]) -> None:
        """A missing `resource` means this server, the only one there is."""
        named = claims.get("resource")
        if named is None:
            return
        resources = named if isinstance(named, list) else [named]
        if not any(isinstance(item, str) and is_our_resource(self._settings, item) for item in resources):
            raise TokenError("invalid_target", "The assertion is for another resource.")

    async def _use_up(self, claims: Mapping[str, Any]) -> None:
        """Comes last, so that an assertion refused for another reason is not used up."""
        remaining = claims["exp"] - unix_time()
        if remaining > LONGEST_LIFETIME_S:
            raise TokenRefused("its lifetime is too long")
        if not isinstance(claims["jti"], str) or not 0 < len(claims["jti"]) <= 255:
            raise TokenRefused("it has no usable jti")
        handle = SecretStr(f"{claims['iss']} {claims['jti']}")
        if not await self._tickets.mark_handle(_PURPOSE, handle, lifetime_s=remaining + 2 * LEEWAY_S):
            raise TokenRefused("it was used before")
