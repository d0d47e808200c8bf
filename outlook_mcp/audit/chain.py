"""Lines of the audit log, and the MAC that binds each to the one before."""

from __future__ import annotations

import dataclasses
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretBytes

Detail = str | int | bool
# Windows would turn line ends into two bytes.
O_BINARY: int = getattr(os, "O_BINARY", 0)
GENESIS = "0" * 64
MAX_DETAILS = 16
MAX_TEXT = 400
# 16 details of 400 characters, each at most 12 bytes when escaped, and 8 personal fields of at most 8 bytes a
# character, sealed and in base64, leave room to spare.
MAX_LINE_BYTES = 128 * 1024
# Made once: `json.dumps` with options makes an encoder for each call.
_JSON = json.JSONEncoder(separators=(",", ":"))
_MAC_PREFIX = b',"mac":"'
_MAC_SUFFIX = b'"}\n'
_MAC_START = -(len(_MAC_PREFIX) + 64 + len(_MAC_SUFFIX))


@dataclass(frozen=True, slots=True)
class Link:
    """The number of a record, counted from 1, and its MAC: what the next record refers to."""

    seq: int = 0
    mac: str = GENESIS


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One line. `time` is UTC in ISO 8601, `user` is `tid:oid` or empty, `sealed` the personal fields in base64.

    `request` is the id of the request that caused it, "" outside one and in records of earlier versions.
    """

    seq: int
    time: str
    tag: str
    user: str
    details: Mapping[str, Detail]
    prev: str
    mac: str
    sealed: str = ""
    request: str = ""

    @property
    def link(self) -> Link:
        return Link(self.seq, self.mac)


_FIELDS = frozenset(field.name for field in dataclasses.fields(AuditRecord))


def write_line(key: SecretBytes, fields: Mapping[str, object]) -> tuple[bytes, str]:
    """One line of JSON with the HMAC-SHA256 of all that stands before it, and that MAC."""
    body = _JSON.encode(fields).encode()
    mac = _mac(key, body)
    return body[:-1] + _MAC_PREFIX + mac.encode() + _MAC_SUFFIX, mac


def read_line(key: SecretBytes, line: bytes) -> dict[str, object] | None:
    """The fields, `mac` among them; None unless this key wrote exactly these bytes."""
    if not (line[_MAC_START:].startswith(_MAC_PREFIX) and line.endswith(_MAC_SUFFIX)):
        return None
    mac = line[_MAC_START + len(_MAC_PREFIX) : -len(_MAC_SUFFIX)]
    if not hmac.compare_digest(_mac(key, line[:_MAC_START] + b"}").encode(), mac):
        return None
    fields: dict[str, object] = json.loads(line)
    return fields


def read_record(key: SecretBytes, line: bytes) -> AuditRecord | None:
    """None unless this key wrote exactly this line, and it is a record: checkpoints have another `kind`.

    What a newer version writes besides is left out.
    """
    written = read_line(key, line)
    if written is None or "kind" in written:
        return None
    return AuditRecord(**{name: value for name, value in written.items() if name in _FIELDS})  # type: ignore[arg-type]


def checked_fields(fields: Mapping[str, object], *, most: int = MAX_DETAILS) -> dict[str, Detail]:
    """`fields`, with texts cut to `MAX_TEXT` characters.

    Raises ValueError for more than `most` fields and TypeError for a value that is no str, int or bool.

    >>> checked_fields({"tool": "mail_read", "messages": 2, "is_change": False})
    {'tool': 'mail_read', 'messages': 2, 'is_change': False}
    >>> len(str(checked_fields({"query": "x" * 1000})["query"]))
    401
    """
    if len(fields) > most:
        raise ValueError(f"an audit record has at most {most} of these fields, not {len(fields)}")
    return {name: _checked(name, value) for name, value in fields.items()}


def _checked(name: str, value: object) -> Detail:
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else value[:MAX_TEXT] + "…"
    if isinstance(value, int):
        return value
    raise TypeError(f"the audit field {name} is a {type(value).__name__}; expected str, int or bool")


def _mac(key: SecretBytes, body: bytes) -> str:
    return hmac.digest(key.get_secret_value(), body, "sha256").hex()
