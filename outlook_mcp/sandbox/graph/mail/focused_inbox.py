"""/inferenceClassification: the senders whose messages always go to one part of the inbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import no_content
from outlook_mcp.sandbox.graph.core.collections import collection_answer, count_answer, entity_answer
from outlook_mcp.sandbox.graph.core.errors import bad_request, invalid_body, item_not_found, read_only
from outlook_mcp.sandbox.graph.core.shapes import EMAIL_ADDRESS, Shape, read_body
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.query.errors import unknown_expansion
from outlook_mcp.sandbox.store.mail.focused_inbox import OVERRIDES

_LIMIT = 1000
_PATH = "inferenceClassification/overrides"
_TYPE = "inferenceClassificationOverride"
_CLASSIFICATION = Shape("inferenceClassification", dict.fromkeys(("id", "overrides"), object))
_OVERRIDE = Shape(
    _TYPE, {"classifyAs": frozenset({"focused", "other"}), "senderEmailAddress": EMAIL_ADDRESS, "id": object}
)


async def get_classification(call: MailCall) -> Response:
    body: dict[str, Any] = {"@odata.context": call.context("inferenceClassification/$entity")}
    body["id"] = f"InferenceClassification_{call.account.oid}"
    for expansion in call.options.expand:
        if expansion.name != "overrides":
            raise unknown_expansion(expansion.name, "inferenceClassification")
        body["overrides"] = _overrides(call)
    return call.json_answer(body)


async def update_classification(call: MailCall) -> Response:
    """The overrides are a collection of their own, and nothing else can be written."""
    for name in read_body(_CLASSIFICATION, await call.json()):
        raise read_only(name)
    return await get_classification(call)


async def list_overrides(call: MailCall) -> Response:
    return collection_answer(call, _PATH, _overrides(call), _OVERRIDE.fields, _TYPE)


async def count_overrides(call: MailCall) -> Response:
    return count_answer(call, len(_overrides(call)), _TYPE)


async def get_override(call: MailCall) -> Response:
    return entity_answer(call, _PATH, _override(call), _OVERRIDE.fields, _TYPE)


async def create_override(call: MailCall) -> Response:
    """For a sender who has one already, the override is changed."""
    fields = read_body(_OVERRIDE, await call.json())
    sender = fields.get("senderEmailAddress") or {}
    if not sender.get("address") or not fields.get("classifyAs"):
        raise invalid_body("An override needs 'classifyAs' and the address of the sender.")
    known = call.mailbox.records(OVERRIDES).find_record(sender["address"])
    if known is None and len(_overrides(call)) >= _LIMIT:
        raise bad_request(f"A mailbox has at most {_LIMIT} overrides.", "ErrorInvalidRequest")
    return _write_override(call, sender["address"], sender.get("name") or "", fields["classifyAs"], 201)


async def update_override(call: MailCall) -> Response:
    """Only the classification can be changed: the override of another sender is another one."""
    override = _override(call)
    fields = read_body(_OVERRIDE, await call.json())
    sender = override["senderEmailAddress"]
    written = fields.get("senderEmailAddress") or sender
    if (written.get("address") or "").lower() != sender["address"].lower():
        raise read_only("senderEmailAddress")
    return _write_override(
        call, sender["address"], written.get("name") or "", fields.get("classifyAs") or override["classifyAs"]
    )


async def delete_override(call: MailCall) -> Response:
    call.mailbox.records(OVERRIDES).remove_record(_override(call)["senderEmailAddress"]["address"])
    return no_content()


def _write_override(call: MailCall, address: str, name: str, classify_as: str, status: int = 200) -> Response:
    identifier = str(uuid5(NAMESPACE_OID, f"{call.account.oid}/{address.lower()}"))
    override = {"id": identifier, "classifyAs": classify_as, "name": name}
    call.mailbox.records(OVERRIDES).put_record(address, override)
    return entity_answer(call, _PATH, _override_json(address, override), _OVERRIDE.fields, _TYPE, status)


def _overrides(call: MailCall) -> list[dict[str, Any]]:
    records = call.mailbox.records(OVERRIDES).all_records()
    return [_override_json(address, override) for address, override in records.items()]


def _override(call: MailCall) -> dict[str, Any]:
    found = [override for override in _overrides(call) if override["id"] == call.arguments["override"]]
    if not found:
        raise item_not_found()
    return found[0]


def _override_json(address: str, override: Mapping[str, str]) -> dict[str, Any]:
    sender = {"name": override["name"], "address": address}
    return {"id": override["id"], "classifyAs": override["classifyAs"], "senderEmailAddress": sender}
