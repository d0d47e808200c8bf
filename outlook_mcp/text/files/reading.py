"""Has a file read by the reader of its kind, in a limited process, or tells why there is no text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from outlook_mcp.text.files.kinds import FileKind, kind_of
from outlook_mcp.text.files.result import (
    LOCKED,
    FileText,
    Listing,
    Picture,
    decoded,
    decoded_head,
    decoded_listing,
    decoded_picture,
)
from outlook_mcp.text.isolated.processes import WorkerProcesses, shared_processes

# The extras of this package, by which pip installs the libraries that readers need.
_INSTALL = "pip install 'outlook-mailbox-mcp[{extra}]'"


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
    FileKind.SLIDES: _Reader("slides"),
    FileKind.SHEET: _Reader("sheets", ("python_calamine", "olefile")),
    FileKind.OPEN_TEXT: _Reader("open_text"),
    FileKind.LOCKED_OFFICE: _Reader("unlocking", ("olefile",)),
    FileKind.RICH_TEXT: _Reader("rich_text", ("striprtf",)),
    FileKind.CALENDAR: _Reader("calendar", ("icalendar",)),
    # Read by the job of its own in `mail`.
    FileKind.OUTLOOK: _Reader("", ("oxmsg",)),
}
_WITH_PARTS = (FileKind.PDF, FileKind.SLIDES, FileKind.SHEET, FileKind.LOCKED_OFFICE)
_LOCKABLE = (FileKind.WORD, FileKind.SLIDES, FileKind.SHEET)
_PICTURE_HEAD, _SCALE_PICTURE = "outlook_mcp.text.files.picture_head", "outlook_mcp.text.files.picture_scaling"
# What a model is given as it came; above it, services that look at pictures refuse the whole conversation.
_MOST_PICTURE_BYTES, _LONGEST_SIDE = 1_000_000, 4_000
_ARCHIVES = "outlook_mcp.text.files.archive"


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a file has no text here, as half a sentence, and what to do about it, if there is something."""

    reason: str
    next_step: str = ""


_LOCKED = Unread(LOCKED, "Ask the user to open it: that needs the password.")


def has_reader(kind: FileKind) -> bool:
    """Whether `read_file` reads files of this kind."""
    return kind in _READERS and bool(_READERS[kind].module)


def has_parts(kind: FileKind) -> bool:
    """Whether such a file has pages, slides or sheets, which can be read from any of them on."""
    return kind in _WITH_PARTS


def missing_library(kind: FileKind) -> Unread | None:
    """What to install before files of this kind can be read; None when nothing is missing."""
    libraries = _READERS[kind].libraries if kind in _READERS else ()
    return None if is_installed(libraries) else _missing_extra("files", f"a {kind} is read")


async def read_file(
    raw: bytes, kind: FileKind, first: int = 1, *, processes: WorkerProcesses | None = None
) -> FileText | Unread:
    """The text of a file, from page, slide or sheet `first` on. Raises ServerBusy as `WorkerProcesses.run` does."""
    reader = _READERS.get(kind)
    if reader is None:
        return Unread("it is not text")
    if (missing := missing_library(kind)) is not None:
        return missing
    answer = await (processes or shared_processes()).run(reader.job, str(first), source=raw)
    if kind is FileKind.LOCKED_OFFICE:
        # Without a password that it asks for, it is a file of another kind.
        inside = kind_of(answer)
        return await read_file(answer, inside, first, processes=processes) if inside in _LOCKABLE else _LOCKED
    found = decoded(answer)
    if found is None:
        return Unread("reading it takes more time or memory than one file may")
    if found == LOCKED:
        return _LOCKED
    return Unread(found) if isinstance(found, str) else found


async def list_archive(raw: bytes, *, processes: WorkerProcesses | None = None) -> Listing | Unread:
    """The files in a ZIP archive."""
    found = decoded_listing(await (processes or shared_processes()).run(_ARCHIVES, source=raw))
    return found or Unread("it is no whole ZIP archive, or listing it takes more time or memory than one file may")


async def read_picture(raw: bytes) -> Picture | Unread:
    """A picture as it is, or made smaller where it is too large for a model or of another format."""
    runner = shared_processes()
    head = decoded_head(await runner.run(_PICTURE_HEAD, source=raw))
    if head and len(raw) <= _MOST_PICTURE_BYTES and max(head.width, head.height) <= _LONGEST_SIDE:
        return Picture(head.media_type, raw, is_scaled=False)
    if not is_installed(("PIL",)):
        return _missing_extra("pictures", "a picture that is large, or none of PNG, JPEG, GIF and WebP, is shown")
    found = decoded_picture(await runner.run(_SCALE_PICTURE, source=raw))
    if found is None or len(found.content) > _MOST_PICTURE_BYTES:
        return Unread("the picture is broken, or too large to be made smaller here")
    return found


def _missing_extra(extra: str, needed_when: str) -> Unread:
    """For what needs libraries that are not installed here."""
    command = _INSTALL.format(extra=extra)
    return Unread(f"{needed_when} only where the extra `{extra}` is installed", f"Install it with: {command}")


@cache
def is_installed(libraries: tuple[str, ...]) -> bool:
    """Whether all of these libraries can be imported; asked of the system once."""
    try:
        return all(find_spec(library) is not None for library in libraries)
    except ValueError:
        return False
