"""Where quoted history begins in the HTML of a draft, which is kept as it stands and therefore not parsed."""

from __future__ import annotations

import re

# Outlook itself writes this empty element between the text of a reply and the history.
HISTORY_MARK = '<div id="appendonsend"></div>'
_HISTORY = re.compile(
    r"""<div\b[^>]*\bid=["']?(?:x_)*appendonsend\b|(?:<hr\b[^>]*>\s*)?<div\b[^>]*\bid=["']?(?:x_)*divRplyFwdMsg\b""",
    re.IGNORECASE,
)


def history_start(html: str) -> int | None:
    """The index in `html` where the history starts, with the rule above it; None if there is no history.

    >>> history_start('<p>Yes.</p><div id="appendonsend"></div><p>Shall we?</p>')
    11
    >>> history_start("<p>Yes.</p>") is None
    True
    """
    found = _HISTORY.search(html)
    return found.start() if found else None
