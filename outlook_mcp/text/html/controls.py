"""What form controls show: ticks, values, and the chosen one of several options."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from outlook_mcp.text.html.hints import Attributes

_BUTTONS = {"submit": "Submit", "reset": "Reset", "button": ""}
# Types whose value is not shown as it is written. A type that is not known is text.
_SILENT = frozenset({"hidden", "password", "range", "color", "file"})
_WITHOUT_PLACEHOLDER = (_SILENT - {"password"}) | {"checkbox", "radio", "image", "date", "time", "datetime-local"}
# Of a list that does not tell how many it shows.
_ROWS_OF_LIST = 4
_FORMS = {
    "number": re.compile(r"-?[\d.]+(?:e[-+]?\d+)?", re.I | re.A),
    "date": re.compile(r"\d{4,6}-\d\d-\d\d", re.A),
    "time": re.compile(r"\d\d:\d\d(?::\d\d(?:\.\d+)?)?", re.A),
    "datetime-local": re.compile(r"\d{4,6}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?", re.A),
    "month": re.compile(r"\d{4,6}-\d\d", re.A),
    "week": re.compile(r"\d{4,6}-W\d\d", re.A),
}


@dataclass(slots=True)
class OpenForm:
    """A form and what of it was told: `has_fields` and `has_button` that something to fill in or to press was seen."""

    action: str
    has_fields: bool = False
    has_button: bool = False

    @property
    def is_untold(self) -> bool:
        """Whether its address stands at no button."""
        return bool(self.action) and self.has_fields and not self.has_button

    def address_of(self, tag: str, attributes: Attributes) -> str:
        """Where a button or an input of the form sends what was filled in; empty for one that sends nothing.

        >>> OpenForm("https://a.example/").address_of("input", {"type": "submit", "formaction": None})
        'https://a.example/'
        """
        kind = _type_of(attributes) or ("submit" if tag == "button" else "")
        if kind not in ("submit", "image"):
            self.has_fields = self.has_fields or kind not in ("hidden", "button", "reset")
            return ""
        self.has_button = True
        return attributes.get("formaction") or self.action


def control_text(attributes: Attributes) -> str:
    """What an `<input>` shows, but its placeholder; empty for one that shows no text.

    >>> control_text({"type": "checkbox", "checked": None}), control_text({"type": "submit"})
    ('[x] ', ' Submit ')
    """
    kind = _type_of(attributes)
    if kind in ("checkbox", "radio"):
        return "[x] " if "checked" in attributes else "[ ] "
    if kind == "image":
        return f" {attributes['alt'] if 'alt' in attributes else attributes.get('value') or ''} "
    if kind in _SILENT:
        return ""
    value = attributes.get("value") or ""
    if kind in _FORMS and not _FORMS[kind].fullmatch(value):
        value = ""  # Browsers drop what is no such value.
    if kind in _BUTTONS and "value" not in attributes:
        value = _BUTTONS[kind]
    return f" {value} "


def shows_placeholder(attributes: Attributes) -> bool:
    """Whether an `<input>` is a field for text that is empty.

    >>> shows_placeholder({"type": "password"}), shows_placeholder({"value": " "}), shows_placeholder({"type": "date"})
    (True, False, False)
    """
    kind = _type_of(attributes)
    if kind in _BUTTONS or kind in _WITHOUT_PLACEHOLDER:
        return False
    return control_text(attributes).isspace() if kind in _FORMS else not attributes.get("value")


def is_text_in_some_browsers(attributes: Attributes) -> bool:
    """Whether an `<input>` is a field for text in some browsers, and one for a month or a week in others."""
    return _type_of(attributes) in ("month", "week")


def is_longer_than_its_field(attributes: Attributes) -> bool:
    """Whether an `<input>` shows only the beginning of its value: browsers make it as wide as 20 letters."""
    size = (attributes.get("size") or "").strip()
    letters = int(size[:4]) if size.isdecimal() and size.isascii() and size.strip("0") else 20
    return len(attributes.get("value") or "") > 2 * letters and _type_of(attributes) not in _BUTTONS


def _type_of(attributes: Attributes) -> str:
    return (attributes.get("type") or "").lower()


def options_out_of_view(node: LexborNode, attributes: Attributes) -> frozenset[int]:
    """The options of a list that are seen only after scrolling, by their `mem_id`."""
    size = (attributes.get("size") or "").strip()
    rows = int(size[:6]) if size.isdecimal() and size.isascii() and size.strip("0") else _ROWS_OF_LIST
    options = [option for option in node.css("option, optgroup") if "hidden" not in option.attributes]
    return frozenset(option.mem_id for option in options[rows:] if "selected" not in option.attributes)


def shown_option(node: LexborNode, attributes: Attributes) -> str | None:
    """The text of the chosen option of a `<select>`; None if it shows all of them."""
    size = (attributes.get("size") or "").strip()
    if "multiple" in attributes or (size.isdecimal() and size.isascii() and int(size[:6]) > 1):
        return None
    options = node.css("option")
    chosen = [option for option in options if "selected" in option.attributes]
    chosen = chosen or [option for option in options if _can_be_chosen(option)][:1] or options[:1]
    return (chosen[-1].attributes.get("label") or chosen[-1].text(deep=True)).strip() if chosen else ""


def _can_be_chosen(option: LexborNode) -> bool:
    group = option.parent
    is_off = group is not None and group.tag == "optgroup" and "disabled" in group.attributes
    return not is_off and "disabled" not in option.attributes
