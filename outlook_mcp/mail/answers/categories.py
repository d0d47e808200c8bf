"""The categories of a mailbox, told where one was asked for that is not among them."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.answers.frame import framed_words
from outlook_mcp.errors.counting import and_more
from outlook_mcp.mail.categories import WRITE_PERMISSION, CategoryList
from outlook_mcp.text.characters import one_line

_MOST_SHOWN = 40
_LONGEST_NAME = 60


def category_notes(categories: CategoryList) -> list[str]:
    """The names in the list, if there are any.

    >>> category_notes(CategoryList(("Red", "Blue")))  # doctest: +ELLIPSIS
    ['Categories of this mailbox: <data...>Red, Blue</data...>.']
    """
    names = categories.names
    more = and_more(len(names), _MOST_SHOWN)
    return [f"Categories of this mailbox: {framed_words(_named(names[:_MOST_SHOWN]))}{more}."] if names else []


def made_category_lines(categories: CategoryList) -> list[str]:
    """A line when some of the categories that were set are new in the list.

    >>> from outlook_mcp.mail.categories import MadeCategory
    >>> made_category_lines(CategoryList(("Red", "Travel"), made=[MadeCategory("Travel", "green")]))
    ['New in the list of categories: Travel (green).']
    """
    made = ", ".join(f"{one_line(name, _LONGEST_NAME)} ({colour})" for name, colour in categories.made)
    return [f"New in the list of categories: {made}."] if made else []


def missing_category_lines(categories: CategoryList, wanted: Sequence[str]) -> list[str]:
    """A line when some of the categories that were set are not in the list, and so have no colour in Outlook.

    >>> missing_category_lines(CategoryList(("Red", "Blue")), ["Rot"])  # doctest: +ELLIPSIS
    ['Not in the list of categories, so without a colour: Rot. Categories of this mailbox: ...']
    """
    missing = categories.missing(wanted)
    if not missing:
        return []
    told = [f"Not in the list of categories, so without a colour: {_named(missing)}.", *category_notes(categories)]
    if categories.is_denied:
        told.append(f"To add it there needs the permission {WRITE_PERMISSION}.")
    return [" ".join(told)]


def _named(names: Sequence[str]) -> str:
    return ", ".join(one_line(name, _LONGEST_NAME) for name in names)
