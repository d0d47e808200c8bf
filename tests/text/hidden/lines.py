"""Snippets that stand one a line in files, each named by itself.

Those in `hidden.txt` show no pixel of their word, those in `seen.txt` do. Those in `doubted.txt` do so in one browser
or by a rule that is not computed here, so that their word may be marked, but is never left out.
"""

from __future__ import annotations

from pathlib import Path

from tests.text.hidden.snippet import Snippet

_FOLDER = Path(__file__).parents[2] / "data" / "hidden_text"


def snippets_in(name: str) -> list[Snippet]:
    """Those of one file."""
    return [Snippet(line, line) for line in (_FOLDER / name).read_text("utf-8").splitlines()]


HIDDEN, SEEN, DOUBTED = (snippets_in(f"{name}.txt") for name in ("hidden", "seen", "doubted"))
