"""JSON-RPC by hand with one access token, in either era, so that a test can say what no SDK would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

MODERN, LEGACY = "2026-07-28", "2025-11-25"
META = "io.modelcontextprotocol"


@dataclass
class Conversation:
    """`capabilities` and `info` are what the client says of itself; `session` is the legacy session it was given."""

    http: httpx.AsyncClient
    token: str = field(repr=False)
    version: str = MODERN
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    info: Mapping[str, str] = field(default_factory=lambda: {"name": "By hand", "version": "1"})
    session: str | None = None

    @property
    def is_modern(self) -> bool:
        return self.version == MODERN

    async def send(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        request_id: int | str | None = 1,
        headers: Mapping[str, str] | None = None,
        path: str = "/mcp",
    ) -> httpx.Response:
        """One message; a notification when `request_id` is None."""
        body: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": dict(params or {})}
        if request_id is not None:
            body["id"] = request_id
        if self.is_modern:
            body["params"]["_meta"] = self._meta(body["params"].get("_meta", {}))
        return await self.http.post(
            path, json=body, headers=self._headers(method, body["params"]) | dict(headers or {})
        )

    async def ask(
        self, method: str, params: Mapping[str, Any] | None = None, *, request_id: int | str = 1
    ) -> dict[str, Any]:
        """The result of a request that is answered."""
        return result_of(await self.send(method, params, request_id=request_id))

    async def begin(self) -> dict[str, Any]:
        """The handshake of the legacy era, or discovery."""
        if self.is_modern:
            return await self.ask("server/discover")
        hello = {"protocolVersion": self.version, "capabilities": self.capabilities, "clientInfo": self.info}
        answer = await self.send("initialize", hello)
        self.session = answer.headers.get("mcp-session-id")
        await self.send("notifications/initialized", request_id=None)
        return result_of(answer)

    async def call(self, tool: str, **arguments: Any) -> httpx.Response:
        return await self.send("tools/call", {"name": tool, "arguments": arguments})

    async def text(self, tool: str, **arguments: Any) -> str:
        """What the model reads of a call, be it an answer or an error."""
        return text_of(result_of(await self.call(tool, **arguments)))

    def _headers(self, method: str, params: Mapping[str, Any]) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json, text/event-stream",
        }
        if method != "initialize":
            headers["MCP-Protocol-Version"] = self.version
        if self.session is not None:
            headers["Mcp-Session-Id"] = self.session
        if self.is_modern:
            headers["Mcp-Method"] = method
            if (name := params.get("name", params.get("uri"))) is not None:
                headers["Mcp-Name"] = name
        return headers

    def _meta(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {
            f"{META}/protocolVersion": MODERN,
            f"{META}/clientCapabilities": self.capabilities,
            f"{META}/clientInfo": self.info,
            **given,
        }


def messages(answer: httpx.Response) -> list[dict[str, Any]]:
    """The JSON-RPC messages of an answer, as JSON or as a stream of events."""
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        lines = [line.removeprefix("data:").strip() for line in answer.text.splitlines() if line.startswith("data:")]
        return [json.loads(line) for line in lines if line]
    return [answer.json()]


def final(answer: httpx.Response) -> dict[str, Any]:
    """The message that ends a request."""
    return messages(answer)[-1]


def result_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, (answer.status_code, answer.text)
    message = final(answer)
    assert "result" in message, message
    return dict(message["result"])


def text_of(result: Mapping[str, Any]) -> str:
    return "\n".join(block["text"] for block in result.get("content", ()) if block["type"] == "text")
