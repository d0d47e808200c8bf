"""Repeats what reads a row and replaces it while others write to the same row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from outlook_mcp.errors import GenerationConflict

ATTEMPTS = 32
_Result = TypeVar("_Result")


async def repeat_on_conflict(attempt: Callable[[], Awaitable[_Result]], row: str, attempts: int = ATTEMPTS) -> _Result:
    """What `attempt` returns, which reads the row again each time and raises GenerationConflict when it has changed.

    Raises GenerationConflict after so many attempts; its message calls the row `row`.
    """
    for _ in range(attempts):
        try:
            return await attempt()
        except GenerationConflict:
            continue
    raise GenerationConflict(f"{row} changed {attempts} times in a row.")
