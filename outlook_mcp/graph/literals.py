"""Values as string literals of OData, in which no operator has a meaning."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def literal(value: str) -> str:
    """A string literal of `$filter`.

    >>> literal("o'brien@contoso.com")
    "'o''brien@contoso.com'"
    """
    cleaned = _CONTROL.sub(" ", value).strip().replace("'", "''")
    return f"'{cleaned}'"
