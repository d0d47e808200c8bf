"""What an area of Graph brings: its operations, each with method, path, permissions and handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import GraphFault, access_denied
from outlook_mcp.sandbox.graph.core.paths import match

CallType = TypeVar("CallType", bound=Call)
Segments = tuple[str, ...]
# A path with what can be said in several ways brought to one, and the arguments found on the way.
ReadSegments = Callable[[Segments], tuple[Segments, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Operation(Generic[CallType]):
    """`pattern` is the path below the user with {names} for ids; one of `scopes` is enough.

    `of_others` are the scopes for other users of the caller's tenant, empty where only the own user is allowed;
    `denial` is the answer to a caller without any of the scopes.
    """

    method: str
    pattern: str
    scopes: tuple[str, ...]
    handler: Callable[[CallType], Awaitable[Response]]
    of_others: tuple[str, ...] = ()
    denial: Callable[[], GraphFault] = access_denied


def _as_they_are(segments: Segments) -> tuple[Segments, Mapping[str, str]]:
    return segments, {}


@dataclass(frozen=True, slots=True)
class Area:
    """Operations in the order in which they are tried; `before_each` runs before every request to Graph."""

    operations: Sequence[Operation[Call]]
    read_segments: ReadSegments = _as_they_are
    before_each: Callable[[], None] = lambda: None

    def matching(self, segments: Segments) -> list[tuple[Operation[Call], Mapping[str, str]]]:
        """The operations of any method that the path fits, with their arguments."""
        read, found = self.read_segments(segments)
        matches = ((operation, match(operation.pattern, read)) for operation in self.operations)
        return [(operation, {**found, **values}) for operation, values in matches if values is not None]
