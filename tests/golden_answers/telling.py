"""The text of an answer without what differs from run to run."""

from __future__ import annotations

import re
from typing import Any

from mcp import Client

from tests.answers import text_of

_VARYING = (
    (re.compile(r"(?<=data)\d{12}(?=>)"), ""),
    (re.compile(r"(?<=Graph: )[\w-]+"), "REQUEST"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DAY"),
    (re.compile(r"(?<=: )\d+(?=\.)"), "ID"),
)


async def told(client: Client, tool: str, **arguments: Any) -> str:
    """Arguments that are None are left out."""
    answer = await client.call_tool(tool, {name: value for name, value in arguments.items() if value is not None})
    text = text_of(answer)
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return f"{'error' if answer.is_error else 'answer'}: {text}"
