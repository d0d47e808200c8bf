"""What an area of Graph brings: its operations, each with method, path, permissions and handler."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import GraphFault, access_denied, no_mailbox
from outlook_mcp.sandbox.graph.core.paths import match

CallType = TypeVar("CallType", bound=Call)
Segments = tuple[str, ...]
# A path with what can be said in several ways brought to one, and the arguments found on the way.
ReadSegments = Callable[[Segments], tuple[Segments, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Operation(Generic[CallType]):
    """`pattern` is the path below the user with {names} for ids, of which none is first; one of `scopes` is enough.

    `of_others` are the scopes for other users of the caller's tenant, empty where only the own user is allowed;
    `denial` is the answer to a caller without any of the scopes, `without_mailbox` that to one without a mailbox.
    """

    method: str
    pattern: str
    scopes: tuple[str, ...]
    handler: Callable[[CallType], Awaitable[Response]]
    of_others: tuple[str, ...] = ()
    denial: Callable[[], GraphFault] = access_denied
    without_mailbox: Callable[[], GraphFault] = no_mailbox


def _as_they_are(segments: Segments) -> tuple[Segments, Mapping[str, str]]:
    return segments, {}


@dataclass(frozen=True, slots=True)
class Area:
    """Operations in the order in which they are tried; `before_each` runs before every request to Graph."""

    operations: Sequence[Operation[Call]]
    read_segments: ReadSegments = _as_they_are
    before_each: Callable[[], None] = lambda: None
    _by_beginning: Mapping[tuple[int, str], Sequence[Operation[Call]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Each request would else be compared with all of some hundred patterns.
        found: defaultdict[tuple[int, str], list[Operation[Call]]] = defaultdict(list)
        for operation in self.operations:
            found[_beginning(operation.pattern.split("/") if operation.pattern else ())].append(operation)
        object.__setattr__(self, "_by_beginning", dict(found))

    def matching(self, segments: Segments) -> list[tuple[Operation[Call], Mapping[str, str]]]:
        """The operations of any method that the path fits, with their arguments."""
        read, found = self.read_segments(segments)
        near = self._by_beginning.get(_beginning(read), ())
        matches = ((operation, match(operation.pattern, read)) for operation in near)
        return [(operation, {**found, **values}) for operation, values in matches if values is not None]


def _beginning(segments: Sequence[str]) -> tuple[int, str]:
    """How many there are, and the first in small letters."""
    return len(segments), segments[0].lower() if segments else ""
