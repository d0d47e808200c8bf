"""The managed identity of the machine, asked for as on App Service (api-version 2019-08-01)."""

from __future__ import annotations

import hmac

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.directory import CONTOSO
from outlook_mcp.sandbox.entra.authority import origin_of
from outlook_mcp.sandbox.entra.client_assertion import FEDERATED_AUDIENCE
from outlook_mcp.sandbox.entra.scopes import GRAPH
from outlook_mcp.sandbox.entra.service import Entra

IDENTITY_PATH = "/msi/token"
CLIENT_ID = "c0ffee00-1f2e-4d3c-8b5a-69788796a5b4"
PRINCIPAL_ID = "d15ea5e0-2b3c-4d5e-9f60-718293a4b5c6"


def identity_issuer(origin: str) -> str:
    """The issuer of its tokens for federation; the subject is PRINCIPAL_ID."""
    return f"{origin}/{CONTOSO.tid}/v2.0"


class ManagedIdentityEndpoint:
    """The endpoint named by IDENTITY_ENDPOINT; the value of IDENTITY_HEADER is needed."""

    def __init__(self, entra: Entra) -> None:
        self._entra = entra

    async def __call__(self, request: Request) -> Response:
        given = request.headers.get("x-identity-header", "")
        if not hmac.compare_digest(given.encode(), self._entra.identity_header.get_secret_value().encode()):
            return JSONResponse({"statusCode": 401, "message": "The identity header is missing or wrong."}, 401)
        resource = request.query_params.get("resource", "").removesuffix("/.default").rstrip("/")
        if request.query_params.get("client_id", CLIENT_ID) != CLIENT_ID or resource not in (FEDERATED_AUDIENCE, GRAPH):
            return JSONResponse({"statusCode": 400, "message": "No such identity or resource."}, 400)
        lifetime = self._entra.lifetime_s()
        return JSONResponse(
            {
                "access_token": self._token(resource, origin_of(request), lifetime),
                "client_id": CLIENT_ID,
                "expires_on": str(int(self._entra.clock.now()) + lifetime),
                "resource": resource,
                "token_type": "Bearer",
            }
        )

    def _token(self, resource: str, origin: str, lifetime_s: int) -> str:
        if resource == GRAPH:
            return self._entra.graph_token(Caller(CONTOSO.tid, "", "", frozenset(), CLIENT_ID), lifetime_s=lifetime_s)
        now = int(self._entra.clock.now())
        return self._entra.keys.sign(
            {
                "aud": resource,
                "iss": identity_issuer(origin),
                "iat": now,
                "nbf": now,
                "exp": now + lifetime_s,
                "azp": CLIENT_ID,
                "idtyp": "app",
                "oid": PRINCIPAL_ID,
                "sub": PRINCIPAL_ID,
                "tid": CONTOSO.tid,
                "ver": "2.0",
            }
        )
