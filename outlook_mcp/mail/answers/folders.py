"""The folder tree."""

from __future__ import annotations

from outlook_mcp.answers.frame import MOST_BYTES, framed
from outlook_mcp.mail.folders import DEEPEST, MOST_FOLDERS, FolderTree
from outlook_mcp.mail.models import Folder
from outlook_mcp.text.characters import one_line

_LONGEST_NAME = 80
_NOT_WHOLE = (
    f"The mailbox has more folders than are read ({MOST_FOLDERS}, {DEEPEST} levels deep): some are missing here."
)


def folders_answer(tree: FolderTree) -> str:
    """One line per folder, indented by depth: name, unread/total, and the well-known name where it differs."""
    folders = tree.folders
    if not folders:
        return "There are no folders here." if tree.is_whole else f"No folder was found here. {_NOT_WHOLE}"
    top = min(folder.depth for folder in folders)
    lines: list[str] = []
    notes = []
    size = 0
    for number, folder in enumerate(folders):
        line = _line(folder, folder.depth - top)
        size += len(line.encode()) + 1
        if size > MOST_BYTES:
            left = len(folders) - number
            more = "1 more folder is" if left == 1 else f"{left} more folders are"
            notes.append(f"{more} not shown; name a folder to see what is under it.")
            break
        lines.append(line)
    if not tree.is_whole:
        notes.append(_NOT_WHOLE)
    return "\n".join(["Folders with unread/total:", framed("\n".join(lines)), *notes])


def _line(folder: Folder, depth: int) -> str:
    name = one_line(folder.name, _LONGEST_NAME)
    counts = f" {folder.unread_item_count or 0}/{folder.total_item_count or 0}"
    known = folder.well_known if folder.well_known != name.casefold().replace(" ", "") else ""
    hidden = " hidden" if folder.is_hidden else ""
    return "  " * min(depth, 12) + name + counts + (f" ({known})" if known else "") + hidden
