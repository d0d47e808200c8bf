"""What may hide text without any of the usual means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from outlook_mcp.text.html.css.box_values import Visibility
from outlook_mcp.text.html.css.colours import parse_colour
from outlook_mcp.text.html.css.conditions import Screen
from outlook_mcp.text.html.css.declarations import UNREADABLE
from outlook_mcp.text.html.css.lengths import Scale, pixels
from outlook_mcp.text.html.css.validity import is_not_understood

# Known only where they move letters far from each other, or make them tiny; a picture painted over the whole box.
_FAR_APART = ("tab-size", "font-size-adjust", "border-image-slice", "border-spacing")
# What `other_doubts` looks at.
_DOUBTED = frozenset(
    {
        *("text-security", "animation-name", "mso-hide", "font-family", UNREADABLE, "color", "letter-spacing"),
        *("z-index", "background-blend-mode", "background-image", "background-color", "backface-visibility"),
        *("text-indent", "word-spacing", *_FAR_APART),
    }
)
# The width of a space in pixels.
_SPACE = 4.0
# A box has them once more when it takes the value of the box around it.
_ADDING_UP = (
    "opacity",
    "transform",
    "scale",
    "translate",
    "zoom",
    "filter",
    "margin-left",
    "margin-top",
    "left",
    "top",
)


class Surroundings(NamedTuple):
    """What holds for a whole document on one screen."""

    screen: Screen
    animations: frozenset[str]
    fonts: frozenset[str]


def _is_unknown_ground(values: Mapping[str, str]) -> bool:
    """Whether a picture inside of the message, or a mix with the colour of the text, lies behind the text."""
    colour = values.get("background-color", "")
    return "data:" in values.get("background-image", "") or ("(" in colour and "currentcolor" in colour)


def _moves_far(values: Mapping[str, str], name: str, least: float, most: float) -> bool:
    """Whether letters or words stand so far apart, or over each other, that they may not be read; in pixels."""
    spacing = pixels(values[name], Scale(percent_of=_SPACE)) if name in values else None
    return spacing is not None and not least <= spacing <= most


def other_doubts(
    values: Mapping[str, str], inherited: Mapping[str, str], around: Surroundings, display: str
) -> Visibility:
    """Letters that are replaced, and values that are not understood."""
    if "inherit" in values.values() and any(values.get(name) == "inherit" for name in _ADDING_UP):
        return Visibility.DOUBTFUL
    if any("(" in value and is_not_understood(name, value) for name, value in values.items()):
        return Visibility.DOUBTFUL
    if _DOUBTED.isdisjoint(values) and _DOUBTED.isdisjoint(inherited):
        return Visibility.SEEN
    if inherited.get("text-security", "none") != "none":
        return Visibility.HIDDEN
    animations = values.get("animation-name", "none").lower()
    if around.animations and any(name in animations for name in around.animations):
        return Visibility.DOUBTFUL
    if values.get("mso-hide", "").startswith("all"):
        return Visibility.DOUBTFUL
    family = inherited.get("font-family", "")
    if around.fonts and any(font in family for font in around.fonts):
        return Visibility.DOUBTFUL
    if UNREADABLE in values or any(name in values for name in _FAR_APART):
        return Visibility.DOUBTFUL
    if inherited.get("transform-style") == "preserve-3d" and values.get("backface-visibility") == "hidden":
        return Visibility.DOUBTFUL
    if "color" in values and parse_colour(values["color"], dark=around.screen.dark) is None:
        return Visibility.DOUBTFUL  # In a notation that is not understood.
    if "text-indent" in values and values["text-indent"][0] == "-" and display == "inline":
        return Visibility.DOUBTFUL  # It is for blocks inside, if there are any.
    if _moves_far(inherited, "letter-spacing", -6.0, 300.0) or _moves_far(inherited, "word-spacing", -60.0, 300.0):
        return Visibility.DOUBTFUL
    layer = values.get("z-index", "auto")
    if layer.startswith("-") and values.get("position", "static") != "static":
        return Visibility.DOUBTFUL
    if values.get("background-blend-mode", "normal") != "normal" or _is_unknown_ground(values):
        return Visibility.DOUBTFUL
    return Visibility.SEEN
