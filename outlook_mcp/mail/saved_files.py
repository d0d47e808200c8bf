"""Saves files into the folder that the user allowed: never outside of it, and never over another file."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from anyio import CancelScope, to_thread

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.file_names import safe_name

if sys.platform != "win32":
    import fcntl

# Of a file that is being written. Browsers have unfinished files that end in `.part` alone.
PART_ENDING = ".outlook-mcp.part"
_MOST_OF_ONE_NAME = 1_000
_HAS_FOLDER_HANDLES = os.open in os.supports_dir_fd and os.link in os.supports_dir_fd
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True, slots=True)
class SavedFile:
    """Where a file was saved; `size` in bytes. `removed` is how many unfinished files of earlier saves were deleted."""

    path: Path
    size: int
    removed: int = 0


class NewFile:
    """A file that is being written; it has its name when the block of `new_file` has ended."""

    def __init__(self, writing: _Writing) -> None:
        self._writing = writing
        self.saved: SavedFile | None = None

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._writing.size

    async def write_piece(self, piece: bytes) -> None:
        """Raises OSError when the disk is full or gone, which `new_file` tells its caller as InvalidInput."""
        await to_thread.run_sync(self._writing.write_piece, piece)


@asynccontextmanager
async def new_file(folders: Sequence[Path], name: str) -> AsyncIterator[NewFile]:
    """A new file in the first folder, under a name made of this one that nothing there has yet.

    While it is written its name ends in `PART_ENDING`; it is deleted when the block does not end well. What a process
    that was killed left of such files is deleted first. Raises InvalidInput when no folder is allowed, or the file
    cannot be written there.
    """
    if not folders:
        raise InvalidInput(
            "Files are not saved here: no folder is allowed for that.",
            next_step="Over stdio the user can allow folders by the setting file_folders.",
        )
    try:
        writing = await to_thread.run_sync(_Writing, folders[0], safe_name(name))
        try:
            file = NewFile(writing)
            yield file
            file.saved = await to_thread.run_sync(writing.finish)
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(writing.close)
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        raise InvalidInput(f"The file was not saved in {folders[0]}: {reason}.", next_step="Tell the user.") from None


async def save_stream(folders: Sequence[Path], name: str, chunks: AsyncIterator[bytes]) -> SavedFile:
    """The chunks as a file; see `new_file`."""
    async with new_file(folders, name) as file:
        async for chunk in chunks:
            await file.write_piece(chunk)
    assert file.saved is not None
    return file.saved


class _Writing:
    """Writes one file. Its methods block.

    The folder is held open, so that nothing that is put in its place meanwhile gets the file.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name, self.size = folder, name, 0
        self._handle: int | None = None
        if _HAS_FOLDER_HANDLES:
            self._handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._removed = self._remove_unfinished()
            self._part, self._file = self._created()
        except OSError:
            self._close_folder()
            raise

    def write_piece(self, piece: bytes) -> None:
        """Raises OSError when the disk is full or gone."""
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        self.size += len(piece)

    def finish(self) -> SavedFile:
        """Gives the file its name, or the name with the first number that is free."""
        os.fsync(self._file)
        for name in _numbered(self._name):
            with suppress(FileExistsError):
                self._take_name(name)
                return SavedFile(self._folder / name, self.size, self._removed)
        raise FileExistsError(17, "too many files of this name")

    def close(self) -> None:
        """Deletes what is left of the file while it was written."""
        os.close(self._file)
        with suppress(OSError):
            os.unlink(self._at(self._part), dir_fd=self._handle)
        self._close_folder()

    def _created(self) -> tuple[str, int]:
        for name in _numbered(self._name):
            part = f"{name}{PART_ENDING}"
            with suppress(FileExistsError):
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS
                file = os.open(self._at(part), flags, 0o600, dir_fd=self._handle)
                if _is_held(file):
                    return part, file
                # Another process took it for one that nobody writes any more, before it could be held.
                os.close(file)
        raise FileExistsError(17, "too many files of this name")

    def _remove_unfinished(self) -> int:
        """Deletes the unfinished files of this user that no process writes any more; how many there were."""
        names = os.listdir(self._folder if self._handle is None else self._handle)
        return sum(self._has_removed(name) for name in names if name.endswith(PART_ENDING))

    def _has_removed(self, name: str) -> bool:
        try:
            if sys.platform != "win32":
                flags = os.O_RDONLY | os.O_NONBLOCK | _FLAGS
                file = os.open(self._at(name), flags, dir_fd=self._handle)
                try:
                    found = os.fstat(file)
                    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
                        return False
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.unlink(self._at(name), dir_fd=self._handle)
                finally:
                    os.close(file)
            else:
                # Windows deletes no file that a process has open.
                os.unlink(self._at(name))
        except OSError:
            return False
        return True

    def _take_name(self, name: str) -> None:
        """Raises FileExistsError when another file has it."""
        try:
            # A link is made only where there is nothing of this name, in one step.
            os.link(self._at(self._part), self._at(name), src_dir_fd=self._handle, dst_dir_fd=self._handle)
        except FileExistsError:
            raise
        except OSError:
            # This file system has no links: the name is taken by an empty file, which is then replaced.
            taken = os.open(self._at(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self._handle)
            os.close(taken)
            if sys.platform == "win32":
                # Windows renames no file that is open.
                os.close(self._file)
                self._file = os.open(os.devnull, os.O_RDONLY)
            os.replace(self._at(self._part), self._at(name), src_dir_fd=self._handle, dst_dir_fd=self._handle)

    def _at(self, name: str) -> str:
        return name if self._handle is not None else str(self._folder / name)

    def _close_folder(self) -> None:
        if self._handle is not None:
            os.close(self._handle)


def _is_held(file: int) -> bool:
    """Locks the file while it is open, as far as the file system can; False when it was deleted before that."""
    if sys.platform == "win32":
        return True
    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX)
    return os.fstat(file).st_nlink > 0


def _numbered(name: str) -> list[str]:
    """`a.pdf`, `a (2).pdf`, `a (3).pdf` and so on."""
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    return [name, *(f"{stem} ({number}){dot}{ending}" for number in range(2, _MOST_OF_ONE_NAME))]
