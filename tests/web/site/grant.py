"""A client of the authorization server, by hand: what the SDK's client does, in steps a test can bend."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx

REDIRECT_URI = "http://127.0.0.1:6276/oauth/callback"


class Browser(Protocol):
    """Of a person who says yes."""

    async def follow_until(self, url: str, redirect_uri: str) -> dict[str, str]:
        """What comes along to `redirect_uri` in the end."""


@dataclass(frozen=True)
class Grant:
    """What a client holds after its user agreed."""

    client_id: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scope: str


async def registered(http: httpx.AsyncClient, **registration: Any) -> str:
    """The id of a client that registered itself."""
    metadata = {
        "client_name": "Inspector",
        "redirect_uris": [REDIRECT_URI],
        "token_endpoint_auth_method": "none",
        **registration,
    }
    answer = await http.post("/register", json=metadata)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["client_id"])


def challenge(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


VERIFIER = secrets.token_urlsafe(48)


def asks(public_url: str, client_id: str, **changes: str | None) -> str:
    """The address of a good authorization request with VERIFIER, but for the changes."""
    query: dict[str, str | None] = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": REDIRECT_URI,
        "scope": "mail.read",
        "state": "of the client",
        "code_challenge": challenge(VERIFIER),
        "code_challenge_method": "S256",
        "resource": f"{public_url}/mcp",
        **changes,
    }
    given = {name: value for name, value in query.items() if value is not None}
    return f"{public_url}/authorize?{urlencode(given)}"


async def redeemed(http: httpx.AsyncClient, client_id: str, code: str, **changes: str | None) -> httpx.Response:
    """What the token endpoint says to a code of such a request."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "client_id": client_id,
        "code_verifier": VERIFIER,
        **changes,
    }
    return await http.post("/token", data={name: value for name, value in form.items() if value is not None})


async def granted(
    http: httpx.AsyncClient,
    public_url: str,
    browser: Browser,
    address: str,
    scope: str,
    *,
    client_id: str | None = None,
    redirect_uri: str = REDIRECT_URI,
    **registration: Any,
) -> Grant:
    """Registers unless `client_id` is given, signs `address` in and redeems the code."""
    client_id = client_id or await registered(http, redirect_uris=[redirect_uri], **registration)
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": scope,
        "state": state,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
        "resource": f"{public_url}/mcp",
        "login_hint": address,
    }
    returned = await browser.follow_until(f"{public_url}/authorize?{urlencode(query)}", redirect_uri)
    assert returned.get("state") == state, returned
    assert returned.get("iss") == public_url, returned
    form = {
        "grant_type": "authorization_code",
        "code": returned["code"],
        "redirect_uri": redirect_uri,
        "client_id": client_id,
        "code_verifier": verifier,
        "resource": f"{public_url}/mcp",
    }
    answer = await http.post("/token", data=form)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return Grant(client_id, body["access_token"], body["refresh_token"], body["scope"])
