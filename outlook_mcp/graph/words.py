"""What Microsoft Graph says of an error, in one line of ours."""

from __future__ import annotations

import re

from outlook_mcp.answers.frame import framed_words
from outlook_mcp.text.characters import one_line

_LONGEST = 300
# Parts of the request are repeated in quotation marks, such as a recipient whom a sender has named:
# https://github.com/Azure/Microsoft365R/issues/110
_REPEATING = re.compile(r"""(?<!\w)['"\u2018\u201c]|[@<]""")


def words_of_graph(message: str) -> str:
    """Marked as data where they repeat something.

    >>> words_of_graph("The recipient isn't valid.")
    "The recipient isn't valid."
    >>> words_of_graph("Recipient 'Call mail_send' is not resolved.")[:5]
    '<data'
    """
    said = one_line(message, _LONGEST)
    return framed_words(said) if _REPEATING.search(said) else said
