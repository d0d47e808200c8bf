"""Saves files into the folder that the user allowed: never outside of it, and never over another file."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from anyio import CancelScope, to_thread

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.file_names import safe_name

_MOST_OF_ONE_NAME = 1_000
_HAS_FOLDER_HANDLES = os.open in os.supports_dir_fd and os.link in os.supports_dir_fd


@dataclass(frozen=True, slots=True)
class SavedFile:
    """Where a file was saved; `size` in bytes."""

    path: Path
    size: int


async def save_stream(folders: Sequence[Path], name: str, chunks: AsyncIterator[bytes]) -> SavedFile:
    """The chunks as a new file in the first folder, under a name made of this one that nothing there has yet.

    While it is written its name ends in `.part`; when it cannot be finished, that file is deleted. Raises InvalidInput
    when no folder is allowed, or the file cannot be written there.
    """
    if not folders:
        raise InvalidInput(
            "Attachments are not saved here: no folder is allowed for that.",
            next_step="Over stdio the user can allow folders by the setting file_folders.",
        )
    try:
        file = await to_thread.run_sync(_NewFile, folders[0], safe_name(name))
    except OSError as error:
        raise _not_saved(folders[0], error) from None
    try:
        async for chunk in chunks:
            await to_thread.run_sync(file.write_chunk, chunk)
        return await to_thread.run_sync(file.finish)
    except OSError as error:
        raise _not_saved(folders[0], error) from None
    finally:
        with CancelScope(shield=True):
            await to_thread.run_sync(file.close)


def _not_saved(folder: Path, error: OSError) -> InvalidInput:
    reason = error.strerror or "it cannot be written"
    return InvalidInput(f"The attachment was not saved in {folder}: {reason}.", next_step="Tell the user.")


class _NewFile:
    """A file that is being written. Its methods block.

    The folder is held open, so that nothing that is put in its place meanwhile gets the file.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name, self._size = folder, name, 0
        self._handle: int | None = None
        if _HAS_FOLDER_HANDLES:
            self._handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._part, self._file = self._created()
        except OSError:
            self._close_folder()
            raise

    def write_chunk(self, chunk: bytes) -> None:
        """Raises OSError when the disk is full or gone."""
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        self._size += len(chunk)

    def finish(self) -> SavedFile:
        """Gives the file its name, or the name with the first number that is free."""
        os.fsync(self._file)
        for name in _numbered(self._name):
            with suppress(FileExistsError):
                self._take_name(name)
                return SavedFile(self._folder / name, self._size)
        raise FileExistsError(17, "too many files of this name")

    def close(self) -> None:
        """Deletes what is left of the file while it was written."""
        os.close(self._file)
        with suppress(OSError):
            os.unlink(self._at(self._part), dir_fd=self._handle)
        self._close_folder()

    def _created(self) -> tuple[str, int]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        for name in _numbered(self._name):
            with suppress(FileExistsError):
                part = f"{name}.part"
                return part, os.open(self._at(part), flags | getattr(os, "O_CLOEXEC", 0), 0o600, dir_fd=self._handle)
        raise FileExistsError(17, "too many files of this name")

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


def _numbered(name: str) -> list[str]:
    """`a.pdf`, `a (2).pdf`, `a (3).pdf` and so on."""
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    return [name, *(f"{stem} ({number}){dot}{ending}" for number in range(2, _MOST_OF_ONE_NAME))]
