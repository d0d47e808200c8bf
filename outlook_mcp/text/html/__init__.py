"""HTML of a message as text a model may read. Nothing remote is ever fetched."""

from outlook_mcp.text.html.conversion import convert, html_to_text
from outlook_mcp.text.html.result import ConvertedText

__all__ = ["ConvertedText", "convert", "html_to_text"]
