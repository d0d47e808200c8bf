"""Pictures that the text of a draft shows: which files they are, and the content ids that join text and file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from html import escape, unescape

# As `text.written_html.attached_image` writes them; the quoted history of a reply is never looked at.
_IMAGE = re.compile(r'(?P<before><img src="cid:)(?P<name>[^"]+)(?P<after>" alt="[^"]*" />)')


def pictures_in(html: str | None) -> list[str]:
    """What the text calls them, each once.

    >>> pictures_in('<p><img src="cid:a.png" alt="A" /> <img src="cid:4711/2" alt="" /></p>')
    ['a.png', '4711/2']
    """
    return list(dict.fromkeys(unescape(found["name"]) for found in _IMAGE.finditer(html or "")))


def with_content_ids(html: str, ids: Mapping[str, str]) -> str:
    """The text with the content id of each picture in the place of what it was called.

    >>> with_content_ids('<img src="cid:a.png" alt="A" />', {"a.png": "1@x"})
    '<img src="cid:1@x" alt="A" />'
    """
    return _IMAGE.sub(
        lambda found: f"{found['before']}{escape(ids.get(unescape(found['name']), found['name']))}{found['after']}",
        html,
    )


def content_id_of(name: str) -> str:
    """Depends on the name of the file alone, so that a later text of the same draft can show it again.

    >>> content_id_of("logo.png")
    'ab211233b6576dbb@outlook-mcp'
    """
    return f"{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:16]}@outlook-mcp"
