"""What the name and the old attributes of an element say about how it looks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from outlook_mcp.text.html.css.box_values import Hints, Visibility
from outlook_mcp.text.html.css.colours import BLACK, WHITE, Colour, attribute_colour
from outlook_mcp.text.html.tags import BLOCKS, FOLDED_AWAY, PAINTING, STRUCK

Attributes = Mapping[str, str | None]

_DISPLAYS = {
    "table": "table",
    "tr": "table-row",
    "td": "table-cell",
    "th": "table-cell",
    "tbody": "table-row-group",
    "thead": "table-header-group",
    "tfoot": "table-footer-group",
    "col": "table-column",
    "colgroup": "table-column-group",
    "caption": "table-caption",
    "li": "list-item",
    "img": "inline-block",
    "button": "inline-block",
    "input": "inline-block",
    "select": "inline-block",
    "textarea": "inline-block",
    "marquee": "inline-block",
}
# What browsers paint behind the text of a field, whose size and colours are not those around it.
_FIELDS = {"input": WHITE, "textarea": WHITE, "select": WHITE, "button": Colour(239, 239, 239)}
_FONT_OF_FIELDS = 40 / 3
_PLACEHOLDER = Colour(117, 117, 117)
_PAINTED = {**_FIELDS, "mark": Colour(255, 255, 0), "dialog": WHITE}
PLAIN = frozenset(_DISPLAYS) - {*_FIELDS, "col", "colgroup"}
PLAIN |= {"p", "div", "span", "b", "i", "u", "em", "strong"}
PLAIN |= {"center", "font", "br", "ul", "ol", "h1", "h2", "h3", "h4", "blockquote", "small", "big", "sup", "sub"}
# The sizes 1 to 7 of `<font>`, to the third of which a sign adds.
_SIZES, _USUAL_SIZE, _SIZE = (10.0, 13.0, 16.0, 18.0, 24.0, 32.0, 48.0), 3, re.compile(r"\s*([-+]?)(\d{1,3})")
# Of drawings and formulas.
_FOREIGN = frozenset(["svg", "g", "text", "tspan", "textpath", "use", "math", "mrow", "mi", "mn", "mo", "ms", "mtext"])
# Of an element whose text moves they may leave none.
_OF_MARQUEES = ("width", "height", "scrolldelay")
# Pixels between cells or at the edge that may push text off the page, and the width of a table that may do so.
_LARGE, _HUGE = re.compile(r"\s*\d{3}"), re.compile(r"\s*(?:[2-9]\d{3}|\d{5})(?!\d*%)")
_PUSHING = {"table": ("cellspacing", "cellpadding", "border"), "body": ("leftmargin", "marginwidth")}
# Where the attributes of that name give a box its size.
SIZED: dict[str, tuple[str, ...]] = dict.fromkeys(("table", "td", "th"), ("width", "height"))
SIZED |= dict.fromkeys(("tr", "tbody", "thead", "tfoot"), ("height",))
# Browsers give a cell so much around its text, in pixels, and take a size of nothing for none told.
_SIDES_OF_CELL = 2
_SIZES_OF_BOXES = ("width", "height")
_PIXELS = re.compile(r"\s*(\d{1,5})(?![\d.]*%)")
_TELLING = ("data", "bgcolor", "background", "color", "text", "href", "hidden", "open", "popover", "nowrap")
# By them a part of a formula may be moved out of it; a negative width is none.
_MOVING_IN_FORMULAS = {"lspace": re.compile(r"\s*\+?\d{2}"), "voffset": re.compile(r"\s*[-+]?\d{2}")}
_TELLING_IN_FORMULAS = ("mathcolor", "mathbackground", "mathsize")
_PRELIMINARY = frozenset((*_TELLING, *_TELLING_IN_FORMULAS))


def hints_of(
    tag: str, attributes: Attributes, *, unknown_class: bool = False, doubtful: bool = False, cuts: bool = False
) -> Hints:
    """The hints of one element, of which nothing may be seen if it is `doubtful`. Those of its style are no hints.

    `cuts`: it may cut off what does not fit into the size that its attributes give it.
    """
    named = tuple([(name, value or "") for name, value in attributes.items() if name in _PRELIMINARY])
    if tag == "font" and attributes.get("size"):
        named += (("size", attributes["size"] or ""),)
    elif tag == "marquee" and not attributes.keys().isdisjoint(_OF_MARQUEES):
        named += (("data", ""),)
    elif tag in _PUSHING and (
        any(_LARGE.match(attributes.get(name) or "") for name in _PUSHING[tag])
        or (tag == "table" and _HUGE.match(attributes.get("width") or ""))
    ):
        named += (("cellspacing", ""),)
    elif tag == "object" and "type" in attributes and "data" not in attributes:
        named += (("data", "about:"),)
    elif named and tag in _FOREIGN:
        named = tuple(pair for pair in named if pair[0] != "hidden")  # It is an attribute of HTML alone.
    elif tag == "mpadded" and any(
        pattern.match(attributes.get(name) or "") for name, pattern in _MOVING_IN_FORMULAS.items()
    ):
        named += (("mathsize", ""),)
    if cuts:
        named += _sizes_told(tag, attributes)
    return _hints(tag, named, unknown_class, doubtful)


def _sizes_told(tag: str, attributes: Attributes) -> tuple[tuple[str, str], ...]:
    """The width and the height that old attributes give a part of a table.

    >>> _sizes_told("td", {"width": "10", "height": "50%"}), _sizes_told("td", {"width": "0"})
    ((('width', '12px'),), ())
    """
    told = ((name, _PIXELS.match(attributes.get(name) or "")) for name in SIZED.get(tag, ()))
    more = _SIDES_OF_CELL if tag in ("td", "th") else 0
    sizes = [(name, int(found[1])) for name, found in told if found]
    return tuple((name, f"{size + more}px") for name, size in sizes if size or (name == "height" and not more))


@lru_cache(maxsize=2048)
def _hints(tag: str, named: tuple[tuple[str, str], ...], unknown_class: bool, doubtful: bool) -> Hints:
    attributes = dict(named)
    colour = _PLACEHOLDER if tag == "placeholder" else None
    if (tag == "font" and attributes.get("color")) or attributes.get("mathcolor"):
        colour = attribute_colour(attributes.get("color") or attributes["mathcolor"])
    elif tag == "body" and attributes.get("text"):
        colour = attribute_colour(attributes["text"])
    ground = attributes.get("bgcolor") or attributes.get("mathbackground")
    background = attribute_colour(ground) if ground else None
    if tag in _PAINTED or "popover" in attributes:
        colour, background = BLACK, _PAINTED.get(tag, WHITE)
    until_found = attributes.get("hidden", "").strip().lower() == "until-found"
    is_hidden = tag in FOLDED_AWAY or ("hidden" in attributes and not until_found) or _is_closed(tag, attributes)
    display = _DISPLAYS.get(tag) or ("block" if tag in BLOCKS or tag in ("body", "html") else "inline")
    return Hints(
        display="none" if is_hidden else display,
        unhidden=display if "hidden" in attributes else "",
        colour=colour,
        background=background,
        # Letters in a drawing are filled with a colour of its own.
        picture=bool(attributes.get("background")) or tag == "svg",
        is_link=tag == "a" and "href" in attributes,
        preformatted=tag in ("pre", "listing", "xmp", "textarea"),
        struck=tag in STRUCK,
        nowrap="nowrap" in attributes or tag == "nobr",
        unknown_class=unknown_class,
        is_page=tag == "body",
        is_plain=tag in PLAIN and tag != "table" and not named and not unknown_class,
        visibility=Visibility.DOUBTFUL if doubtful or _may_be_replaced(tag, attributes) else Visibility.SEEN,
        until_found=until_found,
        clips=tag in ("input", "textarea", "select", "marquee"),
        paints=tag in PAINTING,
        font=_FONT_OF_FIELDS if tag in _FIELDS else _font_of(attributes) if "size" in attributes else 0.0,
        resets_indent=tag == "table",
        is_positioned=tag == "dialog" or "popover" in attributes,
        sizes=tuple(pair for pair in named if pair[0] in _SIZES_OF_BOXES),
    )


def _is_closed(tag: str, attributes: Mapping[str, str]) -> bool:
    """A dialog or a popover that nothing opens."""
    return (tag == "dialog" or "popover" in attributes) and not (tag == "dialog" and "open" in attributes)


def _font_of(attributes: Mapping[str, str]) -> float:
    """The size that `<font size>` gives text, whatever is around; 0 for none.

    >>> _font_of({"size": "2"}), _font_of({"size": "+1"}), _font_of({"size": "x"})
    (13.0, 18.0, 0.0)
    """
    found = _SIZE.match(attributes["size"])
    if found is None:
        return 0.0
    number = int(found[2]) * (-1 if found[1] == "-" else 1) + (_USUAL_SIZE if found[1] else 0)
    return _SIZES[min(max(1, number), len(_SIZES)) - 1]


def _may_be_replaced(tag: str, attributes: Mapping[str, str]) -> bool:
    """Whether the content of an element may not be seen: with scripts, where data is known, or off the page."""
    return (
        tag in ("canvas", "xml")
        or (tag == "marquee" and "data" in attributes)
        or "mathsize" in attributes
        or "cellspacing" in attributes
        or (tag == "object" and attributes.get("data", "").startswith(("data:", "cid:", "about:")))
    )
