"""Numbers with the noun that fits."""

from __future__ import annotations


def counted(number: int | None, noun: str) -> str:
    """The number and the noun, in the plural unless it is one; None is an unknown number.

    >>> counted(1, "message"), counted(0, "message"), counted(2, "mailbox")
    ('1 message', '0 messages', '2 mailboxes')
    """
    plural = f"{noun}es" if noun.endswith("x") else f"{noun}s"
    return f"{'an unknown number of' if number is None else number} {noun if number == 1 else plural}"
