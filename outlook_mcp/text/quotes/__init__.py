"""Where quoted history begins: in text, in the HTML of a message and in the HTML of a draft."""

from outlook_mcp.net.lean_imports import imported_on_use

# Whoever needs `subjects` alone comes through here.
with imported_on_use():
    from outlook_mcp.text.quotes.differences import differing_lines
    from outlook_mcp.text.quotes.draft import history_start
    from outlook_mcp.text.quotes.history import drop_history, drop_repeated
    from outlook_mcp.text.quotes.pointers import points_below

__all__ = ["differing_lines", "drop_history", "drop_repeated", "history_start", "points_below"]
