"""RRULE of iCalendar as patternedRecurrence of Graph, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_DAYS = {
    "MO": "monday",
    "TU": "tuesday",
    "WE": "wednesday",
    "TH": "thursday",
    "FR": "friday",
    "SA": "saturday",
    "SU": "sunday",
}
_DAY_NAMES = tuple(_DAYS.values())
_INDEXES = {"1": "first", "2": "second", "3": "third", "4": "fourth", "-1": "last"}
_CODES = {day: code for code, day in _DAYS.items()}
_NUMBERS = {index: number for number, index in _INDEXES.items()}
_FREQUENCIES = {"daily": "DAILY", "weekly": "WEEKLY", "Monthly": "MONTHLY", "Yearly": "YEARLY"}
_BY_DAY = re.compile(r"([+-]?\d+)?([A-Z]{2})")


def recurrence(rule: str, start: datetime, zone: str) -> dict[str, Any] | None:
    """`start` is the first occurrence in `zone`; None for a rule that Graph has no pattern for.

    >>> found = recurrence("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4", datetime(2026, 3, 2), "UTC")
    >>> found["pattern"]["daysOfWeek"], found["range"]["numberOfOccurrences"]
    (['monday', 'wednesday'], 4)
    """
    parts = dict(part.upper().split("=", 1) for part in rule.strip().split(";") if "=" in part)
    pattern = _pattern(parts, start)
    if pattern is None:
        return None
    whole: dict[str, Any] = {
        "interval": max(1, _number(parts.get("INTERVAL"), 1)),
        "month": 0,
        "dayOfMonth": 0,
        "firstDayOfWeek": _DAYS.get(parts.get("WKST", "SU"), "sunday"),
        "index": "first",
        **pattern,
    }
    return {"pattern": whole, "range": _range(parts, start, zone)}


def _pattern(parts: dict[str, str], start: datetime) -> dict[str, Any] | None:
    found = _BY_DAY.findall(parts.get("BYDAY", ""))
    days = [_DAYS[day] for _, day in found if day in _DAYS]
    place = parts.get("BYSETPOS") or (found[0][0].lstrip("+") if found else "")
    # The last of several days is the end of a short month, as `write_rule` says it; -1 is the end of any.
    written = [_number(day, 31 if day == "-1" else 0) for day in parts.get("BYMONTHDAY", "").split(",")]
    date = {"dayOfMonth": min(31, max(written)) or start.day}
    month = {"month": min(12, _number(parts.get("BYMONTH"), 0)) or start.month}
    relative = {"daysOfWeek": days, "index": _INDEXES.get(place, "first")}
    match parts.get("FREQ"):
        case "DAILY":
            return {"type": "daily"}
        case "WEEKLY":
            return {"type": "weekly", "daysOfWeek": days or [_DAY_NAMES[start.weekday()]]}
        case "MONTHLY":
            return {"type": "relativeMonthly", **relative} if days else {"type": "absoluteMonthly", **date}
        case "YEARLY" if days:
            return {"type": "relativeYearly", **relative, **month}
        case "YEARLY":
            return {"type": "absoluteYearly", **date, **month}
        case _:
            return None


def _month_day(day: int) -> list[str]:
    """Outlook takes the last day of a month that is too short, which an RRULE would leave out.

    >>> _month_day(15), _month_day(30)
    (['BYMONTHDAY=15'], ['BYMONTHDAY=28,29,30', 'BYSETPOS=-1'])
    """
    if day <= 28:
        return [f"BYMONTHDAY={day}"]
    return [f"BYMONTHDAY={','.join(map(str, range(28, day + 1)))}", "BYSETPOS=-1"]


def _range(parts: dict[str, str], start: datetime, zone: str) -> dict[str, Any]:
    until = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:T\d{6}Z?)?", parts.get("UNTIL", ""))
    count = _number(parts.get("COUNT"), 0)
    return {
        "type": "endDate" if until else "numbered" if count else "noEnd",
        "startDate": start.date().isoformat(),
        "endDate": "-".join(until.groups()) if until else "0001-01-01",
        "recurrenceTimeZone": zone,
        "numberOfOccurrences": count,
    }


def _number(text: str | None, default: int) -> int:
    return int(text) if text and re.fullmatch(r"[0-9]{1,4}", text) else default


def write_rule(recurrence: Mapping[str, Any]) -> str:
    """The rule of a recurrence as the sandbox keeps it, with all parts that its type has.

    >>> pattern = {"type": "relativeMonthly", "interval": 2, "daysOfWeek": ["friday"], "index": "last"}
    >>> write_rule({"pattern": pattern, "range": {"type": "numbered", "numberOfOccurrences": 3}})
    'FREQ=MONTHLY;INTERVAL=2;BYDAY=FR;BYSETPOS=-1;COUNT=3'
    """
    pattern, limits = recurrence["pattern"], recurrence["range"]
    kind = pattern["type"]
    frequency = next(name for ending, name in _FREQUENCIES.items() if kind.endswith(ending))
    parts = [f"FREQ={frequency}", f"INTERVAL={pattern['interval']}"]
    if kind == "weekly" or kind.startswith("relative"):
        parts.append(f"BYDAY={','.join(_CODES[day] for day in pattern['daysOfWeek'])}")
    if kind == "weekly":
        parts.append(f"WKST={_CODES[pattern.get('firstDayOfWeek') or 'sunday']}")
    if kind.startswith("relative"):
        parts.append(f"BYSETPOS={_NUMBERS[pattern.get('index') or 'first']}")
    if kind.startswith("absolute"):
        parts += _month_day(pattern["dayOfMonth"])
    if kind.endswith("Yearly"):
        parts.append(f"BYMONTH={pattern['month']}")
    if limits["type"] == "numbered":
        parts.append(f"COUNT={limits['numberOfOccurrences']}")
    if limits["type"] == "endDate":
        parts.append(f"UNTIL={limits['endDate'].replace('-', '')}")
    return ";".join(parts)
