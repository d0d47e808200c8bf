"""Operations of Graph that the sandbox has not, answered 501; other unknown paths are answered 400, as by Graph."""

from __future__ import annotations

from outlook_mcp.sandbox.graph.core.errors import GraphFault
from outlook_mcp.sandbox.graph.core.paths import read_path
from outlook_mcp.sandbox.graph.mail.paths import leave_folders

# Below /, with all that follows.
ROOTS = (*("communications", "directory", "domains", "drives", "groups", "organization", "places", "search", "sites"),)
# Below a user, with all that follows.
PATHS = (
    "calendar/allowedCalendarSharingRoles",
    "calendarGroups/{group}",
    "contactFolders/{folder}/contacts/{contact}/extensions",
    "contacts/{contact}/extensions",
    "directReports",
    "drive",
    "events/{event}/attachments",
    "events/{event}/calendar",
    "events/{event}/dismissReminder",
    "events/{event}/extensions",
    "events/{event}/snoozeReminder",
    "extensions",
    "insights",
    "mailFolders/{folder}/userConfigurations",
    "manager",
    "memberOf",
    "onenote",
    "onlineMeetings",
    "photos",
    "planner",
    "presence",
    "reminderView",
    "todo",
)
# Methods of paths that the sandbox has with other methods.
METHODS = (
    ("PATCH", ""),
    ("DELETE", ""),
    ("DELETE", "photo"),
    ("DELETE", "photo/$value"),
    ("PATCH", "photo"),
    ("DELETE", "contacts/{contact}/photo/$value"),
    ("PATCH", "contacts/{contact}/photo"),
    ("PUT", "messages/{message}/$value"),
    ("DELETE", "messages/{message}/$value"),
)


def is_not_imitated(method: str, path: str) -> bool:
    """Whether Graph has an operation that the sandbox has not; `path` follows /v1.0/.

    >>> is_not_imitated("GET", "me/Events/1/attachments")
    True
    >>> is_not_imitated("GET", "me/evnets")
    False
    """
    try:
        segments, _ = leave_folders(read_path(path).segments)
    except GraphFault:
        return path.partition("/")[0].partition("(")[0].lower() in ROOTS
    # Parameters of a function follow its name in parentheses.
    segments = tuple(segment.partition("(")[0] for segment in segments)
    if any(known == method and _starts_with(pattern, segments, exactly=True) for known, pattern in METHODS):
        return True
    return any(_starts_with(pattern, segments) for pattern in PATHS)


def _starts_with(pattern: str, segments: tuple[str, ...], *, exactly: bool = False) -> bool:
    parts = pattern.split("/") if pattern else []
    if len(segments) < len(parts) or (exactly and len(segments) != len(parts)):
        return False
    pairs = zip(parts, segments, strict=False)
    return all(part.startswith("{") or part.lower() == segment.lower() for part, segment in pairs)
