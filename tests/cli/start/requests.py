"""What clients send first, line by line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mcp.types.version import MODERN_PROTOCOL_VERSIONS

# As Claude Code 2.1.197 says who it is, and the icons that the protocol has beside.
CLIENT = {
    "name": "claude-code",
    "title": "Claude Code",
    "version": "2.1.197",
    "description": "Anthropic's agentic coding tool",
    "websiteUrl": "https://claude.com/claude-code",
    "icons": [{"src": "https://claude.example/icon.svg", "mimeType": "image/svg+xml", "sizes": ["any"]}],
}
CAPABILITIES = {"roots": {"listChanged": True}, "elicitation": {"form": {}, "url": {}}}
LISTS = ("tools/list", "prompts/list", "resources/list", "resources/templates/list")
PREFIX = "io.modelcontextprotocol/"
ENVELOPE = {
    f"{PREFIX}protocolVersion": MODERN_PROTOCOL_VERSIONS[-1],
    f"{PREFIX}clientCapabilities": CAPABILITIES,
    f"{PREFIX}clientInfo": CLIENT,
    "progressToken": 7,
}


def line(number: int | str, method: str, params: Mapping[str, Any] | None = None) -> bytes:
    given = {} if params is None else {"params": params}
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, **given}).encode()


def hello(version: str) -> bytes:
    return line(0, "initialize", {"protocolVersion": version, "capabilities": CAPABILITIES, "clientInfo": CLIENT})


def asked_in(version: str) -> list[bytes]:
    """Everything that a snapshot answers, as real clients ask it."""
    if version in MODERN_PROTOCOL_VERSIONS:
        return [line(method, method, {"_meta": ENVELOPE}) for method in ("server/discover", *LISTS)]
    return [hello(version), *(line(method, method) for method in ("ping", *LISTS)), line("x", "tools/list", {})]
