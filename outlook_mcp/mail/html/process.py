"""The process in which one large body is converted; the system stops it when it takes too much time or memory."""

from __future__ import annotations

import sys

CPU_SECONDS = 2
MEMORY_BYTES = 256 * 1024 * 1024


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
