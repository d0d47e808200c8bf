"""What stands for a picture: the words that describe it, and the links of the places in it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborNode

from outlook_mcp.text.characters import strip_invisible

_LONGEST_ALT = 120
_MOST_AREAS = 500
_SPACE = re.compile(r"\s+")
_IMAGE_FILE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg)$", re.I)
_ZERO = re.compile(r"\s*0*\.?0+(?:[a-z%]+)?\s*$", re.I)
_PIXELS = re.compile(r"\s*([01])(?:px)?\s*$")


def is_tracking_pixel(attributes: Mapping[str, str | None]) -> bool:
    """Whether an image is too small to be seen.

    >>> is_tracking_pixel({"width": "1", "height": "1"}), is_tracking_pixel({"width": "10"})
    (True, False)
    """
    return any(_PIXELS.match(attributes.get(side) or "") for side in ("width", "height"))


def has_background_picture(attributes: Mapping[str, str | None], declared: Mapping[str, str]) -> bool:
    """Whether an element shows a picture behind its content, of which there may be none.

    What lies in a line without a box of its own has no height then. Heights are not among what is declared, unless they
    hide something.

    >>> has_background_picture({}, {"background-image": "url(button.png)", "display": "block"})
    True
    >>> has_background_picture({}, {"background-image": "url(button.png)"})
    False
    """
    image = declared.get("background-image", "url()" if attributes.get("background") else "none")
    is_box = declared.get("display", "inline") not in ("inline", "none") or "background" in attributes
    is_flat = any(_ZERO.match(declared.get(side, "")) for side in ("height", "max-height", "width", "max-width"))
    return ("url(" in image or "image-set(" in image) and is_box and not is_flat


def described(attributes: Mapping[str, str | None]) -> tuple[str, int]:
    """The alternative text, empty where it says nothing, and how many invisible characters it had.

    >>> described({"alt": "Our  logo"}), described({"alt": "IMG_1.png"})
    (('Our logo', 0), ('', 0))
    """
    # Browsers show the title of a picture that has no other description.
    alt, removed = strip_invisible((attributes["alt"] if "alt" in attributes else attributes.get("title")) or "")
    alt = _SPACE.sub(" ", alt).strip()
    return ("" if len(alt) > _LONGEST_ALT or _IMAGE_FILE.search(alt) else alt), removed


class ImageMaps:
    """The `<map>` elements of a document, looked for when an image first uses one; each is told once."""

    def __init__(self) -> None:
        self._areas: dict[str, list[tuple[str, str]]] | None = None

    def take_areas(self, image: LexborNode, usemap: str) -> list[tuple[str, str]]:
        """The alternative text and the `href` of each link in the map that `image` names as `#name`."""
        if self._areas is None:
            self._areas = {}
            root = image
            while root.parent is not None:
                root = root.parent
            for area in root.css("map area[href]")[:_MOST_AREAS]:
                around = area.parent
                while around is not None and around.tag != "map":
                    around = around.parent
                name = (around.attributes.get("name") or "") if around is not None else ""
                self._areas.setdefault(name, []).append((described(area.attributes)[0], area.attributes["href"] or ""))
        return self._areas.pop(usemap.strip().removeprefix("#"), [])
