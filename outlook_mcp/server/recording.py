"""Records what a server answers to the first requests of a client, in every version of the protocol."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import anyio
from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCRequest, JSONRPCResponse
from mcp.types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from outlook_mcp.server.email_server import EmailServer

_LISTS = ("tools/list", "prompts/list", "resources/list", "resources/templates/list")
_CLIENT = {"name": "recording", "version": "1"}


async def recorded_answers(server: EmailServer) -> dict[str, dict[str, str]]:
    """The results as JSON, by version and method; what is refused is left out. Opens nothing and reaches no mailbox."""
    answers = {}
    for version in HANDSHAKE_PROTOCOL_VERSIONS:
        requests = [_handshake(version), *((method, {}) for method in ("ping", *_LISTS))]
        answers[version] = await _answers_to(server, requests)
    for version in MODERN_PROTOCOL_VERSIONS:
        envelope = _envelope(version)
        answers[version] = await _answers_to(server, [(method, envelope) for method in ("server/discover", *_LISTS)])
    return answers


async def rehearse_call(server: EmailServer) -> None:
    """Has the SDK build what it takes a call with and answers one, which takes the first call 30 ms.

    For that it is asked for a tool that does not exist, in both eras of the protocol. Opens nothing, reaches no
    mailbox, and is not on record.
    """
    no_call: dict[str, Any] = {"name": "", "arguments": {}}
    await _answers_to(server, [_handshake(HANDSHAKE_PROTOCOL_VERSIONS[-1]), ("tools/call", no_call)])
    await _answers_to(server, [("tools/call", no_call | _envelope(MODERN_PROTOCOL_VERSIONS[-1]))])


def _handshake(version: str) -> tuple[str, dict[str, Any]]:
    return "initialize", {"protocolVersion": version, "capabilities": {}, "clientInfo": _CLIENT}


def _envelope(version: str) -> dict[str, Any]:
    prefix = "io.modelcontextprotocol/"
    return {"_meta": {f"{prefix}protocolVersion": version, f"{prefix}clientCapabilities": {}}}


async def _answers_to(server: EmailServer, requests: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, str]:
    send, received = anyio.create_memory_object_stream[SessionMessage | Exception](math.inf)
    sent, answered = anyio.create_memory_object_stream[SessionMessage](math.inf)
    answers = {}
    async with send, answered, anyio.create_task_group() as tasks:
        tasks.start_soon(server.answer_lists, received, sent)
        for number, (method, parameters) in enumerate(requests):
            request = JSONRPCRequest(jsonrpc="2.0", id=number, method=method, params=dict(parameters))
            await send.send(SessionMessage(request))
            message = (await answered.receive()).message
            if isinstance(message, JSONRPCResponse):
                written = json.loads(message.model_dump_json(by_alias=True, exclude_unset=True))
                answers[method] = json.dumps(written["result"], ensure_ascii=False, separators=(",", ":"))
        tasks.cancel_scope.cancel()
    return answers
