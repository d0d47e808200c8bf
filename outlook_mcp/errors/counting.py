"""Numbers with the noun that fits, for errors, answers and commands."""

from __future__ import annotations


def counted(number: int | None, noun: str) -> str:
    """The number and the noun, in the plural unless it is one; None is an unknown number.

    >>> counted(1, "message"), counted(0, "message"), counted(2, "mailbox")
    ('1 message', '0 messages', '2 mailboxes')
    >>> counted(12345, "character of quoted mail"), counted(1, "character of quoted mail")
    ('12,345 characters of quoted mail', '1 character of quoted mail')
    """
    shown = "an unknown number of" if number is None else f"{number:,}"
    return f"{shown} {noun if number == 1 else _plural(noun)}"


def and_more(count: int, most: int) -> str:
    """What follows a list of `count` that is cut after `most`; "" where it is not.

    >>> and_more(12, 10), and_more(10, 10)
    (' and 2 more', '')
    """
    return f" and {count - most} more" if count > most else ""


def _plural(noun: str) -> str:
    first, of, rest = noun.partition(" of ")
    return f"{first}{'es' if first.endswith(('x', 's')) else 's'}{of}{rest}"
