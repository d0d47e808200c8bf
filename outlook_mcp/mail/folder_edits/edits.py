"""The actions on folders, as callers name them."""

from __future__ import annotations

from dataclasses import dataclass

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.choices import FolderAction
from outlook_mcp.mail.folder_edits.editor import EditedFolder, FolderEditor
from outlook_mcp.mail.folder_edits.emptying import EmptiedFolder, FolderEmptying, FullFolder

_WANTED = {"rename": "the new name", "move": "the folder to move into, or / for the top of the mailbox"}


@dataclass(frozen=True, slots=True)
class FolderEdits:
    """For one mailbox."""

    editor: FolderEditor
    emptying: FolderEmptying

    async def edit_folder(
        self, action: FolderAction, folder: str, *, to: str | None = None, confirm: str | None = None
    ) -> EditedFolder | FullFolder | EmptiedFolder:
        """Raises InvalidInput when `to` is missing or not wanted, and what the actions raise."""
        if action in _WANTED:
            if not to or not to.strip():
                raise InvalidInput(f"{action} needs `to`: {_WANTED[action]}.")
            change = self.editor.rename_folder if action == "rename" else self.editor.move_folder
            return await change(folder, to)
        if to is not None:
            told = " Its place is told by the path in `folder`." if action == "create" else ""
            raise InvalidInput(f"{action} takes no `to`.{told}")
        if action == "empty":
            return await self.emptying.empty_folder(folder, confirm)
        return await (self.editor.create_folder(folder) if action == "create" else self.editor.delete_folder(folder))
