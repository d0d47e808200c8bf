"""Identifiers of conversations and attachments, shaped like those of Exchange Online."""

from __future__ import annotations

from uuid import UUID

from outlook_mcp.sandbox.store.core.errors import IdMalformed
from outlook_mcp.sandbox.store.core.ids import decode, encode, entry_head

_ATTACHMENT_MARK = b"\x01\x12\x00\x10\x00"


def conversation_id(guid: bytes, conversation: UUID) -> str:
    return encode(entry_head(4, guid, 16) + conversation.bytes)


def conversation_guid(conversation: str) -> UUID:
    return UUID(bytes=decode(conversation)[-16:])


def attachment_id(message: str, key: bytes) -> str:
    """`message` is the id of the message, `key` the 16 bytes that name the attachment."""
    return encode(decode(message) + _ATTACHMENT_MARK + key)


def attachment_key(attachment: str) -> bytes:
    """The 16 bytes that name an attachment. Raises IdMalformed."""
    data = decode(attachment)
    if len(data) < 16 + len(_ATTACHMENT_MARK) or data[-21:-16] != _ATTACHMENT_MARK:
        raise IdMalformed(attachment)
    return data[-16:]
