"""Paths of folders as callers write them, and the folders of a tree that they lead through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.folders import ALIASES, DEEPEST, FolderTree, folded, squeezed
from outlook_mcp.mail.models import Folder

# https://learn.microsoft.com/graph/api/resources/mailfolder does not say it; Exchange refuses more.
LONGEST_NAME = 255
_STEP = re.compile(r"(?:\\.|[^/\\]|\\$)+")
_ESCAPED = re.compile(r"\\([/\\])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def path_steps(path: str) -> list[str]:
    r"""The names in a path; `\/` is a slash within a name. Raises InvalidInput for a name that cannot be one.

    >>> path_steps("Clients/AC\\/DC/2026")
    ['Clients', 'AC/DC', '2026']
    """
    steps = [folder_name(_ESCAPED.sub(r"\1", step)) for step in _STEP.findall(path) if step.strip()]
    if not steps:
        raise InvalidInput("The folder has no name.", next_step="Give a path such as Projects/Aurora.")
    if len(steps) > DEEPEST:
        raise InvalidInput(f"The path has {len(steps)} steps; {DEEPEST} is the most.")
    return steps


def folder_name(name: str) -> str:
    """The name without space around it. Raises InvalidInput for one that is empty or longer than 255 characters.

    >>> folder_name(" Aurora ")
    'Aurora'
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or _CONTROL.search(name):
        raise InvalidInput(f"A folder's name has 1 to {LONGEST_NAME} characters, and no line break among them.")
    return name


@dataclass(frozen=True, slots=True)
class KnownPath:
    """How far a path exists: the last folder of it that does (None: not even the first), and the names after it."""

    folder: Folder | None
    missing: Sequence[str]


def walk_path(tree: FolderTree, steps: Sequence[str]) -> KnownPath:
    """Follows the names from the top of the mailbox, in which case makes no difference.

    Several steps may be one name with slashes, as `folder_tree` shows it.
    """
    folder: Folder | None = None
    rest = list(steps)
    while rest:
        for length in range(len(rest), 0, -1):
            found = _child(tree, folder, "/".join(rest[:length]))
            if found is not None:
                folder, rest = found, rest[length:]
                break
        else:
            break
    return KnownPath(folder, rest)


def children(tree: FolderTree, parent: Folder | None) -> list[Folder]:
    """The folders right below `parent`; None is the top of the mailbox."""
    if parent is not None:
        return [folder for folder in tree.folders if folder.parent_folder_id == parent.id]
    known = {folder.id for folder in tree.folders}
    return [folder for folder in tree.folders if folder.parent_folder_id not in known]


def ancestors(tree: FolderTree, folder: Folder) -> list[Folder]:
    """The folder and those above it, up to the top."""
    by_id = {known.id: known for known in tree.folders}
    chain: list[Folder] = []
    current: Folder | None = by_id.get(folder.id, folder)
    while current is not None and current not in chain:
        chain.append(current)
        current = by_id.get(current.parent_folder_id) if current.parent_folder_id else None
    return chain


def same_name(left: str, right: str) -> bool:
    """Whether Exchange takes them for the same name."""
    return folded(left) == folded(right)


def _child(tree: FolderTree, parent: Folder | None, name: str) -> Folder | None:
    below = children(tree, parent)
    named = next((folder for folder in below if same_name(folder.name, name)), None)
    if named is not None or parent is not None:
        return named
    alias = ALIASES.get(squeezed(name))
    return next((folder for folder in below if alias and folder.well_known == alias), None)
