"""Times as Graph writes them: UTC to the second, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime

_FORM = "%Y-%m-%dT%H:%M:%SZ"


def now() -> str:
    return datetime.now(UTC).strftime(_FORM)


def write_time(moment: datetime) -> str:
    """A naive time is taken as UTC; years stay four digits long."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def read_time(text: str) -> datetime:
    return datetime.fromisoformat(text)
