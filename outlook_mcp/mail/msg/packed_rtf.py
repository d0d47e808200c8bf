"""The text of a body that Outlook keeps as packed RTF alone (MS-OXRTFCP)."""

from __future__ import annotations

import struct

from outlook_mcp.text.files.rich_text import plain_of

_HEAD = struct.Struct("<IIII")
_PACKED, _AS_IT_IS = 0x75465A4C, 0x414C454D
_WINDOW = 4096
_MOST_BYTES = 16_000_000
# What every window begins with (section 2.1.3.1.2).
_COMMON = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def rtf_text(packed: bytes) -> str:
    """The text, as far as the body is whole."""
    return plain_of(unpacked(packed))


def unpacked(packed: bytes) -> bytes:
    """The RTF of a packed body; what is broken ends it.

    >>> head = b"-\\0\\0\\0\\x2b\\0\\0\\0LZFu\\xf1\\xc5\\xc7\\xa7"
    >>> body = b"\\x03\\0\\n\\0rcpg125B2\\n\\xf3 hel\\t\\0 bw\\x05\\xb0ld}\\n\\x80\\x0f\\xa0"
    >>> unpacked(head + body)
    b'{\\\\rtf1\\\\ansi\\\\ansicpg1252\\\\pard hello world}\\r\\n'
    """
    if len(packed) < _HEAD.size:
        return b""
    _, size, kind, _ = _HEAD.unpack_from(packed)
    if kind == _AS_IT_IS:
        return packed[_HEAD.size :]
    if kind != _PACKED:
        return b""
    return _unpacked(packed, min(size, _MOST_BYTES))


def _unpacked(packed: bytes, most: int) -> bytes:
    """Letters, and references to what was written before, eight of them after a byte that tells them apart."""
    window = bytearray(_COMMON.ljust(_WINDOW, b"\0"))
    written = bytearray()
    place, position = len(_COMMON), _HEAD.size
    while position < len(packed) and len(written) < most:
        marks = packed[position]
        position += 1
        for bit in range(8):
            is_reference = marks >> bit & 1
            if position + is_reference >= len(packed):
                break
            if not is_reference:
                taken = bytearray(packed[position : position + 1])
            else:
                offset = packed[position] << 4 | packed[position + 1] >> 4
                if offset == place:
                    return bytes(written)
                taken = bytearray()
                for step in range((packed[position + 1] & 15) + 2):
                    letter = window[(offset + step) % _WINDOW]
                    taken.append(letter)
                    window[(place + step) % _WINDOW] = letter
            position += 1 + is_reference
            for letter in taken:
                window[place] = letter
                place = (place + 1) % _WINDOW
            written += taken
    return bytes(written)
