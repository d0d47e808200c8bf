"""The address that brings an answer back to the client."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

# What an error description may hold (RFC 6749, 4.1.2.1).
_FORBIDDEN = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]+")


def redirect_answer(redirect_uri: str, **parameters: str | None) -> str:
    """`redirect_uri` with the parameters that are not None behind its own."""
    parts = urlsplit(redirect_uri)
    query = parse_qsl(parts.query, keep_blank_values=True)
    query += [(name, value) for name, value in parameters.items() if value is not None]
    return urlunsplit(parts._replace(query=urlencode(query)))


def describable(text: str) -> str:
    """`text` in the letters that an error description may have."""
    return _FORBIDDEN.sub(" ", text).strip()
