"""The official SDK's client signs in over a real socket, from a 401 to an answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import uvicorn
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl, SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from outlook_mcp.audit.tags import AuditTag
from tests.web.authorization.replica import ALICE, BROWSER, Replica, query_of, replica

LOOPBACK = "http://127.0.0.1:45678/callback"


class Memory:
    """Where the client keeps what it got."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Person:
    """Opens the address the client shows, approves, and is sent back."""

    def __init__(self, server: Replica) -> None:
        self._server = server
        self._back = ""
        self.sign_ins = 0

    async def open(self, url: str) -> None:
        self.sign_ins += 1
        async with httpx2.AsyncClient() as browser:
            location = (await browser.get(url)).headers["location"]
        provider, handle = self._server.provider, SecretStr(query_of(location)["request"])
        assert await provider.bind(handle, BROWSER)
        self._back = await provider.approve(
            handle, browser=BROWSER, user=ALICE, account="alice@contoso.example", address="127.0.0.1"
        )

    async def come_back(self) -> AuthorizationCodeResult:
        told = query_of(self._back)
        return AuthorizationCodeResult(code=told["code"], state=told["state"], iss=told["iss"])


@asynccontextmanager
async def listening(folder: Path) -> AsyncIterator[Replica]:
    """A server on a real socket, with an endpoint at `/mcp` that answers with its caller and scopes."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        async with replica(folder, url=f"http://127.0.0.1:{listener.getsockname()[1]}") as server:
            server.app.router.routes.append(Route("/mcp", mcp_endpoint(server), methods=["POST"]))
            web = uvicorn.Server(uvicorn.Config(server.app, log_level="warning", lifespan="off"))
            serving = asyncio.create_task(web.serve(sockets=[listener]))
            yield server
            web.should_exit = True
            await serving


def mcp_endpoint(server: Replica) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        caller = await server.tokens.verify(request.headers.get("authorization", "").removeprefix("Bearer "))
        if caller is None:
            metadata = f"{server.settings.public_url}/.well-known/oauth-protected-resource/mcp"
            challenge = {"WWW-Authenticate": f'Bearer resource_metadata="{metadata}", scope="mail.read"'}
            return JSONResponse({}, 401, headers=challenge)
        return JSONResponse({"subject": caller.subject, "scopes": caller.scopes})

    return answer


def official(server: Replica, person: Person, memory: Memory) -> OAuthClientProvider:
    return OAuthClientProvider(
        server_url=server.settings.resource,
        client_metadata=OAuthClientMetadata(
            redirect_uris=[AnyUrl(LOOPBACK)], client_name="Official", token_endpoint_auth_method="none"
        ),
        storage=memory,
        redirect_handler=person.open,
        callback_handler=person.come_back,
    )


async def test_the_official_client_registers_signs_in_and_refreshes(tmp_path: Path) -> None:
    async with listening(tmp_path) as server:
        person, memory = Person(server), Memory()
        auth = official(server, person, memory)
        async with httpx2.AsyncClient(auth=auth) as http:
            answer = await http.post(server.settings.resource)
            assert answer.json() == {"subject": "contoso:alice", "scopes": ["mail.read"]}
            first = memory.tokens
            # As if the half hour were over.
            auth.context.token_expiry_time = 1.0
            assert (await http.post(server.settings.resource)).status_code == 200
        assert first is not None
        assert memory.tokens is not None
        assert memory.tokens.access_token != first.access_token
        assert person.sign_ins == 1
        assert server.events.tags == [
            AuditTag.CLIENT_REGISTERED,
            AuditTag.GRANT_APPROVED,
            AuditTag.SESSION_STARTED,
            AuditTag.GRANT_REFRESHED,
        ]


async def test_the_official_client_signs_in_anew_after_its_session_ended(tmp_path: Path) -> None:
    async with listening(tmp_path) as server:
        person, memory = Person(server), Memory()
        async with httpx2.AsyncClient(auth=official(server, person, memory)) as http:
            await http.post(server.settings.resource)
            (session,) = await server.sessions.sessions_of(ALICE)
            await server.sessions.end_session(ALICE, session.id)
            assert (await http.post(server.settings.resource)).status_code == 200
        assert person.sign_ins == 2
