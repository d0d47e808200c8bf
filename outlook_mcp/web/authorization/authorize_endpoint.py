"""`/authorize`: where a client sends the browser. Errors go to the client if that is safe, else to the user."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp

from outlook_mcp.errors import OutlookError
from outlook_mcp.web.authorization.redirect_answer import redirect_answer
from outlook_mcp.web.authorization.sdk_endpoint import RETRY_AFTER_S, UNAVAILABLE, call_with_query
from outlook_mcp.web.http.parameters import ParametersRefused, form_parameters, query_parameters
from outlook_mcp.web.http.rate_limits import WINDOW_S, AddressLimit
from outlook_mcp.web.http.request_origin import RequestOrigin, address_of, request_origin
from outlook_mcp.web.settings import CONSENT_PATH, WebSettings

_log = logging.getLogger(__name__)
# RFC 7636, 4.3: a missing method means `plain`, which is refused; the SDK would assume S256.
DEFAULT_PARAMETERS = {"code_challenge_method": "plain"}
# One word without markup: a mail address or another sign-in name.
_LOGIN_HINT = re.compile(r"[^\s<>\"]{1,320}")


class AuthorizeEndpoint:
    """Wraps the SDK's endpoint `sdk`, which checks redirect URI, scopes and PKCE.

    `find_client` returns the client of a client_id, None when it is unknown.
    """

    def __init__(
        self,
        settings: WebSettings,
        sdk: ASGIApp,
        find_client: Callable[[str], Awaitable[object | None]],
        limit: AddressLimit,
    ) -> None:
        self._settings = settings
        self._sdk = sdk
        self._find_client = find_client
        self._limit = limit
        self._consent = f"{settings.public_url}{CONSENT_PATH}?"

    async def respond(self, request: Request) -> Response:
        address = address_of(request)
        try:
            if await self._limit.is_over(address):
                return _page("Too many requests come from your network.", 429, retry_after_s=int(WINDOW_S))
            parameters = await form_parameters(request) if request.method == "POST" else query_parameters(request)
            with request_origin(RequestOrigin(address, _login_hint(parameters))):
                # Looked up here first: the SDK would turn an unreachable site or store into an internal error.
                if await self._find_client(parameters.get("client_id", "")) is None:
                    return _page("The client_id is unknown.", 400)
                answer = await call_with_query(self._sdk, request, {**DEFAULT_PARAMETERS, **parameters})
        except ParametersRefused as refused:
            return _page(refused.description, refused.status)
        except OutlookError as error:
            _log.warning("A sign-in could not begin: %s", error)
            return _page(UNAVAILABLE, 503, retry_after_s=RETRY_AFTER_S)
        return self._response(answer)

    def _response(self, answer: Response) -> Response:
        location = answer.headers.get("location")
        if location is None:
            return _page(_description(answer), answer.status_code)
        if not location.startswith(self._consent):
            location = redirect_answer(location, iss=self._settings.issuer)
        return RedirectResponse(location, status_code=302, headers={"Cache-Control": "no-store"})


def _login_hint(parameters: dict[str, str]) -> str | None:
    hint = parameters.get("login_hint", "")
    return hint if _LOGIN_HINT.fullmatch(hint) else None


def _description(answer: Response) -> str:
    try:
        told = json.loads(bytes(answer.body)).get("error_description")
    except (ValueError, AttributeError):
        told = None
    return str(told or "The request cannot be answered.")


def _page(description: str, status: int, *, retry_after_s: int | None = None) -> Response:
    """Plain text, so that nothing from the address can be interpreted as HTML."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if retry_after_s is not None:
        headers["Retry-After"] = str(retry_after_s)
    text = f"This sign-in cannot continue.\n\n{description}\n\nGo back to the app that sent you here and try again.\n"
    return PlainTextResponse(text, status_code=status, headers=headers)
