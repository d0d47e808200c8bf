"""Search folders: what they show is found anew with each request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from outlook_mcp.sandbox.graph.core.errors import bad_request, invalid_body
from outlook_mcp.sandbox.graph.mail.properties import MESSAGE
from outlook_mcp.sandbox.query import NONE, Condition, compile_filter
from outlook_mcp.sandbox.store import Folder, Mailbox, StoreError
from outlook_mcp.sandbox.store.mail.folders import Search

_TYPE = "microsoft.graph.mailsearchfolder"
SEARCH_FIELDS = ("filterQuery", "includeNestedFolders", "sourceFolderIds")


def is_search_folder(body: Mapping[str, Any]) -> bool:
    """Whether the body of a request names the type of search folders."""
    return str(body.get("@odata.type", "")).removeprefix("#").lower() == _TYPE


def folder_condition(mailbox: Mailbox, folder: Folder) -> Condition:
    """Which messages are shown in a folder."""
    if folder.search is None:
        return Condition("m.folder = ?", (folder.key,))
    sources: set[int] = set()
    for source in folder.search.sources:
        try:
            found = mailbox.folders.by_id(source)
        except StoreError:
            # A folder that is gone holds nothing.
            continue
        sources |= mailbox.folders.below(found) if folder.search.nested else {found.key}
    if not sources:
        return NONE
    inside = Condition(f"m.folder IN ({', '.join('?' * len(sources))})", tuple(sorted(sources)))
    return inside & compile_filter(folder.search.query, MESSAGE, _folder_key(mailbox))[0]


def counts_of(mailbox: Mailbox, folder: Folder) -> tuple[int, int]:
    """How many messages a search folder shows, and how many of them are unread."""
    place = folder_condition(mailbox, folder)
    unread = place & Condition("m.is_read = 0")
    messages = mailbox.messages
    return messages.total(place.sql, place.parameters), messages.total(unread.sql, unread.parameters)


def written_search(
    mailbox: Mailbox, fields: Mapping[str, Any], before: Search | None, folder_of: Callable[[str], Folder]
) -> Search:
    """The search of a request, with what it leaves out as `before`. Raises GraphFault and QueryError."""
    query = fields.get("filterQuery") or (before.query if before else None)
    sources = fields.get("sourceFolderIds")
    if not query or (sources is None and before is None) or sources == []:
        raise invalid_body("A search folder needs 'filterQuery' and 'sourceFolderIds'.")
    compile_filter(query, MESSAGE, _folder_key(mailbox))
    nested = fields.get("includeNestedFolders")
    return Search(
        query=query,
        nested=bool((before.nested if before else False) if nested is None else nested),
        sources=tuple(_source(folder_of(name)) for name in sources) if sources else before.sources if before else (),
    )


def search_properties(search: Search) -> dict[str, Any]:
    """What a search folder has besides the properties of every folder."""
    return {
        "isSupported": True,
        "includeNestedFolders": search.nested,
        "sourceFolderIds": list(search.sources),
        "filterQuery": search.query,
    }


def _source(folder: Folder) -> str:
    if folder.search is not None:
        raise bad_request("A search folder cannot search another one.", "ErrorInvalidRequest")
    return folder.id


def _folder_key(mailbox: Mailbox) -> Callable[[str], int | None]:
    def found(name: str) -> int | None:
        try:
            return mailbox.folders.by_id(name).key
        except StoreError:
            return None

    return found
