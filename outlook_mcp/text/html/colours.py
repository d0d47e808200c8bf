"""CSS colours as far as mail uses them."""

from __future__ import annotations

import re
from functools import lru_cache

RGB = tuple[int, int, int]

_RGB_FUNCTION = re.compile(
    r"rgba?\(\s*([\d.]{1,6})\s*[ ,]\s*([\d.]{1,6})\s*[ ,]\s*([\d.]{1,6})\s*(?:[,/]\s*([\d.]{1,8})(%?)\s*)?\)"
)
_HEX = re.compile(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_NAMES: dict[str, RGB] = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "whitesmoke": (245, 245, 245),
    "ghostwhite": (248, 248, 255),
    "silver": (192, 192, 192),
    "lightgray": (211, 211, 211),
    "lightgrey": (211, 211, 211),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "lime": (0, 255, 0),
    "blue": (0, 0, 255),
    "navy": (0, 0, 128),
    "yellow": (255, 255, 0),
    "orange": (255, 165, 0),
    "purple": (128, 0, 128),
    "windowtext": (0, 0, 0),
    "window": (255, 255, 255),
}
# Under this sum of differences of red, green and blue a text is unreadable.
_SAME = 24
_FAINTEST_ALPHA = 0.05


@lru_cache(maxsize=1024)
def parse_colour(value: str) -> RGB | None:
    """Red, green and blue; None where the colour is not known."""
    value = value.strip().lower()
    if value in _NAMES:
        return _NAMES[value]
    if found := _HEX.fullmatch(value):
        digits = found[1] if len(found[1]) > 4 else "".join(2 * digit for digit in found[1])
        return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    if found := _RGB_FUNCTION.match(value):
        try:
            red, green, blue = (min(255, int(float(part))) for part in found.group(1, 2, 3))
        except ValueError:
            return None
        return red, green, blue
    return None


def is_transparent(value: str) -> bool:
    """`transparent`, or an alpha too faint to read."""
    value = value.strip().lower()
    if value == "transparent":
        return True
    if value.startswith("#") and len(value) in (5, 9):
        return value[4] == "0" if len(value) == 5 else value[7:] in ("00", "01", "02")
    found = _RGB_FUNCTION.match(value)
    if not found or found[4] is None:
        return False
    try:
        return float(found[4]) / (100 if found[5] else 1) < _FAINTEST_ALPHA
    except ValueError:
        return False


def are_alike(one: RGB | None, other: RGB | None) -> bool:
    """Both known and too close to tell apart."""
    if one is None or other is None:
        return False
    return abs(one[0] - other[0]) + abs(one[1] - other[1]) + abs(one[2] - other[2]) < _SAME
