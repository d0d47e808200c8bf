"""The body of a draft as an agent writes it, Markdown or HTML, made into clean HTML outside the event loop."""

from __future__ import annotations

from collections.abc import Sequence

import anyio.to_thread

from outlook_mcp.errors import InvalidInput
from outlook_mcp.errors.counting import counted
from outlook_mcp.text.isolated.processes import WorkerProcesses, shared_processes
from outlook_mcp.text.markdown import STYLE, markdown_to_html, markdown_with_html
from outlook_mcp.text.written_html import clean_html, has_html, is_html, with_styles

MOST_CHARS = 500_000
_JOB = "outlook_mcp.text.written_body"
# A body up to this size takes a few milliseconds, whatever it holds.
_SMALL = 4_000


async def body_to_html(text: str, *, processes: WorkerProcesses | None = None) -> str:
    """One `<div>`. Raises InvalidInput for a body that is too large or too costly."""
    if len(text) > MOST_CHARS:
        raise InvalidInput(
            f"The body has {counted(len(text), 'character')}; at most {MOST_CHARS:,} are taken.",
            next_step="Shorten it, or attach a file instead.",
        )
    if len(text) <= _SMALL:
        return await anyio.to_thread.run_sync(written_body, text)
    source = text.encode("utf-8", "replace")
    html = await (processes or shared_processes()).run(_JOB, source=source)
    if not html:
        raise InvalidInput(
            "The body is too deeply nested or too irregular to be converted in time.",
            next_step="Write it with less markup.",
        )
    return html.decode()


def written_body(text: str) -> str:
    """One `<div>` of clean HTML for Markdown, Markdown with HTML in its lines, or HTML."""
    if is_html(text):
        return with_styles(f'<div style="{STYLE}">\n{clean_html(text)}</div>')
    return with_styles(markdown_with_html(text) if has_html(text) else markdown_to_html(text))


def run(arguments: Sequence[str], source: bytes) -> bytes:
    """The job of a worker process."""
    return written_body(source.decode("utf-8", "replace")).encode()
