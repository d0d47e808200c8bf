"""The computed value of `font-size`."""

from __future__ import annotations

from outlook_mcp.text.html.css.lengths import Scale, pixels

_SIZES = {
    "xx-small": 9.0,
    "x-small": 10.0,
    "small": 13.0,
    "medium": 16.0,
    "large": 18.0,
    "x-large": 24.0,
    "xx-large": 32.0,
    "xxx-large": 48.0,
}
# Many browsers set a size in em or percent that is not nothing to some pixels at least.
_RELATIVE, _LEAST_RELATIVE_SIZE = ("em", "%", "ex", "ch", "lh", "cap", "ic"), 2.0


def font_size(value: str, parent: float, root: float) -> float:
    """In pixels; `parent` and `root` are the sizes of the elements that relative values are relative to.

    >>> font_size("50%", 16.0, 16.0), font_size("", 13.0, 16.0)
    (8.0, 13.0)
    """
    if not value:
        return parent
    if value in _SIZES or value in ("initial",):
        return _SIZES.get(value, 16.0)
    if value in ("smaller", "larger"):
        return parent * (0.83 if value == "smaller" else 1.2)
    size = pixels(value, Scale(parent, root, percent_of=parent))
    if size is not None and size > 0 and value.endswith(_RELATIVE):
        return max(size, _LEAST_RELATIVE_SIZE)
    return parent if size is None else max(0.0, size)
