"""Folders, found by well-known name, display name in any language, or path."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from outlook_mcp.errors import InvalidInput, NotFound, OutlookError
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.ids import FolderId
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.folder_names import folder_labels
from outlook_mcp.mail.models import FOLDER, Folder
from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot
from outlook_mcp.text.characters import strip_invisible

# What people and other mail programs call folders, in the form of `squeezed`, and Graph's well-known names.
ALIASES = {
    "inbox": "inbox",
    "drafts": "drafts",
    "draft": "drafts",
    "sentitems": "sentitems",
    "sent": "sentitems",
    "sentmail": "sentitems",
    "sentmessages": "sentitems",
    "deleteditems": "deleteditems",
    "deleted": "deleteditems",
    "trash": "deleteditems",
    "bin": "deleteditems",
    "junkemail": "junkemail",
    "junk": "junkemail",
    "junkmail": "junkemail",
    "spam": "junkemail",
    "archive": "archive",
    "outbox": "outbox",
    "clutter": "clutter",
    "conversationhistory": "conversationhistory",
    "scheduled": "scheduled",
}
# Looked up for the tree; each may be missing (not every mailbox has an archive).
WELL_KNOWN = ("inbox", "drafts", "sentitems", "deleteditems", "junkemail", "archive", "outbox")
# Mail in these folders must not look like mail that came in. A draft is known to be one without its folder.
_SPECIAL_PLACES = {"junkemail": "Junk", "deleteditems": "Deleted", "sentitems": "Sent"}
_FOLDER_ID = re.compile(r"[A-Za-z0-9_=+/-]{80,512}")
_PAGE_SIZE = 100
MOST_FOLDERS = 2000
DEEPEST = 30
_NAMES_LAST_S = 300.0
KeepPlaces = Callable[[Mapping[FolderId, str]], object]


@dataclass(frozen=True, slots=True)
class FolderTree:
    """Parents before children. `is_whole` is False when the mailbox has more folders than are read."""

    folders: Sequence[Folder] = ()
    is_whole: bool = True


class MailFolders:
    """The folders of one mailbox. Names and ids are remembered for five minutes; a tree has fresh counts.

    About `most` folders are read, in `deepest` levels. `places` are the special places where they are known, else
    `keep_places` is called with them when they were read, and returns at once.
    """

    def __init__(
        self,
        graph: GraphClient,
        *,
        most: int = MOST_FOLDERS,
        deepest: int = DEEPEST,
        places: Mapping[str, str] | None = None,
        keep_places: KeepPlaces | None = None,
        clock: MonotonicClock = seconds_since_boot,
    ) -> None:
        self._graph = graph
        self._clock = clock
        self._most = most
        self._deepest = deepest
        self._known = FolderTree()
        self._known_until = 0.0
        self._keyed: dict[str, tuple[Folder, float]] = {}
        self._places = None if places is None else {FolderId(folder): place for folder, place in places.items()}
        self._keep_places = keep_places

    async def find_folder(self, name: str) -> Folder:
        """The folder with a well-known name, a display name, a path such as `Projects/Aurora` or an id.

        Its counts may be five minutes old.
        Raises NotFound with similar names, InvalidInput when several folders have the name.
        """
        wanted = name.strip().strip("/")
        if not wanted:
            raise InvalidInput("The folder has no name.", next_step="Give a name such as inbox.")
        alias = ALIASES.get(squeezed(wanted))
        if alias and alias != squeezed(wanted) and (own := await self._top_level_folder(wanted)):
            return own
        if alias or _FOLDER_ID.fullmatch(wanted):
            try:
                return await self._by_key(alias or wanted)
            except NotFound:
                pass
        for refresh in (False, True):
            tree = await self._names(refresh=refresh)
            found = _matching(tree.folders, wanted) or _as_shown(tree.folders, wanted)
            if found:
                return _only(found, wanted)
        raise _not_found(wanted, alias, tree)

    async def folder_tree(self, under: str | None = None) -> FolderTree:
        """The folders below `under` (None: of the whole mailbox), with fresh counts."""
        tree = await self._names(refresh=True)
        if under is None:
            return tree
        top = await self.find_folder(under)
        path = next((folder.path for folder in tree.folders if folder.id == top.id), top.name)
        below = [folder for folder in tree.folders if folder.id == top.id or folder.path.startswith(f"{path}/")]
        return FolderTree(below, tree.is_whole)

    def forget(self) -> None:
        """Remembers no names and ids any more, as after a change of folders."""
        self._known_until = 0.0
        self._keyed.clear()

    async def folder_paths(self) -> Mapping[FolderId, str]:
        """Where each folder is, such as `Projects/Aurora`; may be five minutes old."""
        tree = await self._names(refresh=False)
        return {folder.id: folder.path for folder in tree.folders}

    @property
    def knows_special_places(self) -> bool:
        return self._places is not None

    async def read_special_places_ahead(self) -> None:
        """Whoever needs them gets the errors."""
        with suppress(OutlookError):
            await self.special_places()

    async def special_places(self) -> Mapping[FolderId, str]:
        """`Junk`, `Deleted` and `Sent` by folder id. Remembered once all could be read."""
        if self._places is None:
            folders = self._graph.me.mail_folders
            asked = [
                self._graph.request(folders.by_mail_folder_id(key), query={"$select": ("id",)})
                for key in _SPECIAL_PLACES
            ]
            answers = await self._graph.answers_to(asked)
            found = zip(answers, _SPECIAL_PLACES.values(), strict=True)
            places = {answer.decode(Folder).id: place for answer, place in found if answer.is_success}
            if not all(answer.is_success or answer.status == 404 for answer in answers):
                return places
            self._places = places
            if self._keep_places is not None:
                self._keep_places(places)
        return self._places

    async def _top_level_folder(self, name: str) -> Folder | None:
        """A top-level folder with this very name: other mail programs make one called Trash or Sent."""
        tree = await self._names(refresh=False)
        return next((folder for folder in tree.folders if folded(folder.path) == folded(name)), None)

    async def _by_key(self, key: str) -> Folder:
        folder, until = self._keyed.get(key, (None, 0.0))
        if folder is not None and self._clock() < until:
            return folder
        builder = self._graph.me.mail_folders.by_mail_folder_id(key)
        folder = await self._graph.answer_to(self._graph.request(builder, query={"$select": FOLDER}), Folder)
        well_known = key if key in ALIASES.values() else ""
        folder = msgspec.structs.replace(folder, path=folder.name, well_known=well_known)
        if well_known:
            self._keyed[key] = folder, self._clock() + _NAMES_LAST_S
        return folder

    async def _names(self, *, refresh: bool) -> FolderTree:
        if refresh or self._clock() >= self._known_until:
            self._known = await self._read_tree()
            self._known_until = self._clock() + _NAMES_LAST_S
        return self._known

    async def _read_tree(self) -> FolderTree:
        graph = self._graph
        folders = graph.me.mail_folders
        listing = {"$top": _PAGE_SIZE, "$select": FOLDER}
        keyed = [graph.request(folders.by_mail_folder_id(key), query={"$select": ("id",)}) for key in WELL_KNOWN]
        top, *marked = await graph.answers_to([graph.request(folders, query=listing), *keyed])
        well_known = {
            answer.decode(Folder).id: key for key, answer in zip(WELL_KNOWN, marked, strict=True) if answer.is_success
        }
        level, is_whole = await self._rest(top.decode(Page[Folder]))
        children: dict[str, list[Folder]] = {"": level}
        for _ in range(self._deepest):
            parents = [folder for folder in level if folder.child_folder_count]
            if not parents or sum(map(len, children.values())) >= self._most:
                break
            asked = [
                graph.request(folders.by_mail_folder_id(parent.id).child_folders, query=listing) for parent in parents
            ]
            level = []
            for parent, answer in zip(parents, await graph.answers_to(asked), strict=True):
                # A folder deleted in this moment has no children any more.
                if answer.status != 404:
                    children[parent.id], ends = await self._rest(answer.decode(Page[Folder]))
                    level += children[parent.id]
                    is_whole = is_whole and ends
        is_whole = is_whole and not any(folder.child_folder_count for folder in level)
        return FolderTree(list(_in_order(children, "", "", well_known)), is_whole)

    async def _rest(self, page: Page[Folder]) -> tuple[list[Folder], bool]:
        """The folders of this page and those after it, and whether that is all of them."""
        found = list(page.value)
        while page.next_link and len(found) < self._most:
            page = await self._graph.next_page(page.next_link, Page[Folder])
            found += page.value
        return found, not page.next_link


def _in_order(
    children: dict[str, list[Folder]], parent: str, path: str, well_known: Mapping[FolderId, str]
) -> Iterable[Folder]:
    for folder in children.get(parent, []):
        here = f"{path}/{folder.name}" if path else folder.name
        yield msgspec.structs.replace(folder, path=here, well_known=well_known.get(folder.id, ""))
        yield from _in_order(children, folder.id, here, well_known)


def _matching(folders: Sequence[Folder], wanted: str) -> list[Folder]:
    """Best first: the whole path, then the display name, then the end of a path."""
    key = folded(_canonical(folders, wanted))
    by_path = [folder for folder in folders if folded(folder.path) == key]
    by_name = [folder for folder in folders if folded(folder.name) == key]
    by_end = [folder for folder in folders if folded(folder.path).endswith(f"/{key}")]
    return by_path or by_name or by_end


def _as_shown(folders: Sequence[Folder], wanted: str) -> list[Folder]:
    r"""By its path without what answers leave out of it; a slash within a name may be written `\/`, as to create it."""
    key = folded(_canonical(folders, wanted.replace("\\/", "/")))
    return [folder for folder in folders if key in (folded(strip_invisible(folder.path)[0]), folded(folder.path))]


def _canonical(folders: Sequence[Folder], wanted: str) -> str:
    """`inbox/Aurora` with its first step in the language of the mailbox."""
    first, slash, rest = wanted.partition("/")
    alias = ALIASES.get(squeezed(first))
    if slash and alias:
        for folder in folders:
            if folder.well_known == alias:
                return f"{folder.path}/{rest}"
    return wanted


def _only(found: list[Folder], wanted: str) -> Folder:
    if len(found) > 1:
        step = f"Give a path: {folder_labels(found[:8])}."
        raise InvalidInput(f"Several folders are called {wanted!r}.", next_step=step)
    return found[0]


def _not_found(wanted: str, alias: str | None, tree: FolderTree) -> NotFound:
    folders = tree.folders
    names = {folded(name): folder for folder in folders for name in (folder.path, folder.name)}
    close = difflib.get_close_matches(folded(wanted), list(names), n=3, cutoff=0.6)
    meant = {names[name].id: names[name] for name in close}.values()
    shown = list(meant) or [folder for folder in folders if folder.depth == 0][:12]
    lead = "Did you mean" if close else "There are"
    missing = f"This mailbox has no {alias} folder." if alias else f"There is no folder {wanted[:80]!r}."
    if not tree.is_whole:
        missing = f"{missing[:-1]} among the first {len(folders)}, and no more were read."
    return NotFound(missing, status=404, next_step=f"{lead}: {folder_labels(shown)}.")


def folded(name: str) -> str:
    """One form for all ways to write a name that Exchange takes for the same.

    >>> folded(" Straße ")
    'strasse'
    """
    return unicodedata.normalize("NFKC", name).casefold().strip()


def squeezed(name: str) -> str:
    """A name in the form of the keys of ALIASES.

    >>> squeezed("Sent_Items")
    'sentitems'
    """
    return re.sub(r"[\s_-]+", "", folded(name))
