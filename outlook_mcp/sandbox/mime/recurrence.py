"""RRULE of iCalendar as patternedRecurrence of Graph, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from outlook_mcp.sandbox.mime.calendar import zone_of

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
_BY_DAY = re.compile(r"([+-]?\d+)?(MO|TU|WE|TH|FR|SA|SU)")
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
_OF_MONTHS = frozenset({"BYMONTHDAY", "BYMONTH", "BYSETPOS"})


def recurrence(rule: str, start: datetime, zone: str) -> dict[str, Any] | None:
    """`start` is the first occurrence in `zone`; None for a rule that Graph has no pattern for.

    >>> found = recurrence("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4", datetime(2026, 3, 2), "UTC")
    >>> found["pattern"]["daysOfWeek"], found["range"]["numberOfOccurrences"]
    (['monday', 'wednesday'], 4)
    >>> recurrence("FREQ=MONTHLY;BYDAY=MO", datetime(2026, 3, 2), "UTC")
    """
    parts = dict(part.upper().split("=", 1) for part in rule.strip().split(";") if "=" in part)
    interval = _number(parts.get("INTERVAL", "1"))
    limits = _range(parts, start, zone)
    days = [_BY_DAY.fullmatch(day) for day in parts["BYDAY"].split(",")] if "BYDAY" in parts else []
    if not parts.keys() <= _PARTS or not interval or limits is None or None in days:
        return None
    named = [(day[1] or "", _DAYS[day[2]]) for day in days if day is not None]
    pattern = _pattern(parts, named, start, interval)
    if pattern is None:
        return None
    whole: dict[str, Any] = {
        "interval": interval,
        "month": 0,
        "dayOfMonth": 0,
        "firstDayOfWeek": _DAYS.get(parts.get("WKST", "SU"), "sunday"),
        "index": "first",
        **pattern,
    }
    return {"pattern": whole, "range": limits}


def _pattern(
    parts: Mapping[str, str], days: Sequence[tuple[str, str]], start: datetime, interval: int
) -> dict[str, Any] | None:
    """`days` are those of BYDAY, each with its number."""
    plain = [] if any(number for number, _ in days) else [day for _, day in days]
    match parts.get("FREQ"):
        case "DAILY" if not days and not parts.keys() & _OF_MONTHS:
            return {"type": "daily"}
        # On some days of every week.
        case "DAILY" if plain and interval == 1 and not parts.keys() & _OF_MONTHS:
            return {"type": "weekly", "daysOfWeek": plain}
        case "WEEKLY" if bool(plain) == bool(days) and not parts.keys() & _OF_MONTHS:
            return {"type": "weekly", "daysOfWeek": plain or [_DAY_NAMES[start.weekday()]]}
        case "MONTHLY" if "BYMONTH" not in parts:
            place = _place_in_month(parts, days, start)
            return None if place is None else {"type": f"{place[0]}Monthly", **place[1]}
        case "YEARLY" if not days or "BYMONTH" in parts:
            place, month = _place_in_month(parts, days, start), _number(parts.get("BYMONTH", str(start.month)))
            is_month = 1 <= month <= 12
            return {"type": f"{place[0]}Yearly", **place[1], "month": month} if place and is_month else None
    return None


def _place_in_month(
    parts: Mapping[str, str], days: Sequence[tuple[str, str]], start: datetime
) -> tuple[str, dict[str, Any]] | None:
    """One day of each month, by its date or by its day of the week; every Monday of it is none."""
    if not days:
        date = _date(parts, start)
        return None if date is None else ("absolute", {"dayOfMonth": date})
    numbers = {number for number, _ in days}
    place = numbers.pop() if len(numbers) == 1 else ""
    is_one = len(days) == 1 if place else bool(parts.get("BYSETPOS"))
    index = _INDEXES.get((place or parts.get("BYSETPOS", "")).lstrip("+"))
    if index is None or not is_one or "BYMONTHDAY" in parts or (place and "BYSETPOS" in parts):
        return None
    return "relative", {"daysOfWeek": [day for _, day in days], "index": index}


def _date(parts: Mapping[str, str], start: datetime) -> int | None:
    """The last of several days is the end of a short month, as `write_rule` says it; -1 is the end of any."""
    written = parts.get("BYMONTHDAY", str(start.day)).split(",")
    if written == ["-1"]:
        return 31
    numbers = [_number(day) for day in written]
    is_end = numbers == list(range(28, numbers[-1] + 1)) and parts.get("BYSETPOS") == "-1"
    is_date = len(numbers) == 1 and "BYSETPOS" not in parts
    return numbers[-1] if (is_end or is_date) and 1 <= numbers[-1] <= 31 else None


def _month_day(day: int) -> list[str]:
    """Outlook takes the last day of a month that is too short, which an RRULE would leave out.

    >>> _month_day(15), _month_day(30)
    (['BYMONTHDAY=15'], ['BYMONTHDAY=28,29,30', 'BYSETPOS=-1'])
    """
    if day <= 28:
        return [f"BYMONTHDAY={day}"]
    return [f"BYMONTHDAY={','.join(map(str, range(28, day + 1)))}", "BYSETPOS=-1"]


def _range(parts: Mapping[str, str], start: datetime, zone: str) -> dict[str, Any] | None:
    """None for limits that make no sense."""
    last = _last_date(parts["UNTIL"], start, zone) if "UNTIL" in parts else None
    count = _number(parts.get("COUNT", ""))
    if ("UNTIL" in parts and last is None) or ("COUNT" in parts and not count):
        return None
    return {
        "type": "endDate" if last else "numbered" if count else "noEnd",
        "startDate": start.date().isoformat(),
        "endDate": last.isoformat() if last else "0001-01-01",
        "recurrenceTimeZone": zone,
        "numberOfOccurrences": 0 if last else count,
    }


def _last_date(until: str, start: datetime, zone: str) -> date | None:
    """The last local date whose time of day is not after `until`, which is written in UTC."""
    try:
        moment = datetime.fromisoformat(until)
        own = zone_of(zone)
        if moment.tzinfo is not None and own is not None:
            moment = moment.astimezone(own)
        is_date = "T" not in until
        return moment.date() - timedelta(days=0 if is_date or moment.time() >= start.time() else 1)
    except (ValueError, OverflowError):
        return None


def _number(text: str) -> int:
    """0 for what is no number up to 9999."""
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else 0


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
