"""This server as an app of Entra ID with an API of its own, and a client of a user that asks for its scopes."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx

from outlook_mcp.identity.scopes import SCOPES
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import App
from tests.people import user_of
from tests.web.issuers_e2e.opened_site import ListeningPort

GRAPH = "https://graph.microsoft.com"
PERMISSIONS = ("User.Read", "Mail.ReadWrite", "Mail.Read", "Mail.Send", "MailboxSettings.Read")
REDIRECT = "http://localhost/callback"
LINK = re.compile(r"http://127\.0\.0\.1:\d+/connect\?ticket=[\w%-]+")


def registered(sandbox: Sandbox, port: ListeningPort, **proof: Any) -> App:
    """The app registration; nobody has consented to it."""
    return sandbox.directory.register(
        "Outlook MCP", [f"{port.url}/callback"], kind="web", exposes=[scope.name for scope in SCOPES], **proof
    )


def consented(sandbox: Sandbox, app: App, *addresses: str, permissions: tuple[str, ...] = PERMISSIONS) -> None:
    """Each user lets the app act for them at Graph, as an administrator would for all."""
    for address in addresses:
        names = ("openid", "profile", "offline_access", *(f"{GRAPH}/{name}" for name in permissions))
        sandbox.directory.consent(app, user_of(sandbox, address), names)


def letter(sandbox: Sandbox, address: str, subject: str) -> None:
    """A new message in the user's inbox."""
    message = f"From: erin@fabrikam.example\r\nSubject: {subject}\r\n\r\nHello.\r\n"
    sandbox.deliver(user_of(sandbox, address), message.encode())


async def answer_for(sandbox: Sandbox, address: str, scope: str) -> dict[str, Any]:
    """The token answer that a native client of the user gets for these scopes."""
    user = user_of(sandbox, address)
    client = {"client_id": sandbox.public_client_id, "redirect_uri": REDIRECT}
    base = f"{sandbox.http_url}/{user.tid}/oauth2/v2.0"
    asked = {**client, "response_type": "code", "scope": scope, "login_hint": address}
    async with httpx.AsyncClient(trust_env=False) as http:
        back = httpx.URL((await http.get(f"{base}/authorize", params=asked)).headers["location"])
        form = {**client, "grant_type": "authorization_code", "code": back.params["code"], "scope": scope}
        return dict((await http.post(f"{base}/token", data=form)).json())


async def token_for(sandbox: Sandbox, app: App, address: str, *scopes: str) -> str:
    """An access token of the user for this server, with these scopes of ours."""
    asked = " ".join(f"api://{app.client_id}/{scope}" for scope in scopes or ("mail.read",))
    return str((await answer_for(sandbox, address, asked))["access_token"])


def told(answer: httpx.Response) -> str:
    """What the model reads of a tool's answer, plain JSON or the one event of a stream."""
    assert answer.status_code == 200, answer.text
    text = answer.text if answer.text.startswith("{") else answer.text.partition("data: ")[2]
    result = json.loads(text)["result"]
    return "\n".join(block["text"] for block in result["content"])


def link_in(text: str) -> str:
    found = LINK.search(text)
    assert found, text
    return found[0]


def grants_asked(sandbox: Sandbox) -> int:
    """How often the token endpoint was asked."""
    return sum(record.path.endswith("/oauth2/v2.0/token") for record in sandbox.log.records)
