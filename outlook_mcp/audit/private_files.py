"""Opens files that only this user may change: no symbolic links, no other owner, no other writers.

Somebody who may write into the folder could otherwise have records and keys written to, or read from, a file of theirs.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

from outlook_mcp.audit.chain import O_BINARY

WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# Windows has neither; there the folder of the user is private.
_NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
# A named pipe holds up who opens it until somebody else does.
NO_WAITING: int = getattr(os, "O_NONBLOCK", 0)


def open_private(path: Path, flags: int, *, forbidden: int = WRITABLE_BY_OTHERS) -> int:
    """A file descriptor; a file that is made is for its owner alone (0600).

    Raises OSError, whose `strerror` says what is wrong, for a symbolic link, for what is no regular file, for a file
    of another user, and for one with a `forbidden` bit in its mode. A second name (hard link) of the file is none of
    that: owner and mode are those of the file, so nobody can do more with it by another name, and copies of a folder
    for backups consist of them.
    """
    try:
        fd = os.open(path, flags | _NO_FOLLOW | NO_WAITING, 0o600)
    except OSError as error:
        if error.errno == errno.ELOOP and path.is_symlink():
            raise _refused("it is a symbolic link") from None
        if error.errno == errno.ENXIO:
            raise OSError(errno.EINVAL, "it is no regular file") from None
        raise
    try:
        _check_file(path, os.fstat(fd), forbidden)
    except BaseException:
        os.close(fd)
        raise
    return fd


def may_others_replace_files_in(folder: Path) -> bool:
    """True for a folder that every user of the machine may write to, unless it lets owners alone take files away.

    Groups are not looked at: a container has its folder by one.
    """
    try:
        mode = folder.stat().st_mode
    except OSError:
        return False
    return sys.platform != "win32" and bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX


def may_others_write(file: Path) -> bool:
    """True for a file that every user of the machine may write to, or put another one in the place of.

    A link is looked at for where it leads: files are given to containers as links.
    """
    try:
        mode = file.stat().st_mode
    except OSError:
        return False
    is_open = sys.platform != "win32" and stat.S_ISREG(mode) and bool(mode & stat.S_IWOTH)
    return is_open or (stat.S_ISREG(mode) and may_others_replace_files_in(file.parent))


def open_regular(path: Path) -> BinaryIO:
    """Opens a file to read it, whoever owns it. Raises OSError, also for what is no regular file."""
    fd = os.open(path, os.O_RDONLY | O_BINARY | NO_WAITING)
    try:
        _check_kind(os.fstat(fd))
    except BaseException:
        os.close(fd)
        raise
    return open(fd, "rb")


def _check_file(path: Path, status: os.stat_result, forbidden: int) -> None:
    if sys.platform == "win32":
        return
    _check_kind(status)
    user = os.geteuid()
    # An administrator may run commands as root on the folder of the server's user.
    owners = {user, 0} if user else {0, path.parent.stat().st_uid}
    if status.st_uid not in owners:
        raise _refused(f"it belongs to another user (id {status.st_uid})")
    if status.st_mode & forbidden:
        raise _refused(f"it is open to other users (mode {stat.S_IMODE(status.st_mode):04o}); expected 0600")


def _check_kind(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")


def _refused(reason: str) -> OSError:
    return PermissionError(errno.EPERM, reason)
