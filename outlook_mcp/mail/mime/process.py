"""The process in which the mail of one file is read; the parser of the library bounds neither time nor memory."""

from __future__ import annotations

import sys


def main() -> None:
    """Reads a mail on stdin and writes an AttachedItem as JSON on stdout."""
    import msgspec

    from outlook_mcp.mail.mime.reader import read_mail
    from outlook_mcp.text.isolated.limits import limit_this_process

    limit_this_process()
    sys.stdout.buffer.write(msgspec.json.encode(read_mail(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
