"""What is painted behind text, and around its letters."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tinycss2 import ast

from outlook_mcp.text.html.css.box_values import Visibility
from outlook_mcp.text.html.css.colours import CURRENT, INVALID, Colour, ParsedColour, difference, over, parse_colour
from outlook_mcp.text.html.css.lengths import Scale, token_pixels
from outlook_mcp.text.html.css.tokens import Token, functions, is_ident, split_at, text_of, tokens_of

_PAINTS = frozenset({"background-color", "background-image", "box-shadow", "border-image-slice"})
_MOST_GROUNDS, _MOST_STOPS = 12, 40
_OUTLINES = frozenset({"text-shadow", "text-stroke-width"})
_VISIBLE = 48.0
_WIDE_SHADOW, _WIDE_STROKE = 10.0, 1.5
_AWAY = re.compile(r"(?<![\w.#(])-?\d{2,}px")
_A_LENGTH, _FAR_AWAY = re.compile(r"\d"), re.compile(r"(?<![\w.#])-?\d{3,}px")


def background_of(
    grounds: tuple[Colour, ...],
    values: Mapping[str, str],
    attribute: Colour | None,
    current: Colour,
    *,
    dark: bool,
) -> tuple[tuple[Colour, ...], bool, bool]:
    """The colours that may stand behind text, whether they are only a guess, and whether anything was painted."""
    if attribute is None and _PAINTS.isdisjoint(values):
        return grounds, False, False
    paints = doubtful = False
    colour, is_known = _background_colour(values.get("background-color", ""), current, dark)
    if "background-color" not in values:
        colour = attribute
    if not is_known:
        doubtful = paints = True
    if "border-area" in values.get("background-clip", ""):
        colour = None
    if values.get("background-clip") == "text":
        # What is painted in the letters is not painted behind them.
        colour = None if "text-fill-color" not in values and "color" not in values else colour
    if colour is not None and colour.alpha > 0:
        grounds = tuple(over(colour, ground) for ground in grounds)
        paints = True
    image = values.get("background-image", "none")
    if "gradient(" in image:
        stops = _stops(image, current, dark)
        if stops is None:
            return grounds, True, True
        grounds, is_cut = _below_gradients(grounds, stops, values)
        paints, doubtful = True, doubtful or is_cut
    elif "url(" in image or "image-set(" in image or "image(" in image or "border-image-slice" in values:
        doubtful = True
    shadow = values.get("box-shadow", "")
    if "inset" in shadow:
        doubtful = True
        grounds = (*grounds, *_inner_shadows(shadow, grounds, dark))[:_MOST_GROUNDS]
    return grounds, doubtful, paints


def _below_gradients(
    grounds: tuple[Colour, ...], stops: list[Colour], values: Mapping[str, str]
) -> tuple[tuple[Colour, ...], bool]:
    """The colours that gradients may leave behind text, and whether there are more than are looked at."""
    painted = [over(stop, ground) for stop in stops for ground in grounds]
    found = tuple(dict.fromkeys((*grounds, *painted) if _covers_a_part(values) else painted))
    return found[:_MOST_GROUNDS], len(found) > _MOST_GROUNDS


def _covers_a_part(values: Mapping[str, str]) -> bool:
    """Whether a gradient is given a size or a place, so that it may not be behind the text."""
    _, slash, size = values.get("background-image", "").rpartition("/")
    size = values.get("background-size", " ".join(size.split()[:2]) if slash and "(" not in size else "")
    is_sized = any(_A_LENGTH.match(side) and side != "100%" for side in size.replace(",", " ").split())
    before_size = values.get("background-image", "").rpartition("/")[0] or values.get("background-image", "")
    placed = before_size + values.get("background-position", "")
    is_placed = "no-repeat" in placed + values.get("background-repeat", "") and _AWAY.search(placed)
    return is_sized or bool(is_placed) or bool(_FAR_AWAY.search(placed))


def _inner_shadows(value: str, grounds: tuple[Colour, ...], dark: bool) -> list[Colour]:
    """The colours of shadows so wide that they may be behind text."""
    found = []
    for part in split_at(tokens_of(value), ","):
        lengths = [abs(length) for length in (token_pixels(token, Scale()) for token in part) if length is not None]
        colours = [parse_colour(text_of([token]).lower(), dark=dark) for token in part if not is_ident(token, "inset")]
        if max(lengths, default=0.0) >= _WIDE_SHADOW:
            found += [over(colour, grounds[0]) for colour in colours if isinstance(colour, Colour)]
    return found


def _background_colour(value: str, current: Colour, dark: bool) -> tuple[Colour | None, bool]:
    """The colour of `background-color`, and whether it is known."""
    if value.startswith("layer("):
        layers = split_at(tokens_of(value[len("layer(") : -1]), ",")
        for token in layers[-1]:
            if isinstance(token, ast.IdentToken | ast.HashToken | ast.FunctionBlock):
                parsed = parse_colour(text_of([token]).lower(), dark=dark)
                if parsed is None and _is_colour_function(token):
                    return None, False
                if parsed is not None and parsed is not INVALID:
                    return _plain(parsed, current), True
        return None, True
    if not value or value in ("initial", "none"):
        return None, True
    parsed = parse_colour(value, dark=dark)
    return _plain(parsed, current), parsed is not None


def _is_colour_function(token: Token) -> bool:
    names = ("rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix", "device-cmyk")
    return isinstance(token, ast.FunctionBlock) and token.lower_name in names


def _plain(parsed: ParsedColour, current: Colour) -> Colour | None:
    return parsed if isinstance(parsed, Colour) else current if parsed is CURRENT else None


def _stops(image: str, current: Colour, dark: bool) -> list[Colour] | None:
    """The colours of the gradients; None if one is not understood."""
    found: list[Colour] = []
    for name, arguments in functions(tokens_of(image)):
        if "gradient" not in name:
            continue
        for token in arguments:
            if not isinstance(token, ast.IdentToken | ast.HashToken | ast.FunctionBlock):
                continue
            parsed = parse_colour(text_of([token]).lower(), dark=dark)
            if parsed is None and (_is_colour_function(token)):
                return None
            colour = _plain(parsed, current)
            if colour is not None:
                found.append(colour)
    return list(dict.fromkeys(found[:_MOST_STOPS])) or None


def is_painted_by_shadow_or_stroke(inherited: Mapping[str, str], grounds: tuple[Colour, ...], *, dark: bool) -> bool:
    """Letters without a colour of their own are seen by their sharp shadow or their outline."""
    if _OUTLINES.isdisjoint(inherited):
        return False
    shadow = inherited.get("text-shadow", "none")
    if shadow != "none":
        for part in split_at(tokens_of(shadow), ","):
            if _is_sharp_shadow(part, grounds, dark):
                return True
    size, colour = _stroke(inherited, dark)
    return size > 0 and isinstance(colour, Colour) and _contrasts(colour, grounds)


def visibility_of_stroke(inherited: Mapping[str, str], grounds: tuple[Colour, ...], *, dark: bool) -> Visibility:
    """Whether the outline of letters has the colour behind them and may leave nothing of their inside."""
    if "text-stroke-width" not in inherited:
        return Visibility.SEEN
    size, colour = _stroke(inherited, dark)
    covers = size >= _WIDE_STROKE and isinstance(colour, Colour) and not _contrasts(colour, grounds)
    return Visibility.DOUBTFUL if covers else Visibility.SEEN


def _stroke(inherited: Mapping[str, str], dark: bool) -> tuple[float, ParsedColour]:
    """The width and the colour of the outline of letters."""
    tokens = tokens_of(inherited.get("text-stroke-width", "0"))
    size = token_pixels(tokens[0], Scale()) if tokens else None
    return size or 0.0, parse_colour(inherited.get("text-stroke-color", "currentcolor"), dark=dark)


def _is_sharp_shadow(tokens: tuple[Token, ...], grounds: tuple[Colour, ...], dark: bool) -> bool:
    lengths = [token_pixels(token, Scale()) for token in tokens]
    known = [length for length in lengths if length is not None]
    colours = [parse_colour(text_of([token]).lower(), dark=dark) for token in tokens]
    plain = [colour for colour in colours if isinstance(colour, Colour)]
    is_near = len(known) >= 2 and abs(known[0]) < 200 and abs(known[1]) < 200 and (len(known) < 3 or known[2] <= 8)
    return is_near and bool(plain) and _contrasts(plain[0], grounds)


def _contrasts(colour: Colour, grounds: tuple[Colour, ...]) -> bool:
    return any(difference(over(colour, ground), ground) >= _VISIBLE for ground in grounds)
