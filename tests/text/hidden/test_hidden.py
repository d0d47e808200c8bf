"""What a browser shows no pixel of is not passed to a model as plain text, and what it shows is."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from outlook_mcp.text.html.document import html_to_text
from tests.browser import chromium
from tests.effort import IS_THOROUGH, usually
from tests.text.hidden import (
    by_box,
    by_element,
    by_newer,
    by_paint,
    by_rule,
    by_sheet,
    by_surroundings,
    by_value,
    controls,
    lines,
)
from tests.text.hidden.by_newer import NEWER_CONTROLS
from tests.text.hidden.mail_programs import PROGRAMS
from tests.text.hidden.more_controls import MORE_CONTROLS
from tests.text.hidden.pixels import VIEWS, names_seen
from tests.text.hidden.snippet import WORD, Snippet

__all__ = ["chromium"]

TECHNIQUES = [
    *by_box.DISPLAY,
    *by_box.FLAT,
    *by_box.CLIPPED,
    *by_box.MOVED,
    *by_box.SHRUNK,
    *by_paint.COLOURS,
    *by_paint.PAINT,
    *by_paint.VARIABLES,
    *by_rule.SELECTORS,
    *by_rule.CASCADE,
    *by_sheet.SHEETS,
    *by_element.ELEMENTS,
    *by_value.PAINT_VALUES,
    *by_value.BOX_VALUES,
    *by_surroundings.SURROUNDINGS,
    *by_newer.NEWER,
    *lines.HIDDEN,
]
CONTROLS = [*controls.CONTROLS, *MORE_CONTROLS, *NEWER_CONTROLS, *lines.SEEN]


def verdict(snippet: Snippet) -> str:
    """What the converter says of the word: `plain`, `marked` or `dropped`."""
    converted = html_to_text(snippet.with_word())
    before, found, _ = converted.text.partition(WORD)
    if not found:
        return "dropped"
    is_marked = before.rfind("[may be hidden: ") > before.rfind("]")
    return "marked" if is_marked or converted.doubtful else "plain"


def wrong(snippets: list[Snippet], seen: set[str]) -> list[str]:
    """The names of snippets whose word is seen and not passed as plain text, or unseen and passed as plain text."""
    return [snippet.name for snippet in snippets if (snippet.name in seen) != (verdict(snippet) == "plain")]


def test_the_collection_is_large_and_its_names_are_unique() -> None:
    assert len({snippet.name for snippet in TECHNIQUES}) == len(TECHNIQUES) >= 150
    assert len({snippet.name for snippet in CONTROLS}) == len(CONTROLS) >= 60


def test_what_a_technique_hides_is_dropped_or_marked() -> None:
    assert [snippet.name for snippet in TECHNIQUES if verdict(snippet) == "plain"] == []


def test_most_of_what_is_hidden_is_dropped() -> None:
    newer = {*by_newer.NEWER, *lines.HIDDEN}
    older = [snippet for snippet in TECHNIQUES if snippet not in newer]
    assert sum(verdict(snippet) == "dropped" for snippet in older) >= 0.85 * len(older)


def test_what_is_seen_is_passed_without_a_mark() -> None:
    assert [snippet.name for snippet in CONTROLS if verdict(snippet) != "plain"] == []


def test_what_is_seen_in_some_programs_is_never_left_out() -> None:
    assert [snippet.name for snippet in lines.DOUBTED if verdict(snippet) == "dropped"] == []


async def test_a_browser_shows_some_of_each_kind_as_the_converter_says(chromium: Browser) -> None:
    # What fits on one picture, at each width and in each colour scheme once.
    step = usually(90, thoroughly=30)
    some = [*TECHNIQUES[::step], *CONTROLS[::step]]
    assert wrong(some, await names_seen(chromium, some, VIEWS[:2])) == []


@pytest.mark.skipif(not IS_THOROUGH, reason="the whole collection is part of python -m tests --thorough")
async def test_a_browser_shows_no_pixel_of_any_technique_and_every_control(chromium: Browser) -> None:
    seen = await names_seen(chromium, TECHNIQUES)
    assert sorted(seen) == []
    shown = [*CONTROLS, *lines.DOUBTED]
    assert len(await names_seen(chromium, shown)) == len(shown)


def test_for_most_techniques_it_is_told_which_mail_programs_honour_them() -> None:
    told = [technique for technique in TECHNIQUES if technique.honoured]
    assert len(told) >= 0.7 * len(TECHNIQUES)
    by_name = {technique.name: technique.honoured for technique in told}
    assert by_name["hidden attribute"].startswith("Outlook for Windows: no; Outlook on the web: no;")
    assert by_name["display none"].count("yes") == len(PROGRAMS) - 1
