"""The token endpoint."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from outlook_mcp.sandbox.entra.answers import TokenRequest
from outlook_mcp.sandbox.entra.authority import Authority, origin_of
from outlook_mcp.sandbox.entra.clients import authenticated_app
from outlook_mcp.sandbox.entra.errors import EntraError
from outlook_mcp.sandbox.entra.forms import form_fields
from outlook_mcp.sandbox.entra.grants import GRANTS
from outlook_mcp.sandbox.entra.service import Entra

_HEADERS = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}


class TokenEndpoint:
    """`token`: the answer of the grant that `grant_type` names, or an OAuth error with an AADSTS code."""

    def __init__(self, entra: Entra) -> None:
        self._entra = entra

    async def __call__(self, request: Request) -> Response:
        fields = await form_fields(request)
        try:
            if request.method != "POST":
                raise EntraError(900561, method=request.method)
            name = fields.get("grant_type", "")
            if not name:
                raise EntraError(900144, field="grant_type")
            if name not in GRANTS:
                raise EntraError(70003, grant=name)
            authority = Authority.of(request, self._entra.directory)
            authorization = request.headers.get("authorization", "")
            app = authenticated_app(self._entra.directory, authority, fields, authorization, self._entra.clock.now())
            answer = GRANTS[name](self._entra, TokenRequest(authority=authority, app=app, fields=fields))
        except EntraError as refused:
            return refusal_answer(self._entra, request, refused)
        return JSONResponse(answer, headers=_HEADERS)


def refusal_answer(entra: Entra, request: Request, refused: EntraError) -> Response:
    """The JSON of a refusal, with the ids of the request in body and headers."""
    correlation_id = request.headers.get("client-request-id")
    body = refused.body(origin_of(request), entra.clock, correlation_id)
    headers = _HEADERS | {"x-ms-request-id": body["trace_id"], "client-request-id": body["correlation_id"]}
    return JSONResponse(body, refused.refusal.status, headers)
