"""The error answers Graph gives before a request reaches a mailbox."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Scope


def graph_refusal(
    scope: Scope, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    """`{"error": {"code", "message", "innerError"}}` with the request ids in body and headers."""
    request_id = str(uuid.uuid4())
    client_request_id = Headers(scope=scope).get("client-request-id", request_id)
    error = {
        "code": code,
        "message": message,
        "innerError": {
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": request_id,
            "client-request-id": client_request_id,
        },
    }
    ids = {"request-id": request_id, "client-request-id": client_request_id}
    return JSONResponse({"error": error}, status, {**ids, **(headers or {})})
