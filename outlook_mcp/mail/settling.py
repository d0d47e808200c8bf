"""Changes of single items whose answer was lost: the item is looked at before anything is said of the change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from outlook_mcp.errors import GraphError, OutlookError
from outlook_mcp.graph.errors import after_looking

T = TypeVar("T")
_NOT_MADE = "A look afterwards shows that nothing was changed."


async def settled(
    change: Callable[[], Awaitable[T]], look: Callable[[], Awaitable[T | None]], *, look_again_s: float
) -> T:
    """The answer to the change. Where it was lost, what `look` sees, which is None as long as nothing was changed.

    It looks twice, the second time after `look_again_s` seconds. Raises the error of the change.
    """
    try:
        return await change()
    except GraphError as error:
        if error.outcome_is_known:
            raise
        for pause in (0.0, look_again_s):
            await anyio.sleep(pause)
            try:
                seen = await look()
            except OutlookError:
                raise error from None
            if seen is not None:
                return seen
        raise after_looking(error, _NOT_MADE) from None
