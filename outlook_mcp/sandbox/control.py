"""The control API under /_sandbox, for tests and other projects; loopback only."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Protocol, TypeVar

from pydantic import AfterValidator, Field, SecretStr, TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.clock import Clock
from outlook_mcp.sandbox.control_mailboxes import (
    Body,
    ClockBody,
    GrantBody,
    GroupBody,
    LifecycleBody,
    MailboxBody,
    MailboxControl,
    RecipientBody,
)
from outlook_mcp.sandbox.directory import LOOPBACK_HOSTS, PUBLIC_CLIENT_ID, AppKind, FederatedCredential, User
from outlook_mcp.sandbox.entra.authority import origin_of
from outlook_mcp.sandbox.entra.client_assertion import readable_certificate
from outlook_mcp.sandbox.entra.managed_identity import IDENTITY_PATH, PRINCIPAL_ID, identity_issuer
from outlook_mcp.sandbox.entra.scopes import graph_permission
from outlook_mcp.sandbox.entra.service import Entra
from outlook_mcp.sandbox.faults import Fault, Faults
from outlook_mcp.sandbox.graph.mail.notifications import Notifier
from outlook_mcp.sandbox.request_log import RequestLog
from outlook_mcp.sandbox.store import MailStore

T = TypeVar("T")
Endpoint = Callable[[Request], Awaitable[Response]]


class ControllableSandbox(Protocol):
    """The parts of a sandbox that the control API needs."""

    @property
    def entra(self) -> Entra: ...
    @property
    def faults(self) -> Faults: ...
    @property
    def log(self) -> RequestLog: ...
    @property
    def store(self) -> MailStore: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def notifier(self) -> Notifier: ...
    def deliver(self, user: User, raw: bytes, *, received: datetime | None = None) -> str: ...
    def reset(self) -> None: ...


class TokenBody(Body):
    """`user` is an object id or address; `lifetime_s` None means a random lifetime, as in Entra ID."""

    user: str
    scopes: list[str] = Field(min_length=1)
    lifetime_s: float | None = Field(default=None, ge=0, allow_inf_nan=False)


class AppBody(Body):
    """`secret` (the secret itself, or true for a new one), `certificate` (PEM) and `federated` make it confidential.

    `exposes` are the scopes of the app's own API, asked for as `api://{client_id}/{scope}`.
    """

    name: str = Field(min_length=1)
    redirect_uris: list[Annotated[str, Field(pattern=r"^\S+$")]] = Field(min_length=1)
    secret: SecretStr | bool | None = None
    certificate: Annotated[str, AfterValidator(readable_certificate)] | None = None
    federated: FederatedCredential | None = None
    exposes: list[Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,40}$")]] = []


class UserBody(Body):
    """`user` is an object id or address."""

    user: str


class Control:
    """One method per call of the API."""

    def __init__(self, sandbox: ControllableSandbox) -> None:
        self._sandbox = sandbox
        self._entra = sandbox.entra

    async def users(self, _request: Request) -> Response:
        users = self._entra.directory.users
        return JSONResponse(
            [{"upn": user.upn, "tid": user.tid, "oid": user.oid, "display_name": user.display_name} for user in users]
        )

    async def token(self, request: Request) -> Response:
        body = await _read_body(request, TypeAdapter(TokenBody))
        user = self._user(body.user)
        scopes = [graph_permission(scope) for scope in body.scopes]
        unknown = [asked for asked, known in zip(body.scopes, scopes, strict=True) if known is None]
        if unknown:
            raise HTTPException(400, f"scopes: Graph has no {', '.join(map(repr, unknown))}")
        granted = frozenset(scope for scope in scopes if scope is not None)
        caller = Caller(user.tid, user.oid, user.upn, granted, PUBLIC_CLIENT_ID)
        return JSONResponse({"access_token": self._entra.graph_token(caller, lifetime_s=body.lifetime_s)})

    async def apps(self, request: Request) -> Response:
        body = await _read_body(request, TypeAdapter(AppBody))
        secret = body.secret if isinstance(body.secret, SecretStr) else None
        if body.secret is True:
            secret = SecretStr(secrets.token_urlsafe(30))
        confidential = secret is not None or body.certificate or body.federated or body.exposes
        kind: AppKind = "web" if confidential else "native"
        app = self._entra.directory.register(
            body.name,
            body.redirect_uris,
            kind=kind,
            secret=secret,
            certificate=body.certificate,
            federated=body.federated,
            exposes=body.exposes,
        )
        answer = {"client_id": app.client_id}
        if secret is not None:
            answer["client_secret"] = secret.get_secret_value()
        return JSONResponse(answer)

    async def identity(self, request: Request) -> Response:
        origin = origin_of(request)
        return JSONResponse(
            {
                "endpoint": f"{origin}{IDENTITY_PATH}",
                "header": self._entra.identity_header.get_secret_value(),
                "issuer": identity_issuer(origin),
                "subject": PRINCIPAL_ID,
                "jwks": self._entra.keys.jwks(identity_issuer(origin)),
            }
        )

    async def deliver(self, request: Request) -> Response:
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "message/rfc822":
            raise HTTPException(400, "content-type: message/rfc822 is expected")
        user = self._user(request.query_params.get("to", ""), field="to")
        raw = await request.body()
        if not raw.strip():
            raise HTTPException(400, "the body is empty; a MIME message is expected")
        return JSONResponse({"id": self._sandbox.deliver(user, raw, received=_time_of(request, "received"))})

    async def faults(self, request: Request) -> Response:
        self._sandbox.faults.replace_rules(await _read_body(request, TypeAdapter(list[Fault])))
        return JSONResponse({})

    async def requests(self, _request: Request) -> Response:
        return JSONResponse([asdict(record) for record in self._sandbox.log.records])

    async def mailboxes(self, request: Request) -> Response:
        oid = self._mailboxes().add_shared_mailbox(await _read_body(request, TypeAdapter(MailboxBody)))
        return JSONResponse({"oid": oid})

    async def grants(self, request: Request) -> Response:
        self._mailboxes().grant(await _read_body(request, TypeAdapter(GrantBody)))
        return JSONResponse({})

    async def recipient(self, request: Request) -> Response:
        self._mailboxes().set_recipient(await _read_body(request, TypeAdapter(RecipientBody)))
        return JSONResponse({})

    async def groups(self, request: Request) -> Response:
        self._mailboxes().put_group(await _read_body(request, TypeAdapter(GroupBody)))
        return JSONResponse({})

    async def advance(self, request: Request) -> Response:
        self._mailboxes().advance_clock(await _read_body(request, TypeAdapter(ClockBody)))
        return JSONResponse({"now": self._sandbox.clock.utc().isoformat()})

    async def lifecycle(self, request: Request) -> Response:
        body = await _read_body(request, TypeAdapter(LifecycleBody))
        await self._mailboxes().notify_lifecycle(body, self._sandbox.notifier)
        return JSONResponse({})

    async def revoke(self, request: Request) -> Response:
        user = self._user((await _read_body(request, TypeAdapter(UserBody))).user)
        self._entra.refresh_tokens.revoke_user(user.oid)
        return JSONResponse({})

    async def reset(self, _request: Request) -> Response:
        self._sandbox.reset()
        return JSONResponse({})

    def _mailboxes(self) -> MailboxControl:
        return MailboxControl(self._sandbox.store, self._entra.directory, self._sandbox.clock)

    def _user(self, name: str, *, field: str = "user") -> User:
        user = self._entra.directory.user(name)
        if user is None:
            known = ", ".join(user.upn for user in self._entra.directory.users)
            raise HTTPException(400, f"{field}: no such user; there are {known}")
        return user


def control_routes(sandbox: ControllableSandbox) -> list[BaseRoute]:
    """The routes of the control API, errors as `{"error": ...}`."""
    control = Control(sandbox)
    calls: list[tuple[str, str, Endpoint]] = [
        ("GET", "/users", control.users),
        ("POST", "/token", control.token),
        ("POST", "/apps", control.apps),
        ("GET", "/identity", control.identity),
        ("POST", "/deliver", control.deliver),
        ("PUT", "/faults", control.faults),
        ("GET", "/requests", control.requests),
        ("POST", "/mailboxes", control.mailboxes),
        ("PUT", "/grants", control.grants),
        ("PUT", "/recipient", control.recipient),
        ("PUT", "/groups", control.groups),
        ("POST", "/clock", control.advance),
        ("POST", "/lifecycle", control.lifecycle),
        ("POST", "/revoke", control.revoke),
        ("POST", "/reset", control.reset),
    ]
    return [
        Mount("/_sandbox", routes=[Route(path, _loopback_only(call), methods=[verb]) for verb, path, call in calls])
    ]


def _time_of(request: Request, name: str) -> datetime | None:
    """The time that a query parameter gives, in UTC where it names no offset."""
    try:
        written = request.query_params.get(name)
        time = datetime.fromisoformat(written) if written is not None else None
    except ValueError:
        raise HTTPException(400, f"{name}: a time as in 2026-05-04T12:00:00Z is expected") from None
    return time.replace(tzinfo=time.tzinfo or UTC) if time else None


def _loopback_only(call: Endpoint) -> Endpoint:
    """Only for loopback peers that name a loopback host, against DNS rebinding by a web page."""

    async def guarded(request: Request) -> Response:
        peer = request.client.host if request.client else ""
        if peer not in LOOPBACK_HOSTS or request.url.hostname not in LOOPBACK_HOSTS:
            return JSONResponse({"error": "the control API answers on loopback only"}, 403)
        try:
            return await call(request)
        except HTTPException as refused:
            return JSONResponse({"error": refused.detail}, refused.status_code)

    return guarded


async def _read_body(request: Request, shape: TypeAdapter[T]) -> T:
    try:
        return shape.validate_json(await request.body())
    except ValidationError as wrong:
        details = wrong.errors(include_url=False, include_input=False, include_context=False)
        reasons = [f"{'.'.join(map(str, detail['loc'])) or 'body'}: {detail['msg']}" for detail in details]
        raise HTTPException(400, "; ".join(reasons)) from None
