"""The signature of a mailbox below the text of its drafts, as its user set it for this server."""

from __future__ import annotations

import re
from html import unescape
from typing import Protocol

from outlook_mcp.identity.email_config import Signature
from outlook_mcp.text.written_body import body_to_html

_TAG = re.compile(r"<[^<>]*>")
_SPACE = re.compile(r"\s+")


class SignatureSource(Protocol):
    """See `outlook_mcp.mail.kept_settings.KeptSettings`."""

    async def signature(self) -> Signature | None:
        """What is put below the text of drafts; None when nothing was set."""


class NoSignature:
    """For messages that programs read, such as those that unsubscribe."""

    async def signature(self) -> Signature | None:
        """None."""
        return None


async def signed_text(html: str, source: SignatureSource, *, replaces: str | None = None) -> str:
    """The text of a draft with the signature below it, unless it ends in it already.

    `replaces` is the body of the draft that it takes the place of: one without the signature, from which its user
    deleted it, gets none again.
    """
    signature = await source.signature()
    if signature is None or not signature.content.strip():
        return html
    written = await body_to_html(signature.content if signature.is_html else _as_lines(signature.content))
    words = _words(written)
    if words in _words(html) or (replaces is not None and words not in _words(replaces)):
        return html
    return f"{html}\n<div><br /></div>\n{written}"


def _as_lines(text: str) -> str:
    """Text as Markdown that keeps its lines."""
    return "\n".join(line.rstrip() or "" for line in text.strip().splitlines())


def _words(html: str) -> str:
    """The text of HTML as far as it serves to find a signature in it."""
    return _SPACE.sub(" ", unescape(_TAG.sub(" ", html))).strip()
