"""Paths that lead through mail folders."""

from __future__ import annotations

from collections.abc import Mapping

# The argument that holds the folder a path of messages leads through.
IN_FOLDER = "in folder"


def leave_folders(segments: tuple[str, ...]) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """The path without the folders it leads through.

    Nested folders are one: the ids are unique in the mailbox.

    >>> leave_folders(("mailFolders", "a", "childFolders", "b", "move"))
    (('mailFolders', 'b', 'move'), {})
    >>> leave_folders(("mailFolders", "a", "messages", "m"))
    (('messages', 'm'), {'in folder': 'a'})
    """
    names = [segment.lower() for segment in segments]
    if names[:1] != ["mailfolders"]:
        return segments, {}
    while len(names) > 3 and names[2] == "childfolders" and names[3] not in ("$count", "delta"):
        segments, names = ("mailFolders", *segments[3:]), ["mailfolders", *names[3:]]
    if len(names) > 2 and names[2] == "messages":
        return segments[2:], {IN_FOLDER: segments[1]}
    return segments, {}
