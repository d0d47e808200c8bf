"""ISO-2022-JP as Windows reads it."""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"\x1b(\$[@B]|\([BJI])")


def from_jis(raw: bytes) -> str:
    """The text, with the signs of NEC such as circled numbers, which Python's codec refuses.

    >>> from_jis(b"No. \\x1b$B-!F|\\x1b(B!")
    'No. ①日!'
    """
    first, *rest = _ESCAPE.split(raw)
    pieces = [first.decode("ascii", "replace")]
    for escape, part in zip(rest[::2], rest[1::2], strict=True):
        if escape.startswith(b"$"):
            pairs = zip(part[::2], part[1::2], strict=False)
            pieces.append(b"".join(_in_shift_jis(row, cell) for row, cell in pairs).decode("cp932", "replace"))
        elif escape == b"(I":
            pieces.append(bytes(byte | 0x80 for byte in part).decode("cp932", "replace"))
        else:
            pieces.append(part.decode("ascii", "replace"))
    return "".join(pieces)


def _in_shift_jis(row: int, cell: int) -> bytes:
    """A sign of JIS X 0208 in Shift_JIS: two rows of 94 signs for each first byte."""
    if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
        return b"?"
    half, is_second = divmod(row - 0x21, 2)
    first = half + (0x81 if half < 31 else 0xC1)
    second = cell + 0x7E if is_second else cell + 0x1F + (cell >= 0x60)
    return bytes((first, second))
