"""/messages/{id}/extensions: open extensions, whose properties are free but for their kinds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import PlainTextResponse, Response

from outlook_mcp.sandbox.graph.core.call import no_content
from outlook_mcp.sandbox.graph.core.errors import GraphFault, bad_request, invalid_body, read_only
from outlook_mcp.sandbox.graph.core.refusals import id_refusals
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.query import Expansion
from outlook_mcp.sandbox.query.wanted_ids import wanted_ids
from outlook_mcp.sandbox.store import StoredMessage

_TYPE = "microsoft.graph.openTypeExtension"
# Examples of the documentation have the name of the service before Graph too.
_TYPES = frozenset({_TYPE.lower(), "microsoft.outlookservices.opentypeextension"})
_WHOLE_SECOND = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.0+Z", re.ASCII)
# In front of the name in the id of an extension of Exchange.
_PREFIX = "Microsoft.OutlookServices.OpenTypeExtension."
_NAME = "extensionName"


async def list_extensions(call: MailCall) -> Response:
    stored = call.message()
    value = [extension_json(name, properties) for name, properties in call.mailbox.extensions.of(stored).items()]
    return call.json_answer({"@odata.context": call.context(_path(call)), "value": value})


async def count_extensions(call: MailCall) -> Response:
    return PlainTextResponse(str(len(call.mailbox.extensions.of(call.message()))))


async def get_extension(call: MailCall) -> Response:
    name, properties = _extension(call, call.message())
    return _extension_answer(call, name, properties)


async def create_extension(call: MailCall) -> Response:
    stored = call.message()
    name, properties = read_extension(await call.json())
    if name.lower() in {known.lower() for known in call.mailbox.extensions.of(stored)}:
        raise GraphFault(409, "NameAlreadyExists", f"An extension with the name '{name}' already exists.")
    _save_extension(call, stored, name, properties)
    return _extension_answer(call, name, properties, 201)


async def update_extension(call: MailCall) -> Response:
    """Properties that are not named stay; null takes one away."""
    stored = call.message()
    name, before = _extension(call, stored)
    body = await call.json()
    if str(body.get(_NAME, name)).lower() != name.lower():
        raise read_only(_NAME)
    _, written = read_extension({**body, _NAME: name})
    properties = {key: value for key, value in {**before, **written}.items() if value is not None}
    _save_extension(call, stored, name, properties)
    return _extension_answer(call, name, properties)


async def delete_extension(call: MailCall) -> Response:
    stored = call.message()
    name, _ = _extension(call, stored)
    call.mailbox.extensions.remove_extension(stored, name)
    call.mailbox.messages.update_columns(stored, {})
    return no_content()


def read_extension(body: object) -> tuple[str, dict[str, Any]]:
    """Name and properties of an extension in a request. Raises GraphFault."""
    if not isinstance(body, dict):
        raise invalid_body("An extension is an object.")
    kind = str(body.get("@odata.type", _TYPE)).removeprefix("#")
    if kind.lower() not in _TYPES:
        raise bad_request(f"The type '{kind}' is not supported for extensions of a message.")
    properties = {key: value for key, value in body.items() if "@" not in key and key not in (_NAME, "id")}
    name = body.get(_NAME)
    if not isinstance(name, str) or not name.strip():
        raise invalid_body(f"The property '{_NAME}' is missing.")
    for key, value in properties.items():
        if not _is_plain(value) and not (isinstance(value, list) and all(map(_is_plain, value))):
            raise invalid_body(f"The property '{key}' is neither a primitive value nor a list of them.")
    return name, {key: _without_fraction(value) for key, value in properties.items()}


def put_extensions(call: MailCall, stored: StoredMessage, bodies: Iterable[object]) -> None:
    """The extensions of a message that is created with them."""
    for body in bodies:
        call.mailbox.extensions.put_extension(stored, *read_extension(body))


def expanded_extensions(call: MailCall, stored: StoredMessage, expansion: Expansion) -> list[dict[str, Any]]:
    """The value of $expand=extensions; a $filter in it names them by id or name."""
    found = call.mailbox.extensions.of(stored)
    text = expansion.options.get("$filter")
    if text is not None:
        wanted = {_plain_name(identifier).lower() for identifier in wanted_ids(text)}
        found = {name: properties for name, properties in found.items() if name.lower() in wanted}
    return [extension_json(name, properties) for name, properties in found.items()]


def extension_json(name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"@odata.type": f"#{_TYPE}", "id": f"{_PREFIX}{name}", _NAME: name, **properties}


def _without_fraction(value: object) -> object:
    """Times are kept to the second: https://learn.microsoft.com/graph/api/opentypeextension-post-opentypeextension."""
    whole = _WHOLE_SECOND.fullmatch(value) if isinstance(value, str) else None
    return f"{whole[1]}Z" if whole else value


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _plain_name(identifier: str) -> str:
    return identifier[len(_PREFIX) :] if identifier.lower().startswith(_PREFIX.lower()) else identifier


def _extension(call: MailCall, stored: StoredMessage) -> tuple[str, dict[str, Any]]:
    with id_refusals():
        return call.mailbox.extensions.by_name(stored, _plain_name(call.arguments["extension"]))


def _save_extension(call: MailCall, stored: StoredMessage, name: str, properties: Mapping[str, Any]) -> None:
    with call.mailbox.database.transaction():
        call.mailbox.extensions.put_extension(stored, name, properties)
        call.mailbox.messages.update_columns(stored, {})


def _path(call: MailCall) -> str:
    return f"messages('{quote(call.arguments['message'])}')/extensions"


def _extension_answer(call: MailCall, name: str, properties: Mapping[str, Any], status: int = 200) -> Response:
    context = call.context(f"{_path(call)}/$entity")
    return call.json_answer({"@odata.context": context, **extension_json(name, properties)}, status)
