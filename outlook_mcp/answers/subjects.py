"""Subjects of messages and events, one short line each. Senders choose them freely."""

from __future__ import annotations

from outlook_mcp.text.characters import one_line

NO_SUBJECT = "(no subject)"


def subject_line(subject: str | None, longest: int) -> str:
    """The subject, or what stands for one that is missing or empty.

    >>> subject_line("Budget  2027", 80), subject_line(" ", 80)
    ('Budget 2027', '(no subject)')
    """
    return one_line(subject or "", longest) or NO_SUBJECT
