"""The conversion of one body as a job of a worker process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import msgspec
from cachetools import LRUCache

from outlook_mcp.text.html.document import html_to_text
from outlook_mcp.text.html.embedded import embedded_base, embedded_sheets
from outlook_mcp.text.html.flat import flat_text
from outlook_mcp.text.html.frame import frame_of
from outlook_mcp.text.html.result import ConvertedText
from outlook_mcp.text.html.sample import SAMPLE
from outlook_mcp.text.plain_text import plain_text
from outlook_mcp.text.quotes.footers import drop_list_footer
from outlook_mcp.text.quotes.history import drop_history

# The interpreter makes code faster that has run some times.
_TIMES = 12
# Bytes of results. A user who reads a message in one view often asks for another one next, and a long conversation is
# read page by page, each of which needs all of its messages.
_MOST_KEPT = 16 * 2**20
_results: LRUCache[tuple[tuple[str, ...], bytes], bytes] = LRUCache(_MOST_KEPT, getsizeof=len)


def prepare() -> None:
    """Runs once in the process from which those of the jobs are forked, so that these need not warm up."""
    for _ in range(_TIMES):
        drop_history(html_to_text(SAMPLE).text)


def run(arguments: Sequence[str], source: bytes) -> bytes:
    """A body and the one that it is a part of, both in UTF-8 and packed by MessagePack, become a ConvertedText as JSON.

    Of the whole body, which may be empty, count the style sheets, the base of links and what its outermost elements
    say. The arguments: `quotes` and `history` leave these out, `flat` reads HTML tag by tag without parsing, and
    `plain` says that the body is plain text.
    """
    key = (tuple(arguments), sha256(source).digest())
    result = _results.get(key)
    if result is None:
        result = _converted(arguments, source)
        if len(result) <= _MOST_KEPT:
            _results[key] = result
    return result


def _converted(arguments: Sequence[str], source: bytes) -> bytes:
    body, around = (
        part.decode("utf-8", "replace") for part in msgspec.msgpack.decode(source, type=tuple[bytes, bytes])
    )
    if "plain" in arguments:
        converted = plain_text(body)
    elif "flat" in arguments:
        converted = flat_text(body, embedded_sheets(around))
    else:
        sheets, base, frame = _of_the_whole(around) if around else ("", "", "")
        converted = html_to_text(frame + body, drop_quotes="quotes" in arguments, sheets=sheets, base=base)
    if "history" in arguments:
        converted = _without_history(converted, is_html="plain" not in arguments)
    return msgspec.json.encode(converted)


def _of_the_whole(body: str) -> tuple[str, str, str]:
    """The style sheets of a whole body, the base of its links, and the start tags of its outermost elements."""
    return embedded_sheets(body), embedded_base(body), frame_of(body)


def _without_history(converted: ConvertedText, *, is_html: bool) -> ConvertedText:
    """A list's lines go only where history goes too, so that nothing is left out of a message that is no reply."""
    text, cut = drop_history(converted.text, is_html=is_html)
    cut += converted.cut_chars
    text, footer = drop_list_footer(text) if cut else (text, 0)
    return replace(converted, text=text, cut_chars=cut, footer_chars=footer)
