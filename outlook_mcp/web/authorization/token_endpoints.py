"""`/token`, `/revoke` and `/register`: the endpoints that clients call directly, without a browser."""

from __future__ import annotations

import base64
import json
import logging
import re
from abc import ABC, abstractmethod
from typing import ClassVar
from urllib.parse import unquote

from mcp.shared.auth import JWT_BEARER_GRANT_TYPE
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from outlook_mcp.audit.denials import Denials
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import OutlookError
from outlook_mcp.web.authorization.metadata import GRANT_TYPES
from outlook_mcp.web.authorization.resource_indicator import is_our_resource
from outlook_mcp.web.authorization.sdk_endpoint import (
    NO_STORE,
    RETRY_AFTER_S,
    UNAVAILABLE,
    call_with_body,
    call_with_form,
)
from outlook_mcp.web.http.parameters import ParametersRefused, body_of, form_parameters
from outlook_mcp.web.http.rate_limits import WINDOW_S, AddressLimit, LimitExceeded
from outlook_mcp.web.http.request_origin import RequestOrigin, address_of, request_origin
from outlook_mcp.web.settings import WebSettings

_log = logging.getLogger(__name__)
# RFC 7636, 4.1.
_CODE_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class ClientEndpoint(ABC):
    """Answers in JSON that no cache may store, limits the requests of an address and records what it refuses."""

    denial_tag: ClassVar[AuditTag] = AuditTag.CLIENT_REFUSED

    def __init__(self, sdk: ASGIApp, limit: AddressLimit, denials: Denials) -> None:
        self._sdk = sdk
        self._limit = limit
        self._denials = denials

    async def respond(self, request: Request) -> Response:
        response = await self._response(request, address_of(request))
        if 400 <= response.status_code < 500:
            details: dict[str, str | int] = {"endpoint": request.url.path, "status": response.status_code}
            if error := _error_code(response):
                details["error"] = error
            await self._denials.record_denial(self.denial_tag, address_of(request), details)
        return response

    async def _response(self, request: Request, address: str) -> Response:
        try:
            if await self._limit.is_over(address):
                return _error("temporarily_unavailable", "Too many requests.", 429, retry_after_s=int(WINDOW_S))
            with request_origin(RequestOrigin(address)):
                response = await self._checked_response(request)
        except ParametersRefused as refused:
            return _error("invalid_request", refused.description, refused.status)
        except LimitExceeded as exceeded:
            return _error("temporarily_unavailable", str(exceeded), 429, retry_after_s=exceeded.retry_after_s)
        except OutlookError as error:
            _log.warning("A request of a client failed: %s", error)
            return _error("temporarily_unavailable", UNAVAILABLE, 503, retry_after_s=RETRY_AFTER_S)
        response.headers.update(NO_STORE)
        if response.status_code == 401 and "authorization" in request.headers:
            response.headers["WWW-Authenticate"] = "Basic"
        return response

    @abstractmethod
    async def _checked_response(self, request: Request) -> Response:
        """The SDK's response. Raises ParametersRefused, LimitExceeded or OutlookError."""


class TokenEndpoint(ClientEndpoint):
    """`/token`. Checks what the SDK does not: the resource and the syntax of the code verifier."""

    def __init__(self, settings: WebSettings, sdk: ASGIApp, limit: AddressLimit, denials: Denials) -> None:
        super().__init__(sdk, limit, denials)
        self._settings = settings

    async def _checked_response(self, request: Request) -> Response:
        parameters = _with_client_id(request, await form_parameters(request))
        return self._refusal(parameters) or await call_with_form(self._sdk, request, parameters)

    def _refusal(self, parameters: dict[str, str]) -> Response | None:
        grant_type = parameters.get("grant_type", GRANT_TYPES[0])
        if grant_type not in (*GRANT_TYPES, JWT_BEARER_GRANT_TYPE):
            return _error("unsupported_grant_type", f"grant_type: expected {' or '.join(GRANT_TYPES)}.")
        if not is_our_resource(self._settings, parameters.get("resource")):
            return _error("invalid_target", f"The resource here is {self._settings.resource}.")
        if not _CODE_VERIFIER.fullmatch(parameters.get("code_verifier", "-" * 43)):
            return _error("invalid_request", "code_verifier: expected 43 to 128 unreserved characters.")
        return None


class RevocationEndpoint(ClientEndpoint):
    """`/revoke` (RFC 7009). The hint is dropped: the syntax of our tokens tells their kind."""

    async def _checked_response(self, request: Request) -> Response:
        parameters = _with_client_id(request, await form_parameters(request))
        parameters.pop("token_type_hint", None)
        # The SDK requires the parameter even from clients without a secret.
        return await call_with_form(self._sdk, request, {"client_secret": "", **parameters})


class RegistrationEndpoint(ClientEndpoint):
    """`/register` (RFC 7591)."""

    denial_tag = AuditTag.REGISTRATION_REFUSED

    async def _checked_response(self, request: Request) -> Response:
        return await call_with_body(self._sdk, request, await body_of(request), "application/json")


def _with_client_id(request: Request, parameters: dict[str, str]) -> dict[str, str]:
    """Adds the client_id of a Basic header to the form, the only place where the SDK looks for it.

    Raises ParametersRefused when header and form name two clients.
    """
    client_id = _basic_client_id(request)
    if client_id is not None and parameters.get("client_id", client_id) != client_id:
        raise ParametersRefused("The header and the form name two clients.")
    return parameters if client_id is None else {**parameters, "client_id": client_id}


def _basic_client_id(request: Request) -> str | None:
    """The client that a Basic header names; None without one that can be read."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return unquote(base64.b64decode(encoded).decode().partition(":")[0])
    except ValueError:
        return None


def _error_code(response: Response) -> str:
    """The `error` of RFC 6749, 5.2; "" when the body is not such an answer."""
    try:
        answer = json.loads(bytes(response.body))
    except ValueError:
        return ""
    return str(answer.get("error", "")) if isinstance(answer, dict) else ""


def _error(error: str, description: str, status: int = 400, *, retry_after_s: int | None = None) -> Response:
    headers = dict(NO_STORE)
    if retry_after_s is not None:
        headers["Retry-After"] = str(retry_after_s)
    return JSONResponse({"error": error, "error_description": description}, status_code=status, headers=headers)
