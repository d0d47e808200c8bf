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
        handshake = {"protocolVersion": version, "capabilities": {}, "clientInfo": _CLIENT}
        requests = [("initialize", handshake), *((method, {}) for method in ("ping", *_LISTS))]
        answers[version] = await _answers_to(server, requests)
    for version in MODERN_PROTOCOL_VERSIONS:
        prefix = "io.modelcontextprotocol/"
        envelope = {"_meta": {f"{prefix}protocolVersion": version, f"{prefix}clientCapabilities": {}}}
        answers[version] = await _answers_to(server, [(method, envelope) for method in ("server/discover", *_LISTS)])
    return answers


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
