"""What of other packages the texts that a caller writes need; the list of tools is made without it."""

from outlook_mcp.net.lean_imports import lazy_imports

with lazy_imports():
    from markdown_it import MarkdownIt
    from selectolax.lexbor import LexborHTMLParser
