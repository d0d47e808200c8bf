"""Graph URLs as resource paths: names without case, keys in parentheses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from outlook_mcp.sandbox.graph.core.errors import unknown_segment

_KEY = re.compile(r"(?P<name>[^()]+)\((?:'(?P<key>.*)')?\)", re.DOTALL)
# The parameters of a function, as in `supportedTimeZones(TimeZoneStandard='Iana')`.
_PARAMETERS = re.compile(r"(?P<name>[^()=]+)\((?P<key>\w+=.*)\)", re.DOTALL)
_NAMESPACE = "microsoft.graph."
# Below /v1.0 itself, with operations for the caller.
_COLLECTIONS = ("places", "subscriptions", "users")


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """`user` is None for /me; `segments` follow the user. Those of another collection follow an empty one."""

    user: str | None
    segments: tuple[str, ...]


def read_path(path: str) -> ResourcePath:
    """`path` is what follows /v1.0/, percent-encoded or not. Raises GraphFault for an unknown one.

    >>> read_path("users/anna@contoso.com/messages"), read_path("Subscriptions/1").segments
    (ResourcePath(user='anna@contoso.com', segments=('messages',)), ('', 'Subscriptions', '1'))
    """
    segments = _segments(path)
    first = segments[0].lower() if segments else ""
    if first == "me":
        user, rest = None, segments[1:]
    elif first == "users" and len(segments) > 1:
        user, rest = segments[1], segments[2:]
    elif first in _COLLECTIONS:
        user, rest = None, ["", *segments]
    else:
        raise unknown_segment(segments[0] if segments else "")
    return ResourcePath(user, tuple(rest))


def match(pattern: str, segments: tuple[str, ...]) -> Mapping[str, str] | None:
    """The values of the pattern's {names}, or None when it does not fit."""
    parts = pattern.split("/") if pattern else []
    if len(parts) != len(segments):
        return None
    values = {}
    for part, segment in zip(parts, segments, strict=True):
        if part.startswith("{"):
            values[part[1:-1]] = segment
        elif part.lower() != segment.lower():
            return None
    return values


def _segments(path: str) -> list[str]:
    """`mailFolders('inbox')/messages` is mailFolders, inbox, messages; `delta()` is delta.

    The parameters of a function are one segment.
    """
    found = []
    for part in path.split("/"):
        segment = unquote(part)
        if segment.lower().startswith(_NAMESPACE):
            segment = segment[len(_NAMESPACE) :]
        keyed = _KEY.fullmatch(segment) or _PARAMETERS.fullmatch(segment)
        if keyed is None:
            found.append(segment)
            continue
        found.append(keyed["name"])
        if keyed["key"] is not None:
            found.append(keyed["key"].replace("''", "'"))
    return [segment for segment in found if segment]
