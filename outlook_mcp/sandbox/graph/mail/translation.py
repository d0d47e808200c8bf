"""translateExchangeIds: the same item under another form of id."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.errors import bad_request, invalid_body
from outlook_mcp.sandbox.graph.core.shapes import read_body
from outlook_mcp.sandbox.graph.mail import shapes
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.store import StoredMessage, StoreError
from outlook_mcp.sandbox.store.core import ids

_LIMIT = 1000
_TO_EXCHANGE = str.maketrans("/+", "-_")
_FROM_EXCHANGE = str.maketrans("-_", "/+")


async def translate_ids(call: MailCall) -> Response:
    fields = read_body(shapes.TRANSLATE, await call.json())
    source, target, given = fields.get("SourceIdType"), fields.get("TargetIdType"), fields.get("InputIds")
    if not (source and target and given):
        raise invalid_body("The parameters 'InputIds', 'SourceIdType' and 'TargetIdType' are needed.")
    if len(given) > _LIMIT:
        raise bad_request(f"At most {_LIMIT} ids can be translated at once.", "ErrorInvalidRequest")
    context = call.type_context("Collection(microsoft.graph.convertIdResult)")
    return call.json_answer(
        {"@odata.context": context, "value": [_translate(call, item, source, target) for item in given]}
    )


def _translate(call: MailCall, given: str, source: str, target: str) -> dict[str, Any]:
    try:
        stored = _find_message(call, given, source)
    except StoreError:
        details = {"code": "ErrorInvalidIdMalformed", "message": "Id is malformed."}
        return {"sourceId": given, "errorDetails": details}
    return {"sourceId": given, "targetId": _id_of(stored, target)}


def _find_message(call: MailCall, given: str, source: str) -> StoredMessage:
    if source in ("entryId", "immutableEntryId"):
        return call.mailbox.messages.by_id(ids.from_entry_id(call.account.guid, given))
    return call.mailbox.messages.by_id(given.translate(_TO_EXCHANGE) if source == "ewsId" else given)


def _id_of(stored: StoredMessage, target: str) -> str:
    if target == "ewsId":
        return stored.id.translate(_FROM_EXCHANGE)
    if target == "entryId":
        return ids.entry_id(stored.id)
    if target == "immutableEntryId":
        return ids.entry_id(stored.immutable_id)
    return stored.immutable_id if target == "restImmutableEntryId" else stored.id
