"""`/authorize`: where a client sends the browser. Errors are shown to the user.

Anybody can register a client and send people its link. Were an error sent to the client at once, such a link would lead
from this site to any other (RFC 9700, section 4.11.2), so the user decides whether to go there.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp

from outlook_mcp.answers.remedies import Audience, message_for, next_step, words_for
from outlook_mcp.errors import OutlookError, Remedy
from outlook_mcp.web.authorization.redirect_answer import redirect_answer
from outlook_mcp.web.authorization.sdk_endpoint import RETRY_AFTER_S, call_with_query
from outlook_mcp.web.http.parameters import ParametersRefused, form_parameters, query_parameters
from outlook_mcp.web.http.rate_limits import WINDOW_S, AddressLimit
from outlook_mcp.web.http.request_origin import RequestOrigin, address_of, request_origin
from outlook_mcp.web.pages.rendering import checked_destination, render
from outlook_mcp.web.settings import CONSENT_PATH, WebSettings

_log = logging.getLogger(__name__)
# RFC 7636, 4.3: a missing method means `plain`, which is refused; the SDK would assume S256.
DEFAULT_PARAMETERS = {"code_challenge_method": "plain"}
# What a client needs to find its own request again is a short text; it goes through the browser's address.
LONGEST_STATE_BYTES = 2048
_TITLE = "This sign-in cannot continue"
# Registrations that nobody allowed anything are forgotten, and an app may go on using one that it kept.
_ADD_ANEW = "Go back to your app and connect again. If this page comes back, remove this server there and add it anew."
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
                return _try_later("Too many requests come from your network.", 429, int(WINDOW_S))
            parameters = await form_parameters(request) if request.method == "POST" else query_parameters(request)
            with request_origin(RequestOrigin(address, _login_hint(parameters))):
                if len(parameters.get("state", "").encode()) > LONGEST_STATE_BYTES:
                    return _refusal(f"The state is longer than {LONGEST_STATE_BYTES} bytes.", 400)
                # Looked up here first: the SDK would turn an unreachable site or store into an internal error.
                if await self._find_client(parameters.get("client_id", "")) is None:
                    return _refusal("The client_id is unknown.", 400, step=_ADD_ANEW)
                answer = await call_with_query(self._sdk, request, {**DEFAULT_PARAMETERS, **parameters})
        except ParametersRefused as refused:
            return _refusal(refused.description, refused.status)
        except OutlookError as error:
            _log.warning("A sign-in could not begin: %s", error)
            told, step = message_for(error, Audience.WEB_PAGE), next_step(error, Audience.WEB_PAGE)
            return _try_later(told, 503, RETRY_AFTER_S, step=step)
        return self._response(answer)

    def _response(self, answer: Response) -> Response:
        location = answer.headers.get("location")
        if location is None:
            return _refusal(_description(answer), answer.status_code)
        if location.startswith(self._consent):
            return RedirectResponse(location, status_code=302, headers={"Cache-Control": "no-store"})
        told = parse_qs(urlsplit(location).query)
        status = 500 if told["error"] == ["server_error"] else 400
        back = redirect_answer(location, iss=self._settings.issuer)
        return _refusal((told.get("error_description") or told["error"])[0], status, back=back)


def _login_hint(parameters: dict[str, str]) -> str | None:
    hint = parameters.get("login_hint", "")
    return hint if _LOGIN_HINT.fullmatch(hint) else None


def _description(answer: Response) -> str:
    try:
        told = json.loads(bytes(answer.body)).get("error_description")
    except (ValueError, AttributeError):
        told = None
    return str(told or "The request cannot be answered.")


def _refusal(description: str, status: int, *, back: str | None = None, step: str = "") -> Response:
    """`step` is what to do, by default to connect again.

    `back` is the redirect URI with the error, so that the client learns of it when the user follows the link.
    """
    return render(
        "message.html",
        status=status,
        title=_TITLE,
        text=f"The app sent a request that this server does not accept. {description}" if status < 500 else description,
        next_step="" if back else step or words_for(Remedy.CONNECT_AGAIN, Audience.WEB_PAGE),
        link=(checked_destination(back), "Go back to the app") if back else None,
    )


def _try_later(reason: str, status: int, retry_after_s: int, *, step: str = "") -> Response:
    step = step or words_for(Remedy.RETRY, Audience.WEB_PAGE)
    page = render("message.html", status=status, title=_TITLE, text=reason, next_step=step, link=None)
    page.headers["Retry-After"] = str(retry_after_s)
    return page
