"""/contacts and /contactFolders/{id}/contacts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from starlette.responses import PlainTextResponse, Response

from outlook_mcp.sandbox.graph.contacts.call import ContactCall, store_refusals
from outlook_mcp.sandbox.graph.contacts.contact_json import PROPERTIES, contact_json, read_contact
from outlook_mcp.sandbox.graph.core.call import etag_of, no_content
from outlook_mcp.sandbox.graph.core.collections import entity_answer, page_answer
from outlook_mcp.sandbox.graph.core.errors import bad_request
from outlook_mcp.sandbox.query.errors import unknown_property
from outlook_mcp.sandbox.query.odata import Combination, Comparison, Node, Quantified, parse_filter
from outlook_mcp.sandbox.store.contacts.contacts import StoredContact

_TYPE = "contact"
_WORD = re.compile(r"\w+")
# Of text, whose words $search finds; categories are none of them.
_SEARCHED = (
    *("displayName", "givenName", "middleName", "surname", "nickName", "companyName", "department", "jobTitle"),
    *("officeLocation", "profession", "mobilePhone", "personalNotes"),
)


async def list_contacts(call: ContactCall) -> Response:
    values = [contact_json(call, contact) for contact in _wanted(call)]
    return page_answer(call, "contacts", _in_order(call, values), PROPERTIES, _TYPE)


async def count_contacts(call: ContactCall) -> Response:
    return PlainTextResponse(str(len(_wanted(call))))


async def get_contact(call: ContactCall) -> Response:
    contact = call.contact()
    return entity_answer(call, "contacts", contact_json(call, contact), PROPERTIES, _TYPE)


async def create_contact(call: ContactCall) -> Response:
    folder = call.folder()
    fields = read_contact(await call.json())
    fields.pop("parentFolderId", None)
    contact = call.contacts.create_contact(folder, fields)
    headers = {"Location": call.location("contacts", contact), "ETag": etag_of(contact)}
    return entity_answer(call, "contacts", contact_json(call, contact), PROPERTIES, _TYPE, 201, headers)


async def update_contact(call: ContactCall) -> Response:
    """Lists and addresses are replaced whole; another folder moves the contact."""
    contact = call.contact()
    call.check_etag(contact)
    fields = read_contact(await call.json())
    folder = fields.pop("parentFolderId", None)
    with store_refusals():
        if folder is not None and folder != contact.folder_id:
            contact = call.contacts.move_contact(contact, call.folders.by_id(folder))
        contact = call.contacts.change_contact(contact, fields)
    return entity_answer(call, "contacts", contact_json(call, contact), PROPERTIES, _TYPE)


async def delete_contact(call: ContactCall) -> Response:
    contact = call.contact()
    call.check_etag(contact)
    call.contacts.delete_contact(contact)
    return no_content()


def _wanted(call: ContactCall) -> list[StoredContact]:
    found = call.contacts.contacts_in(call.folder())
    options = call.options
    if options.search is not None and options.filter:
        raise bad_request("The query parameter '$filter' is not supported with '$search'.", "ErrorInvalidUrlQuery")
    if options.search is not None:
        words = _words(options.search)
        found = [contact for contact in found if _has_words(contact, words)]
    if options.filter:
        address = _filtered_address(parse_filter(options.filter))
        found = [contact for contact in found if address.casefold() in _addresses(contact)]
    return found


def _has_words(contact: StoredContact, words: Sequence[str]) -> bool:
    """Whether each of `words` begins a word of the contact."""
    fields = contact.fields
    texts = [fields.get(name) or "" for name in _SEARCHED]
    texts += [email.get(part) or "" for email in fields.get("emailAddresses") or [] for part in ("name", "address")]
    known = _words(" ".join(texts))
    return bool(words) and all(any(word.startswith(wanted) for word in known) for wanted in words)


def _words(text: str) -> list[str]:
    """Without case and accents, as the index of Exchange has them."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return _WORD.findall(plain.casefold())


def _addresses(contact: StoredContact) -> set[str]:
    return {(email.get("address") or "").casefold() for email in contact.fields.get("emailAddresses") or []}


def _filtered_address(node: Node) -> str:
    """The address of `emailAddresses/any(a:a/address eq '...')`, the only filter that is answered.

    Raises GraphFault for another one.
    """
    match node:
        case Quantified("emailAddresses", variable, Comparison(path, "=", (value,))):
            if path.lower() == f"{variable.lower()}/address":
                return value.text
        case Combination():
            pass
    raise bad_request("The query filter contains one or more invalid nodes.", "ErrorInvalidUrlQueryFilter")


def _in_order(call: ContactCall, values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By $orderby, else as they were created."""
    spelled = {name.lower(): name for name in PROPERTIES}
    for term in reversed((call.options.orderby or "").split(",")):
        path, _, direction = term.strip().partition(" ")
        if not path:
            continue
        name = spelled.get(path.lower())
        if name is None:
            raise unknown_property(path, _TYPE)
        values.sort(
            key=lambda value: str(value[name] or "").casefold(),
            reverse=direction.strip().lower() == "desc",
        )
    return values
