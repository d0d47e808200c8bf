"""Names of Redis keys: prefix, format version, and the user as hash tag, so a Cluster keeps a user on one node."""

from __future__ import annotations

from urllib.parse import quote, unquote

from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.records import RecordKey

FORMAT = 1


class RedisKeys:
    """Every part is percent-encoded, so no part can contain a separator, a pattern or a hash tag."""

    def __init__(self, prefix: str) -> None:
        self._start = f"{prefix}:{FORMAT}"

    def row_key(self, key: RecordKey) -> str:
        return f"{self._of(key.user)}:record:{member(key)}"

    def index_key(self, user: UserKey) -> str:
        return f"{self._of(user)}:records"

    def meta_key(self, name: str) -> str:
        return f"{self._start}:meta:{_quoted(name)}"

    def counter_key(self, name: str) -> str:
        return f"{self._start}:count:{_quoted(name)}"

    def log_key(self, name: str) -> str:
        return f"{self._start}:log:{_quoted(name)}"

    @property
    def every_index(self) -> str:
        """A pattern for SCAN."""
        return f"{self._start}:{{*}}:records"

    @property
    def every_meta(self) -> str:
        """A pattern for SCAN."""
        return f"{self._start}:meta:*"

    @property
    def every_log(self) -> str:
        """A pattern for SCAN."""
        return f"{self._start}:log:*"

    def log_of(self, key: str) -> str:
        """Which log it is."""
        return unquote(key.removeprefix(f"{self._start}:log:"))

    def user_of(self, index: str) -> UserKey:
        """Whose index it is."""
        tid, _, oid = index.removeprefix(f"{self._start}:{{").removesuffix("}:records").partition(":")
        return UserKey(unquote(tid), unquote(oid))

    def name_of(self, meta: str) -> str:
        """Which meta row it is."""
        return unquote(meta.removeprefix(f"{self._start}:meta:"))

    def _of(self, user: UserKey) -> str:
        return f"{self._start}:{{{_quoted(user.tid)}:{_quoted(user.oid)}}}"


def member(key: RecordKey) -> str:
    """The name of a row in the index of its user.

    >>> member(RecordKey(UserKey("tenant", "alice"), "token", "work:1"))
    'token:work%3A1'
    """
    return f"{_quoted(key.kind)}:{_quoted(key.id)}"


def record_key(user: UserKey, member: str) -> RecordKey:
    """The reverse of `member`.

    >>> record_key(UserKey("tenant", "alice"), "token:work%3A1").id
    'work:1'
    """
    kind, _, record_id = member.partition(":")
    return RecordKey(user, unquote(kind), unquote(record_id))


def _quoted(text: str) -> str:
    return quote(text, safe="")
