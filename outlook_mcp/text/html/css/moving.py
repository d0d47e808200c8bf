"""Boxes that are moved off the screen, or transformed until nothing of them is seen."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tinycss2 import ast

from outlook_mcp.text.html.css.box_values import BoxValues, Visibility
from outlook_mcp.text.html.css.lengths import Scale, pixels, token_pixels
from outlook_mcp.text.html.css.tokens import Token, functions, tokens_of

_FAR, _ASIDE = 700.0, 150.0
_BENT, _LITTLE = 0.05, 50.0
# Text in a box so wide may stand anywhere beside the screen.
_HUGE = 2_000.0
_LINE = 20.0
_USUAL_HEIGHT, _USUAL_WIDTH = 100.0, 300.0
# Of the sine of an angle.
_STEEP = 0.25
_LARGE = 2.0
_TURNING_UP = frozenset({"rotate", "rotatez", "skewy", "skew"})
_TURNING_OVER = frozenset({"rotatex", "rotatey"})
_SHRINKING = frozenset({"zoom", "transform", "scale"})


def visibility_of_transform(box: BoxValues) -> Visibility:
    """A box that is shrunk or turned until nothing of it is seen."""
    if box.display in ("inline", "contents"):
        return Visibility.SEEN
    calls = _transforms(box)
    origin = [token_pixels(token, box.scale) or 0.0 for token in tokens_of(box.value("transform-origin"))]
    if not calls:
        return Visibility.SEEN
    across, down = _scaling(calls)
    is_turned_away = any(abs(length) > box.scale.width for length in origin) or _is_turned_up(box, calls)
    if math.isnan(across) or math.isnan(down) or is_turned_away or _is_moved_in_depth(calls):
        return Visibility.DOUBTFUL
    smallest = min(abs(across), abs(down))
    shows_back = math.prod(_scaling([call for call in calls if call[0] in _TURNING_OVER])) < 0
    hidden_back = box.value("backface-visibility") == "hidden" and shows_back
    return (
        Visibility.HIDDEN
        if smallest < _BENT or hidden_back
        else Visibility.DOUBTFUL
        if smallest < 0.2
        else Visibility.SEEN
    )


def _transforms(box: BoxValues) -> list[tuple[str, tuple[Token, ...]]]:
    """All functions of a transform, those of its single properties too."""
    calls = list(functions(tokens_of(box.value("transform", "none"))))
    for name in ("scale", "rotate", "translate"):
        if box.value(name, "none") != "none":
            calls.append(_as_function(name, tokens_of(box.value(name))))
    return calls


def shrinking(box: BoxValues) -> float:
    """By how much the box is made smaller with all that is in it."""
    if _SHRINKING.isdisjoint(box.declared):
        return 1.0
    zoom = box.value("zoom", "normal")
    size = pixels(zoom, Scale(percent_of=1)) if zoom not in ("normal", "reset") else None
    sides = (1.0, 1.0) if box.display in ("inline", "contents") else _scaling(_transforms(box))
    factor = min(map(abs, sides))
    return (size if size and size > 0 else 1.0) * (1.0 if math.isnan(factor) else factor)


def _as_function(name: str, values: tuple[Token, ...]) -> tuple[str, tuple[Token, ...]]:
    """The property `scale` or `rotate` as the function of a transform."""
    if name == "rotate" and len(values) == 2 and isinstance(values[0], ast.IdentToken):
        return f"rotate{values[0].lower_value}", values[1:]
    return ("rotate3d" if name == "rotate" and len(values) > 1 else name), values


def _scaling(calls: list[tuple[str, tuple[Token, ...]]]) -> tuple[float, float]:
    """By how much the calls shrink across and down; not a number where that is not known."""
    across = down = 1.0
    for name, arguments in calls:
        values = [_number(token) for token in arguments if not isinstance(token, ast.LiteralToken)]
        known = [value for value in values if value is not None]
        if name.startswith("translate") or name in ("perspective", "rotate", "rotatez"):
            continue
        if len(known) != len(values) or not known:
            return math.nan, math.nan
        match name:
            case "scale" | "scale3d":
                across, down = across * known[0], down * (known[1] if len(known) > 1 else known[0])
            case "scalex":
                across *= known[0]
            case "scaley":
                down *= known[0]
            case "rotatex":
                down *= math.cos(known[0])
            case "rotatey":
                across *= math.cos(known[0])
            case "matrix" if len(known) == 6:
                down *= known[0] * known[3] - known[1] * known[2]
            case "skew" | "skewx" | "skewy":
                down = down if all(abs(math.cos(value)) > 0.2 for value in known) else math.nan
            case _:
                return math.nan, math.nan
    return across, down


def _is_moved_in_depth(calls: list[tuple[str, tuple[Token, ...]]]) -> bool:
    """Whether a box may be moved to behind the eye, where a box around it or its own transform has one."""
    depths = (arguments[-1] for name, arguments in calls if arguments and _is_in_depth(name, arguments))
    return any((token_pixels(token, Scale()) or 0.0) > 0 for token in depths)


def _is_in_depth(name: str, arguments: tuple[Token, ...]) -> bool:
    values = [token for token in arguments if not isinstance(token, ast.LiteralToken)]
    return name in ("translatez", "translate3d") or (name == "translate" and len(values) == 3)


def _is_turned_up(box: BoxValues, calls: list[tuple[str, tuple[Token, ...]]]) -> bool:
    """Whether a box as wide as the page is turned or grows around its middle, so that its text is not on the page."""
    if not _is_as_wide_as_the_page(box):
        return False
    angles = [_number(arguments[-1]) or 0.0 for name, arguments in calls if arguments and name in _TURNING_UP]
    return math.sin(sum(angles)) > _STEEP or (_scaling(calls)[0] > _LARGE and "transform-origin" not in box.declared)


def _is_as_wide_as_the_page(box: BoxValues) -> bool:
    is_block = box.display in ("block", "flex", "grid", "list-item", "flow-root") and "width" not in box.declared
    return is_block and box.value("float", "none") == "none" and box.position not in ("absolute", "fixed")


def _number(token: Token) -> float | None:
    """A number, or an angle in radians."""
    if isinstance(token, ast.DimensionToken):
        turn = {"deg": math.pi / 180, "rad": 1.0, "grad": math.pi / 200, "turn": 2 * math.pi}.get(token.lower_unit)
        return None if turn is None else token.value * turn
    return token_pixels(token, Scale(percent_of=1))


def visibility_of_move(box: BoxValues) -> Visibility:
    """Far to the left of the screen or above it; a little less far is doubtful, as is far to the right."""
    right, down = moved_by(box)
    right += max(0.0, _margin(box, "padding-left"), first_length(box, "border-width"))
    if right <= -_FAR or down <= -_FAR * 2:
        return Visibility.HIDDEN
    is_beside = _margin(box, "margin-right") <= -(_LITTLE if box.value("float") == "right" else 2 * _ASIDE)
    is_doubtful = right <= -_ASIDE or down <= -_ASIDE or right >= box.scale.width - 20 or is_beside
    is_doubtful = is_doubtful or (box.length("width") or 0.0) >= _HUGE
    return Visibility.DOUBTFUL if is_doubtful or _is_off_the_page(box) else Visibility.SEEN


def _is_off_the_page(box: BoxValues) -> bool:
    """A box that is positioned in the page itself, beyond its edges or those of the screen."""
    if box.position not in ("absolute", "fixed") or (box.in_positioned and box.position == "absolute"):
        return False
    tall = box.scale._replace(percent_of=box.scale.height)
    top, bottom = pixels(box.value("top"), tall) or 0.0, pixels(box.value("bottom"), tall) or 0.0
    left, right = pixels(box.value("left"), box.scale) or 0.0, pixels(box.value("right"), box.scale) or 0.0
    is_beyond = top >= box.scale.height or bottom <= -box.scale.font or left >= box.scale.width - _LITTLE
    is_before = top <= -1.2 * box.scale.font or left <= -_LITTLE or right <= -_ASIDE
    is_before = is_before or (box.value("top") != "" and top + _translation(box)[1] <= -box.scale.font)
    is_pushed_back = bottom >= box.scale.height or right >= box.scale.width
    return is_before or is_pushed_back or (is_beyond and box.position == "fixed")


def moved_by(box: BoxValues) -> tuple[float, float]:
    """How many pixels to the right and down of where it would stand; percentages are of the screen."""
    right, down = _translation(box) if box.display not in ("inline", "contents") else (0.0, 0.0)
    if not box.display.startswith("table-"):
        right += _margin(box, "margin-left")
        right -= min(0.0, _margin(box, "margin-right")) if box.value("float") == "right" else 0.0
        down += _margin(box, "margin-top") if box.display != "inline" else 0.0
    if box.position not in ("static", "sticky", "-webkit-sticky"):
        tall = Scale(box.scale.font, box.scale.root_font, box.scale.width, box.scale.height, box.scale.height)
        left = pixels(box.value("left"), box.scale)
        other = pixels(box.value("right"), box.scale)
        right += left if left is not None else -other if other is not None and box.position == "relative" else 0.0
        if left is None and other is not None and box.position in ("absolute", "fixed"):
            right += max(0.0, -other) if other < 0 else -other if other > box.scale.width else 0.0
        top = pixels(box.value("top"), tall)
        bottom = pixels(box.value("bottom"), tall)
        down += top if top is not None else -bottom if bottom is not None and box.position == "relative" else 0.0
        if top is None and bottom is not None and box.position in ("absolute", "fixed") and bottom > box.scale.height:
            down -= bottom
    return right, down


def is_raised(declared: Mapping[str, str]) -> bool:
    """Whether a box is moved up by more than a line, so that it is above the page if it is the first one.

    >>> is_raised({"margin-top": "-2em"}), is_raised({"transform": "translateY(-50%)"})
    (True, False)
    """
    box = BoxValues(declared, Scale(), "block", "", declared.get("position", "static"))
    if box.position in ("absolute", "fixed"):
        return False  # What becomes of it is known from its place alone.
    # A share of the height of the box itself, which is not known, moves it up as a whole or not.
    is_share = "%" in declared.get("transform", "") + declared.get("translate", "")
    return moved_by(box)[1] <= -(_USUAL_HEIGHT if is_share else _LINE)


def first_length(box: BoxValues, name: str) -> float:
    """The first length in a value that is more than nothing."""
    lengths = (token_pixels(token, box.scale) for token in tokens_of(box.value(name)))
    return next((length for length in lengths if length), 0.0)


def _margin(box: BoxValues, name: str) -> float:
    return pixels(box.value(name), box.scale) or 0.0 if box.value(name) else 0.0


def _translation(box: BoxValues) -> tuple[float, float]:
    right = down = 0.0
    calls = list(functions(tokens_of(box.value("transform", "none"))))
    if box.value("translate", "none") != "none":
        calls.append(("translate", tokens_of(box.value("translate"))))
    for name, arguments in calls:
        known = [token for token in arguments if not isinstance(token, ast.LiteralToken)]
        # Percentages are of the box itself, which is as wide as the screen or as its text, and is taken to be low.
        tall = box.scale._replace(percent_of=_USUAL_HEIGHT)
        wide = box.scale if _is_as_wide_as_the_page(box) else box.scale._replace(percent_of=_USUAL_WIDTH)
        values = [
            token_pixels(token, tall if place or name == "translatey" else wide) or 0.0
            for place, token in enumerate(known)
        ]
        if not values:
            continue
        if name in ("translate", "translatex", "translate3d"):
            right += values[0]
            down += values[1] if len(values) > 1 else 0.0
        elif name == "translatey":
            down += values[0]
        elif name == "matrix" and len(values) == 6:
            right, down = right + values[4], down + values[5]
    return right, down
