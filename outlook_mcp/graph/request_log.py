"""One debug line for each request to Graph: what was asked, what came back, how long it took. No content, no ids."""

from __future__ import annotations

import logging
import re
import time
from urllib.parse import urlsplit

_LOGGER = logging.getLogger(__name__)
# Words of Graph's own in the paths that mail needs; whatever else stands in a path may be somebody's.
_WORDS = frozenset(
    {
        "v1.0",
        "beta",
        "me",
        "$batch",
        "$value",
        "attachments",
        "childFolders",
        "copy",
        "createForward",
        "createReply",
        "createReplyAll",
        "createUploadSession",
        "mailFolders",
        "mailboxSettings",
        "messages",
        "move",
        "permanentDelete",
        "send",
    }
)
_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


def is_logging() -> bool:
    return _LOGGER.isEnabledFor(logging.DEBUG)


def log_request(method: str, url: str, begun: float, outcome: object, request_id: str = "") -> None:
    """`begun` is in seconds of `time.monotonic`, `outcome` the status or what kept it from coming."""
    if is_logging():
        ms = (time.monotonic() - begun) * 1000
        known = request_id if _REQUEST_ID.fullmatch(request_id) else "none"
        _LOGGER.debug("%s %s: %s in %.0f ms, request id %s", method, route_of(url), outcome, ms, known)


def route_of(url: str) -> str:
    """The path with `{id}` for everything that is no word of Graph's; neither host nor query."""
    return "/".join(step if step in _WORDS or not step else "{id}" for step in urlsplit(url).path.split("/"))
