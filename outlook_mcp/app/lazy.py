"""What this package loads when it is first needed: it needs the HTTP client of the Graph SDK."""

from outlook_mcp.net.lean_imports import lazy_imports

with lazy_imports():
    from outlook_mcp.app.rehearsal import rehearse_search
