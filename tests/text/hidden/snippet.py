"""A small HTML document with one marker word, which a reader sees or does not."""

from __future__ import annotations

from dataclasses import dataclass

# Letters of one width, so that one word takes the place of the other without moving anything.
WORD, OTHER_WORD = "bdpqqpdb", "qpdbbdpq"


@dataclass(frozen=True, slots=True)
class Snippet:
    """`html` holds `{W}` where the word stands. `honoured` tells which mail programs do what the technique asks for,
    where public tables such as caniemail.com say so; empty where they do not."""

    name: str
    html: str
    honoured: str = ""

    def with_word(self, word: str = WORD) -> str:
        return self.html.replace("{W}", word)


ALL = "all"
MOST = "all but Outlook for Windows"
APPLE = "Apple Mail and other WebKit mail programs"
HEAD = "those that keep <style>: Apple Mail, Outlook on the web, Mac and mobile, Gmail in part"


def inline(name: str, css: str, honoured: str = MOST) -> Snippet:
    """A `<div>` with a style."""
    return Snippet(name, f'<div style="{css}">{{W}}</div>', honoured)


def sheet(name: str, css: str, html: str, honoured: str = HEAD) -> Snippet:
    """A style sheet and what it is about."""
    return Snippet(name, f"<style>{css}</style>{html}", honoured)
