"""Finds the operation for a request, and turns refusals into answers."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
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
    internal_error,
    invalid_user,
    not_imitated,
    not_imitated_value,
    too_large,
    unknown_segment,
    unknown_user,
)
from outlook_mcp.sandbox.graph.core.operations import Area, Operation
from outlook_mcp.sandbox.graph.core.paths import ResourcePath, read_path
from outlook_mcp.sandbox.graph.core.prefer import Preferences
from outlook_mcp.sandbox.query import QueryError, read_options
from outlook_mcp.sandbox.store.core.accounts import Account, Accounts

_LOGGER = logging.getLogger(__name__)
# Of the body of any request, uploads in ranges excepted.
_BODY_LIMIT = 4 * 1024 * 1024
# What only operations that read have in Microsoft's metadata.
_OF_READS = {"$select", "$expand", "$filter", "$orderby", "$search"}
# Whether real Graph has an operation, by method and path, that no area has.
NotImitated = Callable[[str, str], bool]


class Graph:
    """The endpoint of everything below /v1.0."""

    def __init__(self, accounts: Accounts, areas: Sequence[Area], is_not_imitated: NotImitated) -> None:
        self._accounts, self._areas, self._is_not_imitated = accounts, areas, is_not_imitated

    async def __call__(self, request: Request) -> Response:
        request_id = str(uuid.uuid4())
        client_request_id = request.headers.get("client-request-id", request_id)
        try:
            response = await self._answer_request(request)
        except GraphFault as fault:
            response = _refusal(fault, request_id, client_request_id)
        except QueryError as error:
            response = _refusal(GraphFault(error.status, error.code, error.message), request_id, client_request_id)
        except Exception:
            _LOGGER.exception("%s %s failed", request.method, request.url.path)
            response = _refusal(internal_error(), request_id, client_request_id)
        response.headers["request-id"] = request_id
        response.headers["client-request-id"] = client_request_id
        return response

    async def _answer_request(self, request: Request) -> Response:
        for area in self._areas:
            area.before_each()
        await _check_body(request)
        path = request.path_params["path"]
        if path.lower() == "$batch" and request.method == "POST":
            return await run_batch(request)
        try:
            resource = read_path(path)
            operation, arguments = self._operation(request.method, resource)
        except GraphFault as fault:
            if self._is_not_imitated(request.method, path):
                raise not_imitated(request.method, path) from fault
            raise
        caller: Caller = request.state.caller
        account = self._account(caller, resource, operation)
        scopes = operation.scopes if account.oid == caller.oid else operation.of_others
        if caller.scopes.isdisjoint(scopes):
            raise operation.denial()
        options = read_options(request.url.query)
        if request.method != "GET" and (asked := options.raw.keys() & _OF_READS):
            raise not_imitated_value(f"query option '{min(asked)}' of a {request.method} request")
        call = Call(
            request=request,
            account=account,
            caller=caller,
            arguments=arguments,
            options=options,
            prefer=Preferences.of(request.headers),
        )
        return await operation.handler(call)

    def _operation(self, method: str, resource: ResourcePath) -> tuple[Operation[Call], Mapping[str, str]]:
        matching = [found for area in self._areas for found in area.matching(resource.segments)]
        for operation, arguments in matching:
            if operation.method == method:
                return operation, arguments
        if matching:
            raise GraphFault(405, "UnknownError", "The HTTP method is not allowed for the request target.")
        raise unknown_segment(resource.segments[-1] if resource.segments else "")

    def _account(self, caller: Caller, resource: ResourcePath, operation: Operation[Call]) -> Account:
        """The caller's own by /me, object id or address; another one only where the operation allows it."""
        own = self._accounts.by_oid(caller.oid)
        asked = resource.user
        is_own = asked is None or asked.lower() in (caller.oid.lower(), caller.upn.lower())
        is_own = is_own or (asked is not None and own is not None and own.has_address(asked))
        if asked is not None and not is_own:
            other = self._accounts.by_oid(asked) or self._accounts.by_address(asked)
            if other is None or other.tid != caller.tid:
                raise invalid_user(asked) if resource.segments else unknown_user(asked)
            if operation.of_others:
                return other
            raise access_denied()
        if own is None:
            raise operation.without_mailbox()
        return own


async def _check_body(request: Request) -> None:
    """A request without a body is answered even when its sender is gone, so nothing is read of it."""
    declared = int(request.headers.get("content-length") or 0)
    if declared > _BODY_LIMIT:
        raise too_large()
    if (declared or "transfer-encoding" in request.headers) and len(await request.body()) > _BODY_LIMIT:
        raise too_large()


def _refusal(fault: GraphFault, request_id: str, client_request_id: str) -> Response:
    """The error answer: codes of Exchange come without innerError, those of Graph itself with it."""
    error: dict[str, Any] = {"code": fault.code, "message": fault.message}
    if not fault.code.startswith("Error"):
        error["innerError"] = {
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": request_id,
            "client-request-id": client_request_id,
        }
    return json_response({"error": error}, fault.status, fault.headers)
