"""Callers whose own access token was issued by the sandbox's Entra ID for this server."""

from __future__ import annotations

import httpx
from pydantic import SecretStr

from outlook_mcp.identity.user import Identity, UserKey
from outlook_mcp.oauth.tokens.on_behalf_of import Assertion, OnBehalfOf, OnBehalfOfTokens
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import App
from tests.oauth.components import ALICE, Components, returned
from tests.people import user_of

GRAPH = "https://graph.microsoft.com"
READ = ("User.Read", "Mail.Read")
SEND = (*READ, "Mail.Send")
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def consent(sandbox: Sandbox, app: App, *permissions: str, upn: str = ALICE) -> None:
    names = ("openid", "profile", "offline_access", *(f"{GRAPH}/{name}" for name in permissions))
    sandbox.directory.consent(app, user_of(sandbox, upn), names)


async def caller_of(sandbox: Sandbox, api: App, scopes: tuple[str, ...] = READ, upn: str = ALICE) -> Assertion:
    """What a client of the user presents to this server."""
    user = user_of(sandbox, upn)
    client = {"client_id": sandbox.public_client_id, "redirect_uri": "http://localhost/callback"}
    scope = f"openid api://{api.client_id}/mail.read"
    base = f"{sandbox.http_url}/{user.tid}/oauth2/v2.0"
    url = httpx.URL(f"{base}/authorize", params={**client, "response_type": "code", "scope": scope, "login_hint": upn})
    code = (await returned(str(url)))["code"]
    async with httpx.AsyncClient(trust_env=False) as http:
        form = {**client, "grant_type": "authorization_code", "code": code, "scope": scope}
        token = (await http.post(f"{base}/token", data=form)).json()["access_token"]
    return Assertion(SecretStr(token), Identity(UserKey(user.tid, user.oid), upn, user.display_name), scopes)


def tokens_of(components: Components, behalf: OnBehalfOf, *callers: Assertion | None) -> OnBehalfOfTokens:
    """`callers` one after the other, the last one for ever."""
    left = list(callers)
    return OnBehalfOfTokens(components.tokens, behalf, lambda: left.pop(0) if len(left) > 1 else left[0])


def exchanges(sandbox: Sandbox) -> int:
    return sum(record.path.endswith("/token") and record.method == "POST" for record in sandbox.log.records)
