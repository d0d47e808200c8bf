"""HTML becomes text off the event loop: a small body in a thread, any other in a limited process."""

from __future__ import annotations

from functools import partial

import anyio.to_thread
import msgspec

from outlook_mcp.text.html.guard import flat_text
from outlook_mcp.text.html.result import ConvertedText
from outlook_mcp.text.isolated.processes import WorkerProcesses, shared_processes

# A body up to this size cannot keep the parser busy for more than a fraction of a second.
_SMALL = 100_000
_SHOWN_AFTER_STOP = 100_000


async def convert(html: str, *, drop_quotes: bool = False, processes: WorkerProcesses | None = None) -> ConvertedText:
    """What a reader would see of `html`; with `drop_quotes` without the history below a reply.

    When a large body's process is stopped, the beginning of the body as flat text. Raises ServerBusy when too many
    large bodies are being converted.
    """
    if len(html) <= _SMALL:
        return await anyio.to_thread.run_sync(partial(_converted_here, html, drop_quotes=drop_quotes))
    arguments = ["new"] if drop_quotes else []
    source = html.encode("utf-8", "replace")
    written = await (processes or shared_processes()).run("outlook_mcp.text.html.job", *arguments, source=source)
    try:
        return msgspec.json.decode(written, type=ConvertedText)
    except msgspec.DecodeError:
        return await anyio.to_thread.run_sync(flat_text, html[:_SHOWN_AFTER_STOP])


def _converted_here(html: str, *, drop_quotes: bool) -> ConvertedText:
    # Imported when first needed: the parsers of HTML and CSS are not to load when the server starts.
    from outlook_mcp.text.html.document import html_to_text

    return html_to_text(html, drop_quotes=drop_quotes)
