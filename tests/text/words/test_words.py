"""A quick part of `python -m tests.text.words`."""

from __future__ import annotations

from playwright.async_api import Browser

from tests.browser import chromium
from tests.text.generated import generated_mails
from tests.text.words.check import check

__all__ = ["chromium"]


async def test_the_text_has_the_words_that_a_browser_shows_and_no_others(chromium: Browser) -> None:
    report = await check(chromium, generated_mails(6))
    assert report.holds, (str(report), report.examples)
    assert report.words > 2_000
