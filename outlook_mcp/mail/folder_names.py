"""Folders as answers and errors call them. Whoever made a folder has chosen its name, so it is marked as data."""

from __future__ import annotations

from collections.abc import Iterable

from outlook_mcp.answers.frame import framed_words
from outlook_mcp.mail.models import Folder
from outlook_mcp.text.characters import one_line

_LONGEST_PATH = 120


def folder_label(folder: Folder) -> str:
    """The path; marked as data unless it is a name that Exchange gives a folder of its own.

    >>> from outlook_mcp.graph.ids import FolderId
    >>> folder_label(Folder(id=FolderId("1"), display_name="Inbox", path="Inbox", well_known="inbox"))
    'Inbox'
    """
    return _path(folder) if _is_named_by_exchange(folder) else framed_words(_path(folder))


def folder_labels(folders: Iterable[Folder]) -> str:
    """Several of them: first those that Exchange named, then the others, all between two marks."""
    known: list[str] = []
    others: list[str] = []
    for folder in folders:
        (known if _is_named_by_exchange(folder) else others).append(_path(folder))
    return ", ".join([*known, *([framed_words(", ".join(others))] if others else [])])


def _is_named_by_exchange(folder: Folder) -> bool:
    """Whether it is called so in English; folders of Exchange can be renamed, and are called otherwise elsewhere."""
    return bool(folder.well_known) and _path(folder).lower().replace(" ", "") == folder.well_known


def _path(folder: Folder) -> str:
    return one_line(folder.path or folder.name, _LONGEST_PATH)
