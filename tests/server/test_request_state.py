"""An answered question counts once, on whichever server the answer arrives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp.client.context import ClientRequestContext
from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.request_state import InvalidRequestState
from mcp.types import (
    CallToolResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitRequestParams,
    ElicitResult,
    InputRequiredResult,
    InputResponses,
    TextContent,
)
from pydantic import SecretBytes

from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.identity.user import SERVER
from outlook_mcp.server.request_state import PURPOSE, DailyCodec, RequestStates
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.vault.vault import CredentialVault
from tests.vaults import vault_in

DAY_S = 86_400
NOON = 20_000.5 * DAY_S
FIELDS = {"type": "object", "properties": {"agreed": {"type": "boolean"}}}
AGREED = ElicitResult(action="accept", content={"agreed": True})
YES: InputResponses = {"agree": AGREED}


@dataclass
class Clock:
    now: float = NOON

    def __call__(self) -> float:
        return self.now


@dataclass
class Replicas:
    """Servers that share one vault on disk; their one tool asks before it acts."""

    folder: Path
    stack: AsyncExitStack
    acted: list[str] = field(default_factory=list)

    def vault(self) -> CredentialVault:
        vault = vault_in(self.folder)
        self.stack.push_async_callback(vault.close)
        return vault

    async def server(self, vault: CredentialVault | None = None) -> MCPServer:
        states = RequestStates()
        server = MCPServer("outlook", log_level="CRITICAL", request_state_security=states.security)
        server.middleware.append(states)
        server.tool()(self.tool())
        vault = vault or self.vault()
        await states.derive_keys(vault, Tickets(vault, Digests(await vault.derive_key("digests"))))
        return server

    async def client(self, server: MCPServer | None = None) -> Client:
        return await self.stack.enter_async_context(Client(server or await self.server(), elicitation_callback=agrees))

    def tool(self) -> Callable[..., Any]:
        acted = self.acted

        async def act(what: str, context: Context) -> CallToolResult | InputRequiredResult:
            if context.input_responses is None:
                form = ElicitRequestFormParams(message=f"{what}?", requested_schema=FIELDS)
                return InputRequiredResult(
                    input_requests={"agree": ElicitRequest(params=form)}, request_state=f"asked {what}"
                )
            acted.append(what)
            return CallToolResult(content=[TextContent(type="text", text=context.request_state or "")])

        return act


async def unavailable(*_: object, **__: object) -> None:
    raise StoreUnavailable("The store is away.")


@contextmanager
def signed_in(subject: str) -> Iterator[None]:
    """As the HTTP endpoint does for a verified token."""
    token = AccessToken(token="t", client_id="client", scopes=[], subject=subject, claims={"iss": "issuer"})
    reset = auth_context_var.set(AuthenticatedUser(token))
    try:
        yield
    finally:
        auth_context_var.reset(reset)


async def agrees(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
    return AGREED


@asynccontextmanager
async def replicas_in(folder: Path) -> AsyncIterator[Replicas]:
    async with AsyncExitStack() as stack:
        yield Replicas(folder, stack)


async def ask(client: Client, what: str) -> str:
    """The sealed state of the question."""
    question = await client.session.call_tool("act", {"what": what}, allow_input_required=True)
    assert isinstance(question, InputRequiredResult)
    assert question.request_state is not None
    return question.request_state


async def reply(client: Client, what: str, state: str) -> str:
    """The answer of the tool, or the error that it was not called with."""
    try:
        answer = await client.session.call_tool("act", {"what": what}, input_responses=YES, request_state=state)
    except MCPError as error:
        return f"{error.error.code} {error.error.message}"
    assert isinstance(answer.content[0], TextContent)
    return answer.content[0].text


REFUSED = "-32602 Invalid or expired requestState"


async def test_a_question_is_asked_on_one_server_and_answered_on_another(tmp_path: Path) -> None:
    async with replicas_in(tmp_path) as replicas:
        first, second = await replicas.client(), await replicas.client()
        state = await ask(first, "send")
        assert "asked" not in state
        assert await reply(second, "send", state) == "asked send"
        assert (await first.call_tool("act", {"what": "move"})).content == [TextContent(type="text", text="asked move")]


async def test_an_answer_counts_once_however_often_and_wherever_it_arrives(tmp_path: Path) -> None:
    async with replicas_in(tmp_path) as replicas:
        clients = [await replicas.client() for _ in range(3)]
        state = await ask(clients[0], "send")
        answers = await asyncio.gather(*(reply(client, "send", state) for client in clients * 4))
        assert sorted(answers) == [REFUSED] * 11 + ["asked send"]
        assert replicas.acted == ["send"]


async def test_each_round_has_a_state_of_its_own(tmp_path: Path) -> None:
    async with replicas_in(tmp_path) as replicas:
        client = await replicas.client()
        first, second = await ask(client, "send"), await ask(client, "send")
        assert [await reply(client, "send", answer) for answer in (first, second)] == ["asked send"] * 2


async def test_a_state_fits_only_the_request_it_was_given_for(tmp_path: Path) -> None:
    async with replicas_in(tmp_path) as replicas:
        client = await replicas.client()
        state = await ask(client, "send")
        assert await reply(client, "delete", state) == REFUSED
        assert replicas.acted == []
        assert await reply(client, "send", state) == "asked send"


async def test_a_state_is_worth_nothing_to_another_caller(tmp_path: Path) -> None:
    async with replicas_in(tmp_path) as replicas:
        client = await replicas.client()
        with signed_in("alice"):
            state = await ask(client, "send")
        with signed_in("bob"):
            assert await reply(client, "send", state) == REFUSED
        with signed_in("alice"):
            # Whoever stole it has not used it up.
            assert await reply(client, "send", state) == "asked send"


async def test_what_nobody_sealed_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with replicas_in(tmp_path) as replicas:
        vault = replicas.vault()
        client = await replicas.client(await replicas.server(vault))
        state = await ask(client, "send")
        middle = len(state) // 2
        altered = state[:middle] + ("A" if state[middle] != "A" else "B") + state[middle + 1 :]
        for forged in ("", "v1.", "garbage", altered, "v1." + "A" * 200):
            assert await reply(client, "send", forged) == REFUSED
        assert await vault.record_ids_of(SERVER, PURPOSE) == ()
        assert await reply(client, "send", state) == "asked send"
        assert len(await vault.record_ids_of(SERVER, PURPOSE)) == 1


async def test_while_the_store_is_away_no_answer_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with replicas_in(tmp_path) as replicas:
        client = await replicas.client()
        state = await ask(client, "send")
        with monkeypatch.context() as away:
            away.setattr(SqliteStore, "put_record", unavailable)
            assert (await reply(client, "send", state)).startswith("-32603 It cannot be checked now")
        assert replicas.acted == []
        assert await reply(client, "send", state) == "asked send"


async def test_a_server_that_opened_no_vault_asks_and_accepts_nothing(tmp_path: Path) -> None:
    async with replicas_in(tmp_path) as replicas:
        states = RequestStates()
        server = MCPServer("outlook", log_level="CRITICAL", request_state_security=states.security)
        server.middleware.append(states)
        server.tool()(replicas.tool())
        client = await replicas.client(server)
        with pytest.raises(MCPError, match="Internal error"):
            await ask(client, "send")
        assert await reply(client, "send", await ask(await replicas.client(), "send")) == REFUSED


def test_keys_change_with_the_day_and_yesterdays_still_open() -> None:
    clock, other_clock = Clock(), Clock()
    codec, other = (DailyCodec(SecretBytes(b"s" * 32), own_clock) for own_clock in (clock, other_clock))
    sealed = codec.seal(b"question")
    assert other.unseal(sealed) == b"question"
    clock.now += DAY_S
    assert codec.unseal(sealed) == b"question"
    # A server whose clock is behind opens what was sealed after its midnight.
    assert other.unseal(codec.seal(b"later")) == b"later"
    clock.now += DAY_S
    with pytest.raises(InvalidRequestState):
        codec.unseal(sealed)


def test_another_vault_opens_nothing() -> None:
    sealed = DailyCodec(SecretBytes(b"s" * 32)).seal(b"question")
    with pytest.raises(InvalidRequestState):
        DailyCodec(SecretBytes(b"t" * 32)).unseal(sealed)
