"""The tree of a multipart message as a flat list of leaves, found without recursion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Fields

from outlook_mcp.sandbox.mime.charsets import clean, decode
from outlook_mcp.sandbox.mime.headers import Header, decode_words, lenient_base64, split_header

_DEPTH_LIMIT = 40
_LEAF_LIMIT = 2_000


@dataclass(slots=True)
class Leaf:
    """A part that holds content. `choice` is (multipart/alternative, its child) for one of several renderings."""

    content_type: str
    charset: str
    disposition: str
    file_name: str
    content_id: str | None
    content: bytes
    choice: tuple[int, int] | None = None
    link: str | None = None

    @property
    def text(self) -> str:
        return "\n".join(re.split(r"\r\n|\r|\n", decode(self.content, self.charset)))


@dataclass(slots=True)
class _Node:
    header: Header
    body: bytes
    default_type: str = "text/plain"
    depth: int = 0
    choice: tuple[int, int] | None = None


def leaves(header: Header, body: bytes) -> list[Leaf]:
    """In the order of the message; at most 2,000, from at most 40 levels."""
    waiting = [_Node(header, body)]
    found: list[Leaf] = []
    visited = 0
    while waiting and len(found) < _LEAF_LIMIT and visited < 2 * _LEAF_LIMIT:
        node = waiting.pop()
        visited += 1
        children = list(_children(node, visited))
        if children:
            waiting.extend(reversed(children))
        else:
            found.append(_leaf(node))
    return found


def _children(node: _Node, number: int) -> Iterator[_Node]:
    content_type = _content_type(node)
    if not content_type.startswith("multipart/") or node.depth == _DEPTH_LIMIT:
        return
    alternative = content_type == "multipart/alternative" and node.choice is None
    default = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
    for index, raw in enumerate(_between_boundaries(node.body, _boundary(node.header))):
        header, body = split_header(raw)
        choice = (number, index) if alternative else node.choice
        yield _Node(header, body, default, node.depth + 1, choice)


def _between_boundaries(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """The parts; the line break before a boundary belongs to it, a missing last boundary is forgiven."""
    if not boundary:
        return
    line = re.compile(rb"(?:\A|\r?\n|\r(?!\n))--" + re.escape(boundary) + rb"(--)?[ \t]*(?:(?=[\r\n])|\Z)")
    start: int | None = None
    for count, match in enumerate(line.finditer(body)):
        if start is not None:
            yield _below_line(body, start, match.start())
        if match[1] or count == _LEAF_LIMIT:
            return
        start = match.end()
    if start is not None:
        yield _below_line(body, start, len(body))


def _below_line(body: bytes, start: int, end: int) -> bytes:
    for line_break in (b"\r\n", b"\n", b"\r"):
        if body.startswith(line_break, start):
            return body[start + len(line_break) : max(end, start + len(line_break))]
    return body[start:end]


def _content_type(node: _Node) -> str:
    declared = node.header.first("content-type").split(";")[0].strip().lower()
    return declared if re.fullmatch(r"[^\s/;]+/[^\s/;]+", declared) else node.default_type


def _boundary(header: Header) -> bytes:
    return (_parameter(header, "boundary") or "").rstrip().encode("utf-8")


def _leaf(node: _Node) -> Leaf:
    content_type = _content_type(node)
    if content_type.startswith("multipart/"):
        content_type = "text/plain"
    disposition = node.header.first("content-disposition").split(";")[0].strip().lower()
    content_id = node.header.first("content-id").strip(" \t<>")
    return Leaf(
        content_type=content_type,
        charset=_parameter(node.header, "charset") or "",
        disposition=disposition,
        file_name=_file_name(node.header),
        content_id=content_id or None,
        content=_content(node),
        choice=node.choice,
        link=_link(node.header) if content_type == "message/external-body" else None,
    )


def _content(node: _Node) -> bytes:
    encoding = (node.header.first("content-transfer-encoding").split() or ["7bit"])[0]
    if encoding.lower() == "base64":
        return lenient_base64(node.body)
    fields = Fields()
    fields["content-transfer-encoding"] = encoding
    fields.set_payload(node.body.decode("ascii", "surrogateescape"))
    content = fields.get_payload(decode=True)
    return content if isinstance(content, bytes) else node.body


def _file_name(header: Header) -> str:
    name = _parameter(header, "filename", "content-disposition") or _parameter(header, "name") or ""
    return " ".join(decode_words(name).split()).replace("/", "_").replace("\\", "_")


def _link(header: Header) -> str | None:
    if (_parameter(header, "access-type") or "").lower() != "url":
        return None
    return "".join((_parameter(header, "url") or "").split()) or None


def _parameter(header: Header, name: str, field: str = "content-type") -> str | None:
    """RFC 2231 and quoted parameters; None for what the standard library cannot make sense of."""
    from_header = header.structured()
    try:
        value = from_header.get_param(name, header=field)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None
    if isinstance(value, tuple):
        charset, _, text = value
        return decode(text.encode("latin-1", "replace"), charset or "utf-8")
    return clean(value) if isinstance(value, str) else None
