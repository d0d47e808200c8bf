"""How names, addresses, scopes and times are written on the pages; names come from clients and may be hostile."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from outlook_mcp.identity.scopes import BY_NAME, known_scopes
from outlook_mcp.net.addresses import means_this_computer
from outlook_mcp.net.public_suffixes import registrable_domain

LONGEST_TEXT = 80
# Above or below one letter; languages need no more.
MOST_MARKS = 3
_HOST = re.compile(r"[a-z0-9_.:%-]+")
# Letters and symbols of Unicode that have no visible form.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def display_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """`text` on one line of at most `longest` characters, without invisible, control and direction characters.

    >>> display_text("Payroll\\u202e agent")
    'Payroll agent'
    """
    spaced = " ".join(text[: 8 * longest].split())
    visible = "".join(letter for letter in spaced if letter.isprintable() and letter not in _BLANK).strip()
    visible = _without_piled_marks(visible)
    return visible if len(visible) <= longest else f"{visible[: longest - 1].rstrip()}…"


def _without_piled_marks(text: str) -> str:
    """Browsers pile marks up over the lines above and below, where they would cover what the page says there."""
    kept, marks = [], 0
    for letter in text:
        category = unicodedata.category(letter)
        marks = marks + 1 if category == "Mn" else 0
        # Those that enclose a letter (Me) cover its neighbours.
        if marks <= MOST_MARKS and category != "Me":
            kept.append(letter)
    return "".join(kept)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a URL leads: the host in ASCII, whole, as `before` + `owned` + `after`, with a port in `after`.

    `owned` is the part that tells whose host it is: the domain that somebody registered, or all of a name that has
    none. `is_this_computer` is true for the user's own computer.
    """

    owned: str
    is_this_computer: bool
    before: str = ""
    after: str = ""

    @property
    def host(self) -> str:
        return f"{self.before}{self.owned}{self.after}"

    @property
    def is_international(self) -> bool:
        """True for a name in other letters than those of ASCII, which is shown as it is sent (`xn--`)."""
        return any(label.startswith("xn--") for label in self.host.split("."))


def destination_of(url: str) -> Destination:
    """Where `url` leads, as a page shows it: never cut, since what is left of the end proves nothing.

    An international name is written as it is sent (`xn--`), so that it cannot look like another one. A private-use
    scheme (`cursor://`) belongs to a program on the user's computer.

    >>> destination_of("http://127.0.0.1:6274/callback").host
    '127.0.0.1:6274'
    >>> shown = destination_of("https://claude.ai.login.evil.co.uk/callback")
    >>> shown.before, shown.owned
    ('claude.ai.login.', 'evil.co.uk')
    """
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
        host = name if name.isascii() else name.encode("idna").decode()
    except ValueError:
        return _UNREADABLE
    if parts.scheme not in ("https", "http"):
        return Destination(f"{parts.scheme}:", True) if parts.scheme else _UNREADABLE
    if not _HOST.fullmatch(host):
        return _UNREADABLE
    owned = registrable_domain(host) or (f"[{host}]" if ":" in host else host.rstrip("."))
    before, _, after = host.rpartition(owned) if ":" not in host else ("", owned, "")
    return Destination(owned, means_this_computer(host), before, f"{after}:{port}" if port is not None else after)


_UNREADABLE = Destination("an address that cannot be read", False)


def scope_descriptions(scopes: Iterable[str]) -> tuple[str, ...]:
    """What each of these scopes allows, in the order of `SCOPES`; unknown names are left out."""
    return tuple(BY_NAME[name].plain_words for name in known_scopes(scopes))


def formatted_time(moment: datetime) -> str:
    """As in `3 May 2026, 14:05 UTC`."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"
