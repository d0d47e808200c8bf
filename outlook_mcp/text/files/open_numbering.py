"""The numbers of headings and lists, which OpenDocument programs compute from styles (ISO 26300-1, section 16.30)."""

from __future__ import annotations

from dataclasses import dataclass, field

from outlook_mcp.text.files.docx_styles import formatted

_OUTLINE = "outline-style"
_MOST_LEVELS = 10
_FORMATS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "1": "decimal"}


@dataclass(slots=True)
class _Level:
    format: str
    before: str
    after: str
    shown_levels: int
    start: int


@dataclass(slots=True)
class _Open:
    """A list that is open: its style, and whether the next paragraph is the first of an item."""

    style: str
    is_new_item: bool = False


@dataclass(slots=True)
class Numbering:
    """Takes the events of styles and content; it counts, so labels have to be asked for in the order of the text."""

    _levels: dict[str, dict[int, _Level | None]] = field(default_factory=dict)
    _reached: dict[str, dict[int, int]] = field(default_factory=dict)
    _style: str = ""
    _lists: list[_Open] = field(default_factory=list)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in (_OUTLINE, "list-style"):
            self._style = _OUTLINE if tag == _OUTLINE else attributes.get("name", "")
            self._levels[self._style] = {}
        elif tag in ("outline-level-style", "list-level-style-number", "list-level-style-bullet"):
            self._add_level(tag, attributes)
        elif tag == "list":
            style = attributes.get("style-name", "") or (self._lists[-1].style if self._lists else "")
            if not self._lists and attributes.get("continue-numbering") != "true":
                self._reached.pop(style, None)
            self._lists.append(_Open(style))
        elif tag in ("list-item", "list-header") and self._lists:
            self._lists[-1].is_new_item = tag == "list-item"

    def end(self, tag: str) -> None:
        if tag == "list" and self._lists:
            self._lists.pop()
        elif tag == "list-item" and self._lists:
            self._lists[-1].is_new_item = False

    def label(self, outline_level: str) -> str:
        """What stands before the paragraph that begins now, "" for nothing; headings have an outline level."""
        if outline_level.isdecimal() and (label := self._counted(_OUTLINE, int(outline_level))):
            return label
        if not self._lists or not self._lists[-1].is_new_item:
            return ""
        self._lists[-1].is_new_item = False
        return self._counted(self._lists[-1].style, len(self._lists))

    def _add_level(self, tag: str, attributes: dict[str, str]) -> None:
        number = attributes.get("level", "")
        if not number.isdecimal():
            return
        form = attributes.get("num-format", "")
        is_bullet = tag == "list-level-style-bullet"
        self._levels.setdefault(self._style, {})[int(number)] = (
            _Level(
                "bullet" if is_bullet else _FORMATS.get(form, ""),
                attributes.get("num-prefix", ""),
                attributes.get("num-suffix", ""),
                _number(attributes.get("display-levels")),
                _number(attributes.get("start-value")),
            )
            if is_bullet or form
            else None
        )

    def _counted(self, style: str, level: int) -> str:
        levels = self._levels.get(style, {})
        known = levels.get(level)
        if known is None:
            return ""
        if known.format == "bullet":
            return "-"
        reached = self._reached.setdefault(style, {})
        reached[level] = reached.get(level, known.start - 1) + 1
        for deeper in range(level + 1, _MOST_LEVELS + 1):
            reached.pop(deeper, None)
        shown = range(max(1, level - known.shown_levels + 1), level + 1)
        above = ((reached.get(place, 1), levels.get(place)) for place in shown)
        numbers = ".".join(formatted(number, shown_level.format) for number, shown_level in above if shown_level)
        return f"{known.before}{numbers}{known.after}".strip()[:40]


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 1
