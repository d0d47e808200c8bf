"""What was removed of a text because its readers do not see it, and what is doubtful in it."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.errors.counting import counted
from outlook_mcp.text.characters import strip_invisible
from outlook_mcp.text.html.result import ConvertedText

# Begins the note on a text that is left out.
NOT_READ = "it was not read"
_LONGEST_NAME = 2_000


def text_or_why(text: ConvertedText) -> str:
    """The text, else in brackets that there is none, or that it was not read."""
    return text.text or ("(not read)" if text.flat else "(no text)")


def hidden_in_names(names: Sequence[str | None], of: str = "the subject or from names of files") -> list[str]:
    """A note if the subject or other names, which are shown without hidden characters, have some.

    `of` tells whose they are.
    """
    count = sum(strip_invisible((name or "")[:_LONGEST_NAME])[1] for name in names)
    return [f"{hidden_note(count)} from {of}"] if count else []


def hidden_note(count: int) -> str:
    """Tells that so many characters were removed which no reader sees."""
    return f"{counted(count, 'hidden character')} removed"


def removed_notes(text: ConvertedText) -> list[str]:
    """What is missing of a text, or doubtful in it."""
    notes = []
    if text.hidden_chars:
        notes.append(hidden_note(text.hidden_chars))
    if text.flat and not text.text:
        notes.append(f"{NOT_READ}, as costly messages have used up the time: read it later, alone")
    elif text.flat:
        notes.append("its layout is too complex to tell what its readers see, so this may include hidden text")
    elif text.doubtful:
        notes.append("parts of it may be hidden from its readers")
    elif text.truncated:
        notes.append("it was too large or too deeply nested to be read whole")
    return notes
