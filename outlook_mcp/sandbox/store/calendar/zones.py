"""The time zones that Graph takes in events: Windows names, IANA names of places, and UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from outlook_mcp.sandbox.windows_zones import WINDOWS_ZONES

_WINDOWS = {name.lower(): zone for name, zone in WINDOWS_ZONES.items()}
_UTC_NAMES = frozenset({"utc", "tzone://microsoft/utc"})


@lru_cache(maxsize=1000)
def known_zone(name: str) -> ZoneInfo | None:
    """The zone of a name that Graph accepts; None for any other, such as `EST` or a custom zone.

    >>> known_zone("Tokyo Standard Time"), known_zone("America/Lima"), known_zone("EST"), known_zone("PDT")
    (zoneinfo.ZoneInfo(key='Asia/Tokyo'), zoneinfo.ZoneInfo(key='America/Lima'), None, None)
    """
    if name.lower() in _UTC_NAMES:
        return ZoneInfo("UTC")
    key = _WINDOWS.get(name.lower(), name)
    if "/" not in key:
        return None
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        return None


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """A local time in UTC. One that is skipped goes on by the gap; of one that comes twice it is the first."""
    return wall.replace(tzinfo=zone).astimezone(UTC)
