"""Headings and the numbers of lists, which Word computes from styles and numbering definitions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from outlook_mcp.text.files.packed_xml import PackedXml

_HEADING = re.compile(r"heading\s*([1-6])$", re.I)
_PLACE = re.compile(r"%([1-9])")
_MOST_LEVELS = 9
_MOST_BASES = 10
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_SMALL_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(slots=True)
class _Style:
    name: str = ""
    based_on: str = ""
    number: str = ""
    level: int = 0


@dataclass(slots=True)
class _Level:
    format: str = "decimal"
    text: str = ""
    start: int = 1


@dataclass(slots=True)
class _List:
    """A definition with the numbers that its levels have reached; several lists may share one."""

    levels: dict[int, _Level]
    reached: dict[int, int] = field(default_factory=dict)


class ParagraphStyles:
    """The styles and lists of one document; it counts, so labels have to be asked for in the order of the text."""

    def __init__(self, packed: PackedXml | None) -> None:
        """Without a document there are no styles."""
        self._styles: dict[str, _Style] = {}
        self._lists: dict[str, _List] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        if packed is not None:
            self._read_styles(packed.tree("word/styles.xml"))
            self._read_lists(packed.tree("word/numbering.xml"))

    def heading_level(self, style: str) -> int:
        """1 to 6 for a heading; 0 for any other paragraph."""
        for known in self._bases(style):
            if known.name.lower() == "title":
                return 1
            if found := _HEADING.match(known.name):
                return int(found[1])
        return 0

    def label_of(self, style: str, number: str, level: int | None) -> str:
        """The number or bullet of a paragraph: `3.2`, `(a)`, `-`; "" when it has none. It is counted."""
        if not number:
            for known in self._bases(style):
                if known.number:
                    number, level = known.number, known.level if level is None else level
                    break
        definition = self._lists.get(number)
        level = level or 0
        if definition is None or level not in definition.levels:
            return ""
        if number in self._restarts:
            definition.reached.update(
                {place: start - 1 for place, start in self._restarts.pop(number).items()},
            )
        return _counted(definition, level)

    def _bases(self, style: str) -> list[_Style]:
        """The style and those that it is based on."""
        found: list[_Style] = []
        while style in self._styles and len(found) < _MOST_BASES:
            found.append(self._styles[style])
            style = found[-1].based_on
        return found

    def _read_styles(self, root: Element) -> None:
        for style in root.iter("style"):
            self._styles[style.get("styleId", "")] = _Style(
                name=_value(style, "name"),
                based_on=_value(style, "basedOn"),
                number=_value(style, "pPr/numPr/numId"),
                level=_number(_value(style, "pPr/numPr/ilvl"), 0),
            )

    def _read_lists(self, root: Element) -> None:
        definitions = {
            element.get("abstractNumId", ""): _List(
                {
                    _number(level.get("ilvl"), 0): _Level(
                        format=_value(level, "numFmt") or "decimal",
                        text=_value(level, "lvlText"),
                        start=_number(_value(level, "start"), 1),
                    )
                    for level in element.iter("lvl")
                }
            )
            for element in root.iter("abstractNum")
        }
        for element in root.iter("num"):
            known = definitions.get(_value(element, "abstractNumId"))
            if known is not None:
                number = element.get("numId", "")
                self._lists[number] = known
                self._restarts[number] = {
                    _number(override.get("ilvl"), 0): _number(_value(override, "startOverride"), 1)
                    for override in element.iter("lvlOverride")
                    if override.find("startOverride") is not None
                }


def _counted(definition: _List, level: int) -> str:
    known = definition.levels[level]
    if known.format == "bullet":
        return "-"
    if known.format == "none":
        return ""
    reached = definition.reached
    reached[level] = reached.get(level, known.start - 1) + 1
    for deeper in range(level + 1, _MOST_LEVELS):
        reached.pop(deeper, None)

    def number(found: re.Match[str]) -> str:
        place = int(found[1]) - 1
        above = definition.levels.get(place, _Level())
        return formatted(reached.get(place, above.start), above.format)

    return _PLACE.sub(number, known.text)[:40]


def formatted(number: int, form: str) -> str:
    """A number as a list shows it, in one of the formats of ISO 29500-1, section 17.18.59.

    >>> formatted(4, "upperRoman"), formatted(28, "lowerLetter"), formatted(3, "decimalZero")
    ('IV', 'bb', '03')
    """
    if form.endswith("Letter") and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * min(20, (number - 1) // 26 + 1)
        return letter.upper() if form.startswith("upper") else letter
    if form.endswith("Roman") and 0 < number < 4000:
        written = ""
        for value, sign in (*_ROMAN, *_SMALL_ROMAN):
            count, number = divmod(number, value)
            written += sign * count
        return written.upper() if form.startswith("upper") else written
    return f"{number:02}" if form == "decimalZero" else str(number)


def _value(element: Element, path: str) -> str:
    found = element.find(path)
    return "" if found is None else found.get("val", "")


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default
