"""The redirect URI with the parameters of an authorization response (RFC 6749, 4.1.2)."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

# All but the characters of an `error_description` (RFC 6749, 4.1.2.1).
_FORBIDDEN = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]+")


def redirect_answer(redirect_uri: str, **parameters: str | None) -> str:
    """`redirect_uri` with the parameters that are not None added to its query.

    >>> redirect_answer("https://app.example/back?tab=1", code="x", state=None)
    'https://app.example/back?tab=1&code=x'
    """
    parts = urlsplit(redirect_uri)
    query = parse_qsl(parts.query, keep_blank_values=True)
    query += [(name, value) for name, value in parameters.items() if value is not None]
    return urlunsplit(parts._replace(query=urlencode(query)))


def describable(text: str) -> str:
    """`text` without the characters that an `error_description` may not contain."""
    return _FORBIDDEN.sub(" ", text).strip()
