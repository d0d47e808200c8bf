"""Graph URLs as resource paths: names without case, keys in parentheses, nested folders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from outlook_mcp.sandbox.graph.core.errors import unknown_segment

_KEY = re.compile(r"(?P<name>[^()]+)\((?:'(?P<key>.*)')?\)", re.DOTALL)
_NAMESPACE = "microsoft.graph."


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """`user` is None for /me; `folder` is the innermost one that the path names before `segments`."""

    user: str | None
    folder: str | None
    segments: tuple[str, ...]


def read_path(path: str) -> ResourcePath:
    """`path` is what follows /v1.0/, percent-encoded or not. Raises GraphFault for anything but /me and /users/{id}."""
    segments = _segments(path)
    first = segments[0].lower() if segments else ""
    if first == "me":
        user, rest = None, segments[1:]
    elif first == "users" and len(segments) > 1:
        user, rest = segments[1], segments[2:]
    else:
        raise unknown_segment(segments[0] if segments else "")
    folder, rest = _leave_folders(rest)
    return ResourcePath(user, folder, tuple(rest))


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
    """`mailFolders('inbox')/messages` is mailFolders, inbox, messages; `delta()` is delta."""
    found = []
    for part in path.split("/"):
        segment = unquote(part)
        if segment.lower().startswith(_NAMESPACE):
            segment = segment[len(_NAMESPACE) :]
        keyed = _KEY.fullmatch(segment)
        if keyed is None:
            found.append(segment)
            continue
        found.append(keyed["name"])
        if keyed["key"] is not None:
            found.append(keyed["key"].replace("''", "'"))
    return [segment for segment in found if segment]


def _leave_folders(segments: list[str]) -> tuple[str | None, list[str]]:
    """mailFolders/a/childFolders/b is mailFolders/b; what stands below messages leaves its folder aside."""
    names = [segment.lower() for segment in segments]
    if names[:1] != ["mailfolders"]:
        return None, segments
    while len(names) > 3 and names[2] == "childfolders" and names[3] != "$count":
        segments, names = ["mailFolders", *segments[3:]], ["mailfolders", *names[3:]]
    if len(names) > 2 and names[2] == "messages":
        return segments[1], segments[2:]
    return None, segments
