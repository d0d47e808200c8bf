"""HTML becomes text in limited processes, so that nothing in a message can hold up the server."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from outlook_mcp.text.html.result import ConvertedText
from outlook_mcp.text.isolated.processes import shared_processes
from outlook_mcp.text.isolated.spending import current_spending

_JOB = "outlook_mcp.text.html.job"
_SHOWN_AFTER_STOP = 100_000


async def convert(
    html: str,
    *,
    drop_quotes: bool = False,
    drop_history: bool = False,
    around: str = "",
) -> ConvertedText:
    """What a reader would see of `html`.

    With `drop_quotes` without the elements that mail programs mark as quoted, with `drop_history` without what the
    text itself shows to be earlier mail; `cut_chars` counts both. `around` is the body of which `html` is a part
    without its style sheets.

    When the process of a body was stopped, or the call or its user have used up their time, the beginning of the body
    as flat text; in the end not even that. Raises ServerBusy when too many bodies are being converted.
    """
    options = [name for name, is_set in (("quotes", drop_quotes), ("history", drop_history)) if is_set]
    return await _remembered(html, around, *options)


async def convert_body(
    content: str | None, content_type: str, *, is_new: bool = False, around: str = ""
) -> ConvertedText:
    """Any body, whose type is `html` or `text`; with `is_new` without the history below it."""
    if not content:
        return ConvertedText("")
    if content_type.lower() == "text":
        return await convert_plain(content, drop_history=is_new)
    return await convert(content, drop_quotes=is_new, drop_history=is_new, around=around)


async def convert_plain(text: str, *, drop_history: bool = False) -> ConvertedText:
    """What a reader would see of a body that is plain text; see `convert`."""
    options = ["history"] if drop_history else []
    return await _remembered(text, "", "plain", *options)


async def _remembered(body: str, around: str, *options: str) -> ConvertedText:
    """What the call has converted already is not converted again."""
    results = current_spending().results
    key = (body, around, options)
    known = results.get(key)
    if not isinstance(known, ConvertedText):
        known = results[key] = await _converted(body, around, *options)
    return known


async def _converted(body: str, around: str, *options: str) -> ConvertedText:
    spending = current_spending()
    found = None
    if not spending.is_used_up:
        found = await _job_of(body, around, *options)
    if found is None and not spending.is_overdrawn:
        simple = "plain" if "plain" in options else "flat"
        found = await _job_of(body[:_SHOWN_AFTER_STOP], around[:_SHOWN_AFTER_STOP], simple)
        found = found and replace(found, truncated=True)
    return found or ConvertedText("", truncated=True, flat=True)


async def _job_of(body: str, around: str, *options: str) -> ConvertedText | None:
    """None if the process was stopped."""
    source = msgspec.msgpack.encode((body.encode("utf-8", "replace"), around.encode("utf-8", "replace")))
    written = await shared_processes().run(_JOB, *options, source=source)
    try:
        return msgspec.json.decode(written, type=ConvertedText)
    except msgspec.DecodeError:
        return None
