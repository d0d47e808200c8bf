"""/messages: list, get, create, update, delete, move, copy."""

from __future__ import annotations

from typing import Any

from starlette.responses import PlainTextResponse, Response

from outlook_mcp.sandbox.graph.core.call import etag_of, no_content
from outlook_mcp.sandbox.graph.core.errors import bad_request, invalid_body, read_only
from outlook_mcp.sandbox.graph.core.shapes import read_body
from outlook_mcp.sandbox.graph.mail import drafting, shapes
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.errors import not_a_draft
from outlook_mcp.sandbox.graph.mail.listing import check_expansions, full_json, page, plan, total
from outlook_mcp.sandbox.graph.mail.message_json import message_json, selected_properties
from outlook_mcp.sandbox.mime import build
from outlook_mcp.sandbox.store import Folder, StoredMessage


async def list_messages(call: MailCall) -> Response:
    select = selected_properties(call)
    path = "messages" if call.folder_name is None else f"mailFolders('{call.folder_name}')/messages"
    return call.json_answer({"@odata.context": call.context(path, select), **page(call, call.path_folder())})


async def count_messages(call: MailCall) -> Response:
    return PlainTextResponse(str(total(call, plan(call, call.path_folder()))))


async def get_message(call: MailCall) -> Response:
    stored = call.message()
    check_expansions(call, call.options.expand)
    select = selected_properties(call)
    body = {
        "@odata.context": call.context("messages/$entity", select),
        **full_json(call, stored, select, call.options.expand),
    }
    return call.json_answer(body, headers={"ETag": etag_of(stored)})


async def get_mime(call: MailCall) -> Response:
    stored = call.message()
    message = call.mailbox.messages.load_message(stored)
    return Response(message.mime if message.mime is not None else build(message), media_type="text/plain")


async def create_message(call: MailCall) -> Response:
    folder = call.path_folder() or call.mailbox.folders.by_name("drafts")
    _refuse_search_folder(folder)
    if call.is_mime:
        return created(call, drafting.save_draft(call, await drafting.mime_draft(call), {}, folder))
    fields = await drafting.message_fields(call)
    return created(call, drafting.save_draft(call, drafting.new_draft(call.mailbox, fields), fields, folder))


async def update_message(call: MailCall) -> Response:
    stored = call.message()
    call.check_etag(stored)
    fields = await drafting.message_fields(call)
    for name in fields:
        if name in shapes.READ_ONLY_FIELDS or name in shapes.CREATION_FIELDS:
            raise read_only(name)
    if not stored.is_draft and not shapes.DRAFT_FIELDS.keys().isdisjoint(fields):
        raise not_a_draft()
    stored = _updated(call, stored, fields)
    body = {"@odata.context": call.context("messages/$entity"), **message_json(call, stored)}
    return call.json_answer(body, headers={"ETag": etag_of(stored)})


async def delete_message(call: MailCall) -> Response:
    """Moves to Deleted Items, from there to Recoverable Items, and erases a message that is there."""
    stored = call.message()
    call.check_etag(stored)
    folders = call.mailbox.folders
    deleted, recoverable = folders.by_name("deleteditems"), folders.by_name("recoverableitemsdeletions")
    if stored.row["folder"] == recoverable.key:
        call.mailbox.messages.erase(stored)
    elif stored.row["folder"] in folders.below(deleted):
        call.mailbox.messages.move(stored, recoverable)
    else:
        call.mailbox.messages.move(stored, deleted)
    return no_content()


async def permanently_delete(call: MailCall) -> Response:
    call.mailbox.messages.erase(call.message())
    return no_content()


async def move_message(call: MailCall) -> Response:
    stored, folder = call.message(), await destination(call)
    return created(call, call.mailbox.messages.move(stored, folder))


async def copy_message(call: MailCall) -> Response:
    stored, folder = call.message(), await destination(call)
    return created(call, call.mailbox.messages.copy(stored, folder))


async def destination(call: MailCall) -> Folder:
    name = read_body(shapes.MOVE, await call.json()).get("destinationId")
    if not name:
        raise invalid_body("The parameter 'DestinationId' is missing.")
    folder = call.folder(name)
    _refuse_search_folder(folder)
    return folder


def _refuse_search_folder(folder: Folder) -> None:
    if folder.search is not None:
        raise bad_request("A search folder shows messages of other folders and holds none.", "ErrorInvalidRequest")


def created(call: MailCall, stored: StoredMessage) -> Response:
    body = {"@odata.context": call.context("messages/$entity"), **message_json(call, stored)}
    return call.json_answer(body, 201, {"Location": call.location("messages", stored), "ETag": etag_of(stored)})


def _updated(call: MailCall, stored: StoredMessage, fields: dict[str, Any]) -> StoredMessage:
    messages = call.mailbox.messages
    message = messages.load_message(stored)
    drafting.write_fields(message, fields)
    with call.mailbox.database.transaction():
        messages.set_extended(stored, drafting.extended_properties(fields))
        if shapes.DRAFT_FIELDS.keys().isdisjoint(fields):
            return messages.update_marks(stored, message, drafting.columns(fields))
        messages.update_columns(stored, drafting.columns(fields))
        return messages.rewrite(stored, message)
