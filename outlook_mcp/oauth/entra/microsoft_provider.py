"""The OAuth grants of Entra ID (v2.0 endpoints) that this server uses."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from outlook_mcp.errors import AdministratorRequired, SignInUnavailable
from outlook_mcp.identity.user import Identity
from outlook_mcp.net.json_answer import JsonAnswer
from outlook_mcp.oauth.entra import device_code
from outlook_mcp.oauth.entra.app_check import refusal_of_page, refusal_of_request
from outlook_mcp.oauth.entra.claims import claims_parameter
from outlook_mcp.oauth.entra.client_credential import ClientCredential
from outlook_mcp.oauth.entra.device_code import DeviceCode, poll_device_code, read_device_code
from outlook_mcp.oauth.entra.errors import sign_in_error
from outlook_mcp.oauth.entra.lazy import EntraClient
from outlook_mcp.oauth.entra.metadata import EntraMetadata
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.oauth.entra.token_answer import TokenAnswer, read_token_answer
from outlook_mcp.oauth.security_service import SignInSecrets

ON_BEHALF_OF_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class MicrosoftOAuthProvider:
    """One app registration in one tenant. It holds no data of a user, so all users share it.

    Every method that sends a request may raise the SignInError that `sign_in_error` makes of Entra's answer, and
    SignInUnavailable when Entra cannot be reached or its answer cannot be read.
    """

    def __init__(self, settings: OAuthSettings, credential: ClientCredential | None = None) -> None:
        """`credential` is that of a confidential app, None for a public one."""
        self.settings = settings
        self._credential = credential
        self._client: EntraClient | None = None

    async def metadata(self) -> EntraMetadata:
        """The discovery document, fetched once a day."""
        return await self._entra().metadata()

    async def authorize_url(
        self,
        secrets: SignInSecrets,
        *,
        redirect_uri: str,
        scopes: tuple[str, ...] | None = None,
        login_hint: str | None = None,
        claims: str | None = None,
        select_account: bool = False,
        prompt: str | None = None,
    ) -> str:
        """The address at which a browser signs in: authorization code with PKCE, response in the query.

        `scopes` are Graph permissions, by default the configured ones; `claims` is a claims challenge to satisfy.
        `select_account` makes Entra show the list of accounts even to a user who is signed in, and ignores the
        configured login hint. `prompt` is another value of that parameter and names nobody.
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
        hint = login_hint or (None if select_account or prompt else self.settings.login_hint)
        if hint:
            parameters["login_hint"] = hint
        if prompt or select_account or not hint:
            parameters["prompt"] = prompt or "select_account"
        return f"{(await self.metadata()).authorization_endpoint}?{urlencode(parameters)}"

    async def check_app(
        self, secrets: SignInSecrets, *, redirect_uri: str, scopes: tuple[str, ...] | None = None
    ) -> None:
        """Raises the SignInError that everybody would meet who signs in with this app, tenant and redirect address.

        Returns when there is none, and also when Entra's answers say nothing of it: only its sign-in page decides.
        """
        asked, endpoint = scopes or self.settings.scopes, (await self.metadata()).device_authorization_endpoint
        form = {"scope": " ".join(self.settings.asked_scopes(scopes))}
        url = await self.authorize_url(secrets, redirect_uri=redirect_uri, scopes=scopes, prompt="none")
        refused, is_server = None, self.settings.is_server
        with suppress(SignInUnavailable):
            if endpoint is not None:
                answer = await self._entra().post_form(endpoint, form)
                refused = refusal_of_request(answer.body, scopes=asked, is_server=is_server)
        with suppress(SignInUnavailable):
            page = await self._entra().get_page(url)
            refused = refused or refusal_of_page(page, redirect_uri, scopes=asked, is_server=is_server)
        if refused is not None:
            raise refused

    async def exchange_code(
        self, code: SecretStr, *, redirect_uri: str, code_verifier: SecretStr, scopes: tuple[str, ...] | None = None
    ) -> TokenAnswer:
        """Tokens for an authorization code, which Entra accepts once."""
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
        """New tokens for the Graph permissions `scopes`; `claims` is the claims challenge of Graph, if there is one."""
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
        """Tokens for the user of `assertion`, an access token that the tenant issued for this app.

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
        """A new device code, with the user code to show."""
        endpoint = (await self.metadata()).device_authorization_endpoint
        if endpoint is None:
            raise AdministratorRequired(
                "This Entra ID offers no device code sign-in.", next_step="Sign in with a browser."
            )
        form = {"scope": " ".join(self.settings.asked_scopes(scopes))}
        return read_device_code(self._body(await self._entra().post_form(endpoint, form), scopes))

    async def finish_device(self, code: DeviceCode, scopes: tuple[str, ...] | None = None) -> TokenAnswer:
        """Tokens, once the user has typed the code; waits at most until the code expires."""
        endpoint = (await self.metadata()).token_endpoint
        form = {"grant_type": device_code.GRANT, "device_code": code.device_code.get_secret_value()}
        answer = await poll_device_code(code, lambda: self._entra().post_authenticated_form(endpoint, form))
        return read_token_answer(self._body(answer, scopes))

    async def identify(self, answer: TokenAnswer, *, nonce: SecretStr | None) -> Identity:
        """The person of the answer's id token, after every check of `validate_id_token`."""
        if answer.id_token is None:
            raise SignInUnavailable("The token answer of Entra ID holds no id token.")
        return await self._entra().identify(answer.id_token, nonce=nonce)

    async def aclose(self) -> None:
        """Closes the connections of the client and of the credential."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        if self._credential is not None:
            await self._credential.aclose()

    async def _token(
        self, form: dict[str, str], scopes: tuple[str, ...] | None, *, tenant: str | None = None
    ) -> TokenAnswer:
        endpoint = (await self.metadata()).token_endpoint_of(tenant)
        form = {**form, "scope": " ".join(self.settings.asked_scopes(scopes))}
        answer = await self._entra().post_authenticated_form(endpoint, form)
        return read_token_answer(self._body(answer, scopes))

    def _entra(self) -> EntraClient:
        if self._client is None:
            self._client = EntraClient(self.settings, self._credential)
        return self._client

    def _body(self, answer: JsonAnswer, scopes: tuple[str, ...] | None = None) -> Mapping[str, Any]:
        if answer.status == 200:
            return answer.body
        raise sign_in_error(
            answer.body,
            status=answer.status,
            scopes=scopes or self.settings.scopes,
            is_server=self.settings.is_server,
        )
