"""Days and times in more words, as the plain forms that `periods` reads: last weekend, mid june, the week of nov 18.

What can be before or after today is before it in mail that came, and after it in what is planned.

The words are English: models write English whatever language their user does, and short names of months and days mean
others elsewhere (`mar` is Tuesday in Spanish). Days in numbers are read whatever the language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from outlook_mcp.errors import InvalidInput
from outlook_mcp.text.periods import Period
from outlook_mcp.text.spans_of_time import day_or_moment_ahead, parted, with_digits

_DAY = timedelta(days=1)
_SATURDAY, _DAYS_OF_WEEKEND = 5, 2
_LONGEST = 80
# Patterns are compiled when they are used first (`re` keeps them).
_LEADS = r"^(?:(?:since|from|during|over|within|for|on|as of|starting|in(?! \d)|earlier) )+"
_LEADS_AHEAD = r"^(?:(?:by|until|till|from|starting|on|(?:the |this )?coming(?= [a-z]+day)) )+"
_OTHER_NAMES = {
    r"(?:this|today) (?:afternoon|evening)|tonight": "today",
    r"yesterday (?:morning|afternoon|evening)|last (?:night|evening)": "yesterday",
}
_PART_OF_DAY = r"(.+) (?:morning|afternoon|evening|night)"
_UNIT = r"week|month|quarter|year"
_WEEKEND = r"(?:(this|last|past|next|coming|this coming) )?weekend"
_PART_OF_MONTH = r"(?:the )?(early|mid|middle|late)[ -](?:of |in )?(?:the )?(.+)"
_EDGE = r"(beginning|start|end) of (?:the )?(.+)"
_WEEK_OF = r"week (?:of|beginning|starting) (?:on )?(.+)"
_DAY_OF_MONTH = r"(\d{1,2})(?:st|nd|rd|th)"
_TWO_ON = rf"({_UNIT}) (?:before last|after next)"
_NEXT = rf"next ({_UNIT})"
_DAY_IN_WEEK = r"([a-z]{3,9}),? (?:of )?((?:last|this|next) week)|((?:last|this|next) week) ([a-z]{3,9})"
_QUARTER = r"(?:quarter |q)([1-4])"
_HALF = r"(?:h([12])|(first|second) half of)[ /-]?(?:the )?([1-9]\d{3}|year)"
_WEEK = r"(?:(?:calendar )?week|kw|cw) ?(\d{1,2})(?:(?:,? |/)(\d{4}))?"
_LAST_MONTH_NAMED = r"last ([a-z]{3,9})"
_REST = r"rest of (?:the |this )?(week|month|quarter|year)"
_DAY_AND_MONTH = r"(\d{1,2})\.(\d{1,2})\."
_MONTH_AND_YEAR = r"(\d{1,2})/(\d{4})"
_DASHES = r"(\d{1,2})-([a-z]{3,9}|\d{1,2})-(\d{4})"
_SHORT_YEAR = r"(\d{1,2}/\d{1,2})/(\d{2})"


class Words(NamedTuple):
    """A text in small letters, and how to read it: the time it is, what reads plain forms, and whether it is ahead."""

    text: str
    now: datetime
    read: Callable[[str], Period]
    is_ahead: bool

    @property
    def today(self) -> date:
        return self.now.date()

    def match(self, pattern: str) -> re.Match[str] | None:
        return re.fullmatch(pattern, self.text, re.ASCII)

    def days_of(self, written: str) -> tuple[date, date] | None:
        """First and last day of what is written; None for what is no day or longer."""
        try:
            start, end = (moment.astimezone(self.now.tzinfo) for moment in self.read(written))
        except InvalidInput:
            return None
        return (start.date(), (end - timedelta(seconds=1)).date()) if end - start > timedelta(hours=20) else None


def parse_in_words(
    value: str, now: datetime, read_plain: Callable[[str, datetime], Period], *, is_ahead: bool
) -> Period:
    """What `read_plain` reads in a value as it is written, else in its plain form.

    Raises the InvalidInput of what is written where neither is read.
    """
    try:
        return read_plain(value, now)
    except InvalidInput as error:

        def read(text: str) -> Period:
            return parse_in_words(text, now, read_plain, is_ahead=is_ahead)

        plain = in_plain_words(value, now, read, is_ahead=is_ahead)
        if not plain:
            raise
        try:
            return read_plain(plain, now)
        except InvalidInput:
            raise error from None


def in_plain_words(written: str, now: datetime, read: Callable[[str], Period], *, is_ahead: bool) -> str:
    """The plain form of what is written, as `read` takes it; "" where it names nothing that is known.

    Raises InvalidInput for what can be two days.
    """
    text = " ".join(written[:_LONGEST].replace("_", " ").lower().split())
    day, clock = parted(text)
    day = re.sub(_LEADS_AHEAD if is_ahead else _LEADS, "", with_digits(day)).removeprefix("the ")
    words = Words(day, now, read, is_ahead)
    plain = next((plain for reword in _REWORDERS if (plain := reword(words))), day)
    if clock and not plain:
        plain = "today" if not is_ahead or f"{now:%H:%M}" < clock else "tomorrow"
    found = f"{plain} {clock}" if clock and "T" not in plain else plain
    return "" if found == text else found


def _part_of_day(words: Words) -> str:
    """The whole day, of what is over: mail of the evening is among that of the day."""
    if words.is_ahead:
        return ""
    if named := next((plain for pattern, plain in _OTHER_NAMES.items() if words.match(pattern)), ""):
        return named
    found = words.match(_PART_OF_DAY)
    days = words.days_of(found[1]) if found else None
    return str(days[0]) if days and days[0] == days[1] else ""


def _ahead(words: Words) -> str:
    return day_or_moment_ahead(words.text, words.now) if words.is_ahead else ""


def _weekend(words: Words) -> str:
    found = words.match(_WEEKEND)
    if not found:
        return ""
    saturday = words.today + (_SATURDAY - words.today.weekday()) * _DAY
    is_now = words.today >= saturday
    if found[1] == "next" and not is_now:
        raise _two_days(words.text, saturday, saturday + 7 * _DAY)
    is_coming = words.is_ahead if found[1] in (None, "this") else found[1] not in ("last", "past")
    if is_now and (found[1] not in (None, "this")):
        saturday += 7 * _DAY if is_coming else -7 * _DAY
    elif not is_now and not is_coming:
        saturday -= 7 * _DAY
    return _span(saturday, saturday + (_DAYS_OF_WEEKEND - 1) * _DAY)


def _part_of_month(words: Words) -> str:
    """The first and the next ten days, or what follows them."""
    found = words.match(_PART_OF_MONTH)
    days = words.days_of(_unit_of_now(found[2])) if found else None
    if not found or days is None or days[0].day != 1 or not 27 <= (days[1] - days[0]).days <= 30:
        return ""
    first, last = {"early": (1, 10), "late": (21, days[1].day)}.get(found[1], (11, 20))
    return _span(days[0].replace(day=first), days[0].replace(day=last))


def _edge(words: Words) -> str:
    """The first or the last day of a week, month, quarter or year."""
    found = words.match(_EDGE)
    days = words.days_of(_unit_of_now(found[2])) if found else None
    if not found or days is None or days[0] == days[1]:
        return ""
    if found[1] != "end":
        return str(days[0])
    if (days[1] - days[0]).days == 6:
        raise _two_days(words.text, days[1] - 2 * _DAY, days[1])
    return str(days[1])


def _week_of(words: Words) -> str:
    found = words.match(_WEEK_OF)
    days = words.days_of(found[1]) if found else None
    return _week_with(days[0]) if days and days[0] == days[1] else ""


def _day_of_month(words: Words) -> str:
    """The latest or the next such day."""
    found = words.match(_DAY_OF_MONTH)
    number = int(found[1]) if found else 0
    if not 1 <= number <= 31:
        return ""
    day, step = words.today, _DAY if words.is_ahead else -_DAY
    while day.day != number:
        day += step
    return str(day)


def _two_on(words: Words) -> str:
    if words.text == "day after tomorrow":
        return str(words.today + 2 * _DAY)
    found = words.match(_TWO_ON)
    return _units_on(words, found[1], 2 if "after" in words.text else -2) if found else ""


def _next(words: Words) -> str:
    found = words.match(_NEXT)
    return _units_on(words, found[1], 1) if found else ""


def _units_on(words: Words, unit: str, number: int) -> str:
    """The week, month, quarter or year so many after the current one."""
    today = words.today
    if unit == "week":
        return _week_with(today + 7 * number * _DAY)
    if unit == "year":
        return f"{today.year + number:04}"
    if unit == "quarter":
        year, quarter = divmod(today.year * 4 + (today.month - 1) // 3 + number, 4)
        return f"{year:04}-q{quarter + 1}"
    year, month = divmod(today.year * 12 + today.month - 1 + number, 12)
    return f"{year:04}-{month + 1:02}"


def _day_in_week(words: Words) -> str:
    """`monday last week`."""
    found = words.match(_DAY_IN_WEEK)
    days = words.days_of(found[1] or found[4]) if found else None
    if not found or days is None or days[0] != days[1]:
        return ""
    weeks = {"last": -1, "next": 1}.get((found[2] or found[3]).split()[0], 0)
    monday = words.today - (words.today.weekday() - 7 * weeks) * _DAY
    return str(monday + days[0].weekday() * _DAY)


def _numbered(words: Words) -> str:
    """A quarter, a half of a year or a week by its number."""
    today = words.today
    if found := words.match(_QUARTER):
        return f"{_year_of(words, int(found[1]), (today.month + 2) // 3):04}-q{found[1]}"
    if found := words.match(_HALF):
        year = today.year if found[3] == "year" else int(found[3])
        is_first = found[1] == "1" or found[2] == "first"
        return _span(date(year, 1, 1), date(year, 6, 30)) if is_first else _span(date(year, 7, 1), date(year, 12, 31))
    if found := words.match(_WEEK):
        this = today.isocalendar()
        year = int(found[2]) if found[2] else this.year + _year_of(words, int(found[1]), this.week) - today.year
        return f"{year:04}-w{int(found[1]):02}"
    return ""


def _year_of(words: Words, number: int, current: int) -> int:
    """The year of a quarter or a week with this number."""
    return words.today.year + ((number < current) if words.is_ahead else -(number > current))


def _last_named_month(words: Words) -> str:
    """The latest such month that is over."""
    found = words.match(_LAST_MONTH_NAMED)
    days = words.days_of(f"{found[1]} 2000") if found else None
    return f"{words.today.year - (days[0].month >= words.today.month):04}-{days[0].month:02}" if days else ""


def _rest(words: Words) -> str:
    found = words.match(_REST)
    days = words.days_of(f"this {found[1]}") if found else None
    return _span(words.today, days[1]) if days else ""


def _numbers(words: Words) -> str:
    today = words.today
    if found := words.match(_DAY_AND_MONTH):
        day, month = int(found[1]), int(found[2])
        is_over, is_to_come = (month, day) < (today.month, today.day), (month, day) > (today.month, today.day)
        return f"{today.year + (is_over if words.is_ahead else -is_to_come)}-{month}-{day}"
    if found := words.match(_MONTH_AND_YEAR):
        return f"{found[2]}-{found[1]}"
    if found := words.match(_DASHES):
        return ("/" if found[2].isdigit() else " ").join(found.groups())
    found = words.match(_SHORT_YEAR)
    return f"{found[1]}/20{found[2]}" if found else ""


def _unit_of_now(written: str) -> str:
    return f"this {written}" if re.fullmatch(_UNIT, written) else written


def _week_with(day: date) -> str:
    found = day.isocalendar()
    return f"{found.year:04}-w{found.week:02}"


def _span(first: date, last: date) -> str:
    return f"{first}/{last}"


def _two_days(written: str, first: date, second: date) -> InvalidInput:
    return InvalidInput(f"{written!r} can be two dates.", next_step=f"Write {first} or {second}.")


_REWORDERS: tuple[Callable[[Words], str], ...] = (
    *(_part_of_day, _ahead, _weekend, _part_of_month, _edge, _week_of, _day_of_month, _two_on, _next, _day_in_week),
    *(_numbered, _last_named_month, _rest, _numbers),
)
