"""/contactFolders: those in the default folder, and below any other."""

from __future__ import annotations

from typing import Any

from starlette.responses import PlainTextResponse, Response

from outlook_mcp.sandbox.graph.contacts.call import ContactCall, store_refusals
from outlook_mcp.sandbox.graph.core.call import no_content
from outlook_mcp.sandbox.graph.core.collections import entity_answer, page_answer
from outlook_mcp.sandbox.graph.core.errors import bad_request, invalid_body
from outlook_mcp.sandbox.graph.core.shapes import Shape, read_body
from outlook_mcp.sandbox.query.odata import Comparison, parse_filter
from outlook_mcp.sandbox.store.contacts.folders import ContactFolder

_TYPE = "contactFolder"
_PATH = "contactFolders"
FOLDER_PROPERTIES = ("id", "parentFolderId", "displayName")
_FOLDER = Shape(_TYPE, {"displayName": str, "parentFolderId": str, "id": object})


async def list_folders(call: ContactCall) -> Response:
    """The default folder itself is never among them."""
    values = [folder_json(folder) for folder in _wanted(call)]
    above = call.arguments.get("folder")
    path = _PATH if above is None else f"{_PATH}('{above}')/childFolders"
    return page_answer(call, path, values, FOLDER_PROPERTIES, _TYPE)


async def count_folders(call: ContactCall) -> Response:
    return PlainTextResponse(str(len(_wanted(call))))


async def get_folder(call: ContactCall) -> Response:
    return _folder_answer(call, call.folder())


async def create_folder(call: ContactCall) -> Response:
    name = read_body(_FOLDER, await call.json()).get("displayName")
    if not name or not name.strip():
        raise invalid_body("The property 'displayName' is missing.")
    with store_refusals():
        return _folder_answer(call, call.folders.create_folder(name, call.folder()), 201)


async def update_folder(call: ContactCall) -> Response:
    """Another name, another place, or both."""
    folder = call.folder()
    fields = read_body(_FOLDER, await call.json())
    with store_refusals():
        if fields.get("parentFolderId"):
            folder = call.folders.move_folder(folder, call.folders.by_id(fields["parentFolderId"]))
        if fields.get("displayName"):
            folder = call.folders.rename_folder(folder, fields["displayName"])
    return _folder_answer(call, folder)


async def delete_folder(call: ContactCall) -> Response:
    with store_refusals():
        call.folders.delete_folder(call.folder())
    return no_content()


def _wanted(call: ContactCall) -> list[ContactFolder]:
    folders = call.folders.children(call.folder())
    if call.options.search is not None:
        raise bad_request("The query parameter '$search' is not supported.")
    if not call.options.filter:
        return folders
    match parse_filter(call.options.filter):
        case Comparison(path, "=", (value,)) if path.lower() == "displayname":
            return [folder for folder in folders if folder.name.casefold() == value.text.casefold()]
    raise bad_request("The query filter contains one or more invalid nodes.", "ErrorInvalidUrlQueryFilter")


def _folder_answer(call: ContactCall, folder: ContactFolder, status: int = 200) -> Response:
    return entity_answer(call, _PATH, folder_json(folder), FOLDER_PROPERTIES, _TYPE, status)


def folder_json(folder: ContactFolder) -> dict[str, Any]:
    return {"id": folder.id, "parentFolderId": folder.parent_id, "displayName": folder.name}
