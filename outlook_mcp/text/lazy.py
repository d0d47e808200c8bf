"""What texts that a caller writes and reading mail need: lists of tools and of mail are made without it."""

from outlook_mcp.net.lean_imports import lazy_imports

with lazy_imports():
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline.emphasis import tokenize as tokenize_emphasis
    from selectolax.lexbor import LexborHTMLParser

    from outlook_mcp.text.isolated.processes import shared_processes
