"""The kinds of ids, which the type checker keeps apart, and the check of those that go into the path of a request."""

from __future__ import annotations

import re
from typing import NewType, TypeVar

from outlook_mcp.errors import NotFound

# What a model writes and reads in place of a message id; `handles.Handles` converts between the two.
Handle = NewType("Handle", str)

# Every message id can also be used as a handle, but not the other way round.
MessageId = NewType("MessageId", Handle)
FolderId = NewType("FolderId", str)
AttachmentId = NewType("AttachmentId", str)
ConversationId = NewType("ConversationId", str)

AnyId = TypeVar("AnyId", MessageId, FolderId, AttachmentId)

_GRAPH_ID = re.compile(r"[A-Za-z0-9_=+/-]{1,512}")
_WITH_START = "[a-z2-7]{4}~[A-Za-z0-9_=+/-]{16}"
# One pattern, since it is asked of every message that an answer shows: an id, a date of a series, an id with its start.
_SHORT_OR_FULL_ID = re.compile(rf"{_GRAPH_ID.pattern}|(?:[0-9]{{1,15}}|{_WITH_START})@[0-9]{{6}}|{_WITH_START}")


def is_graph_id(value: str) -> bool:
    """Whether this can be an id of Graph, and so may go into a URL.

    >>> is_graph_id("AAMkAGI2="), is_graph_id("../me")
    (True, False)
    """
    return _GRAPH_ID.fullmatch(value) is not None


def is_short_or_full_id(value: str) -> bool:
    """Whether models see it as an id: a date of a series has `@` and its day behind the number of the series, and an id
    of another layout `~` before its last letters (see `id_starts`).

    >>> is_short_or_full_id("4711@261130"), is_short_or_full_id("AAMkAGI2="), is_short_or_full_id("me@x.example")
    (True, True, False)
    >>> is_short_or_full_id("rfr4~AAAAAASoXUT3AAA=")
    True
    """
    return _SHORT_OR_FULL_ID.fullmatch(value) is not None


def checked_id(value: AnyId) -> AnyId:
    """`value` unchanged. Raises NotFound when it cannot be an id of Graph, and so must not go into a URL.

    >>> checked_id(FolderId("AAMkAGI2="))
    'AAMkAGI2='
    >>> checked_id(FolderId("../me"))
    Traceback (most recent call last):
    outlook_mcp.errors.NotFound: There is no item with the id '../me'.
    """
    if not is_graph_id(value):
        raise NotFound(f"There is no item with the id {value[:40]!r}.")
    return value
