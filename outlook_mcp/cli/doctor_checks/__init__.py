"""The checks of `outlook-mcp doctor`. None changes anything, and none prints."""
