"""Values that are functions and lists of them, where browsers accept only arguments of certain kinds."""

from __future__ import annotations

import re

from tinycss2 import ast

from outlook_mcp.text.html.css.tokens import Token, functions, is_ident, split_at, tokens_of, words

# Each argument as a letter: `n` a number, `l` a length, `a` an angle, `k` a keyword, and `f` a function, which may
# stand for any of them, as a nought may for all but a keyword; a share of a whole is a number or a length.
_N, _L, _A = "[nzpf]", "[lzpf]", "[azf]"
_SCALES = f"{_N}{{1,2}}"
_TRANSFORMS = {
    **dict.fromkeys(("scalex", "scaley", "scalez"), _N),
    **dict.fromkeys(("translatex", "translatey", "translatez"), _L),
    **dict.fromkeys(("rotate", "rotatex", "rotatey", "rotatez", "skewx", "skewy"), _A),
    "scale": _SCALES,
    "scale3d": f"{_N}{{3}}",
    "translate": f"{_L}{{1,2}}",
    "translate3d": f"{_L}{{3}}",
    "rotate3d": f"{_N}{{3}}{_A}",
    "skew": f"{_A}{{1,2}}",
    "matrix": f"{_N}{{6}}",
    "matrix3d": f"{_N}{{16}}",
    "perspective": f"(?:{_L}|k)",
}
_FILTERS = {
    **dict.fromkeys(words("brightness contrast grayscale invert opacity saturate sepia"), f"(?:{_N})?"),
    "blur": "[lzf]?",
    "hue-rotate": f"(?:{_A})?",
    "drop-shadow": ".+",
}
# Of properties whose values stand beside each other.
_SINGLE = {
    "scale": rf"k|{_N}{{1,3}}",
    "rotate": rf"k|{_A}|k{_A}|{_A}k|{_N}{{3}}{_A}|{_A}{_N}{{3}}",
    "translate": rf"k|{_L}{{1,3}}",
    "zoom": rf"k|{_N}",
    "line-height": r"k|[nzplf]",
}
_KEYWORDS = {"zoom": words("normal reset document"), "line-height": words("normal"), "rotate": words("none x y z")}
_BOXES = words("border-box padding-box content-box margin-box fill-box stroke-box view-box")
_SHAPES = words("inset circle ellipse polygon path shape rect xywh url")
_IMAGES = re.compile(r"(?:-webkit-)?(?:(?:repeating-)?(?:linear|radial|conic)-gradient|cross-fade|image-set|gradient)")
_OTHER_IMAGES = words("url image element paint calc min max clamp var env attr if")
_ANGLES = words("deg rad grad turn")
PROPERTIES = frozenset({*_SINGLE, "transform", "filter", "backdrop-filter", "clip-path", "mask-image"})


def is_accepted(name: str, value: str) -> bool:
    """Whether browsers accept a value of one of the `PROPERTIES`, as far as the kinds of its parts tell.

    >>> is_accepted("transform", "scale(1 1)"), is_accepted("filter", "blur(1)"), is_accepted("scale", "1 0")
    (False, False, True)
    """
    tokens = tokens_of(value)
    if not tokens:
        return True  # It is too much to be read.
    if name in _SINGLE:
        known = _KEYWORDS.get(name, {"none"})
        is_known = all(token.lower_value in known for token in tokens if is_ident(token))
        return is_known and _fits(_SINGLE[name], tokens)
    if len(tokens) == 1 and is_ident(tokens[0], "none"):
        return True
    if name == "clip-path":
        return _is_shape(tokens)
    if name == "mask-image":
        return all(called in _OTHER_IMAGES or _IMAGES.fullmatch(called) for called, _ in functions(tokens))
    is_filter = name != "transform"
    links = [token for token in tokens if isinstance(token, ast.URLToken)] if is_filter else []
    calls = [(called, arguments) for called, arguments in functions(tokens) if not (is_filter and called == "url")]
    known_calls = _FILTERS if is_filter else _TRANSFORMS
    others = len(functions(tokens)) - len(calls) + len(links)
    return len(calls) + others == len(tokens) and all(
        called in known_calls and _fits_call(known_calls[called], arguments) for called, arguments in calls
    )


def _is_shape(tokens: tuple[Token, ...]) -> bool:
    """One shape, one box, or both."""
    shapes = [token for token in tokens if isinstance(token, ast.FunctionBlock | ast.URLToken)]
    boxes = [token for token in tokens if is_ident(token, *_BOXES)]
    is_known = all(called in _SHAPES for called, _ in functions(tokens))
    return is_known and len(shapes) <= 1 and len(boxes) <= 1 and len(shapes) + len(boxes) == len(tokens)


def _fits_call(pattern: str, arguments: tuple[Token, ...]) -> bool:
    """Whether the arguments, parted by commas, are of the kinds that a function takes."""
    if pattern == ".+":
        return bool(arguments)
    parts = split_at(arguments, ",") if arguments else []
    return all(len(part) == 1 for part in parts) and _fits(pattern, tuple(part[0] for part in parts))


def _fits(pattern: str, tokens: tuple[Token, ...]) -> bool:
    return re.fullmatch(pattern, "".join(map(_kind, tokens))) is not None


def _kind(token: Token) -> str:
    if isinstance(token, ast.NumberToken):
        return "n" if token.value else "z"
    if isinstance(token, ast.PercentageToken):
        return "p"
    if isinstance(token, ast.DimensionToken):
        return "a" if token.lower_unit in _ANGLES else "l"
    return "f" if isinstance(token, ast.FunctionBlock) else "k" if is_ident(token) else "?"
