"""Identifies the caller: by bearer tokens on Graph, by the form fields on Entra ID."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outlook_mcp.sandbox.access_tokens import AccessToken
from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.entra.scopes import GRAPH_APP_ID
from outlook_mcp.sandbox.entra.service import Entra
from outlook_mcp.sandbox.refusal import graph_refusal

_FORM_LIMIT = 256 * 1024


class CallerIdentification:
    """Sets `state.caller` as far as the request tells, so that the log and the faults know the user."""

    def __init__(self, app: ASGIApp, entra: Entra) -> None:
        self._app = app
        self._entra = entra

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            state = scope.setdefault("state", {})
            if "/oauth2/v2.0/" in scope["path"]:
                state["caller"], receive = await self._from_entra_request(scope, receive)
            else:
                token = self._entra.access_tokens.find_token(bearer_of(scope))
                state["caller"] = token.caller if token else None
        await self._app(scope, receive, send)

    async def _from_entra_request(self, scope: Scope, receive: Receive) -> tuple[Caller | None, Receive]:
        fields = scope["query_string"]
        if scope["method"] == "POST" and _is_form(scope):
            body, receive = await _read_ahead(receive)
            fields = fields + b"&" + body
        return self._entra.caller_of(dict(parse_qsl(fields.decode("latin-1")))), receive


class BearerAuthentication:
    """Lets only callers with a valid Graph token through; else answers 401 in the words of Graph."""

    def __init__(self, app: ASGIApp, entra: Entra) -> None:
        self._app = app
        self._entra = entra

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        value = bearer_of(scope)
        token = self._entra.access_tokens.find_token(value)
        refusal = self._refusal(scope, value, token)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, value: str, token: AccessToken | None) -> Response | None:
        if not value:
            return self._unauthorized(scope, "Access token is empty.")
        if token is None:
            return self._unauthorized(scope, self._why_unknown(value))
        if token.expires <= self._entra.clock.now():
            return self._unauthorized(scope, "Lifetime validation failed, the token is expired.")
        revoked = self._entra.refresh_tokens.revoked_at(token.caller.oid)
        if token.cae and revoked is not None and token.issued <= revoked:
            return self._claims_challenge(scope, revoked)
        if not token.caller.oid:
            message = "/me request is only valid with delegated authentication flow."
            return graph_refusal(scope, 400, "BadRequest", message)
        return None

    def _why_unknown(self, value: str) -> str:
        if value.count(".") != 2:
            return "CompactToken parsing failed with error code: 80049217"
        if self._entra.keys.signed(value):
            return "Access token validation failure. Invalid audience."
        return "Access token validation failure. Invalid signature."

    def _claims_challenge(self, scope: Scope, revoked: float) -> Response:
        claims = {"access_token": {"nbf": {"essential": True, "value": str(int(revoked))}}}
        encoded = base64.b64encode(json.dumps(claims).encode()).decode()
        message = (
            "Continuous access evaluation resulted in challenge with result: InteractionRequired"
            " and code: TokenIssuedBeforeRevocationTimestamp"
        )
        return self._unauthorized(scope, message, f', error="insufficient_claims", claims="{encoded}"')

    def _unauthorized(self, scope: Scope, message: str, challenge: str = "") -> Response:
        url = Request(scope).url
        authorize = f"{url.scheme}://{url.netloc}/common/oauth2/authorize"
        bearer = f'Bearer realm="", authorization_uri="{authorize}", client_id="{GRAPH_APP_ID}"{challenge}'
        headers = {"WWW-Authenticate": bearer}
        return graph_refusal(scope, 401, "InvalidAuthenticationToken", message, headers)


def bearer_of(scope: Scope) -> str:
    kind, _, value = Headers(scope=scope).get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def _is_form(scope: Scope) -> bool:
    return Headers(scope=scope).get("content-type", "").startswith("application/x-www-form-urlencoded")


async def _read_ahead(receive: Receive) -> tuple[bytes, Receive]:
    """The whole form, and a `receive` that returns it again."""
    seen: list[Message] = []
    size = 0
    while size <= _FORM_LIMIT:
        message = await receive()
        seen.append(message)
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            break
    body = b"".join(message.get("body", b"") for message in seen)

    async def again() -> Message:
        return seen.pop(0) if seen else await receive()

    return body, again
