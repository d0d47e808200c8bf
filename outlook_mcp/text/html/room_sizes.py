"""How much room single elements take in a box that cuts off the rest, as far as it is told; rather too little."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from outlook_mcp.text.html.css.box import Box
from outlook_mcp.text.html.css.conditions import NARROW, WIDE
from outlook_mcp.text.html.css.lengths import Scale, pixels
from outlook_mcp.text.html.hints import Attributes
from outlook_mcp.text.html.tags import BLOCKS, HEADINGS

# Of the size of the font: the width of a letter, and the height of a line.
LETTER, LINE = 0.4, 1.1
CELLS, PICTURES = ("td", "th"), frozenset({"img", "video", "canvas", "svg", "iframe", "object", "embed"})
FIELDS = frozenset({"input", "select", "textarea", "button", "meter", "progress", "audio"})
# What browsers give elements where nothing is told. Of the size of the font: margins above and below, and the size of
# the letters in headings; in pixels: what stands at the left, and the width of pictures and fields.
_MARGINS = {**dict.fromkeys(("p", "ul", "ol", "dl", "blockquote", "pre", "figure", "menu", "dir"), 1.0), "hr": 0.5}
_MARGINS |= {"h1": 1.34, "h2": 1.24, "h3": 1.17, "h4": 1.33, "h5": 1.38, "h6": 1.56, "fieldset": 0.5}
_LETTERS = {"h1": 2.0, "h2": 1.5, "h3": 1.17}
_AT_LEFT = dict.fromkeys(("ul", "ol", "blockquote", "dd", "figure", "menu", "dir"), 40.0)
_WIDTHS = {**dict.fromkeys(("video", "svg", "iframe"), 300.0), "meter": 80.0, "progress": 150.0}
_WIDTHS |= {"textarea": 140.0, "input": 120.0, "audio": 280.0}
_WIDTHS_OF_INPUTS = {"checkbox": 13.0, "radio": 13.0, "hidden": 0.0, "color": 40.0, "image": 0.0}
_WIDTHS_OF_INPUTS |= dict.fromkeys(("submit", "button", "reset"), 20.0)
# Rows of a field for text and of a list of options, and what both have above and below all rows; how many they have.
_ROW, _ROW_OF_LIST, _AROUND_ROWS = 15.0, 16.0, 4.0
_ROWS, _ROWS_OF_MANY = 2.0, 4.0
# Between the cells of a table, and between the text of a cell and its edge.
_BETWEEN_CELLS, _IN_CELLS = 2.0, 1.0
_NUMBER, _SHARE = re.compile(r"\s*(\d{1,5})(?![\d.]*%)"), re.compile(r"\s*(\d{1,3})(?:\.\d*)?%")
_IN_LINES = frozenset({"inline-block", "inline-flex", "inline-grid", "inline-table", "-webkit-inline-box"})


class Sizes(NamedTuple):
    """In pixels, each 0 where nothing is told. Those `above` and `below` are paddings and edges without the margins,
    and `of_cells` and `between_rows` are the padding that a table gives its cells and what is between its rows.
    """

    width: float
    height: float
    above: float
    below: float
    margin_above: float
    margin_below: float
    left: float
    right: float
    line: float
    of_cells: float
    between_rows: float


def display_of(tag: str, values: Mapping[str, str]) -> str:
    """`block`, `cell`, `box` for one that stands in a line, `float`, `absolute`, or `line` for a part of a line."""
    if values.get("position") in ("absolute", "fixed"):
        return "absolute"
    if values.get("float", "none") in ("left", "right"):
        return "float"
    display = values.get("display", "")
    if display in _IN_LINES:
        return "box"
    if tag in CELLS or display == "table-cell":
        return "cell"
    is_block = tag in BLOCKS or tag in HEADINGS
    if display in ("inline", "contents") or not (display or is_block):
        return "box" if tag in PICTURES or tag in FIELDS or is_block else "line"
    return "block"


def sizes_of(tag: str, attributes: Attributes, values: Mapping[str, str], box: Box, width: float) -> Sizes:
    """The sizes of an element with these declared values; `width` is that of the box which cuts off the rest."""
    inner = Scale(box.font, box.root_font, percent_of=min(width, WIDE))
    # A share of the width, which is less on a small screen.
    sides = inner._replace(percent_of=min(width, NARROW))
    edge = _length(values, "border-width", sides)
    by_tag = _MARGINS.get(tag, 0.0) * box.font
    line = _length(values, "line-height", sides._replace(percent_of=box.font))
    if "line-height" in values and values["line-height"].replace(".", "").isdecimal():
        line *= box.font
    between = _between_cells(attributes) if tag == "table" else 0.0
    letters = 1.0 if "font-size" in values else _LETTERS.get(tag, 1.0)
    at_left = _length(values, "margin-left", inner) + _length(values, "padding-left", inner)
    if "margin-left" not in values and "padding-left" not in values:
        at_left = _AT_LEFT.get(tag, 0.0)
    return Sizes(
        _width(tag, attributes, values, inner, box.font),
        max(_most(values, ("height", "min-height"), box), _height_by_attribute(tag, attributes)),
        _length(values, "padding-top", sides) + edge,
        _length(values, "padding-bottom", sides) + edge + between,
        _length(values, "margin-top", sides) if "margin-top" in values else by_tag,
        _length(values, "margin-bottom", sides) if "margin-bottom" in values else by_tag,
        at_left + edge,
        _length(values, "margin-right", inner) + _length(values, "padding-right", inner) + edge,
        max(line, LINE * box.font * letters),
        _number_in(attributes.get("cellpadding", str(_IN_CELLS))),
        between,
    )


def _between_cells(attributes: Attributes) -> float:
    """What is between the rows of a table, and at its upper and lower edge; what a style tells of it is not known."""
    is_told = "cellspacing" in attributes or "style" in attributes or "class" in attributes
    return _number_in(attributes.get("cellspacing")) if is_told else _BETWEEN_CELLS


def is_pulling(tag: str, attributes: Attributes, values: Mapping[str, str]) -> bool:
    """Whether an element has its content in its middle or at its right."""
    is_aligning = (attributes.get("align") or "left").lower() not in ("left", "justify", "top")
    return tag == "center" or "text-align" in values or is_aligning


def is_at_top(attributes: Attributes) -> bool:
    """Whether the text of a cell stands at its top, as far as is told by itself."""
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return (attributes.get("valign") or "").lower() == "top" or "vertical-align:top" in style


def _width(tag: str, attributes: Attributes, values: Mapping[str, str], scale: Scale, font: float) -> float:
    told = [pixels(values[name], scale) for name in ("width", "min-width", "flex-basis") if name in values]
    known = [length for length in told if length is not None]
    attribute = attributes.get("width") or ""
    if found := _NUMBER.match(attribute):
        known.append(float(found[1]))
    elif found := _SHARE.match(attribute):
        known.append(float(found[1]) * scale.percent_of / 100)
    if tag == "input":
        by_size = _number_in(attributes.get("size")) * LETTER * font
        by_kind = _WIDTHS_OF_INPUTS.get((attributes.get("type") or "").lower(), _WIDTHS["input"])
        known = known or [by_size or by_kind]
    elif tag == "audio" and "controls" not in attributes:
        return 0.0
    return max(known or [_WIDTHS.get(tag, 0.0)])


def _height_by_attribute(tag: str, attributes: Attributes) -> float:
    if tag == "textarea":
        return _ROW * (_number_in(attributes.get("rows")) or _ROWS) + _AROUND_ROWS
    if tag == "select":
        rows = _number_in(attributes.get("size")) or (_ROWS_OF_MANY if "multiple" in attributes else 1.0)
        return _ROW_OF_LIST * rows + (_AROUND_ROWS if rows > 1 else 0.0)
    around = 2 * _number_in(attributes.get("vspace")) if "vspace" in attributes else 0.0
    return _number_in(attributes.get("size") or "2" if tag == "hr" else attributes.get("height")) + around


def _number_in(attribute: str | None) -> float:
    """The number of an attribute that is no share of something else; 0 for none."""
    found = _NUMBER.match(attribute or "")
    return float(found[1]) if found else 0.0


def _length(values: Mapping[str, str], name: str, scale: Scale) -> float:
    """A length, if it is told and more than nothing."""
    return max(0.0, pixels(values[name], scale) or 0.0) if name in values else 0.0


def _most(values: Mapping[str, str], names: tuple[str, ...], box: Box) -> float:
    """The largest of these lengths that is no share of another one."""
    scale = Scale(box.font, box.root_font)
    known = (pixels(values[name], scale) for name in names if name in values and not values[name].endswith("%"))
    return max((length for length in known if length is not None), default=0.0)


# Of the size of the font, in letters that are rather wide.
_NARROW_LETTERS, _SLIM_LETTERS, _BROAD_LETTERS = "ijlI.,:;'|! ", 'ftr()[]{}-"/\\', "mMwW@%OQGD"
_WIDE_LETTER, _SIGN = 0.62, 1.05
_WIDTHS_OF_LETTERS = {
    **dict.fromkeys("ABCEFHKLNPRSTUVXYZ&#+=<>~^0123456789", 0.7),
    **dict.fromkeys(_NARROW_LETTERS, 0.33),
    **dict.fromkeys(_SLIM_LETTERS, 0.42),
    **dict.fromkeys(_BROAD_LETTERS, 1.0),
}


def wide_letters(text: str) -> float:
    """The width of a text in a font with wide letters, as a part of the size of the font.

    >>> wide_letters("mill") < wide_letters("mmmm") < wide_letters("\N{BOWL OF HYGIEIA}" * 4)
    True
    """
    known = _WIDTHS_OF_LETTERS
    return sum(known.get(letter) or (_WIDE_LETTER if letter < "\u1100" else _SIGN) for letter in text)
