"""Compound files (MS-CFB) and mails of Outlook in them (MS-OXMSG), written for the tests."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_SECTOR = 512
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5
# Properties of MS-OXPROPS, and the types of their values.
SUBJECT, BODY, HTML, SENDER, SENDER_ADDRESS, SENT = 0x0037, 0x1000, 0x1013, 0x0C1A, 0x5D01, 0x0039
NAME, ADDRESS, RECIPIENT_TYPE = 0x3001, 0x39FE, 0x0C15
FILE_NAME, FILE_TYPE, FILE_CONTENT = 0x3707, 0x370E, 0x3701
_TEXT, _BINARY, _NUMBER, _TIME = 0x001F, 0x0102, 0x0003, 0x0040


@dataclass
class _Entry:
    name: str
    kind: int
    content: bytes = b""
    right: int = _FREE
    child: int = _FREE

    def written(self, start: int) -> bytes:
        raw = self.name.encode("utf-16-le")
        below = (len(raw) + 2, self.kind, 1, _FREE, self.right, self.child)
        return struct.pack("<64sHBBIII36xIQ", raw, *below, start, len(self.content))


def compound(tree: Mapping[str, Any]) -> bytes:
    """A file with these streams, each below 4,096 bytes, and storages as mappings."""
    entries: list[_Entry] = []
    _enter("Root Entry", tree, entries, _ROOT)
    # Small streams stand one after the other in the stream of the root, in sectors of 64 bytes.
    starts, small, small_table = [_END] * len(entries), b"", list[int]()
    for number, entry in enumerate(entries):
        assert len(entry.content) < 4096
        if entry.content:
            starts[number] = len(small_table)
            small += _padded(entry.content, 64)
            small_table += _chain(len(small_table), -(-len(entry.content) // 64))
    sectors = [-(-len(entries) * 128 // _SECTOR), -(-len(small_table) * 4 // _SECTOR), -(-len(small) // _SECTOR)]
    table: list[int] = []
    for count in sectors:
        table += _chain(len(table), count)
    place, tables = len(table), 1
    assert place < 120
    table += [_TABLE] + [_FREE] * (127 - place)
    entries[0].content, starts[0] = small, sum(sectors[:2])
    numbers = (0x3E, 3, 0xFFFE, 9, 6, 0, tables, 0, 0, 4096, sectors[0], sectors[1], _END, 0)
    header = struct.pack("<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", *numbers)
    header += struct.pack("<109I", place, *[_FREE] * 108)
    directory = b"".join(entry.written(start) for entry, start in zip(entries, starts, strict=True))
    small_listed = struct.pack(f"<{len(small_table)}I", *small_table)
    body = b"".join(_padded(part, _SECTOR) for part in (directory, small_listed, small))
    return header + body + struct.pack("<128I", *table)


def _chain(start: int, count: int) -> list[int]:
    return [*range(start + 1, start + count), _END] if count else []


def _padded(content: bytes, to: int) -> bytes:
    return content.ljust(-(-len(content) // to) * to, b"\0")


def _enter(name: str, tree: Mapping[str, Any], entries: list[_Entry], kind: int) -> int:
    """Puts a storage and what is in it into the directory; those in one storage are a chain to the right."""
    entries.append(_Entry(name, kind))
    own, before = len(entries) - 1, _FREE
    for below, content in tree.items():
        number = len(entries)
        if isinstance(content, bytes):
            entries.append(_Entry(below, _STREAM, content))
        else:
            _enter(below, content, entries, _STORAGE)
        if before == _FREE:
            entries[own].child = number
        else:
            entries[before].right = number
        before = number
    return own


def _storage(values: Mapping[int, Any], head: int) -> dict[str, Any]:
    """The streams of properties; texts, bytes, numbers and times are told by their type."""
    tree: dict[str, Any] = {}
    listed = b"\0" * head
    for tag, value in values.items():
        if isinstance(value, int):
            listed += struct.pack("<HHIQ", _NUMBER, tag, 6, value)
        elif isinstance(value, datetime):
            since = int((value - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10**7
            listed += struct.pack("<HHIQ", _TIME, tag, 6, since)
        else:
            kind = _TEXT if isinstance(value, str) else _BINARY
            content = value.encode("utf-16-le") if isinstance(value, str) else value
            tree[f"__substg1.0_{tag:04X}{kind:04X}"] = content
            listed += struct.pack("<HHIQ", kind, tag, 6, len(content))
    return {"__properties_version1.0": listed, **tree}


def outlook_tree(
    values: Mapping[int, Any],
    recipients: Sequence[Mapping[int, Any]] = (),
    files: Sequence[Mapping[Any, Any]] = (),
    *,
    head: int = 32,
) -> dict[str, Any]:
    """The storage of a mail; a file is its properties or, with texts as keys, the storage of a mail with `head=24`."""
    tree = _storage(values, head)
    for number, recipient in enumerate(recipients):
        tree[f"__recip_version1.0_#{number:08X}"] = _storage(recipient, 8)
    for number, file in enumerate(files):
        is_mail = "__properties_version1.0" in file
        stored = _storage({} if is_mail else file, 8)
        tree[f"__attach_version1.0_#{number:08X}"] = stored | ({"__substg1.0_3701000D": file} if is_mail else {})
    return tree
