"""Messages in one file of the form mboxrd, as Unix mail programs, Thunderbird and Google Takeout write and read it.

Source: https://www.loc.gov/preservation/digital/formats/fdd/fdd000385.shtml
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_QUOTED = re.compile(rb"^(>*From )", re.MULTILINE)
# A longer line is written before its end has come, so that memory stays small.
_LONGEST_LINE = 64 * 1024


def separator(sender: str, moment: datetime) -> bytes:
    """The line before a message.

    >>> separator("a b@x.example", datetime(2026, 11, 2, 9, 5, tzinfo=UTC))
    b'From ab@x.example Mon Nov  2 09:05:00 2026\\n'
    """
    address = "".join(sender.split()).encode("ascii", "ignore")[:200] or b"MAILER-DAEMON"
    return b"From " + address + b" " + moment.astimezone(UTC).strftime("%a %b %e %H:%M:%S %Y").encode("ascii") + b"\n"


class MboxMessage:
    """One message, piece by piece: lines end in LF, and those that look like a separator are quoted."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_in_line = False

    def quoted_piece(self, piece: bytes) -> bytes:
        """What of the message can be written now."""
        data = self._rest + piece
        end = data.rfind(b"\n") + 1
        if not end and len(data) > _LONGEST_LINE:
            # The last byte may be the CR of a line's end.
            end = len(data) - 1
        self._rest = data[end:]
        return self._lines(data[:end])

    def quoted_end(self) -> bytes:
        """The rest, and the empty line that ends the message."""
        rest, self._rest = self._rest, b""
        last = self._lines(rest)
        return last + (b"\n\n" if self._is_in_line else b"\n")

    def _lines(self, data: bytes) -> bytes:
        if not data:
            return b""
        start = data.find(b"\n") + 1 if self._is_in_line else 0
        if self._is_in_line and not start:
            return data
        lines = data[:start] + _QUOTED.sub(rb">\1", data[start:])
        self._is_in_line = not data.endswith(b"\n")
        return lines.replace(b"\r\n", b"\n")
