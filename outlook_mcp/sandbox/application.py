"""The web applications of the sandbox: Graph and Entra ID on one origin, uploads on another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from outlook_mcp.sandbox.authentication import BearerAuthentication, CallerIdentification
from outlook_mcp.sandbox.control import ControllableSandbox, control_routes
from outlook_mcp.sandbox.entra import USERINFO_PATH, Entra, UserInfoEndpoint, entra_routes
from outlook_mcp.sandbox.faults import FaultInjection, Faults
from outlook_mcp.sandbox.graph import graph_routes, upload_routes
from outlook_mcp.sandbox.refusal import graph_refusal
from outlook_mcp.sandbox.request_log import RequestLog, RequestLogging
from outlook_mcp.sandbox.store import MailStore
from outlook_mcp.sandbox.throttling import Throttle, Throttling

# Single-page apps call Graph from any origin; the control API is never open to them.
_CORS = Middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
    allow_headers=["*"],
    expose_headers=["ETag", "Location", "Preference-Applied", "Retry-After", "request-id", "client-request-id"],
)


def main_application(
    store: MailStore,
    entra: Entra,
    faults: Faults,
    log: RequestLog,
    throttle: Throttle,
    *,
    upload_origin: Callable[[str], str],
    control: ControllableSandbox | None,
) -> Starlette:
    """For each request, and each part of a `$batch`: identify the caller, log, throttle, inject faults, answer."""
    routes: list[BaseRoute] = [
        Mount(
            "/v1.0",
            routes=graph_routes(store, upload_origin=upload_origin),
            middleware=[_CORS, Middleware(BearerAuthentication, entra=entra)],
        ),
        Route(
            USERINFO_PATH,
            UserInfoEndpoint(entra).__call__,
            methods=["GET", "POST"],
            middleware=[_CORS, Middleware(BearerAuthentication, entra=entra)],
        ),
        Route("/beta/{path:path}", _refuse_beta, methods=["GET", "POST", "PATCH", "PUT", "DELETE"]),
        *(control_routes(control) if control is not None else ()),
        *entra_routes(entra),
    ]
    throttling = Middleware(Throttling, throttle=throttle)
    middleware = _middleware(entra, faults, log, throttling)
    return Starlette(routes=routes, middleware=middleware, exception_handlers=_HANDLERS)


def upload_application(store: MailStore, entra: Entra, faults: Faults, log: RequestLog) -> Starlette:
    middleware = _middleware(entra, faults, log, _CORS)
    return Starlette(routes=upload_routes(store), middleware=middleware, exception_handlers=_HANDLERS)


async def _refuse(request: Request, error: Exception) -> Response:
    """The error body of Graph, also for what fails outside its routes."""
    if isinstance(error, HTTPException):
        code = "BadRequest" if error.status_code < 500 else "UnknownError"
        return graph_refusal(request.scope, error.status_code, code, error.detail, error.headers)
    return graph_refusal(request.scope, 500, "InternalServerError", "An internal server error occurred.")


async def _refuse_beta(request: Request) -> Response:
    message = "The beta version of Graph is not imitated here, only v1.0."
    return graph_refusal(request.scope, 501, "NotImitated", message)


_HANDLERS: dict[Any, Any] = {HTTPException: _refuse, Exception: _refuse}


def _middleware(entra: Entra, faults: Faults, log: RequestLog, *more: Middleware) -> list[Middleware]:
    return [
        Middleware(CallerIdentification, entra=entra),
        Middleware(RequestLogging, log=log),
        *more,
        Middleware(FaultInjection, faults=faults),
    ]
