"""What CSS declarations say about whether a text can be seen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from outlook_mcp.text.html.colours import RGB, is_transparent, parse_colour

Declarations = Mapping[str, str]

_MOST_CSS = 8_000
_LENGTH = re.compile(r"(-?(?:\d{1,7}(?:\.\d{0,6})?|\.\d{1,6}))\s*(px|pt|em|rem|%|vh|vw|in|cm|mm)?")
_FONT_SIZE = re.compile(r"(?:^|\s)((?:\d+\.?\d*|\.\d+)(?:px|pt|em|rem|%)?)(?:\s*/|\s)")
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
_CSS_ESCAPE = re.compile(r"\\([0-9a-f]{1,6})\s?|\\(.)", re.I | re.S)
_CLIPPED = re.compile(r"rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?\s*\)")
_CLIP_PATH = re.compile(r"(?:inset\(\s*(?:[5-9]\d|100)%|circle\(\s*0)")
_SCALED_AWAY = re.compile(r"scale[xy]?\(\s*0?\.?0*\s*[,)]")
_NO_OPACITY = re.compile(r"opacity\(\s*0*\.?0*%?\s*\)")
_OFF_SCREEN = -400.0
_TINY_PIXELS = 1.5
_MOVES = ("left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top", "margin")
_BOXES = ("height", "max-height", "width", "max-width")


@dataclass(frozen=True, slots=True)
class Style:
    """`None` everywhere means: not said here, so inherited. `relative_size` is a size in em or %."""

    removed: bool = False
    visible: bool | None = None
    tiny: bool | None = None
    relative_size: bool = False
    sets_colour: bool = False
    colour: RGB | None = None
    transparent: bool = False
    sets_background: bool = False
    background: RGB | None = None


PLAIN = Style()


@lru_cache(maxsize=4096)
def parse_declarations(css: str) -> dict[str, tuple[str, bool]]:
    """Property -> (value, is important), lower case, comments and escapes undone."""
    css = css[:_MOST_CSS]
    if "/*" in css:
        css = _CSS_COMMENT.sub("", css)
    if "\\" in css:
        css = _CSS_ESCAPE.sub(_unescaped, css)
    found: dict[str, tuple[str, bool]] = {}
    for declaration in css.lower().split(";"):
        name, colon, value = declaration.partition(":")
        # Outlook knows no variables, so what is set by one is not set.
        if colon and "var(" not in value:
            value, bang, priority = value.partition("!")
            important = bang == "!" and priority.strip() == "important"
            name = name.strip()
            if important or not found.get(name, ("", False))[1]:
                found[name] = (value.strip(), important)
    return found


def _unescaped(found: re.Match[str]) -> str:
    if found[2]:
        return found[2]
    code = int(found[1], 16)
    return chr(code) if 0 < code < 0x110000 else ""


def style_of(declarations: Declarations) -> Style:
    """Reads the cascaded declarations of one element."""
    background_known, background = _background(declarations)
    size = _font_size(declarations)
    colour = declarations.get("color", "")
    return Style(
        removed=_is_removed(declarations),
        visible=_visibility(declarations),
        tiny=None if size is None else _is_tiny(size),
        relative_size=bool(size and size.endswith(("em", "%", "larger", "smaller", "inherit"))),
        sets_colour=bool(colour) and colour not in ("inherit", "unset", "currentcolor"),
        colour=parse_colour(colour) if colour else None,
        transparent=bool(colour) and is_transparent(colour),
        sets_background=background_known,
        background=background,
    )


def _is_removed(style: Declarations) -> bool:
    get = style.get
    if get("display", "").startswith("none") or get("mso-hide", "").startswith("all"):
        return True
    if get("content-visibility", "") == "hidden" or _is_zero(get("opacity", "1")) or _is_zero(get("zoom", "1")):
        return True
    if _CLIPPED.match(get("clip", "")) or _CLIP_PATH.match(get("clip-path", "")):
        return True
    if _SCALED_AWAY.search(get("transform", "")) or _NO_OPACITY.search(get("filter", "")):
        return True
    clips = "hidden" in get("overflow", "") or "clip" in get("overflow", "")
    if clips and any(_is_flat(get(box)) for box in _BOXES):
        return True
    return any(_is_off_screen(get(move)) for move in _MOVES)


def _visibility(style: Declarations) -> bool | None:
    value = style.get("visibility", "")
    if value in ("hidden", "collapse"):
        return False
    return True if value == "visible" else None


def _font_size(style: Declarations) -> str | None:
    if "font-size" in style:
        return style["font-size"]
    found = _FONT_SIZE.search(style.get("font", ""))
    return found[1] if found else None


def _is_tiny(size: str) -> bool:
    length = _length(size)
    if length is None:
        return False
    value, unit = length
    if unit in ("em", "rem", "vw", "vh", "in", "cm", "mm"):
        return value < 0.1
    return value < (10 if unit == "%" else _TINY_PIXELS)


def _background(style: Declarations) -> tuple[bool, RGB | None]:
    """Whether a background is set, and its colour where one is known."""
    image = style.get("background-image", "none")
    if image not in ("none", "initial", ""):
        return True, None
    value = style.get("background-color") or style.get("background") or ""
    if not value or value in ("transparent", "none", "inherit", "initial", "unset") or is_transparent(value):
        return False, None
    if "url(" in value or "gradient(" in value:
        return True, None
    if value.startswith("rgb"):
        return True, parse_colour(value)
    known = (parse_colour(word) for word in value.split()[:8])
    return True, next((colour for colour in known if colour is not None), None)


def _length(value: str | None) -> tuple[float, str] | None:
    found = _LENGTH.match(value) if value else None
    return (float(found[1]), found[2] or "") if found else None


def _is_zero(value: str) -> bool:
    length = _length(value)
    return length is not None and abs(length[0]) < (1 if length[1] == "%" else 0.02)


def _is_flat(value: str | None) -> bool:
    length = _length(value)
    return length is not None and abs(length[0]) < (_TINY_PIXELS if length[1] in ("", "px", "pt", "%") else 0.1)


def _is_off_screen(value: str | None) -> bool:
    if not value or "-" not in value:
        return False
    for part in value.split()[:4]:
        length = _length(part)
        if length is None:
            continue
        pixels = length[0] * {"em": 16, "rem": 16, "in": 96, "cm": 38, "%": 10, "vw": 10, "vh": 10}.get(length[1], 1)
        if pixels <= _OFF_SCREEN:
            return True
    return False
