"""The process in which one large body is converted; the system stops it when it takes too much time or memory."""

from __future__ import annotations

import sys

from outlook_mcp.text.isolated.limits import limit_this_process


def main() -> None:
    """Reads HTML on stdin and writes a ConvertedText as JSON on stdout."""
    import msgspec

    from outlook_mcp.text.html.conversion import html_to_text

    limit_this_process()
    html = sys.stdin.buffer.read().decode("utf-8", "replace")
    converted = html_to_text(html, drop_quotes=sys.argv[1:] == ["new"])
    sys.stdout.buffer.write(msgspec.json.encode(converted))


if __name__ == "__main__":
    main()
