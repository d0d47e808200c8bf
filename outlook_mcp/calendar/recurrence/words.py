"""Recurrence rules in plain words: weekly, every weekday, every other monday until end of march, daily for 6 times."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from outlook_mcp.errors import InvalidInput
from outlook_mcp.text.coming_times import parse_coming
from outlook_mcp.text.spans_of_time import with_digits

_FREQUENCIES = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
_ADVERBS = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year", "annually": "year"}
_WORKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
# Patterns are compiled when they are used first (`re` keeps them).
_END = r"(.+?),? (?:(?:for )?(\d{1,3}) (?:times|occurrences)|(?:until|till) (.+))"
_EVERY = r"every (?:(other|\d{1,2}) )?(day|week|month|year)s?"
_ON_WORKDAYS = r"(?:every |on )?(?:weekdays?|workdays?|working days?)"
_ON_DAYS = rf"(?:(?:every|each|on|weekly on) )?(other )?({_DAY}(?:(?:, | and |, and ){_DAY})*)"


def rule_in_words(text: str, start: date | datetime) -> str:
    """The rule of RFC 5545 that plain words mean for a series that begins at `start`; "" for other words.

    >>> rule_in_words("every other monday until 2026-12-31", date(2026, 11, 30))
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;UNTIL=20261231'
    >>> rule_in_words("every weekday", date(2026, 11, 30)), rule_in_words("monthly for 6 times", date(2026, 11, 30))
    ('FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', 'FREQ=MONTHLY;COUNT=6')
    """
    written = with_digits(" ".join(text.lower().split())[:200])
    ended = re.fullmatch(_END, written, re.ASCII)
    rule = _without_end(ended[1] if ended else written)
    if not rule or ended is None:
        return rule
    return f"{rule};COUNT={ended[2]}" if ended[2] else _until(rule, ended[3], start)


def _without_end(written: str) -> str:
    if unit := _ADVERBS.get(written):
        return f"FREQ={_FREQUENCIES[unit]}"
    if re.fullmatch(_ON_WORKDAYS, written):
        return _WORKDAYS
    if found := re.fullmatch(_EVERY, written, re.ASCII):
        return f"FREQ={_FREQUENCIES[found[2]]}{_interval(found[1])}"
    if found := re.fullmatch(_ON_DAYS, written):
        days = (day[:2].upper() for day in re.findall(_DAY, found[2]))
        return f"FREQ=WEEKLY{_interval('other' if found[1] else None)};BYDAY={','.join(days)}"
    return ""


def _interval(number: str | None) -> str:
    return f";INTERVAL={2 if number == 'other' else number}" if number else ""


def _until(rule: str, written: str, start: date | datetime) -> str:
    """The last day that is written belongs to the series."""
    day = start.date() if isinstance(start, datetime) else start
    try:
        period = parse_coming(written, datetime.combine(day, time(), UTC))
    except InvalidInput:
        return ""
    return f"{rule};UNTIL={(period.end - timedelta(seconds=1)):%Y%m%d}"
