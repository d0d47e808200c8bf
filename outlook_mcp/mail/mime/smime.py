"""The mail inside of an S/MIME file that is only signed: taken out, its signature not verified."""

from __future__ import annotations

from dataclasses import dataclass, field

# Object identifier in DER: signed data (RFC 5652, section 5.1).
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_OBJECT_ID, _OCTETS = 0x06, 0x04
_CONSTRUCTED, _INDEFINITE = 0x20, 0x80
_DEEPEST = 12


class _Broken(ValueError):
    """The bytes are no ASN.1."""


@dataclass(slots=True)
class _Element:
    tag: int
    content: bytes
    children: list[_Element] = field(default_factory=list)


def signed_content(raw: bytes) -> bytes | None:
    """The mail in MIME form; None for a file that is encrypted, compressed or broken."""
    try:
        info, _ = _element(raw, 0, 0)
        kind, wrapped = info.children[:2]
        if kind.tag != _OBJECT_ID or kind.content != _SIGNED_DATA:
            return None
        # Version and digest algorithms stand first, then the content with its own kind.
        inner = wrapped.children[0].children[2]
        return _octets(inner.children[1].children[0]) or None
    except (_Broken, IndexError, ValueError):
        return None


def _octets(element: _Element) -> bytes:
    """An OCTET STRING, which may come in parts."""
    if element.children:
        return b"".join(map(_octets, element.children))
    return element.content if element.tag == _OCTETS else b""


def _element(raw: bytes, position: int, depth: int) -> tuple[_Element, int]:
    """The element that begins here, and where it ends (ITU-T X.690, section 8.1)."""
    if depth > _DEEPEST or position + 2 > len(raw):
        raise _Broken
    tag, length = raw[position], raw[position + 1]
    position += 2
    if length > _INDEFINITE:
        size = length & 0x7F
        length = int.from_bytes(raw[position : position + size], "big")
        position += size
    elif length == _INDEFINITE:
        return _until_end_mark(raw, tag, position, depth)
    end = position + length
    if end > len(raw):
        raise _Broken
    found = _Element(tag, raw[position:end])
    while tag & _CONSTRUCTED and position < end:
        child, position = _element(raw, position, depth + 1)
        found.children.append(child)
    return found, end


def _until_end_mark(raw: bytes, tag: int, position: int, depth: int) -> tuple[_Element, int]:
    found = _Element(tag, b"")
    while raw[position : position + 2] != b"\x00\x00":
        child, position = _element(raw, position, depth + 1)
        found.children.append(child)
    return found, position + 2
