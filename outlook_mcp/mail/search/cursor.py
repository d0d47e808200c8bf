"""Cursors: where a list stopped, bound to one mailbox and one query.

A cursor contains no URL, only the paging options of the next link. The query is compiled again for the time of the
first page (`now`) and gets these options, so that a forged cursor reaches nothing but the caller's own list.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.search.query import MailQuery

_PAGING = frozenset({"$skip", "$skiptoken", "$top"})
_DIGEST_BYTES = 6
_KEY_BYTES = 4
_LONGEST = 4096
# Seconds up to the year 2514.
_LARGEST = 2**34


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """`now` is the time of the first page in Unix seconds, `seen` how many messages were looked at before.

    A list in order of time goes on with what arrived at `until` (Unix seconds, 0: from the start) or earlier, without
    the messages `shown` already. So nothing is missed when messages have left the list, as when they were marked read.

    `everywhere` tells that nothing was in the folder that was asked for, so that the list is of the whole mailbox;
    `without_index` that the search index did not answer.
    """

    digest: bytes
    now: int
    seen: int
    skip_in_page: int
    paging: dict[str, str] = {}
    until: int = 0
    shown: list[bytes] = []
    everywhere: bool = False
    without_index: bool = False


def digest_of(user: UserKey, connection: ConnectionId | None, query: MailQuery) -> bytes:
    """Identifies the mailbox and the query that a cursor was made for."""
    bound = msgspec.json.encode([user, connection, query])
    return hashlib.sha256(bound).digest()[:_DIGEST_BYTES]


def encode_cursor(cursor: Cursor) -> str:
    """Made only of letters, digits, `-` and `_`."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(cursor)).rstrip(b"=").decode("ascii")


def decode_cursor(text: str, digest: bytes) -> Cursor:
    """Raises InvalidInput for a cursor of another mailbox or query, and for text that is not a cursor."""
    try:
        if len(text) > _LONGEST:
            raise ValueError("too long")
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = msgspec.msgpack.decode(raw, type=Cursor)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise _refusal("The cursor cannot be read.") from None
    if cursor.digest != digest:
        raise _refusal("The cursor belongs to another search.")
    numbers = (cursor.now, cursor.seen, cursor.skip_in_page, cursor.until)
    if not set(cursor.paging) <= _PAGING or min(numbers) < 0 or max(numbers) > _LARGEST:
        raise _refusal("The cursor cannot be read.")
    return cursor


def key_of(message_id: MessageId) -> bytes:
    """A short hash that tells messages of the same second apart."""
    return hashlib.sha256(message_id.encode()).digest()[:_KEY_BYTES]


def paging_of(next_link: str) -> dict[str, str]:
    """The paging options of a next link.

    >>> paging_of("https://graph.microsoft.com/v1.0/me/messages?$filter=isRead+eq+false&$top=25&$skip=50")
    {'$top': '25', '$skip': '50'}
    """
    return {name: value for name, value in parse_qsl(urlsplit(next_link).query) if name.lower() in _PAGING}


def page_url(first_page: str, paging: Mapping[str, str]) -> str:
    """The URL of a later page of the list that starts at `first_page`."""
    url = urlsplit(first_page)
    options = {**dict(parse_qsl(url.query)), **paging}
    return url._replace(query=urlencode(options, quote_via=quote)).geturl()


def _refusal(message: str) -> InvalidInput:
    return InvalidInput(message, next_step="Repeat the arguments of the first call, or search again without `cursor`.")
