"""Are the words that a browser shows in the text, and none that it does not show?"""

from __future__ import annotations

import email
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import toktok
from playwright.async_api import Browser

from outlook_mcp.text.html.document import html_to_text

WIDTHS = (1200, 400)
MOST_LOST, MOST_MARKS = 0.001, 0.02
WORD = re.compile(r"[^\W_]{2,}")
_MARKED = re.compile(r"\[(?:may be hidden|folded): ")
_ADDRESS = re.compile(r"https?://\S+|\S+\[\d+\]|\[\d+→[^\]]*\]|<[^<>\s]+>")
_INVISIBLE = re.compile("[\u00ad\u034f\u200b-\u200f\u2060-\u2064\ufeff]")
# The words of text that takes place on the page, and all words that may stand in the text besides.
_READ = """() => {
  const seen = [], others = [];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    const range = document.createRange();
    range.selectNodeContents(node);
    const area = [...range.getClientRects()].some(r => r.width > 1 && r.height > 1 && r.right > 0 && r.bottom > 0);
    const style = getComputedStyle(element);
    const isSeen = element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) && area
      && parseFloat(style.fontSize) >= 2 && !["TITLE", "STYLE", "SCRIPT"].includes(element.tagName);
    (isSeen ? seen : others).push([node.data, isSeen && style.display]);
  }
  const given = [...document.querySelectorAll("[alt],[value],[placeholder]")];
  const said = given.flatMap(e => [e.getAttribute("alt"), e.getAttribute("value"), e.getAttribute("placeholder")]);
  return {text: document.body ? document.body.innerText : "", seen: seen.map(pair => pair[0]).join(" "),
          said: said.filter(text => text).join(" ")};
}"""


@dataclass
class Report:
    """Counts over all mails; `examples` names some words of each kind."""

    mails: int = 0
    words: int = 0
    lost: int = 0
    shown_hidden: int = 0
    tokens: int = 0
    mark_tokens: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return (
            self.lost <= MOST_LOST * self.words
            and self.shown_hidden == 0
            and self.mark_tokens <= MOST_MARKS * self.tokens
        )

    def __str__(self) -> str:
        return (
            f"{self.mails} mails, {self.words:,} visible words: {self.lost} lost "
            f"({self.lost / max(1, self.words):.3%}, at most {MOST_LOST:.1%}), "
            f"{self.shown_hidden} hidden words shown without a mark (at most 0), marks "
            f"{self.mark_tokens / max(1, self.tokens):.2%} of {self.tokens:,} tokens (at most {MOST_MARKS:.0%})"
        )


async def check(browser: Browser, mails: Sequence[str]) -> Report:
    """Compares each mail with what the browser shows of it, at two widths."""
    report = Report(mails=len(mails))
    pages = []
    for width in WIDTHS:
        context = await browser.new_context(viewport={"width": width, "height": 900}, offline=True)
        await context.route("**/*", lambda route: route.abort())
        pages.append(await context.new_page())
    for html in mails:
        shown = [await _shown(page, html) for page in pages]
        _compare(report, html, shown)
    for page in pages:
        await page.context.close()
    return report


async def _shown(page: Any, html: str) -> Any:
    await page.set_content(_without_scripts(html), wait_until="domcontentloaded")
    return await page.evaluate(_READ)


def _without_scripts(html: str) -> str:
    return re.sub(r"(?is)<script\b.*?(?:</script\s*>|\Z)", "", html)


def _compare(report: Report, html: str, shown: Sequence[Any]) -> None:
    text = html_to_text(html).text
    # A word counts as visible when both widths show it, and as hidden when none does.
    visible = _words(shown[0]["seen"]) & _words(shown[1]["seen"])
    known = _words(shown[0]["text"]) | _words(shown[1]["text"]) | _words(shown[0]["said"])
    everything = re.sub(r"\s+", "", text).casefold()
    lost = {word: count for word, count in (visible - _words(text)).items() if word not in everything}
    unmarked = _words(_outside_of_marks(text))
    squeezed = re.sub(r"\s+", "", " ".join(str(side["text"]) + side["said"] for side in shown)).casefold()
    extra = {word: count for word, count in (unmarked - known).items() if word not in squeezed}
    report.words += visible.total()
    report.lost += sum(lost.values())
    report.shown_hidden += sum(extra.values())
    whole, plain = toktok.batch_count([text, _MARKED.sub("", text)], "o200k_base")
    report.tokens += whole
    report.mark_tokens += whole - plain + len(_MARKED.findall(text))
    report.examples += [f"lost {word}" for word in lost][:5] + [f"shown {word}" for word in extra][:5]


def _words(text: str) -> Counter[str]:
    plain = _INVISIBLE.sub("", _ADDRESS.sub(" ", text)).casefold()
    return Counter(WORD.findall(plain))


def _outside_of_marks(text: str) -> str:
    """The text without what stands in marks, which may hold brackets."""
    kept: list[str] = []
    position = 0
    while found := _MARKED.search(text, position):
        kept.append(text[position : found.start()])
        depth, end = 1, found.end()
        while end < len(text) and depth:
            depth += {"[": 1, "]": -1}.get(text[end], 0)
            end += 1
        position = end
    return " ".join([*kept, text[position:]])


def public_mails() -> list[str]:
    """The templates and the HTML parts of the messages beside the repository; empty where they are missing."""
    found: list[str] = []
    folders = (parent / "shared" / "mail" for parent in Path(__file__).parents)
    for folder in [folder for folder in folders if folder.is_dir()][:1]:
        found += [path.read_text("utf-8", "replace") for path in sorted((folder / "html").glob("*.html"))]
        for path in sorted((folder / "spamassassin").glob("*.eml")):
            for part in email.message_from_bytes(path.read_bytes()).walk():
                payload = part.get_payload(decode=True)
                if part.get_content_type() == "text/html" and isinstance(payload, bytes):
                    found.append(payload.decode("utf-8", "replace"))
    return found
