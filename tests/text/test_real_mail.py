"""Real messages from the folder beside the repository, where it is there; every run reads a quarter of them."""

from __future__ import annotations

import email
import email.policy
import re
import time
from datetime import UTC, datetime
from email.message import Message as RawMessage
from pathlib import Path

import pytest
import toktok
from selectolax.lexbor import LexborHTMLParser

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.models import Body
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.reading import ReadItem
from outlook_mcp.text.html import ConvertedText
from outlook_mcp.text.html.document import html_to_text
from outlook_mcp.text.plain_text import plain_text
from outlook_mcp.text.quotes.history import drop_history
from tests.answers import read_answer
from tests.effort import usually
from tests.ids import message_id
from tests.new_part import new_part

REAL_MAIL = Path(__file__).parents[3] / "shared" / "mail"
pytestmark = pytest.mark.skipif(not REAL_MAIL.is_dir(), reason="../shared/mail is not there: no real mail to read")
WORD = re.compile(r"[^\W_]{2,}")
NEVER_SHOWN = ["script", "style", "title", "head", "template", "textarea", "select", "object", "map", "iframe"]


def text_parts(raw: RawMessage) -> list[tuple[str, str]]:
    found = []
    for part in raw.walk():
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            found.append((part.get_content_subtype(), payload.decode("utf-8", "replace")))
    return found


def spamassassin() -> dict[str, list[tuple[str, str]]]:
    paths = sorted((REAL_MAIL / "spamassassin").glob("*.eml"))[:: usually(4, thoroughly=1)]
    return {path.name: text_parts(email.message_from_bytes(path.read_bytes())) for path in paths}


def html_bodies() -> list[str]:
    ready = [path.read_text(errors="replace") for path in sorted((REAL_MAIL / "html").glob("*.html"))]
    return ready + [text for parts in spamassassin().values() for kind, text in parts if kind == "html"]


def converted(kind: str, text: str) -> ConvertedText:
    return html_to_text(text) if kind == "html" else plain_text(text)


def test_every_message_becomes_readable_text() -> None:
    unreadable = []
    for name, parts in spamassassin().items():
        texts = [converted(*part) for part in parts]
        had_words = any(WORD.search(re.sub(r"<[^>]*>", " ", text)) for _, text in parts)
        is_readable = any(WORD.search(result.text) or result.images for result in texts)
        if had_words and not is_readable:
            unreadable.append(name)
        for result in texts:
            assert not re.search("[\x00-\x08\x0b-\x1f\u200b\u202e]", result.text), name
            drop_history(result.text)
    assert unreadable == []


async def test_every_message_is_read_as_an_answer_within_bounds() -> None:
    context = AnswerContext(Handles(None), UTC, datetime(2026, 11, 23, tzinfo=UTC))
    read = cut = most = 0
    for name, parts in spamassassin().items():
        kind, text = next((part for part in parts if part[0] == "html"), parts[0] if parts else ("plain", ""))
        body = Body(content_type="html" if kind == "html" else "text", content=text)
        message = Message(id=message_id(name), body=body)
        new = await new_part(message)
        answer = read_answer(context, [ReadItem(message, new)])
        read, cut = read + 1, cut + new.cut_chars
        most = max(most, toktok.batch_count([answer], "o200k_base")[0])
    print(f"{read} messages read, {cut:,} characters of history cut, largest answer {most:,} o200k tokens")
    assert most < 25_000


def test_visible_words_are_kept_and_figures_printed() -> None:
    bodies = html_bodies()
    start = time.process_time()
    results = [html_to_text(body) for body in bodies]
    seconds = time.process_time() - start
    words = lost = 0
    for body, result in zip(bodies, results, strict=True):
        if result.hidden_chars:
            continue
        tree = LexborHTMLParser(body)
        tree.strip_tags(NEVER_SHOWN)
        shown = set(WORD.findall(tree.body.text(separator=" ") if tree.body else ""))
        # Markup may stand in the middle of a word, so words are looked for in the text without spaces.
        kept = re.sub(r"\s+", "", result.text) + "".join(link.text + link.url for link in result.links)
        words += len(shown)
        lost += sum(word not in kept for word in shown)
    size = sum(map(len, bodies))
    print(f"{len(bodies)} bodies, {size / 1e6:.1f} MB, {size / 1e6 / seconds:.1f} MB/s, words lost {lost} of {words}")
    print(f"HTML {size:,} -> text {sum(len(result.text) for result in results):,} characters")
    assert lost <= words / 1000
