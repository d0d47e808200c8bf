"""An app that signs users in at the sandbox, written as its developer would."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

MAIL_SCOPE = "openid profile offline_access Mail.ReadWrite Mail.Send"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
OBO_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class RegisteredApp:
    def __init__(
        self,
        http: httpx.AsyncClient,
        client_id: str,
        *,
        secret: str | None = None,
        redirect_uri: str = "http://localhost:53682/",
        tenant: str = "common",
    ) -> None:
        self.http = http
        self.client_id = client_id
        self.secret = secret
        self.redirect_uri = redirect_uri
        self.tenant = tenant
        self.verifier = secrets.token_urlsafe(48)

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def authorization(self, **changes: str | None) -> dict[str, str]:
        """The parameters of the authorization request; None leaves one out."""
        parameters: dict[str, str | None] = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": MAIL_SCOPE,
            "state": "the-state",
            "nonce": "the-nonce",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (parameters | changes).items() if value is not None}

    async def authorize(self, **changes: str | None) -> httpx.Response:
        return await self.http.get(f"/{self.tenant}/oauth2/v2.0/authorize", params=self.authorization(**changes))

    async def code(self, user: str, **changes: str | None) -> str:
        return redirected(await self.authorize(login_hint=user, **changes))["code"]

    async def token(self, **fields: str) -> httpx.Response:
        form = {"client_id": self.client_id} | fields
        if self.secret is not None:
            form.setdefault("client_secret", self.secret)
        return await self.http.post(f"/{self.tenant}/oauth2/v2.0/token", data=form)

    async def redeem(self, code: str, **changes: str) -> httpx.Response:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }
        return await self.token(**(fields | changes))

    async def sign_in(self, user: str, *, scope: str = MAIL_SCOPE, **fields: str) -> dict[str, Any]:
        answer = await self.redeem(await self.code(user, scope=scope), **fields)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def refresh(self, refresh_token: str, **fields: str) -> httpx.Response:
        return await self.token(grant_type="refresh_token", refresh_token=refresh_token, **fields)


def redirected(answer: httpx.Response) -> dict[str, str]:
    """The parameters an answer sends back to the app."""
    assert answer.status_code == 302, answer.text
    target = urlsplit(answer.headers["location"])
    return dict(parse_qsl(target.query or target.fragment))


def form_of(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of a page."""
    return hidden_fields(page.text)


def hidden_fields(html: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', html)
    return {unescape(name): unescape(value) for name, value in found}


def refusal(answer: httpx.Response) -> tuple[int, str, int]:
    """HTTP status, OAuth error and AADSTS number of a refused token request, with its shape checked."""
    body = answer.json()
    (number,) = body["error_codes"]
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    for name in ("Trace ID: " + body["trace_id"], "Correlation ID: " + body["correlation_id"]):
        assert name in body["error_description"]
    assert body["error_description"].endswith(f"Timestamp: {body['timestamp']}")
    return answer.status_code, body["error"], number
