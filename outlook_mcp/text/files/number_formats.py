"""Numbers as a spreadsheet shows them: by the format code of the cell (ISO 29500-1, sections 18.8.30 and 18.8.31).

Dates that are written in digits alone come as ISO 8601 instead: which of 3/7/26 is the month, the code knows and a
reader does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

from outlook_mcp.text.files.date_formats import is_date_token, shown_moment

# Codes that files name by number alone; those of dates depend on the country of the reader, here that of ISO 8601.
BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"$"#,##0_);\\("$"#,##0\\)',
    6: '"$"#,##0_);\\("$"#,##0\\)',
    7: '"$"#,##0.00_);\\("$"#,##0.00\\)',
    8: '"$"#,##0.00_);\\("$"#,##0.00\\)',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "m/d/yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yyyy h:mm",
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), "m/d/yyyy"),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "h:mm:ss"),
    **dict.fromkeys((37, 38), "#,##0_);\\(#,##0\\)"),
    **dict.fromkeys((39, 40), "#,##0.00_);\\(#,##0.00\\)"),
    **dict.fromkeys((41, 43), '#,##0.00_);\\(#,##0.00\\);"-"_)'),
    **dict.fromkeys((42, 44), '"$"#,##0.00_);\\("$"#,##0.00\\);"$-"_)'),
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
}
GENERAL = "General"
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.?)|_(?P<space>.?)|\*(?P<fill>.?)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<noon>AM/PM|A/P)|(?P<exponent>E[+-])|(?P<date>y+|m+|d+|h+|s+|e+|g+|b+)"
    r"|(?P<digit>[0#?])|(?P<other>.)",
    re.I | re.S,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_MOST_CODE = 500
_MOST_PLACES = 30
_LONGEST_SMALL = 20


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Section:
    """One of the up to four parts of a code. `tests` is its condition, such as `("<", 100.0)`."""

    tokens: tuple[_Token, ...]
    test: tuple[str, float] | None

    @property
    def is_date(self) -> bool:
        return any(is_date_token(token.kind, token.text) for token in self.tokens)

    @property
    def has_number(self) -> bool:
        return any(token.kind in ("digit", "general") for token in self.tokens)


def shown_number(value: float, code: str, *, from_1904: bool = False) -> str:
    """What a cell with this value shows, "" for nothing; days are counted from 1904 in some old files.

    >>> shown_number(1234.5, "#,##0.00 [$€-407]"), shown_number(-0.125, "0.0%"), shown_number(0.1 + 0.2, "General")
    ('1,234.50 €', '-12.5%', '0.3')
    >>> shown_number(-3, "0;(0)"), shown_number(1e6, '0.0,,"M"'), shown_number(5551234, "000-0000")
    ('(3)', '1.0M', '555-1234')
    >>> shown_number(46355.5, "dd/mm/yy hh:mm"), shown_number(46355, "ddd d mmm"), shown_number(1.5, "[h]:mm")
    ('2026-11-29 12:00', 'Sun 29 Nov', '36:00')
    """
    try:
        sections = _sections(code)
        section, value = _chosen(sections, value)
        if section.is_date:
            tokens = [(token.kind, token.text) for token in section.tokens]
            return shown_moment(value, tokens, from_1904=from_1904) or plain_number(value)
        return _numeric(section, value) if section.tokens else ""
    except (InvalidOperation, OverflowError, ValueError):
        return plain_number(value)


def plain_number(value: float) -> str:
    """A number without a format, and without an idle fraction.

    >>> plain_number(120.0), plain_number(0.1 + 0.2), plain_number(1e-05), plain_number(-4.5e231)
    ('120', '0.3', '0.00001', '-4.5E+231')
    """
    written = f"{value:.15g}"
    if "e" not in written:
        return written
    whole = f"{Decimal(written):f}"
    return whole if abs(value) < 1 and len(whole) <= _LONGEST_SMALL else written.upper()


def shown_text(text: str, code: str) -> str:
    """What a cell with this text shows; only the fourth section of a code, or one with `@`, is about texts.

    >>> shown_text("Erin", '0;0;0;"Dear "@'), shown_text("Erin", "0.00"), shown_text("Erin", ";;;")
    ('Dear Erin', 'Erin', '')
    """
    sections = _sections(code)
    about = sections[3] if len(sections) > 3 else sections[-1]
    if len(sections) <= 3 and not any(token.text == "@" and token.kind == "other" for token in about.tokens):
        return text
    return "".join(text if (token.kind, token.text) == ("other", "@") else _literal(token) for token in about.tokens)


@lru_cache(maxsize=1_000)
def _sections(code: str) -> tuple[_Section, ...]:
    found: list[list[_Token]] = [[]]
    for match in _TOKEN.finditer(code[:_MOST_CODE]):
        kind = match.lastgroup or "other"
        if kind == "other" and match[0] == ";":
            found.append([])
        else:
            found[-1].append(_Token(kind, match[kind]))
    return tuple(map(_section, found[:4]))


def _section(tokens: Sequence[_Token]) -> _Section:
    test = None
    for token in tokens:
        if token.kind == "bracket" and (found := _CONDITION.fullmatch(token.text)):
            test = (found[1], float(found[2]))
    return _Section(tuple(token for token in tokens if not _is_idle(token)), test)


def _is_idle(token: _Token) -> bool:
    """A colour, a condition or a language; elapsed hours and currencies are shown."""
    return token.kind == "bracket" and not token.text.startswith("$") and token.text.lower().strip("hms") != ""


def _chosen(sections: Sequence[_Section], value: float) -> tuple[_Section, float]:
    """The section for a value, and the value that it shows: one for negative numbers alone shows them unsigned."""
    if sections[0].test is not None or (len(sections) > 1 and sections[1].test is not None):
        for section in sections:
            if section.test is None or _passes(value, *section.test):
                return section, value
        return sections[-1], value
    numeric = sections[:3]
    if len(numeric) == 1 or value > 0 or (value == 0 and len(numeric) < 3):
        return numeric[0], value
    return (numeric[1], -value) if value < 0 else (numeric[2], value)


def _passes(value: float, sign: str, limit: float) -> bool:
    return {
        "<": value < limit,
        "<=": value <= limit,
        ">": value > limit,
        ">=": value >= limit,
        "=": value == limit,
        "<>": value != limit,
    }[sign]


def _literal(token: _Token) -> str:
    if token.kind == "bracket":
        return token.text[1:].partition("-")[0]
    return {"space": " ", "fill": ""}.get(token.kind, token.text)


def _numeric(section: _Section, value: float) -> str:
    tokens = section.tokens
    texts = [token.text for token in tokens]
    if not section.has_number:
        sign = "-" if value < 0 and section.test is None and "@" not in texts else ""
        shown = (plain_number(value) if token.text == "@" else _literal(token) for token in tokens)
        return sign + "".join(shown).strip()
    if "/" in texts and (fraction := _fraction(tokens, value)):
        return fraction
    exponent = next(iter(_numbers(tokens, "exponent")), None)
    if exponent is not None:
        return _scientific(tokens, exponent, value)
    scaled = Decimal(plain_number(value)) * (100 ** texts.count("%"))
    sign = "-" if scaled < 0 else ""
    written = _placed(tokens, abs(scaled))
    # A number that is rounded to zero loses its sign.
    return (sign if re.search(r"[1-9]", written) else "") + written.strip()


def _placed(tokens: Sequence[_Token], value: Decimal) -> str:
    """The digits of a number in their places, and what stands around and between these."""
    places = _numbers(tokens, "digit")
    if not places:
        shown = (plain_number(float(value)) if token.kind == "general" else _literal(token) for token in tokens)
        return "".join(shown)
    point = next(iter(_numbers(tokens, "other", ".")), len(tokens))
    whole = [place for place in places if place < point]
    parts = [place for place in places if place > point][:_MOST_PLACES]
    commas = _numbers(tokens, "other", ",")
    # Each comma after the last place before the point, or after all places, leaves out three digits.
    last = (whole or places)[-1]
    scaling = [comma for comma in commas if comma > last and not any(last < part < comma for part in parts)]
    if not whole or (parts and not scaling):
        scaling += [comma for comma in commas if parts and comma > parts[-1]]
    groups = any(whole and whole[0] < comma < whole[-1] for comma in commas)
    digits = (value / 1000 ** len(scaling)).quantize(Decimal(1).scaleb(-len(parts)), ROUND_HALF_UP)
    left, _, right = f"{digits:f}".partition(".")
    written = {**_whole_digits(tokens, whole, left, groups=groups), **_part_digits(tokens, parts, right)}
    written |= dict.fromkeys(commas, "")
    if not whole and left != "0":
        written[point] = f"{left}."
    return "".join(written.get(place, _literal(token)) for place, token in enumerate(tokens))


def _numbers(tokens: Sequence[_Token], kind: str, text: str | None = None) -> list[int]:
    """The places of the tokens of a kind, or of those with this text."""
    return [place for place, token in enumerate(tokens) if token.kind == kind and text in (None, token.text)]


def _whole_digits(tokens: Sequence[_Token], places: Sequence[int], digits: str, *, groups: bool) -> dict[int, str]:
    """From the last place to the first, which takes all digits that are left."""
    left, shown, written = digits.lstrip("0"), {}, 0
    for place in reversed(places):
        taken, left = (left, "") if place == places[0] else (left[-1:], left[:-1])
        taken = taken or {"0": "0", "?": " "}.get(tokens[place].text, "")
        grouped = ""
        for digit in reversed(taken):
            grouped = digit + ("," if groups and digit != " " and written and written % 3 == 0 else "") + grouped
            written += 1
        shown[place] = grouped
    return shown


def _part_digits(tokens: Sequence[_Token], places: Sequence[int], digits: str) -> dict[int, str]:
    needed = max((number for number, place in enumerate(places, 1) if tokens[place].text == "0"), default=0)
    kept = max(len(digits.rstrip("0")), needed)
    return dict(zip(places, [*digits[:kept], *[""] * len(places)], strict=False))


def _scientific(tokens: Sequence[_Token], exponent: int, value: float) -> str:
    places = sum(token.kind == "digit" for token in tokens[:exponent])
    point = next(iter(_numbers(tokens[:exponent], "other", ".")), exponent)
    whole = max(1, sum(token.kind == "digit" for token in tokens[:point]))
    if not value:
        mantissa, power = Decimal(0), 0
    else:
        number = Decimal(plain_number(value))
        power = (number.adjusted() // whole) * whole if whole > 1 else number.adjusted()
        mantissa = round(number.scaleb(-power), max(0, places - whole))
        if abs(mantissa) >= 10**whole:
            mantissa, power = mantissa.scaleb(-whole), power + whole
    sign = "-" if power < 0 else "+" if "+" in tokens[exponent].text else ""
    least = sum(token.kind == "digit" for token in tokens[exponent + 1 :])
    shown = f"{abs(mantissa):.{max(0, places - whole)}f}"
    return f"{'-' if value < 0 else ''}{shown}E{sign}{abs(power):0{least}d}"


def _fraction(tokens: Sequence[_Token], value: float) -> str:
    """Such as 1 1/2; "" when the code is none of a fraction."""
    line = next(number for number, token in enumerate(tokens) if token.text == "/")
    below = "".join(token.text for token in tokens[line + 1 :] if token.kind in ("digit", "other")).strip()
    if not below or not re.fullmatch(r"[0-9#?]+", below):
        return ""
    number = Fraction(Decimal(plain_number(abs(value))))
    whole, rest = divmod(number, 1)
    # Of 1 1/2 the whole number has a place of its own, apart from that right before the line.
    has_whole = len(_numbers(tokens[:line], "digit")) > (tokens[line - 1].kind == "digit")
    if not has_whole:
        whole, rest = 0, number
    if below.strip("0").isdigit():
        above, under = round(rest * int(below)), int(below)
    else:
        above, under = rest.limit_denominator(10 ** min(3, len(below)) - 1).as_integer_ratio()
    if has_whole and above == under:
        whole, above = whole + 1, 0
    found = f"{above}/{under}" if above else ""
    shown = " ".join(filter(None, (str(whole) if whole or not found else "", found)))
    return f"{'-' if value < 0 else ''}{shown}"
