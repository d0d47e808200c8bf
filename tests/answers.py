"""What the model reads of an answer."""

from __future__ import annotations

from mcp.types import CallToolResult, TextContent


def text_of(answer: CallToolResult) -> str:
    return "\n".join(block.text for block in answer.content if isinstance(block, TextContent))
