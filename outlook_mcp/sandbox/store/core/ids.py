"""Identifiers shaped like those of Exchange Online.

An ordinary id holds a MAPI entry id with the folder inside, so it changes on a move; an immutable id holds the
mailbox GUID and a counter only. The alphabet is base64 with '-' for '/' and '_' for '+'.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from outlook_mcp.sandbox.store.core.errors import IdMalformed

_EXCHANGE = str.maketrans("/+", "-_")
_STANDARD = str.maketrans("-_", "/+")
_IMMUTABLE_HEAD = base64.b64decode("AAkALgAAAAAAHYQDEapmEc2byACqAC/EWg0A")
_STORE = bytes.fromhex("5d17c7f3a34c4d5e9f1b6a2e8c0d4b71")
_ITEM_TYPE, _FOLDER_TYPE = b"\x07\x00", b"\x01\x00"
_ITEM_ENTRY, _FOLDER_ENTRY = 70, 46
_HEAD = 43


@dataclass(frozen=True, slots=True)
class ItemId:
    """A parsed id: `counter` is the entry of an item, the immutable counter or the folder's counter."""

    kind: Literal["item", "immutable", "folder"]
    guid: bytes
    counter: int
    folder: int = 0


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii").translate(_EXCHANGE)


def decode(text: str) -> bytes:
    """The bytes of an id. Raises IdMalformed."""
    if not re.fullmatch(r"[A-Za-z0-9_\-]+={0,2}", text):
        raise IdMalformed(text)
    try:
        return base64.b64decode(text.translate(_STANDARD), validate=True)
    except (binascii.Error, ValueError) as error:
        raise IdMalformed(text) from error


def _node(guid: bytes, counter: int) -> bytes:
    return guid + counter.to_bytes(6, "big") + b"\0\0"


def entry_head(version: int, guid: bytes, length: int) -> bytes:
    """What stands before `length` bytes of an entry: a version and the mailbox GUID as text."""
    return bytes((0, version, 36, 0)) + str(UUID(bytes=guid)).encode("ascii") + bytes((0, length, 0))


def item_id(guid: bytes, folder: int, entry: int) -> str:
    body = b"\0\0\0\0" + _STORE + _ITEM_TYPE + _node(guid, folder) + _node(guid, entry)
    return encode(entry_head(3, guid, _ITEM_ENTRY) + body)


def folder_id(guid: bytes, counter: int) -> str:
    body = b"\0\0\0\0" + _STORE + _FOLDER_TYPE + _node(guid, counter)
    return encode(entry_head(3, guid, _FOLDER_ENTRY) + body)


def immutable_id(guid: bytes, counter: int) -> str:
    return encode(_IMMUTABLE_HEAD + _node(guid, counter))


def change_key(guid: bytes, change: int) -> str:
    data = b"\x09\0\0\0\x16\0\0\0" + guid + change.to_bytes(6, "big")
    return base64.b64encode(data).decode("ascii")


def entry_id(item: str) -> str:
    """The MAPI entry id inside an ordinary or immutable id: base64url whose padding is replaced by its length."""
    data = decode(item)
    encoded = base64.urlsafe_b64encode(data[_head_length(data) :]).decode("ascii")
    unpadded = encoded.rstrip("=")
    return f"{unpadded}{len(encoded) - len(unpadded)}"


def from_entry_id(guid: bytes, entry: str) -> str:
    """The ordinary or immutable id of an item of that mailbox. Raises IdMalformed."""
    if not re.fullmatch(r"[A-Za-z0-9_\-]+[012]", entry):
        raise IdMalformed(entry)
    try:
        data = base64.urlsafe_b64decode(entry[:-1] + "=" * int(entry[-1]))
    except (binascii.Error, ValueError) as error:
        raise IdMalformed(entry) from error
    immutable = _IMMUTABLE_HEAD[_head_length(_IMMUTABLE_HEAD) :]
    if data.startswith(immutable):
        return encode(_IMMUTABLE_HEAD + data[len(immutable) :])
    return encode(entry_head(3, guid, _ITEM_ENTRY) + data)


def _head_length(data: bytes) -> int:
    """What stands before the entry id; an immutable id starts with 00 09 00 2e 00."""
    return 5 if data.startswith(_IMMUTABLE_HEAD) else _HEAD


def parse(text: str) -> ItemId:
    """The parts of an id. Raises IdMalformed unless encoding them gives exactly `text` again."""
    data = decode(text)
    item = _parse_immutable(data) if data.startswith(_IMMUTABLE_HEAD) else _parse_entry(data)
    if item is None or render(item) != text:
        raise IdMalformed(text)
    return item


def render(item: ItemId) -> str:
    if item.kind == "immutable":
        return immutable_id(item.guid, item.counter)
    if item.kind == "folder":
        return folder_id(item.guid, item.counter)
    return item_id(item.guid, item.folder, item.counter)


def _parse_immutable(data: bytes) -> ItemId | None:
    if len(data) != 51:
        return None
    return ItemId("immutable", data[27:43], int.from_bytes(data[43:49], "big"))


def _parse_entry(data: bytes) -> ItemId | None:
    entry = data[_HEAD:]
    if len(entry) == _FOLDER_ENTRY:
        return ItemId("folder", entry[22:38], int.from_bytes(entry[38:44], "big"))
    if len(entry) == _ITEM_ENTRY:
        folder, counter = int.from_bytes(entry[38:44], "big"), int.from_bytes(entry[62:68], "big")
        return ItemId("item", entry[22:38], counter, folder)
    return None
