"""Links to resources in the answers of tools, for clients that fetch what a model cannot read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, urlencode

from mcp.types import ResourceLink

from outlook_mcp.server.services import Call

# Of the resources that give the bytes of a file.
MOST_BYTES = 10 * 2**20
UNKNOWN_TYPE = "application/octet-stream"
MAIL_TYPE = "message/rfc822"
_FIRST_VERSION = "2025-06-18"
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}")


def media_type_of(named: str | None) -> str:
    """The type that a sender named, which stands in an answer as if it were ours; the general one for what is none.

    >>> media_type_of("Text/HTML; charset=x"), media_type_of("see <b>here</b>")
    ('text/html', 'application/octet-stream')
    """
    kind = (named or "").partition(";")[0].strip().lower()
    return kind if _MEDIA_TYPE.fullmatch(kind) else UNKNOWN_TYPE


def attachment_link(message: str, n: str, media_type: str, size: int | None, account: str | None) -> ResourceLink:
    """To the bytes of an attachment. Its name is ours, since that of the file is a sender's word."""
    path = f"outlook://me/messages/{quote(message, safe='')}/attachments/{quote(n, safe='/')}"
    name = f"attachment {n} of message {message}"
    return ResourceLink(name=name, uri=path + _of(account), mime_type=media_type, size=size)


def source_link(message: str, account: str | None) -> ResourceLink:
    """To the source of a message."""
    path = f"outlook://me/messages/{quote(message, safe='')}/source"
    return ResourceLink(name=f"message {message}", uri=path + _of(account), mime_type=MAIL_TYPE)


def links_for(call: Call, links: Iterable[ResourceLink]) -> list[ResourceLink]:
    """The links, where the client's version of the protocol has them."""
    return list(links) if (call.protocol_version or "") >= _FIRST_VERSION else []


def _of(account: str | None) -> str:
    return f"?{urlencode({'account': account})}" if account else ""
