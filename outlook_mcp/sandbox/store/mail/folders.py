"""The folder tree of a mailbox."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outlook_mcp.sandbox.store.core import ids
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.counters import Counters
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.core.errors import ItemNotFound
from outlook_mcp.sandbox.store.mail.errors import FolderExists, FolderProtected

ROOT = "msgfolderroot"
# well-known name -> (display name, well-known parent, hidden); as in a new Exchange Online mailbox.
WELL_KNOWN: dict[str, tuple[str, str | None, bool]] = {
    "root": ("Root", None, True),
    ROOT: ("Top of Information Store", "root", False),
    "recoverableitemsdeletions": ("Deletions", "root", True),
    "searchfolders": ("Finder", "root", True),
    "archive": ("Archive", ROOT, False),
    "conversationhistory": ("Conversation History", ROOT, False),
    "deleteditems": ("Deleted Items", ROOT, False),
    "drafts": ("Drafts", ROOT, False),
    "inbox": ("Inbox", ROOT, False),
    "junkemail": ("Junk Email", ROOT, False),
    "outbox": ("Outbox", ROOT, False),
    "sentitems": ("Sent Items", ROOT, False),
    "syncissues": ("Sync Issues", ROOT, True),
    "conflicts": ("Conflicts", "syncissues", True),
    "localfailures": ("Local Failures", "syncissues", True),
    "serverfailures": ("Server Failures", "syncissues", True),
}
# Names that Graph knows and a mailbox may lack.
WELL_KNOWN_NAMES = {*WELL_KNOWN, "clutter", "scheduled"} - {"root"}

FOLDER_COLUMNS = """
    f.*, p.counter AS parent_counter, s.query, s.nested, s.sources,
    (SELECT count(*) FROM folder c WHERE c.parent = f.id) AS children,
    (SELECT count(*) FROM message m WHERE m.folder = f.id) AS total,
    (SELECT count(*) FROM message m WHERE m.folder = f.id AND m.is_read = 0) AS unread
    FROM folder f LEFT JOIN folder p ON p.id = f.parent LEFT JOIN search_folder s ON s.folder = f.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search folder shows: the messages of the `sources` (ids of folders) that fit the `query`, a $filter.

    With `nested` those below the sources too.
    """

    query: str
    nested: bool
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Folder:
    """`key` is the row; `children`, `total` and `unread` were counted when it was read, of messages inside it."""

    key: int
    id: str
    name: str
    parent: int | None
    parent_id: str | None
    well_known: str | None
    hidden: bool
    children: int
    total: int
    unread: int
    search: Search | None


class Folders:
    """Lookups raise ItemNotFound; names are compared without case."""

    def __init__(self, database: Database, account: Account, counters: Counters) -> None:
        self._database, self._mailbox, self._guid, self._counters = database, account.key, account.guid, counters

    def create_well_known(self, names: Mapping[str, str | None]) -> None:
        """`names` overrides display names; None leaves that folder out."""
        made: dict[str, int] = {}
        chosen = {well_known: names.get(well_known, name) for well_known, (name, _, _) in WELL_KNOWN.items()}
        wanted = [(well_known, name) for well_known, name in chosen.items() if name is not None]
        for (well_known, name), counter in zip(wanted, self._counters.next_items(len(wanted)), strict=True):
            _, parent, hidden = WELL_KNOWN[well_known]
            made[well_known] = self._insert_folder(
                name, made[parent] if parent else None, well_known, hidden, counter=counter
            )

    def by_name(self, well_known: str) -> Folder:
        return self._one_folder("f.well_known = ?", well_known.lower())

    def by_id(self, folder_id: str) -> Folder:
        """Raises IdMalformed too."""
        item = ids.parse(folder_id)
        if item.kind != "folder" or item.guid != self._guid:
            raise ItemNotFound(folder_id)
        return self._one_folder("f.counter = ?", item.counter)

    def by_key(self, key: int) -> Folder:
        return self._one_folder("f.id = ?", key)

    def child(self, parent: Folder, name: str) -> Folder | None:
        try:
            return self._one_folder("f.parent = ? AND f.name = ?", parent.key, name)
        except ItemNotFound:
            return None

    def select(
        self, condition: str, parameters: Sequence[Any], order: str, limit: int, offset: int = 0
    ) -> list[Folder]:
        """Rows of `folder f`; the condition need not name the mailbox."""
        rows = self._database.rows(
            f"SELECT {FOLDER_COLUMNS} WHERE f.mailbox = ? AND {condition} ORDER BY {order} LIMIT ? OFFSET ?",
            (self._mailbox, *parameters, limit, offset),
        )
        return [self._folder_of(row) for row in rows]

    def total(self, condition: str, parameters: Sequence[Any]) -> int:
        return int(
            self._database.value(
                f"SELECT count(*) FROM folder f WHERE f.mailbox = ? AND {condition}",  # noqa: S608
                (self._mailbox, *parameters),
            )
        )

    def below(self, folder: Folder) -> set[int]:
        """The rows of a folder and of everything under it."""
        rows = self._database.rows(
            "WITH RECURSIVE tree (id) AS (SELECT ? UNION SELECT f.id FROM folder f JOIN tree ON f.parent = tree.id)"
            " SELECT id FROM tree",
            (folder.key,),
        )
        return {row["id"] for row in rows}

    def create_folder(self, name: str, parent: Folder, *, hidden: bool = False) -> Folder:
        with self._database.transaction():
            self._refuse_duplicate(parent.key, name)
            return self.by_key(self._insert_folder(name, parent.key, None, hidden, counter=self._counters.next_item()))

    def set_search(self, folder: Folder, search: Search) -> Folder:
        """Make the folder a search folder, or change what it searches."""
        self._database.execute(
            "INSERT OR REPLACE INTO search_folder (folder, query, nested, sources) VALUES (?, ?, ?, ?)",
            (folder.key, search.query, int(search.nested), json.dumps(search.sources)),
        )
        return self.by_key(folder.key)

    def ensure(self, path: str) -> Folder:
        """The folder at "Projects/Acme", made where missing; a path starts with a well-known or a display name."""
        first, *rest = [part for part in path.split("/") if part] or [ROOT]
        if first.lower() in WELL_KNOWN:
            folder = self.by_name(first)
        else:
            root = self.by_name(ROOT)
            folder = self.child(root, first) or self.create_folder(first, root)
        for name in rest:
            folder = self.child(folder, name) or self.create_folder(name, folder)
        return folder

    def rename_folder(self, folder: Folder, name: str) -> Folder:
        with self._database.transaction():
            if folder.parent is not None and name.lower() != folder.name.lower():
                self._refuse_duplicate(folder.parent, name)
            self._database.execute("UPDATE folder SET name = ? WHERE id = ?", (name, folder.key))
            return self.by_key(folder.key)

    def move(self, folder: Folder, parent: Folder) -> Folder:
        """Raises FolderProtected for a well-known folder and for a move below itself."""
        with self._database.transaction():
            self.refuse_protected(folder)
            if parent.key in self.below(folder):
                raise FolderProtected(folder.name)
            if folder.parent != parent.key:
                self._refuse_duplicate(parent.key, folder.name)
            self._database.execute("UPDATE folder SET parent = ? WHERE id = ?", (parent.key, folder.key))
            return self.by_key(folder.key)

    def discard(self, folder: Folder, bin_: Folder) -> None:
        """Move below Deleted Items, renamed where the name is taken there."""
        self.refuse_protected(folder)
        self._database.execute(
            "UPDATE folder SET parent = ?, name = ? WHERE id = ?",
            (bin_.key, self._free_name(folder.name, bin_), folder.key),
        )

    def refuse_protected(self, folder: Folder) -> None:
        """Raises FolderProtected when the folder is a well-known one."""
        if folder.well_known:
            raise FolderProtected(folder.name)

    def set_extended(self, folder: Folder, properties: Mapping[str, str | None]) -> None:
        rows = [(folder.key, name, value) for name, value in properties.items()]
        self._database.execute_many("INSERT OR REPLACE INTO folder_property VALUES (?, ?, ?)", rows)

    def extended(self, folder: Folder) -> list[tuple[str, str | None]]:
        """Ids and values of the extended properties that clients set."""
        rows = self._database.rows("SELECT id, value FROM folder_property WHERE folder = ?", (folder.key,))
        return [(row["id"], row["value"]) for row in rows]

    def remove_folder(self, folder: Folder) -> None:
        """Delete a folder that is empty."""
        self._database.execute("DELETE FROM folder WHERE id = ?", (folder.key,))

    def _folder_of(self, row: Any) -> Folder:
        parent = row["parent_counter"]
        return Folder(
            key=row["id"],
            id=ids.folder_id(self._guid, row["counter"]),
            name=row["name"],
            parent=row["parent"],
            parent_id=None if parent is None else ids.folder_id(self._guid, parent),
            well_known=row["well_known"],
            hidden=bool(row["hidden"]),
            children=row["children"],
            total=row["total"],
            unread=row["unread"],
            search=_search(row),
        )

    def _one_folder(self, condition: str, *values: object) -> Folder:
        found = self.select(condition, values, "f.id", 1)
        if not found:
            raise ItemNotFound(str(values[-1]))
        return found[0]

    def _free_name(self, name: str, parent: Folder) -> str:
        candidate, number = name, 1
        while self.child(parent, candidate):
            candidate, number = f"{name}{number}", number + 1
        return candidate

    def _insert_folder(
        self, name: str, parent: int | None, well_known: str | None, hidden: bool, *, counter: int
    ) -> int:
        return self._database.execute(
            "INSERT INTO folder (mailbox, counter, parent, name, well_known, hidden) VALUES (?, ?, ?, ?, ?, ?)",
            (self._mailbox, counter, parent, name, well_known, hidden),
        )

    def _refuse_duplicate(self, parent: int, name: str) -> None:
        if self._database.row("SELECT 1 FROM folder WHERE parent = ? AND name = ?", (parent, name)):
            raise FolderExists(name)


def _search(row: Any) -> Search | None:
    if row["query"] is None:
        return None
    return Search(query=row["query"], nested=bool(row["nested"]), sources=tuple(json.loads(row["sources"])))
