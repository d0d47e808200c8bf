"""Puts the writer's text into the HTML of a draft, above the quoted history."""

from __future__ import annotations

import re

from outlook_mcp.text.quotes.draft import HISTORY_MARK, history_start

_BODY_OPEN = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_BODY_CLOSE = re.compile(r"</body\s*>", re.IGNORECASE)


def above_quote(document: str, text: str) -> str:
    """`document` with `text` above all that a new reply or forward holds."""
    before, inside = _split(document)
    return f"{before}{text}{HISTORY_MARK}{inside}"


def replace_text(document: str, text: str) -> str:
    """`document` with its text replaced by `text`; a quoted history below it stays."""
    before, inside = _split(document)
    quote = history_start(inside)
    if quote is not None:
        return f"{before}{text}{inside[quote:]}"
    close = _BODY_CLOSE.search(inside)
    return f"{before}{text}{inside[close.start() :] if close else ''}"


def _split(document: str) -> tuple[str, str]:
    """The part up to and including the body tag, and the rest. Some drafts are fragments without one."""
    body = _BODY_OPEN.search(document)
    return (document[: body.end()], document[body.end() :]) if body else ("", document)
