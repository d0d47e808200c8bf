"""Short message ids for models: the counter inside an Exchange immutable id, in decimal.

Decoded, an immutable id of a message is 27 bytes that are the same everywhere, the mailbox GUID (16 bytes), a
counter (6 bytes) and two zero bytes. The layout is observed, not documented, so an id is shortened only when the
full id can be restored exactly; any other id is its own handle.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.id_starts import MARK, full_form, short_form, starts_by_tag
from outlook_mcp.graph.ids import FolderId, Handle, MessageId

# Exchange writes base64 with `/` as `-` and `+` as `_`, the reverse of the URL-safe alphabet.
_EXCHANGE_ALPHABET = b"_-"
_TO_BASE64 = bytes.maketrans(b"+/" + _EXCHANGE_ALPHABET, b"  +/")
_GUID_START, _COUNTER_START, _LENGTH = 27, 43, 51
_START_BYTES, _LETTERS = 42, 68
_TAIL = b"\0\0"
_FOLDER_MARK, _FOLDER_GUID_START, _FOLDER_GUID_END = b"\1\0", -24, -8
_HANDLE = re.compile(r"0|[1-9][0-9]{0,14}")
_LARGEST_COUNTER = 2**48 - 1


def decoded_id(item_id: str) -> bytes:
    """The bytes of an id, none for what Exchange would not write. base64.b64decode takes twice as long as this."""
    try:
        return binascii.a2b_base64(item_id.encode("ascii").translate(_TO_BASE64), strict_mode=True)
    except ValueError:
        return b""


def encoded_id(raw: bytes) -> str:
    """The id that Exchange writes for these bytes."""
    return base64.b64encode(raw, altchars=_EXCHANGE_ALPHABET).decode("ascii")


_PREFIX = decoded_id("AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A")


def mailbox_guid_of(immutable_id: MessageId) -> bytes | None:
    """The 16 bytes of the mailbox GUID inside an immutable message id; None for any other id."""
    raw = decoded_id(immutable_id)
    is_known = len(raw) == _LENGTH and raw.startswith(_PREFIX) and raw.endswith(_TAIL)
    if not is_known or encoded_id(raw) != immutable_id:
        return None
    return raw[_GUID_START:_COUNTER_START]


def mailbox_guid_of_folder(folder_id: FolderId) -> bytes | None:
    """The mailbox GUID inside a folder id, for mailboxes without a message; None for an id of another layout."""
    raw = decoded_id(folder_id)
    is_known = raw[_FOLDER_GUID_START - 2 : _FOLDER_GUID_START] == _FOLDER_MARK and raw.endswith(_TAIL)
    return raw[_FOLDER_GUID_START:_FOLDER_GUID_END] if is_known else None


@dataclass(frozen=True, slots=True)
class Handles:
    """Converts between message ids and handles of one mailbox.

    Ids of another layout have short forms where they begin as `starts` tell (see `id_starts`); any other one is its own
    handle.

    >>> handles = Handles(bytes(16))
    >>> handles.full(Handle("4711"))
    'AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AAAAAAAAAAAAAAAAAAAAAAAAAAAASZwAA'
    >>> handles.short(handles.full(Handle("4711")))
    '4711'
    >>> handles.short(MessageId(Handle("AAMkAGI2")))
    'AAMkAGI2'
    """

    mailbox_guid: bytes | None
    starts: tuple[str, ...] = ()
    _by_tag: Mapping[str, str] = field(init=False, repr=False, compare=False)
    _start: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # 42 bytes are 56 letters exactly: all ids of the mailbox begin with them.
        start = encoded_id((_PREFIX + self.mailbox_guid)[:_START_BYTES]) if self.mailbox_guid else ""
        object.__setattr__(self, "_start", start)
        object.__setattr__(self, "_by_tag", starts_by_tag(self.starts))

    def short(self, message_id: MessageId) -> Handle:
        """A decimal number, for an id of another layout a shorter form, or the id itself."""
        if not self._start or len(message_id) != _LETTERS or not message_id.startswith(self._start):
            return Handle(short_form(message_id, self._by_tag)) if self._by_tag else message_id
        rest = decoded_id(message_id[len(self._start) :])
        if rest[:1] != (self.mailbox_guid or b"")[-1:] or not rest.endswith(_TAIL):
            return message_id
        return Handle(str(int.from_bytes(rest[1 : -len(_TAIL)], "big")))

    def full(self, handle: Handle) -> MessageId:
        """The message id that a handle stands for in this mailbox; a full id is returned unchanged.

        Raises InvalidInput for a handle when the mailbox GUID, or the start that it names, is not known.
        """
        written = handle.strip()
        if MARK in written:
            found = full_form(written, self._by_tag)
            if found is None:
                raise _unknown(written)
            return MessageId(Handle(found))
        if not _HANDLE.fullmatch(written) or int(written) > _LARGEST_COUNTER:
            return MessageId(Handle(written))
        if self.mailbox_guid is None:
            raise _unknown(written)
        return MessageId(Handle(encoded_id(_PREFIX + self.mailbox_guid + int(written).to_bytes(6, "big") + _TAIL)))

    def full_ids(self, handles: Iterable[Handle]) -> list[MessageId]:
        """The message ids of several handles."""
        return [self.full(handle) for handle in handles]


def _unknown(handle: str) -> InvalidInput:
    return InvalidInput(
        f"There is no message {handle[:80]} in this mailbox.", next_step="Search for it and use an id from the answer."
    )
