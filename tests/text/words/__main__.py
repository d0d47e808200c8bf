"""`python -m tests.text.words`: the words of HTML mail as a browser shows them against those of its text.

Reads the public mail beside the repository and mails made for the tests. Exit status 1 when a figure misses its bound.
"""

from __future__ import annotations

import asyncio
import sys

from playwright.async_api import async_playwright

from tests.browser import installed
from tests.text.generated import generated_mails
from tests.text.words.check import check, public_mails

GENERATED = 120


async def main() -> int:
    holds = True
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=installed(), args=["--no-sandbox"])
        for name, mails in (("public", public_mails()), ("generated", generated_mails(GENERATED))):
            report = await check(browser, mails)
            print(f"{name}: {report}")
            print("\n".join(f"  {example}" for example in report.examples[:40]))
            holds = holds and report.holds
        await browser.close()
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
