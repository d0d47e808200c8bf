"""Changes of single items whose answer was lost: the item is looked at before anything is said of the change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from outlook_mcp.errors import GraphError, NotFound, OutlookError
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


async def settled_deletion(
    delete: Callable[[], Awaitable[None]], is_listed: Callable[[], Awaitable[bool]], *, look_again_s: float
) -> None:
    """Deletes what was listed a moment ago, and so may be gone because somebody else deleted it.

    Raises the error of the deletion when it is listed still; one that was not found counts as gone unless it is.
    """

    async def change() -> bool:
        try:
            await delete()
        except NotFound as missing:
            try:
                is_still_there = await is_listed()
            except OutlookError:
                is_still_there = False
            if is_still_there:
                raise missing
        return True

    async def look() -> bool | None:
        return not await is_listed() or None

    await settled(change, look, look_again_s=look_again_s)
