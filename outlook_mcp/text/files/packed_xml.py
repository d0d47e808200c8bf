"""XML inside ZIP files, as Office and OpenDocument write it, read without what hostile XML is made of.

Neither format has document types or entities of its own, so a file with any is refused: entities that grow without end
and those that name other files cannot occur.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from outlook_mcp.text.files.gathering import UnreadableFile

_CHUNK = 65_536
_MOST_OF_TREE = 16_000_000
_MOST_DEPTH = 1_000
BROKEN = (BadZipFile, expat.ExpatError, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


class PackedXml:
    """The XML files of one ZIP file. What is missing is empty; what is broken raises one of BROKEN."""

    def __init__(self, source: bytes) -> None:
        self._archive = ZipFile(BytesIO(source))
        self.names = self._archive.namelist()
        # Parts of Office files are found in whatever case they are named.
        self._members = {info.filename.lower(): info for info in self._archive.infolist()}

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a member, nothing when there is none. Only what is asked for is unpacked."""
        if (info := self._members.get(name.lower())) is not None:
            with self._archive.open(info) as member:
                while chunk := member.read(_CHUNK):
                    yield chunk

    def parse(self, name: str, handler: Any) -> None:
        """Calls `handler.start(tag, attributes)`, `end(tag)` and `data(text)`; names come without their prefix."""
        for _ in self.parsing(name, handler):
            pass

    def parsing(self, name: str, handler: Any) -> Iterator[None]:
        """As `parse`, one step after each piece of a large member, so that what is known by then can be taken."""
        parser = safe_parser(handler)
        is_empty = True
        for chunk in self.chunks(name):
            parser.Parse(chunk, False)
            is_empty = False
            yield
        if not is_empty:
            parser.Parse(b"", True)
            yield

    def tree(self, name: str) -> Element:
        """A small member as a whole; an empty element when there is none. Raises UnreadableFile above 16 MB."""
        builder = TreeBuilder()
        builder.start("root", {})
        parser = safe_parser(builder)
        size = 0
        for chunk in self.chunks(name):
            size += len(chunk)
            if size > _MOST_OF_TREE:
                raise UnreadableFile("a part of it unpacks to more than 16 MB")
            parser.Parse(chunk, False)
        if size:
            parser.Parse(b"", True)
        builder.end("root")
        return builder.close()

    def embedded_objects(self) -> list[str]:
        """The content of the charts and tables that stand in an OpenDocument file as documents of their own."""
        return [name for name in self.names if name.startswith("Object ") and name.endswith("/content.xml")]

    def numbered(self, prefix: str) -> list[str]:
        """The members whose name is `prefix`, a number or none, and `.xml`, by their number."""
        found = [
            (int(number), name)
            for name in self.names
            if name.startswith(prefix)
            and name.endswith(".xml")
            and (number := name[len(prefix) : -len(".xml")] or "0").isdecimal()
        ]
        return [name for _, name in sorted(found)]


def safe_parser(handler: Any) -> Any:
    """A parser of XML that calls `start`, `end` and `data` of the handler with names without prefix.

    Raises ValueError for a document type or an entity, and for elements that are nested too deeply.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    known: dict[str, str] = {}
    depth = 0

    def local(name: str) -> str:
        short = known.get(name)
        if short is None:
            short = known[name] = name.rpartition(":")[2]
        return short

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MOST_DEPTH:
            raise ValueError("nested too deeply")
        handler.start(local(name), {local(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        handler.end(local(name))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handler.data
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    raise ValueError("document types are not read")
