"""The folder tree."""

from __future__ import annotations

from collections.abc import Sequence

from outlook_mcp.mail.answers.frame import MOST_BYTES
from outlook_mcp.mail.characters import one_line
from outlook_mcp.mail.models import Folder

_LONGEST_NAME = 80


def folders_answer(folders: Sequence[Folder]) -> str:
    """One line a folder, indented by depth: name, unread/total, and the well-known name where it differs."""
    if not folders:
        return "There are no folders here."
    top = min(folder.depth for folder in folders)
    lines = ["Folders with unread/total:"]
    size = 0
    for number, folder in enumerate(folders):
        line = _line(folder, folder.depth - top)
        size += len(line.encode()) + 1
        if size > MOST_BYTES:
            left = len(folders) - number
            lines.append(f"{left} more folders are not shown; name a folder to see what is under it.")
            break
        lines.append(line)
    return "\n".join(lines)


def _line(folder: Folder, depth: int) -> str:
    name = one_line(folder.name, _LONGEST_NAME)
    counts = f" {folder.unread_item_count or 0}/{folder.total_item_count or 0}"
    known = folder.well_known if folder.well_known != name.casefold().replace(" ", "") else ""
    hidden = " hidden" if folder.is_hidden else ""
    return "  " * min(depth, 12) + name + counts + (f" ({known})" if known else "") + hidden
