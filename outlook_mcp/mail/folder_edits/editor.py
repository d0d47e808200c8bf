"""What callers do with whole folders. Nothing is ever erased: what is deleted goes to Deleted Items."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from outlook_mcp.errors import ChangeIncomplete, Conflict, InvalidInput, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import FolderId, checked_id
from outlook_mcp.mail.folder_edits.paths import (
    KnownPath,
    ancestors,
    children,
    folder_name,
    path_steps,
    same_name,
    walk_path,
)
from outlook_mcp.mail.folder_names import folder_label
from outlook_mcp.mail.folders import FolderTree, MailFolders
from outlook_mcp.mail.models import FOLDER, Folder
from outlook_mcp.mail.settling import settled

# Those that the tree of folders does not name: https://learn.microsoft.com/graph/api/resources/mailfolder
_OTHER_DISTINGUISHED = (
    *("clutter", "conflicts", "conversationhistory", "localfailures", "msgfolderroot", "recoverableitemsdeletions"),
    *("scheduled", "searchfolders", "serverfailures", "syncissues"),
)
_TOP = "msgfolderroot"
_BIN = "deleteditems"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedFolder:
    """The folder as it is now, and what was done: `done` is a word such as `Created`.

    `before` is its path before, where it had another. `made` are the names of folders that were made on the way to it.
    With `was_there` nothing was changed, as it was so already.
    """

    folder: Folder
    done: str
    before: Folder | None = None
    made: Sequence[str] = ()
    was_there: bool = False


class FolderEditor:
    """Changes the folders of one mailbox.

    When the answer to a change is lost, the folder is looked at, and again after `look_again_s` seconds.
    """

    def __init__(self, graph: GraphClient, folders: MailFolders, *, look_again_s: float) -> None:
        self._graph = graph
        self._folders = folders
        self._look_again_s = look_again_s

    async def create_folder(self, path: str) -> EditedFolder:
        """The folder at this path, made with those above it that are missing.

        Raises Conflict where a hidden folder has the name, ChangeIncomplete when only a part of the path was made.
        """
        steps = path_steps(path)
        known = walk_path(await self._folders.folder_tree(), steps)
        if not known.missing:
            assert known.folder is not None
            return EditedFolder(folder=known.folder, done="Created", was_there=True)
        parent, made = known.folder, list[str]()
        for name in known.missing:
            try:
                parent = await self._create_below(name, parent)
            except OutlookError as error:
                if not made or parent is None:
                    raise
                raise _incomplete(parent, name, error) from None
            finally:
                self._folders.forget()
            made.append(name)
        assert parent is not None
        return EditedFolder(folder=parent, done="Created", made=made)

    async def rename_folder(self, name: str, new: str) -> EditedFolder:
        """Gives a folder another name. Raises InvalidInput for a folder of Outlook's own and for a path as name."""
        folder, tree = await self._own_folder(name, "renamed")
        steps = path_steps(new)
        above = ancestors(tree, folder)[1:]
        if above and len(steps) > 1 and walk_path(tree, steps[:-1]) == KnownPath(above[0], []):
            steps = steps[-1:]
        if len(steps) > 1:
            raise InvalidInput(
                "`to` is a path, and a new name is wanted.",
                next_step='To put the folder elsewhere: action="move". A slash within a name is written \\/.',
            )
        new = folder_name(steps[0])
        if new == folder.name:
            return EditedFolder(folder=folder, done="Renamed", was_there=True)
        request = self._graph.request(self._item(folder), "PATCH", json={"displayName": new})
        changed = await self._changed(request, folder, lambda now: now.name == new, new)
        return EditedFolder(folder=_at(changed, above[0] if above else None), done="Renamed", before=folder)

    async def move_folder(self, name: str, to: str) -> EditedFolder:
        """Puts a folder below another one; `/` is the top of the mailbox.

        Raises InvalidInput for a folder of Outlook's own, and for a place within the folder itself.
        """
        folder, tree = await self._own_folder(name, "moved")
        parent = None if to.strip() == "/" else await self._folders.find_folder(to)
        if parent is not None and folder.id in [above.id for above in ancestors(tree, parent)]:
            raise InvalidInput("A folder cannot be moved into itself or into a folder below it.")
        if folder.id in [child.id for child in children(tree, parent)]:
            return EditedFolder(folder=folder, done="Moved", was_there=True)
        return EditedFolder(folder=await self._move_below(folder, parent), done="Moved", before=folder)

    async def delete_folder(self, name: str) -> EditedFolder:
        """Moves a folder with all that is in it to Deleted Items.

        Raises InvalidInput for a folder of Outlook's own, and for one that is in Deleted Items already.
        """
        folder, tree = await self._own_folder(name, "deleted")
        require_outside_deleted_items(tree, folder)
        # Not DELETE: that erases a folder which somebody else has put into Deleted Items in the meantime.
        return EditedFolder(
            folder=await self._move_below(folder, _bin_of(tree)), done="Moved to Deleted Items", before=folder
        )

    async def _create_below(self, name: str, parent: Folder | None) -> Folder:
        folders = self._graph.me.mail_folders
        builder = folders if parent is None else self._item(parent).child_folders
        request = self._graph.request(builder, "POST", json={"displayName": name})

        async def look() -> Folder | None:
            tree = await self._folders.folder_tree()
            return next((child for child in children(tree, parent) if same_name(child.name, name)), None)

        return _at(await self._settled(request, look, name), parent)

    async def _move_below(self, folder: Folder, parent: Folder | None) -> Folder:
        target = _TOP if parent is None else parent.id
        request = self._graph.request(self._item(folder).move, "POST", json={"destinationId": target})
        if parent is None:
            target = (await self._folder_at(_TOP)).id
        changed = await self._changed(request, folder, lambda now: now.parent_folder_id == target, folder.name)
        return _at(changed, parent)

    async def _changed(self, request: Any, folder: Folder, is_made: Callable[[Folder], bool], name: str) -> Folder:
        async def look() -> Folder | None:
            now = await self._folder_at(folder.id)
            return now if is_made(now) else None

        try:
            return await self._settled(request, look, name)
        finally:
            self._folders.forget()

    async def _settled(self, request: Any, look: Callable[[], Awaitable[Folder | None]], name: str) -> Folder:
        """The answer to a change; where it was lost, what a look shows."""
        change = partial(self._graph.answer_to, request, Folder)
        try:
            return await settled(change, look, look_again_s=self._look_again_s)
        except Conflict as error:
            raise _name_is_taken(error, name) from None

    async def _own_folder(self, name: str, done: str) -> tuple[Folder, FolderTree]:
        """A folder that somebody made, and the whole tree. Raises InvalidInput for one that Outlook needs."""
        tree = await self._folders.folder_tree()
        folder = await self._folders.find_folder(name)
        known = folder.well_known or await self._distinguished_name(folder)
        if known:
            raise InvalidInput(
                f"{folder_label(folder)} is a folder that Outlook itself needs ({known}): it cannot be {done}.",
                next_step='Its mail can be moved to Deleted Items with action="empty".' if done == "deleted" else None,
            )
        return folder, tree

    async def _distinguished_name(self, folder: Folder) -> str:
        """The name that Graph has for a folder of its own; "" for any other. Raises GraphError when that is unknown."""
        builders = [self._graph.me.mail_folders.by_mail_folder_id(key) for key in _OTHER_DISTINGUISHED]
        requests = [self._graph.request(builder, query={"$select": ("id",)}) for builder in builders]
        for key, answer in zip(_OTHER_DISTINGUISHED, await self._graph.answers_to(requests), strict=True):
            if answer.status != 404 and answer.decode(Folder).id == folder.id:
                return key
        return ""

    async def _folder_at(self, key: str) -> Folder:
        builder = self._graph.me.mail_folders.by_mail_folder_id(key)
        return await self._graph.answer_to(self._graph.request(builder, query={"$select": FOLDER}), Folder)

    def _item(self, folder: Folder) -> Any:
        return self._graph.me.mail_folders.by_mail_folder_id(checked_id(folder.id))


def require_outside_deleted_items(tree: FolderTree, folder: Folder) -> None:
    """Raises InvalidInput for Deleted Items and what is below it."""
    if _BIN in [above.well_known for above in ancestors(tree, folder)]:
        where = "cannot be deleted or emptied" if folder.well_known == _BIN else "is in Deleted Items already"
        raise InvalidInput(
            f"{folder_label(folder)} {where}, and no folder is erased for good here.",
            next_step="Single messages can be erased with mail_delete(permanent=true); folders in Outlook itself.",
        )


def _bin_of(tree: FolderTree) -> Folder:
    found = next((folder for folder in tree.folders if folder.well_known == _BIN), None)
    return found or Folder(id=FolderId(_BIN), display_name="Deleted Items", path="Deleted Items", well_known=_BIN)


def _at(folder: Folder, parent: Folder | None) -> Folder:
    """The folder with its path below `parent`."""
    path = f"{parent.path or parent.name}/{folder.name}" if parent else folder.name
    return msgspec.structs.replace(folder, path=path)


def _name_is_taken(error: Conflict, name: str) -> OutlookError:
    if error.graph_code.lower() != "errorfolderexists":
        return error
    return Conflict(
        f"There is a folder called {name[:80]!r} in that place already, perhaps a hidden one. Nothing was changed.",
        status=error.status,
        graph_code=error.graph_code,
        request_id=error.request_id,
        next_step="Choose another name, or rename the folder that has it.",
    )


def _incomplete(made: Folder, name: str, error: OutlookError) -> ChangeIncomplete:
    return ChangeIncomplete(f"{folder_label(made)} was created, and {name[:80]!r} below it was not.", error)
