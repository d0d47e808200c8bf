"""Names, addresses and times as a person reads them, whatever a client says of itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from outlook_mcp.identity.scopes import BY_NAME, known_scopes
from outlook_mcp.net.addresses import is_loopback

LONGEST_TEXT = 80
# Letters and symbols of Unicode that show as nothing.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def shown(text: str, longest: int = LONGEST_TEXT) -> str:
    """One short line without characters that hide, reorder or break text."""
    spaced = " ".join(text[: 8 * longest].split())
    visible = "".join(letter for letter in spaced if letter.isprintable() and letter not in _BLANK).strip()
    return visible if len(visible) <= longest else f"{visible[: longest - 1].rstrip()}…"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads: `host` in ASCII with its port, and whether that is the person's own computer."""

    host: str
    is_this_computer: bool


def place_of(url: str) -> Place:
    """An international name shows as it is sent (`xn--`), so that it cannot look like another.

    A private-use scheme (`cursor://`) is a program's, too.
    """
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
        host = name if name.isascii() else name.encode("idna").decode()
    except ValueError:
        return Place("an address that cannot be read", False)
    if parts.scheme not in ("https", "http"):
        return Place(shown(f"{parts.scheme}:"), True)
    written = f"[{host}]" if ":" in host else host
    return Place(shown(f"{written}:{port}" if port else written), is_loopback(host))


def in_plain_words(scopes: Iterable[str]) -> tuple[str, ...]:
    """What these scopes allow, most harmless first."""
    return tuple(BY_NAME[name].plain_words for name in known_scopes(scopes))


def legible(moment: datetime) -> str:
    """As in `3 May 2026, 14:05 UTC`."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"
