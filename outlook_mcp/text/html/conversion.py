"""HTML becomes text off the event loop: a small and simple body in a thread, any other in a limited process."""

from __future__ import annotations

from functools import partial

import anyio.to_thread
import msgspec

from outlook_mcp.text.html.budget import SMALL, BudgetExceeded
from outlook_mcp.text.html.result import ConvertedText
from outlook_mcp.text.isolated.processes import WorkerProcesses, shared_processes

_JOB = "outlook_mcp.text.html.job"
# A body up to this size is converted in this process, unless its style sheets or its depth make that too costly.
_SMALL = 32_000
_SHOWN_AFTER_STOP = 100_000


async def convert(
    html: str, *, drop_quotes: bool = False, sheets: str = "", processes: WorkerProcesses | None = None
) -> ConvertedText:
    """What a reader would see of `html`; with `drop_quotes` without the history below a reply.

    `sheets` are style sheets that stand elsewhere, such as those of the whole body of which `html` is a part. When
    the process of a body is stopped, the beginning of the body as flat text. Raises ServerBusy when too many bodies
    are being converted.
    """
    if len(html) + len(sheets) <= _SMALL:
        try:
            return await anyio.to_thread.run_sync(
                partial(_converted_here, html, drop_quotes=drop_quotes, sheets=sheets)
            )
        except BudgetExceeded:
            pass
    processes = processes or shared_processes()
    converted = await _converted_there(processes, html, drop_quotes=drop_quotes, sheets=sheets)
    if converted is None:
        converted = await _converted_there(processes, html[:_SHOWN_AFTER_STOP], sheets="", is_flat=True)
    return converted or ConvertedText("", truncated=True, flat=True)


def _converted_here(html: str, *, drop_quotes: bool, sheets: str) -> ConvertedText:
    # Imported when first needed: the parsers of HTML and CSS are not to load when the server starts.
    from outlook_mcp.text.html.document import html_to_text

    return html_to_text(html, drop_quotes=drop_quotes, sheets=sheets, budget=SMALL)


async def _converted_there(
    processes: WorkerProcesses, html: str, *, sheets: str, drop_quotes: bool = False, is_flat: bool = False
) -> ConvertedText | None:
    """None if the process was stopped."""
    source = msgspec.msgpack.encode((html.encode("utf-8", "replace"), sheets.encode("utf-8", "replace")))
    arguments = [name for name, is_set in (("new", drop_quotes), ("flat", is_flat)) if is_set]
    written = await processes.run(_JOB, *arguments, source=source)
    try:
        return msgspec.json.decode(written, type=ConvertedText)
    except msgspec.DecodeError:
        return None
