"""Cursors: where a list stopped, bound to one mailbox and one query.

A cursor contains no URL, only the paging options of the next link. The query is compiled again for the time of the
first page (`now`) and gets these options. A MAC over the cursor, the query and the mailbox stands before it: a model
that copies one letter wrong would otherwise get another page without a word.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec
from pydantic import SecretBytes

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.search.mail_query import MailQuery

_PAGING = frozenset({"$skip", "$skiptoken", "$top"})
_MAC_BYTES = 8
_KEY_BYTES = 4
_LONGEST = 4096


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """`now` is the time of the first page in Unix seconds, `seen` how many messages were looked at before.

    A list in order of time goes on with what arrived at `until` (Unix seconds, 0: from the start) or earlier, without
    the messages `shown` already. So nothing is missed when messages have left the list, as when they were marked read.

    `everywhere` tells that nothing was in the folder that was asked for, so that the list is of the whole mailbox;
    `without_index` that the search index did not answer.
    """

    now: int
    seen: int
    skip_in_page: int
    paging: dict[str, str] = {}
    until: int = 0
    shown: list[bytes] = []
    everywhere: bool = False
    without_index: bool = False


@dataclass(frozen=True, slots=True)
class CursorFormat:
    """Writes and reads the cursors of one mailbox. `key` is the same on every server that shares the vault."""

    key: SecretBytes
    user: UserKey
    connection: ConnectionId | None

    def encode(self, cursor: Cursor, query: MailQuery) -> str:
        """Made only of letters, digits, `-` and `_`."""
        payload = msgspec.msgpack.encode(cursor)
        return base64.urlsafe_b64encode(self._mac(payload, query) + payload).rstrip(b"=").decode("ascii")

    def decode(self, text: str, query: MailQuery) -> Cursor:
        """Raises InvalidInput for a cursor that was altered in any way, and for one of another mailbox or query."""
        try:
            if len(text) > _LONGEST:
                raise ValueError("too long")
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _refusal() from None
        mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        # Base64 has several spellings of some bytes; only the one that was given is taken.
        is_ours = hmac.compare_digest(mac, self._mac(payload, query))
        if not is_ours or base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") != text:
            raise _refusal()
        try:
            return msgspec.msgpack.decode(payload, type=Cursor)
        except msgspec.DecodeError:
            # Written by another version of this server.
            raise _refusal() from None

    def _mac(self, payload: bytes, query: MailQuery) -> bytes:
        bound = msgspec.json.encode([self.user, self.connection, query])
        message = len(bound).to_bytes(4, "big") + bound + payload
        return hmac.digest(self.key.get_secret_value(), message, "sha256")[:_MAC_BYTES]


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


def _refusal() -> InvalidInput:
    return InvalidInput(
        "The cursor is not one of this search: it was copied wrong, or the other arguments differ.",
        next_step="Copy it exactly and repeat the arguments of the first call, or search again without `cursor`.",
    )
