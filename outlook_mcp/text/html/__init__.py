"""HTML of a message as text that a model may read. Nothing remote is ever fetched."""

from outlook_mcp.text.html.conversion import convert, convert_body, convert_plain
from outlook_mcp.text.html.result import ConvertedText

__all__ = ["ConvertedText", "convert", "convert_body", "convert_plain"]
