"""Recurrence rules of RFC 5545 or in plain words, as callers write them, made into Graph's recurrence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

from outlook_mcp.calendar.recurrence.words import rule_in_words
from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.recurrence import DAYS, INDEXES, Pattern, Range, Recurrence

_CODES = {day[:2].upper(): day for day in DAYS}
_INDEX_OF = {"1": "first", "2": "second", "3": "third", "4": "fourth", "-1": "last"}
_KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
_DAY = re.compile(r"([+-]?\d+)?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)?(Z)?)?")
_MOST = 999
_FREQUENCIES = "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY"
_EXAMPLE = (
    "Write `weekly`, `every other monday`, or a rule such as FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10 or "
    "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20270327."
)


def parse_rule(text: str, start: date | datetime, zone: ZoneInfo | None = None) -> Recurrence:
    """The recurrence of a series that begins at `start`: a day, or a local time in `zone`.

    Raises InvalidInput for what is no rule, and for what Outlook cannot do, such as two weekdays of one month.

    >>> rule = parse_rule("FREQ=MONTHLY;BYDAY=-1FR;COUNT=6", date(2026, 11, 27))
    >>> rule.pattern.type, rule.pattern.index, rule.pattern.days_of_week, rule.range.number_of_occurrences
    ('relativeMonthly', 'last', ['friday'], 6)
    """
    parts = _parts(rule_in_words(text, start) or text)
    day = start.date() if isinstance(start, datetime) else start
    interval = _number(parts, "INTERVAL", 1)
    kind = parts.get("FREQ", "")
    names, ordinal = _days(parts, text)
    if kind == "DAILY" and not names:
        _refuse_beside(parts, text, "BYMONTHDAY", "BYMONTH", "BYSETPOS")
        pattern = Pattern(type="daily", interval=interval)
    elif kind == "WEEKLY" or (kind == "DAILY" and interval == 1):
        _refuse_beside(parts, text, "BYMONTHDAY", "BYMONTH", "BYSETPOS")
        if ordinal:
            _refuse(text, "a number before a weekday belongs to months")
        week_start = _week_start(parts, text)
        days = names or [DAYS[day.weekday()]]
        pattern = Pattern(type="weekly", interval=interval, days_of_week=days, first_day_of_week=week_start)
    elif kind == "MONTHLY":
        _refuse_beside(parts, text, "BYMONTH")
        pattern = _in_month("Monthly", parts, text, day, names, ordinal, interval)
    elif kind == "YEARLY":
        pattern = _in_month("Yearly", parts, text, day, names, ordinal, interval)
    else:
        _refuse(text, "BYDAY goes with FREQ=DAILY only every day" if kind == "DAILY" else _FREQUENCIES)
    return Recurrence(pattern=pattern, range=_range(parts, text, start, zone))


def _parts(text: str) -> Mapping[str, str]:
    squeezed = "".join(text.upper().split()).removeprefix("RRULE:").strip(";")
    parts: dict[str, str] = {}
    for item in squeezed.split(";"):
        name, _, value = item.partition("=")
        if name not in _KNOWN or not value or name in parts:
            _refuse(text, f"{item[:40]!r} has no place in a rule" if "=" in item else "that is no rule")
        parts[name] = value
    return parts


def _days(parts: Mapping[str, str], text: str) -> tuple[list[str], str]:
    """The days of the week and the number before them, which is "" when there is none."""
    written = parts.get("BYDAY", "")
    found = [_DAY.fullmatch(item) for item in written.split(",")] if written else []
    matches = [match for match in found if match]
    if len(matches) < len(found):
        _refuse(text, "BYDAY takes MO, TU, WE, TH, FR, SA, SU, and a number before one of them")
    ordinals = {(match[1] or "").removeprefix("+") for match in matches}
    if ordinals - {""} and len(matches) > 1:
        _refuse(text, "Outlook has one date a month: save one series for each")
    return list(dict.fromkeys(_CODES[match[2]] for match in matches)), next(iter(ordinals), "")


def _in_month(
    unit: str, parts: Mapping[str, str], text: str, start: date, names: list[str], ordinal: str, interval: int
) -> Pattern:
    month = 0
    if unit == "Yearly":
        if (names or "BYMONTHDAY" in parts) and "BYMONTH" not in parts:
            _refuse(text, "BYMONTH is missing, so it would be every month")
        month = _number(parts, "BYMONTH", start.month, most=12)
    if not names:
        return Pattern(
            type=f"absolute{unit}", interval=interval, month=month, day_of_month=_day_of_month(parts, text, start)
        )
    if "BYMONTHDAY" in parts or (ordinal and "BYSETPOS" in parts):
        _refuse(text, "BYDAY stands with BYMONTHDAY or is numbered twice")
    position = ordinal or parts.get("BYSETPOS", "").removeprefix("+")
    if position not in _INDEX_OF:
        _refuse(text, "of the days of a month it takes the 1st, 2nd, 3rd, 4th or last (-1), as in BYDAY=-1FR")
    return Pattern(
        type=f"relative{unit}",
        interval=interval,
        month=month,
        days_of_week=names,
        index=_INDEX_OF[position],
        first_day_of_week=_week_start(parts, text),
    )


def _day_of_month(parts: Mapping[str, str], text: str, start: date) -> int:
    """Day 31 is the last day of every month, which a rule says as -1 or as 28,29,30,31 with BYSETPOS=-1."""
    written = parts.get("BYMONTHDAY")
    position = parts.get("BYSETPOS")
    if written is None:
        if position:
            _refuse(text, "BYSETPOS stands alone")
        return start.day
    days = written.split(",")
    if days == ["-1"] and position in (None, "1", "-1"):
        return 31
    if not all(day.isdecimal() and 1 <= int(day) <= 31 for day in days):
        _refuse(text, "BYMONTHDAY takes 1 to 31, or -1 for the last day")
    numbers = sorted(map(int, days))
    if position == "-1" and numbers == list(range(28, numbers[-1] + 1)):
        return numbers[-1]
    if len(numbers) > 1 or position:
        _refuse(text, "Outlook has one date a month: save one series for each")
    return numbers[0]


def _week_start(parts: Mapping[str, str], text: str) -> str:
    """Without WKST a week begins on Monday (RFC 5545); Graph's own default is Sunday."""
    code = parts.get("WKST", "MO")
    if code not in _CODES:
        _refuse(text, "WKST takes MO, TU, WE, TH, FR, SA or SU")
    return _CODES[code]


def _range(parts: Mapping[str, str], text: str, start: date | datetime, zone: ZoneInfo | None) -> Range:
    first = (start.date() if isinstance(start, datetime) else start).isoformat()
    if "COUNT" in parts and "UNTIL" in parts:
        _refuse(text, "COUNT and UNTIL exclude each other")
    if "COUNT" in parts:
        return Range(type="numbered", start_date=first, number_of_occurrences=_number(parts, "COUNT", 1))
    if "UNTIL" in parts:
        last = _last_day(parts["UNTIL"], text, start, zone)
        if last.isoformat() < first:
            _refuse(text, "it ends before it begins")
        return Range(type="endDate", start_date=first, end_date=last.isoformat())
    return Range(type="noEnd", start_date=first)


def _last_day(written: str, text: str, start: date | datetime, zone: ZoneInfo | None) -> date:
    """The last day on which an event may begin; one that would begin after a time of day is out."""
    found = _UNTIL.fullmatch(written)
    try:
        if found is None:
            raise ValueError
        day = date(*map(int, found.group(1, 2, 3)))
        if found[4] is None or not isinstance(start, datetime):
            return day
        hour, minute, second = (int(part or 0) for part in found.group(4, 5, 6))
        moment = datetime.combine(day, time(hour, minute, second))
    except ValueError:
        _refuse(text, "UNTIL is a day such as 20270327")
    if found[7] and zone is not None:
        moment = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None)
    is_out = moment.time() < start.time().replace(tzinfo=None)
    return moment.date() - timedelta(days=1) if is_out else moment.date()


def _number(parts: Mapping[str, str], name: str, default: int, *, most: int = _MOST) -> int:
    written = parts.get(name)
    if written is None:
        return default
    if not written.isdecimal() or not 1 <= int(written) <= most:
        raise InvalidInput(f"{name}={written[:20]} is not a number from 1 to {most}.", next_step=_EXAMPLE)
    return int(written)


def _refuse_beside(parts: Mapping[str, str], text: str, *names: str) -> None:
    for name in names:
        if name in parts:
            _refuse(text, f"{name} does not go with FREQ={parts.get('FREQ', '')}")


def _refuse(text: str, why: str) -> NoReturn:
    raise InvalidInput(f"Outlook cannot repeat an event by {text[:120]!r}: {why}.", next_step=_EXAMPLE)


assert tuple(_INDEX_OF.values()) == INDEXES
