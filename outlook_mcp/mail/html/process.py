"""Converts a large body in a process of its own, which the system stops when it takes too much time or memory."""

from __future__ import annotations

import subprocess
import sys

from outlook_mcp.mail.html.guard import flat_text
from outlook_mcp.mail.html.result import ConvertedText

CPU_SECONDS = 2
WALL_SECONDS = 10.0
MEMORY_BYTES = 256 * 1024 * 1024
_SHOWN_AFTER_STOP = 100_000


async def convert_in_process(html: str, *, drop_quotes: bool = False) -> ConvertedText:
    """The conversion, or the beginning of the body as flat text when the process was stopped."""
    import anyio
    import msgspec

    command = [sys.executable, "-m", "outlook_mcp.mail.html.process", "new" if drop_quotes else "all"]
    source = html.encode("utf-8", "replace")
    try:
        with anyio.fail_after(WALL_SECONDS):
            done = await anyio.run_process(command, input=source, stderr=subprocess.DEVNULL, check=False)
        return msgspec.json.decode(done.stdout, type=ConvertedText)
    except (TimeoutError, OSError, msgspec.DecodeError):
        return await anyio.to_thread.run_sync(flat_text, html[:_SHOWN_AFTER_STOP])


def main() -> None:
    """Reads HTML on stdin and writes a ConvertedText as JSON on stdout."""
    import msgspec

    from outlook_mcp.mail.html.conversion import html_to_text

    _limit_this_process()
    html = sys.stdin.buffer.read().decode("utf-8", "replace")
    converted = html_to_text(html, drop_quotes=sys.argv[1:] == ["new"])
    sys.stdout.buffer.write(msgspec.json.encode(converted))


def _limit_this_process() -> None:
    try:
        import resource
    except ImportError:
        return  # Windows: the wall clock alone stops the process.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    main()
