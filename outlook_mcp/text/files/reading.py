"""Has a file read by the reader of its kind, in a limited process, or tells why there is no text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from outlook_mcp.text.files.kinds import FileKind
from outlook_mcp.text.files.result import FileText, decoded
from outlook_mcp.text.isolated.processes import WorkerProcesses, shared_processes

# The extras of this package, by which pip installs the libraries that readers need.
INSTALL = "pip install 'outlook-mailbox-mcp[{extra}]'"


@dataclass(frozen=True, slots=True)
class _Reader:
    """The module of a job, and the libraries of the extra `files` that it imports."""

    module: str
    libraries: tuple[str, ...] = ()

    @property
    def job(self) -> str:
        return f"outlook_mcp.text.files.{self.module}"


_READERS = {
    FileKind.PDF: _Reader("pdf", ("pypdfium2",)),
    FileKind.WORD: _Reader("docx"),
}


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a file has no text here, as half a sentence, and what to do about it, if there is something."""

    reason: str
    next_step: str = ""


def has_reader(kind: FileKind) -> bool:
    """Whether files of this kind can be read where all libraries are installed."""
    return kind in _READERS


async def read_file(
    raw: bytes, kind: FileKind, first: int = 1, *, processes: WorkerProcesses | None = None
) -> FileText | Unread:
    """The text of a file, from page, slide or sheet `first` on. Raises ServerBusy as `WorkerProcesses.run` does."""
    reader = _READERS.get(kind)
    if reader is None:
        return Unread("it is not text")
    if not _installed(reader.libraries):
        return missing_extra("files", f"a {kind} is read")
    answer = await (processes or shared_processes()).run(reader.job, str(first), source=raw)
    found = decoded(answer)
    if found is None:
        return Unread("reading it takes more time or memory than one file may")
    return Unread(found) if isinstance(found, str) else found


def missing_extra(extra: str, needed_when: str) -> Unread:
    """For what needs libraries that are not installed here."""
    command = INSTALL.format(extra=extra)
    return Unread(f"{needed_when} only where the extra `{extra}` is installed", f"Install it with: {command}")


@cache
def _installed(libraries: tuple[str, ...]) -> bool:
    return all(find_spec(library) is not None for library in libraries)
