"""Files of this machine inside folders that the user allowed, each opened once and never through a link."""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import anyio.to_thread

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.drafts.attached_content import OpenContent, check_size

_HAS_DIR_FD = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
# Without O_NONBLOCK opening a pipe would wait for its writer.
_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_FILE_FLAGS = _FLAGS | getattr(os, "O_NOFOLLOW", 0)
_FOLDER_FLAGS = _FILE_FLAGS | getattr(os, "O_DIRECTORY", 0)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A regular file, open as `descriptor`: what is read is what was looked at, whatever its path names later."""

    name: str
    descriptor: int
    state: tuple[int, int, int, int]

    @property
    def size(self) -> int:
        """In bytes."""
        return self.state[2]

    @property
    def identity(self) -> str:
        """Tells this file, unchanged, from any other."""
        return ":".join(map(str, self.state))

    @asynccontextmanager
    async def content(self) -> AsyncIterator[OpenContent]:
        """Raises InvalidInput when the file is changed while it is read."""

        async def read(position: int, length: int) -> bytes:
            return await anyio.to_thread.run_sync(self._read_at, position, length)

        yield OpenContent(size=self.size, read=read)

    def close(self) -> None:
        os.close(self.descriptor)

    def _read_at(self, position: int, length: int) -> bytes:
        os.lseek(self.descriptor, position, os.SEEK_SET)
        pieces = bytearray()
        while len(pieces) < length and (piece := os.read(self.descriptor, length - len(pieces))):
            pieces += piece
        if len(pieces) < length or _state_of(os.fstat(self.descriptor)) != self.state:
            raise InvalidInput(f"{self.name} was changed while it was read.", next_step="Attach it again.")
        return bytes(pieces)


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """Opens files below `folders`, each absolute; without any it opens none."""

    folders: Sequence[Path] = ()

    def open_file(self, written: str) -> OpenedFile:
        """The file at a path, which is relative to one of the folders or lies in one. The caller closes it.

        Raises InvalidInput for anything but a regular file that is reached without links and without `..`, and has no
        second name (hard link).
        """
        if not self.folders:
            raise InvalidInput(
                "Files of this machine are not attached: no folder is allowed for that.",
                next_step=(
                    "Over stdio the user can allow folders by the setting file_folders. Otherwise attach from "
                    "messages, or as `name.txt: text`."
                ),
            )
        path = _path_of(written)
        if ".." in path.parts or "\x00" in written:
            raise self._refused()
        for folder, inside in self._places(path):
            if (opened := _open_below(folder, inside)) is not None:
                return opened
        raise self._refused()

    def _places(self, path: PurePath) -> list[tuple[Path, PurePath]]:
        """Where it may be: each allowed folder, and the path below it."""
        places: list[tuple[Path, PurePath]] = []
        for folder in self.folders:
            roots = (folder, folder.resolve())
            if not path.is_absolute():
                places.append((folder, path))
            places += [(folder, path.relative_to(root)) for root in dict.fromkeys(roots) if path.is_relative_to(root)]
        return [(folder, inside) for folder, inside in places if inside.parts]

    def _refused(self) -> InvalidInput:
        """One answer for all that is refused, which does not tell what there is outside the folders."""
        return InvalidInput(
            "There is no such file in the folders from which files are attached.",
            next_step=f"Only regular files below {', '.join(map(str, self.folders))}, and no links, are attached.",
        )


def _path_of(written: str) -> PurePath:
    if written[:7].lower() == "file://":
        written = url2pathname(unquote(urlsplit(written).path))
    try:
        return Path(written).expanduser()
    except RuntimeError:
        return Path(written)


def _open_below(folder: Path, inside: PurePath) -> OpenedFile | None:
    """None when there is no regular file there."""
    descriptors: list[int] = []
    try:
        descriptors.append(_descriptor_below(folder, inside, descriptors))
        found = os.fstat(descriptors[-1])
        # A second name may be that of a file that lies elsewhere.
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            return None
        check_size(inside.name, found.st_size)
        return OpenedFile(inside.name, descriptors.pop(), _state_of(found))
    except (OSError, ValueError):
        return None
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _descriptor_below(folder: Path, inside: PurePath, descriptors: list[int]) -> int:
    """Follows no link below the folder. Those in `descriptors` are closed by the caller."""
    if not _HAS_DIR_FD:
        return _descriptor_by_path(folder, inside)
    descriptors.append(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
    for part in inside.parts[:-1]:
        descriptors.append(os.open(part, _FOLDER_FLAGS, dir_fd=descriptors[-1]))
    # Looked at before it is opened, since opening a device can do something.
    if not stat.S_ISREG(os.stat(inside.parts[-1], dir_fd=descriptors[-1], follow_symlinks=False).st_mode):
        raise OSError("no regular file")
    return os.open(inside.parts[-1], _FILE_FLAGS, dir_fd=descriptors[-1])


def _descriptor_by_path(folder: Path, inside: PurePath) -> int:
    """For Windows, which opens nothing relative to a folder: what is open must be the file at the resolved path."""
    root = folder.resolve(strict=True)
    path = root / inside
    if path.resolve(strict=True) != path:
        raise OSError("a link leads there")
    descriptor = os.open(path, _FILE_FLAGS)
    if not os.path.samestat(os.fstat(descriptor), os.lstat(path)):
        os.close(descriptor)
        raise OSError("another file is there now")
    return descriptor


def _state_of(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
