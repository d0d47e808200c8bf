"""Ids of the right type from any text."""

from __future__ import annotations

from outlook_mcp.graph.ids import Handle, MessageId


def message_id(text: str) -> MessageId:
    return MessageId(Handle(text))
