"""How names, addresses, scopes and times are written on the pages; names come from clients and may be hostile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from outlook_mcp.identity.scopes import BY_NAME, known_scopes
from outlook_mcp.net.addresses import is_loopback

LONGEST_TEXT = 80
# Letters and symbols of Unicode that have no visible form.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def display_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """`text` on one line of at most `longest` characters, without invisible, control and direction characters.

    >>> display_text("Payroll\\u202e agent")
    'Payroll agent'
    """
    spaced = " ".join(text[: 8 * longest].split())
    visible = "".join(letter for letter in spaced if letter.isprintable() and letter not in _BLANK).strip()
    return visible if len(visible) <= longest else f"{visible[: longest - 1].rstrip()}…"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a URL leads: `host` in ASCII with its port, and whether that is the user's own computer."""

    host: str
    is_this_computer: bool


def destination_of(url: str) -> Destination:
    """Where `url` leads, as a page shows it.

    An international name is written as it is sent (`xn--`), so that it cannot look like another one. A private-use
    scheme (`cursor://`) belongs to a program on the user's computer.

    >>> destination_of("http://127.0.0.1:6274/callback")
    Destination(host='127.0.0.1:6274', is_this_computer=True)
    """
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
        host = name if name.isascii() else name.encode("idna").decode()
    except ValueError:
        return Destination("an address that cannot be read", False)
    if parts.scheme not in ("https", "http"):
        return Destination(display_text(f"{parts.scheme}:"), True)
    bracketed = f"[{host}]" if ":" in host else host
    return Destination(display_text(f"{bracketed}:{port}" if port else bracketed), is_loopback(host))


def scope_descriptions(scopes: Iterable[str]) -> tuple[str, ...]:
    """What each of these scopes allows, in the order of `SCOPES`; unknown names are left out."""
    return tuple(BY_NAME[name].plain_words for name in known_scopes(scopes))


def formatted_time(moment: datetime) -> str:
    """As in `3 May 2026, 14:05 UTC`."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"
