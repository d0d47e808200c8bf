"""Whether a mailbox has the settings that were sent, which Exchange writes in its own way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from outlook_mcp.identity.time_zone import known_time_zone

_TAGS = re.compile(r"<[^>]*>")


def has_settings(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether the JSON `now` of Graph holds everything of `wanted`.

    Zones may have their Windows or IANA names, days any order, texts other markup, and times more digits.

    >>> has_settings({"timeZone": "W. Europe Standard Time", "dateFormat": "x"}, {"timeZone": "Europe/Berlin"})
    True
    >>> has_settings({"internalReplyMessage": "<html><body>Away.</body></html>"}, {"internalReplyMessage": "Here."})
    False
    """
    return all(_is_same(name, now.get(name), value) for name, value in wanted.items())


def _is_same(name: str, now: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(now, Mapping) and has_settings(now, wanted)
    if isinstance(wanted, list):
        return isinstance(now, list) and sorted(map(str, now)) == sorted(map(str, wanted))
    if not isinstance(wanted, str) or not isinstance(now, str):
        return bool(now == wanted)
    if name.endswith("Message"):
        return _words(now) == _words(wanted)
    if name in ("timeZone", "name"):
        return now == wanted or (known_time_zone(now) or now) == (known_time_zone(wanted) or wanted)
    return now.casefold().startswith(wanted.casefold())


def _words(html: str) -> list[str]:
    return unescape(_TAGS.sub(" ", html)).split()
