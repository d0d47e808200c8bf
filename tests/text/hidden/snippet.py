"""A small HTML document with one marker word, which a reader sees or does not."""

from __future__ import annotations

from dataclasses import dataclass

from tests.text.hidden.mail_programs import honoured

# Letters of one width, so that one word takes the place of the other without moving anything.
WORD, OTHER_WORD = "bdpqqpdb", "qpdbbdpq"


@dataclass(frozen=True, slots=True)
class Snippet:
    """`html` holds `{W}` where the word stands."""

    name: str
    html: str

    def with_word(self, word: str = WORD) -> str:
        return self.html.replace("{W}", word)

    @property
    def honoured(self) -> str:
        """Which mail programs do what the snippet asks for, as far as public tables say."""
        return honoured(self.html)


def inline(name: str, css: str) -> Snippet:
    """A `<div>` with a style."""
    return Snippet(name, f'<div style="{css}">{{W}}</div>')


def sheet(name: str, css: str, html: str) -> Snippet:
    """A style sheet and what it is about."""
    return Snippet(name, f"<style>{css}</style>{html}")
