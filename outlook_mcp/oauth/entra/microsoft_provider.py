"""Entra ID (v2.0 endpoints) on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from outlook_mcp.errors import AdministratorRequired, SignInUnavailable
from outlook_mcp.identity.user import Identity
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.net.json_http import JsonAnswer, JsonHttp
from outlook_mcp.net.verification_keys import VerificationKeys
from outlook_mcp.oauth.entra import device_code
from outlook_mcp.oauth.entra.claims import claims_parameter
from outlook_mcp.oauth.entra.client_credential import ClientCredential
from outlook_mcp.oauth.entra.device_code import DeviceCode, read_device_code
from outlook_mcp.oauth.entra.errors import sign_in_error
from outlook_mcp.oauth.entra.id_token import validate_id_token
from outlook_mcp.oauth.entra.metadata import EntraMetadata, read_metadata
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.oauth.entra.token_answer import TokenAnswer, read_token_answer
from outlook_mcp.oauth.security_service import SignInSecrets

PEER = "Entra ID"
METADATA_LIFETIME_S = 24 * 3600.0
ON_BEHALF_OF_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class MicrosoftOAuthProvider:
    """One app registration in one tenant. Holds no user's data, so everybody may share it.

    Every call may raise the SignInError that `sign_in_error` finds in Entra's answer, and SignInUnavailable when there
    is no answer that can be read.
    """

    def __init__(self, settings: OAuthSettings, credential: ClientCredential | None = None) -> None:
        """`credential` proves a confidential app."""
        self.settings = settings
        self._credential = credential
        self._http = JsonHttp(PEER, settings.authority, ca_file=settings.ca_file, deadline_s=settings.deadline_s)
        self._keys = VerificationKeys(PEER, self._fetch_keys)
        self._metadata: tuple[EntraMetadata, float] | None = None
        self._metadata_lock = asyncio.Lock()

    async def metadata(self) -> EntraMetadata:
        """The discovery document, fetched once a day."""
        async with self._metadata_lock:
            if self._metadata is None or seconds_since_boot() > self._metadata[1]:
                url = f"{self.settings.base_url}/v2.0/.well-known/openid-configuration"
                body = self._body(await self._http.get(url))
                known = read_metadata(body, self.settings.authority)
                self._metadata = (known, seconds_since_boot() + METADATA_LIFETIME_S)
            return self._metadata[0]

    async def authorize_url(
        self,
        secrets: SignInSecrets,
        *,
        redirect_uri: str,
        scopes: tuple[str, ...] | None = None,
        login_hint: str | None = None,
        claims: str | None = None,
        select_account: bool = False,
    ) -> str:
        """Where the browser goes to sign in: code with PKCE, answered by query.

        `select_account` shows the choice of accounts also to somebody who is signed in, and suggests no other address
        than `login_hint`.
        """
        parameters = {
            "client_id": self.settings.client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.settings.asked_scopes(scopes)),
            "state": secrets.state,
            "nonce": secrets.nonce.get_secret_value(),
            "code_challenge": secrets.code_challenge,
            "code_challenge_method": "S256",
            "claims": claims_parameter(claims),
        }
        hint = login_hint or (None if select_account else self.settings.login_hint)
        if hint:
            parameters["login_hint"] = hint
        if select_account or not hint:
            parameters["prompt"] = "select_account"
        return f"{(await self.metadata()).authorization_endpoint}?{urlencode(parameters)}"

    async def exchange_code(
        self, code: SecretStr, *, redirect_uri: str, code_verifier: SecretStr, scopes: tuple[str, ...] | None = None
    ) -> TokenAnswer:
        """Redeems an authorization code, once."""
        return await self._token(
            {
                "grant_type": "authorization_code",
                "code": code.get_secret_value(),
                "redirect_uri": redirect_uri,
                "code_verifier": code_verifier.get_secret_value(),
                "claims": claims_parameter(None),
            },
            scopes,
        )

    async def refresh(
        self, refresh_token: SecretStr, *, scopes: tuple[str, ...] | None = None, claims: str | None = None
    ) -> TokenAnswer:
        """New tokens for `scopes`; `claims` is the challenge Graph sent, if any."""
        return await self._token(
            {
                "grant_type": "refresh_token",
                "refresh_token": refresh_token.get_secret_value(),
                "claims": claims_parameter(claims),
            },
            scopes,
        )

    async def on_behalf_of(
        self,
        assertion: SecretStr,
        *,
        tenant: str,
        scopes: tuple[str, ...] | None = None,
        claims: str | None = None,
    ) -> TokenAnswer:
        """Tokens for the person of `assertion`, an access token of the tenant that was issued for this app.

        https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
        """
        return await self._token(
            {
                "grant_type": ON_BEHALF_OF_GRANT,
                "requested_token_use": "on_behalf_of",
                "assertion": assertion.get_secret_value(),
                "claims": claims_parameter(claims),
            },
            scopes,
            tenant=tenant,
        )

    async def start_device(self, scopes: tuple[str, ...] | None = None) -> DeviceCode:
        """Asks for a device code."""
        endpoint = (await self.metadata()).device_authorization_endpoint
        if endpoint is None:
            raise AdministratorRequired(
                "This Entra ID offers no device code sign-in.", next_step="Sign in with a browser."
            )
        form = {"client_id": self.settings.client_id, "scope": " ".join(self.settings.asked_scopes(scopes))}
        return read_device_code(self._body(await self._http.post(endpoint, form), scopes))

    async def finish_device(self, code: DeviceCode, scopes: tuple[str, ...] | None = None) -> TokenAnswer:
        """Waits until the person has typed the code; at most the life of the code."""
        endpoint = (await self.metadata()).token_endpoint
        form = {"grant_type": device_code.GRANT, "device_code": code.device_code.get_secret_value()}
        answer = await device_code.poll(code, lambda: self._ask(endpoint, form))
        return read_token_answer(self._body(answer, scopes))

    async def identify(self, answer: TokenAnswer, *, nonce: SecretStr | None) -> Identity:
        """Who the answer's id token names, after every check of `validate_id_token`."""
        if answer.id_token is None:
            raise SignInUnavailable("The token answer of Entra ID holds no id token.")
        return await validate_id_token(
            answer.id_token,
            self._keys,
            client_id=self.settings.client_id,
            issuer=(await self.metadata()).issuer,
            nonce=nonce,
        )

    async def aclose(self) -> None:
        await self._http.aclose()
        if self._credential is not None:
            await self._credential.aclose()

    async def _token(
        self, form: dict[str, str], scopes: tuple[str, ...] | None, *, tenant: str | None = None
    ) -> TokenAnswer:
        endpoint = (await self.metadata()).token_endpoint_of(tenant)
        asked = {**form, "scope": " ".join(self.settings.asked_scopes(scopes))}
        return read_token_answer(self._body(await self._ask(endpoint, asked), scopes))

    async def _ask(self, token_endpoint: str, form: Mapping[str, str]) -> JsonAnswer:
        proof = {} if self._credential is None else await self._credential.parameters(token_endpoint)
        return await self._http.post(token_endpoint, {**form, "client_id": self.settings.client_id, **proof})

    def _body(self, answer: JsonAnswer, scopes: tuple[str, ...] | None = None) -> Mapping[str, Any]:
        if answer.status == 200:
            return answer.body
        raise sign_in_error(answer.body, status=answer.status, scopes=scopes or self.settings.scopes)

    async def _fetch_keys(self) -> Mapping[str, Any]:
        return self._body(await self._http.get((await self.metadata()).jwks_uri))
