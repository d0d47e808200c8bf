"""Where quoted history begins: in text, in the HTML of a message and in the HTML of a draft."""

from outlook_mcp.text.quotes.differences import differing_lines
from outlook_mcp.text.quotes.draft import HISTORY_MARK, history_start
from outlook_mcp.text.quotes.history import drop_history, drop_repeated
from outlook_mcp.text.quotes.pointers import points_below

__all__ = ["HISTORY_MARK", "differing_lines", "drop_history", "drop_repeated", "history_start", "points_below"]
