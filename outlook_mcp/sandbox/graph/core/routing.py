"""From a request to its operation, and from a refusal to its answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.graph.core.batch import run_batch
from outlook_mcp.sandbox.graph.core.call import Call, json_response
from outlook_mcp.sandbox.graph.core.errors import (
    GraphFault,
    access_denied,
    invalid_user,
    no_mailbox,
    unknown_segment,
)
from outlook_mcp.sandbox.graph.core.paths import ResourcePath, match, read_path
from outlook_mcp.sandbox.graph.core.prefer import Preferences
from outlook_mcp.sandbox.graph.mail.operations import OPERATIONS, Operation
from outlook_mcp.sandbox.query import QueryError, read_options
from outlook_mcp.sandbox.store import Mailbox, MailStore


class Graph:
    """Endpoint of everything below /v1.0; `upload_origin` gives the origin of upload sessions for a scheme."""

    def __init__(self, store: MailStore, upload_origin: Callable[[str], str]) -> None:
        self._store, self._upload_origin = store, upload_origin

    async def __call__(self, request: Request) -> Response:
        request_id = str(uuid.uuid4())
        client_request_id = request.headers.get("client-request-id", request_id)
        try:
            response = await self._answer(request)
        except GraphFault as fault:
            response = _refusal(fault, request_id, client_request_id)
        except QueryError as error:
            response = _refusal(GraphFault(400, error.code, error.message), request_id, client_request_id)
        response.headers["request-id"] = request_id
        response.headers["client-request-id"] = client_request_id
        return response

    async def _answer(self, request: Request) -> Response:
        self._store.outbox.deliver_due()
        path = request.path_params["path"]
        if path.lower() == "$batch" and request.method == "POST":
            return await run_batch(request)
        resource = read_path(path)
        caller: Caller = request.state.caller
        mailbox = self._mailbox(caller, resource)
        operation, arguments = _operation(request.method, resource)
        _check_scopes(caller, operation)
        call = Call(
            request=request,
            mailbox=mailbox,
            caller=caller,
            arguments=arguments,
            folder_name=resource.folder,
            options=read_options(request.url.query),
            prefer=Preferences.of(request.headers),
            upload_origin=self._upload_origin(request.url.scheme),
        )
        return await operation.handler(call)

    def _mailbox(self, caller: Caller, resource: ResourcePath) -> Mailbox:
        """Only the caller's own, by /me, object id or address."""
        own = self._store.find(caller.oid)
        asked = resource.user
        if asked is not None and asked.lower() not in (caller.oid.lower(), caller.upn.lower()):
            other = self._store.find(asked) or self._store.mailbox_by_address(asked)
            if other is None or other.tid != caller.tid:
                raise invalid_user(asked)
            raise access_denied()
        if own is None:
            raise no_mailbox()
        return own


def _operation(method: str, resource: ResourcePath) -> tuple[Operation, Mapping[str, str]]:
    known = False
    for operation in OPERATIONS:
        arguments = match(operation.pattern, resource.segments)
        if arguments is not None:
            if operation.method == method:
                return operation, arguments
            known = True
    if known:
        raise GraphFault(405, "UnknownError", "The HTTP method is not allowed for the request target.")
    raise unknown_segment(resource.segments[-1] if resource.segments else "")


def _check_scopes(caller: Caller, operation: Operation) -> None:
    if caller.scopes.isdisjoint(operation.scopes):
        if operation.pattern == "":
            raise GraphFault(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        raise access_denied()


def _refusal(fault: GraphFault, request_id: str, client_request_id: str) -> Response:
    """Errors of Exchange come without innerError, those of the gateway with it."""
    error: dict[str, Any] = {"code": fault.code, "message": fault.message}
    if not fault.code.startswith("Error"):
        error["innerError"] = {
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": request_id,
            "client-request-id": client_request_id,
        }
    return json_response({"error": error}, fault.status, fault.headers)
