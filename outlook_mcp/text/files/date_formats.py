"""Days and times as a spreadsheet shows them, by the parts of a format code."""

from __future__ import annotations

from calendar import day_name, month_name
from collections.abc import Sequence
from datetime import datetime, timedelta

_DAY_0, _DAY_0_OF_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
# Excel counts a 29 February 1900, which was none.
_FIRST_RIGHT_DAY = 61
_LAST_DAY = 2_958_466

Token = tuple[str, str]


def is_date_token(kind: str, text: str) -> bool:
    """Whether a part of a code is a day, a time or an elapsed time. Years of other calendars are none by themselves."""
    return (kind == "date" and text[0].lower() in "ymdhs") or (kind == "bracket" and not text.startswith("$"))


def shown_moment(value: float, tokens: Sequence[Token], *, from_1904: bool) -> str:
    """What a cell shows of a moment, "" for one that no calendar has.

    A day whose month is written in digits, without any word that tells it, comes as ISO 8601, with the time that the
    code shows.
    """
    if not 0 <= value < _LAST_DAY:
        return ""
    months = _months(tokens)
    units = {"minute" if text[0] in "mM" and place not in months else text[0].lower() for place, text in _dated(tokens)}
    moment = _moment(value, from_1904=from_1904, digits=sum(kind == "digit" for kind, _ in tokens))
    has_words = any(text.isalpha() for kind, text in tokens if kind in ("quoted", "escaped", "other"))
    if units & set("dy") and any(len(tokens[place][1]) < 3 for place in months) and not has_words:
        weekday = f"{moment:%a} " if any(kind == "date" and text[:3].lower() == "ddd" for kind, text in tokens) else ""
        return weekday + _iso(moment, units)
    hour = moment.hour
    if any(kind == "noon" for kind, _ in tokens):
        hour = hour % 12 or 12
    fraction = iter(f"{moment.microsecond // 1000:03d}")
    shown = []
    for place, (kind, text) in enumerate(tokens):
        if kind == "date":
            shown.append(_part(moment, text.lower(), hour, is_month=place in months))
        elif kind == "digit":
            shown.append(next(fraction, ""))
        elif kind == "bracket" and not text.startswith("$"):
            shown.append(_elapsed(value, text.lower()))
        elif kind == "noon":
            shown.append(("AM", "PM")[moment.hour >= 12][: 2 if len(text) > 3 else 1])
        else:
            shown.append({"space": " ", "fill": "", "bracket": text[1:].partition("-")[0]}.get(kind, text))
    return "".join(shown).strip()


def _dated(tokens: Sequence[Token]) -> list[tuple[int, str]]:
    return [(place, text) for place, (kind, text) in enumerate(tokens) if is_date_token(kind, text)]


def _months(tokens: Sequence[Token]) -> set[int]:
    """The places where m means a month: those of one or two that follow an hour or go before a second are minutes."""
    timed = [(place, text.lower()) for place, text in _dated(tokens)]
    found = set()
    for number, (place, text) in enumerate(timed):
        if text[0] != "m":
            continue
        before = timed[number - 1][1][0] if number else ""
        after = timed[number + 1][1][0] if number + 1 < len(timed) else ""
        if len(text) > 2 or not (before == "h" or after == "s"):
            found.add(place)
    return found


def _moment(value: float, *, from_1904: bool, digits: int) -> datetime:
    """Rounded to so many digits of a second, at most the thousandths."""
    days = value if from_1904 or value >= _FIRST_RIGHT_DAY else value + 1
    unit = 10 ** (3 - min(3, digits))
    milliseconds = round(days * 86_400_000 / unit) * unit
    return (_DAY_0_OF_1904 if from_1904 else _DAY_0) + timedelta(milliseconds=milliseconds)


def _iso(moment: datetime, units: set[str]) -> str:
    day = f"{moment:%Y-%m-%d}" if "d" in units else f"{moment:%Y-%m}"
    if not units & {"h", "minute", "s"}:
        return day
    return f"{day} {moment:%H:%M:%S}" if "s" in units else f"{day} {moment:%H:%M}"


def _part(moment: datetime, text: str, hour: int, *, is_month: bool) -> str:
    length = len(text)
    if text[0] == "y":
        return f"{moment:%Y}" if length > 2 else f"{moment:%y}"
    if is_month or (text[0] == "d" and length > 2):
        name = month_name[moment.month] if is_month else day_name[moment.weekday()]
        return f"{moment.month:0{length}d}" if length < 3 else {3: name[:3], 5: name[0]}.get(length, name)
    number = {"d": moment.day, "h": hour, "m": moment.minute, "s": moment.second}.get(text[0])
    # Eras and years of other calendars are left to the year that stands beside them.
    return "" if number is None else f"{number:0{min(2, length)}d}"


def _elapsed(value: float, text: str) -> str:
    seconds = round(value * 86_400)
    number = seconds // {"h": 3600, "m": 60}.get(text[0], 1)
    return f"{number:0{min(9, len(text))}d}"
