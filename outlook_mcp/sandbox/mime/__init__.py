"""Internet messages: bytes to a `Message` and back, and HTML as plain text."""

from __future__ import annotations

from outlook_mcp.sandbox.mime.plaintext import html_to_text
from outlook_mcp.sandbox.mime.reader import parse
from outlook_mcp.sandbox.mime.writer import build

__all__ = ["build", "html_to_text", "parse"]
