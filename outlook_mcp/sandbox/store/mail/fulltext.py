"""Text as the full-text index wants it: scripts without spaces are indexed letter by letter."""

from __future__ import annotations

import re

_UNSPACED = re.compile(r"([\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
_LINE_ENDS = re.compile(r"\s*\n\s*")
_PREVIEW_LENGTH = 255


def indexable(text: str) -> str:
    return _UNSPACED.sub(r" \1 ", text)


def preview(text: str) -> str:
    """The first 255 characters, lines apart by CR LF, empty lines left out."""
    return _LINE_ENDS.sub("\r\n", text[: 4 * _PREVIEW_LENGTH].strip())[:_PREVIEW_LENGTH]
