"""What the declared `display` of an element makes of it for the text: a part of a table, a line, a box in a line."""

from __future__ import annotations

from collections.abc import Mapping

from outlook_mcp.text.html.tags import BLOCKS

# The elements that stand for them.
_PARTS_OF_TABLES = {
    "table": "table",
    "inline-table": "table",
    "table-row": "tr",
    "table-cell": "td",
    "table-row-group": "tbody",
    "table-header-group": "thead",
    "table-footer-group": "tfoot",
}
_OF_LINES = frozenset(
    ["block", "flex", "grid", "list-item", "flow-root", "table", "table-row", "table-caption", "-webkit-box"]
)
_BOXES_IN_LINES = frozenset(
    ["inline-block", "inline-flex", "inline-grid", "inline-table", "table-cell", "-webkit-inline-box"]
)
# They mean nothing that a style could not change.
_PLAIN_BLOCKS = frozenset(["div", "section", "article", "main", "aside", "ul", "ol", "li", "dl", "dt", "dd", "span"])


def part_of_table(tag: str, declared: Mapping[str, str]) -> str:
    """The tag of the part of a table that a style makes of an element; empty for none.

    >>> part_of_table("div", {"display": "table-row"}), part_of_table("td", {"display": "table"})
    ('tr', '')
    """
    return _PARTS_OF_TABLES.get(declared.get("display", ""), "") if tag in _PLAIN_BLOCKS else ""


def begins_line(tag: str, declared: Mapping[str, str]) -> bool:
    """Whether a style gives an element, which would stand in a line, lines of its own.

    >>> begins_line("span", {"display": "block"}), begins_line("b", {"display": "inline-block"})
    (True, False)
    """
    return tag not in BLOCKS and declared.get("display", "") in _OF_LINES


def is_box_in_line(tag: str, declared: Mapping[str, str], around: str) -> bool:
    """Whether an element in a line stands apart from its neighbours; `around` is the layout of its parent, if special.

    >>> is_box_in_line("b", {"display": "inline-block"}, ""), is_box_in_line("b", {}, "flex")
    (True, True)
    """
    if tag in BLOCKS:
        return False
    return bool(
        around
        or tag == "button"
        or declared.get("display", "") in _BOXES_IN_LINES
        or declared.get("float", "none") != "none"
        or declared.get("position", "") in ("absolute", "fixed")
    )


def is_list_item(tag: str | None, declared: Mapping[str, str]) -> bool:
    """Whether an element has a mark before it.

    >>> is_list_item("li", {}), is_list_item("li", {"display": "block"}), is_list_item("p", {"display": "list-item"})
    (True, False, True)
    """
    return declared.get("display", "list-item" if tag in ("li", "summary") else "") == "list-item"
