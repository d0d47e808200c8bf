"""Logging to standard error, one plain line for each record, with secrets removed."""

from __future__ import annotations

import logging

from outlook_mcp.net.redaction import RedactingFilter

# Their debug records contain whole requests and bodies.
_ALWAYS_QUIET = (
    *("httpx", "httpx2", "httpcore", "httpcore2", "aiohttp", "hpack", "asyncio", "markdown_it", "mcp", "selectolax"),
    *("sse_starlette", "azure", "msal", "urllib3"),
)


def log_to_stderr(level: str) -> None:
    """Replaces all handlers of the root logger; `level` is a name of the logging module, in upper or lower case."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(RedactingFilter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _ALWAYS_QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
