"""/mailFolders: the tree, create, rename, move, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import PlainTextResponse, Response

from outlook_mcp.sandbox.graph.core.call import no_content
from outlook_mcp.sandbox.graph.core.errors import bad_request, invalid_body, read_only
from outlook_mcp.sandbox.graph.core.shapes import read_body
from outlook_mcp.sandbox.graph.mail import shapes
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.drafting import extended_properties
from outlook_mcp.sandbox.graph.mail.errors import folder_exists, folder_protected
from outlook_mcp.sandbox.graph.mail.extended import expanded_properties
from outlook_mcp.sandbox.graph.mail.listing import DEFAULT_PAGE
from outlook_mcp.sandbox.graph.mail.messages import destination
from outlook_mcp.sandbox.graph.mail.properties import FOLDER
from outlook_mcp.sandbox.graph.mail.search_folders import (
    SEARCH_FIELDS,
    counts_of,
    is_search_folder,
    search_properties,
    written_search,
)
from outlook_mcp.sandbox.query import Condition, compile_filter, compile_order
from outlook_mcp.sandbox.query.errors import unknown_expansion
from outlook_mcp.sandbox.store import Folder, FolderExists, FolderProtected, Mailbox
from outlook_mcp.sandbox.store.mail.folders import ROOT

FOLDER_PROPERTIES = (
    *("id", "displayName", "parentFolderId", "childFolderCount", "unreadItemCount", "totalItemCount", "isHidden"),
)
# What Graph can expand besides, in lower case.
_EXTENDED = ("singlevalueextendedproperties", "multivalueextendedproperties")


async def list_folders(call: MailCall) -> Response:
    """The children of the root or of the folder in the path, by name."""
    select = call.options.selected(FOLDER_PROPERTIES, "mailFolder")
    parent = _parent(call)
    condition, order = _plan(call, parent)
    size = call.options.top or call.prefer.page_size or DEFAULT_PAGE
    found = call.mailbox.folders.select(condition.sql, condition.parameters, order, size + 1, call.options.skip)
    above = call.arguments.get("folder")
    path = "mailFolders" if above is None else f"mailFolders('{above}')/childFolders"
    body: dict[str, Any] = {"@odata.context": call.context(path, select)}
    if call.options.count:
        body["@odata.count"] = call.mailbox.folders.total(condition.sql, condition.parameters)
    body["value"] = [_folder_json(call, folder, select) for folder in found[:size]]
    if len(found) > size:
        body["@odata.nextLink"] = call.link(skip=str(call.options.skip + size))
    return call.json_answer(body)


async def count_folders(call: MailCall) -> Response:
    condition, _ = _plan(call, _parent(call))
    return PlainTextResponse(str(call.mailbox.folders.total(condition.sql, condition.parameters)))


async def get_folder(call: MailCall) -> Response:
    select = call.options.selected(FOLDER_PROPERTIES, "mailFolder")
    folder = call.folder(call.arguments["folder"])
    context = call.context("mailFolders/$entity", select)
    return call.json_answer({"@odata.context": context, **_folder_json(call, folder, select)})


async def create_folder(call: MailCall) -> Response:
    body = await call.json()
    fields = read_body(shapes.FOLDER, body)
    _refuse_search_fields(fields, is_search=is_search_folder(body))
    name = fields.get("displayName")
    if not name or not name.strip():
        raise invalid_body("The property 'displayName' is missing.")
    folders = call.mailbox.folders
    search = written_search(call.mailbox, fields, None, call.folder) if is_search_folder(body) else None
    try:
        with call.mailbox.database.transaction():
            folder = folders.create_folder(name, _parent(call), hidden=bool(fields.get("isHidden")))
            folder = folder if search is None else folders.set_search(folder, search)
            folders.set_extended(folder, extended_properties(fields))
    except FolderExists as error:
        raise folder_exists() from error
    return _folder_answer(call, folder, 201)


async def update_folder(call: MailCall) -> Response:
    """The name, and what a search folder searches."""
    folder = call.folder(call.arguments["folder"])
    fields = read_body(shapes.FOLDER, await call.json())
    _refuse_search_fields(fields, is_search=folder.search is not None)
    for name in fields:
        if name not in ("displayName", *SEARCH_FIELDS, *shapes.EXTENDED_FOLDER_FIELDS):
            raise read_only(name)
    folders = call.mailbox.folders
    try:
        with call.mailbox.database.transaction():
            folder = folders.rename_folder(folder, fields.get("displayName") or folder.name)
            if folder.search is not None:
                folder = folders.set_search(folder, written_search(call.mailbox, fields, folder.search, call.folder))
            folders.set_extended(folder, extended_properties(fields))
    except FolderExists as error:
        raise folder_exists() from error
    return _folder_answer(call, folder)


async def copy_folder(call: MailCall) -> Response:
    """With its messages and the folders below it."""
    folder, parent = call.folder(call.arguments["folder"]), await destination(call)
    try:
        return _folder_answer(call, call.mailbox.copy_folder(folder, parent), 200)
    except FolderExists as error:
        raise folder_exists() from error
    except FolderProtected as error:
        raise folder_protected() from error


async def move_folder(call: MailCall) -> Response:
    folder, parent = call.folder(call.arguments["folder"]), await destination(call)
    try:
        return _folder_answer(call, call.mailbox.folders.move(folder, parent), 200)
    except FolderExists as error:
        raise folder_exists() from error
    except FolderProtected as error:
        raise folder_protected() from error


async def delete_folder(call: MailCall) -> Response:
    return _delete_folder(call, permanently=False)


async def permanently_delete_folder(call: MailCall) -> Response:
    return _delete_folder(call, permanently=True)


def _delete_folder(call: MailCall, *, permanently: bool) -> Response:
    try:
        call.mailbox.delete_folder(call.folder(call.arguments["folder"]), permanently=permanently)
    except FolderProtected as error:
        raise folder_protected() from error
    return no_content()


def _refuse_search_fields(fields: Mapping[str, Any], *, is_search: bool) -> None:
    """A property of search folders is unknown on others."""
    for name in fields:
        if name in SEARCH_FIELDS and not is_search:
            raise bad_request(f"The property '{name}' is one of search folders only.")


def _parent(call: MailCall) -> Folder:
    return call.folder(call.arguments.get("folder", ROOT))


def _plan(call: MailCall, parent: Folder) -> tuple[Condition, str]:
    options = call.options
    if options.search is not None:
        raise bad_request("The query parameter '$search' is not supported.")
    condition, filtered = Condition("f.parent = ?", (parent.key,)), None
    if options.raw.get("includehiddenfolders", "").lower() != "true":
        condition &= Condition("f.hidden = 0")
    if options.filter:
        chosen, filtered = compile_filter(options.filter, FOLDER)
        condition &= chosen
    order = compile_order(options.orderby, FOLDER, filtered, "f.id") if options.orderby else "f.name, f.id"
    return condition, order


def _folder_answer(call: MailCall, folder: Folder, status: int = 200) -> Response:
    body = {"@odata.context": call.context("mailFolders/$entity"), **_folder_json(call, folder, None)}
    return call.json_answer(body, status)


def _folder_json(call: MailCall, folder: Folder, select: frozenset[str] | None) -> dict[str, Any]:
    whole = folder_properties(call.mailbox, folder)
    answer = {name: value for name, value in whole.items() if select is None or name in select | {"id"} or "@" in name}
    for expansion in call.options.expand:
        if expansion.name in _EXTENDED:
            name, properties = expanded_properties(expansion, call.mailbox.folders.extended(folder), {})
            # A folder that has none of those asked for is answered without the property.
            answer |= {name: properties} if properties else {}
            continue
        if expansion.name != "childfolders":
            raise unknown_expansion(expansion.name, "mailFolder")
        children = call.mailbox.folders.select("f.parent = ? AND f.hidden = 0", (folder.key,), "f.name", 1000)
        answer["childFolders"] = [folder_properties(call.mailbox, child) for child in children]
    return answer


def folder_properties(mailbox: Mailbox, folder: Folder) -> dict[str, Any]:
    """With the type of a search folder, where it is one."""
    total, unread = (folder.total, folder.unread) if folder.search is None else counts_of(mailbox, folder)
    properties = {
        "id": folder.id,
        "displayName": folder.name,
        "parentFolderId": folder.parent_id,
        "childFolderCount": folder.children,
        "unreadItemCount": unread,
        "totalItemCount": total,
        "isHidden": folder.hidden,
    }
    if folder.search is None:
        return properties
    return {"@odata.type": "#microsoft.graph.mailSearchFolder", **properties, **search_properties(folder.search)}
