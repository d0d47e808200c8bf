"""Keeps what goes wrong in a tool of another package to its own call."""

from __future__ import annotations

import logging

# The loop itself is needed: only it knows whether the task was cancelled from outside.
from asyncio import CancelledError, current_task
from functools import wraps
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPError
from mcp.types import ContentBlock

from outlook_mcp.errors import OutlookError
from outlook_mcp.server.answer import Answer
from outlook_mcp.server.declare import ToolFunction

_log = logging.getLogger(__name__)
# What a tool raises on purpose.
_MEANT = (OutlookError, MCPError, ToolError)


def kept_to_its_call(run: ToolFunction) -> ToolFunction:
    """The function of a tool; whatever it raises, and an answer that is none, becomes an OutlookError.

    `sys.exit` in it, or a cancellation that nobody asked for, would end the server or the connection.
    """

    @wraps(run)
    async def call(*arguments: Any, **named: Any) -> Answer | str | list[ContentBlock]:
        try:
            return _checked(await run(*arguments, **named))
        except _MEANT:
            raise
        except (Exception, SystemExit, CancelledError) as error:
            task = current_task()
            if isinstance(error, CancelledError) and task is not None and task.cancelling():
                raise
            _log.exception("The tool %s of another package failed.", run.__name__)
            raise OutlookError(
                f"The tool {run.__name__}, which is of another package, failed: {type(error).__name__}.",
                next_step="What it did until then is done. Why it failed stands in the log of this server; do without"
                " the tool until whoever runs the server has mended or updated that package.",
            ) from error

    return call


def _checked(answer: Any) -> Answer | str | list[ContentBlock]:
    """Raises TypeError for what is no answer, and UnicodeEncodeError for text that cannot be sent."""
    if isinstance(answer, Answer):
        return answer
    if isinstance(answer, str):
        answer.encode()
        return answer
    if isinstance(answer, list) and all(isinstance(block, ContentBlock) for block in answer):
        return answer
    raise TypeError(f"an answer is a text or a list of content, not {type(answer).__name__}")
