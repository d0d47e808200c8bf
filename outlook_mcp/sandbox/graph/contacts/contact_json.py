"""A contact as JSON, and the shapes of request bodies.

https://learn.microsoft.com/graph/api/resources/contact
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from outlook_mcp.sandbox.graph.contacts.call import ContactCall
from outlook_mcp.sandbox.graph.core.call import etag_of
from outlook_mcp.sandbox.graph.core.errors import bad_request, invalid_body
from outlook_mcp.sandbox.graph.core.shapes import EMAIL_ADDRESS, PHYSICAL_ADDRESS, Shape, read_body
from outlook_mcp.sandbox.store.contacts.contacts import StoredContact

_MOST_ADDRESSES = 3
_TEXTS = (
    *("fileAs", "displayName", "givenName", "initials", "middleName", "nickName", "surname", "title"),
    *("yomiGivenName", "yomiSurname", "yomiCompanyName", "generation", "jobTitle", "companyName", "department"),
    *("officeLocation", "profession", "businessHomePage", "assistantName", "manager", "mobilePhone"),
    *("spouseName", "personalNotes"),
)
_LISTS = ("imAddresses", "homePhones", "businessPhones", "children", "categories")
_PLACES = ("homeAddress", "businessAddress", "otherAddress")
# Given by the server, and taken back without effect.
_GIVEN = ("id", "createdDateTime", "lastModifiedDateTime", "changeKey", "parentFolderId")
PROPERTIES = (*_GIVEN, "birthday", *_TEXTS, *_LISTS, "emailAddresses", *_PLACES)
_CONTACT = Shape(
    "contact",
    {
        **dict.fromkeys(_TEXTS, str),
        **{name: [str] for name in _LISTS},
        **dict.fromkeys(_PLACES, PHYSICAL_ADDRESS),
        **dict.fromkeys(_GIVEN, object),
        "parentFolderId": str,
        "birthday": str,
        "emailAddresses": [EMAIL_ADDRESS],
    },
)


def read_contact(body: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that a request sets, and `parentFolderId` where it moves the contact. Raises GraphFault."""
    fields = read_body(_CONTACT, body)
    emails = [email for email in fields.get("emailAddresses") or [] if email]
    if len(emails) > _MOST_ADDRESSES:
        raise bad_request("A contact has at most three email addresses.", "ErrorInvalidArgument")
    if "emailAddresses" in fields:
        fields["emailAddresses"] = [
            {"name": email.get("name") or email.get("address"), "address": email.get("address")} for email in emails
        ]
    if fields.get("birthday"):
        fields["birthday"] = _birthday(fields["birthday"])
    return {name: value for name, value in fields.items() if name not in _GIVEN or name == "parentFolderId"}


def contact_json(call: ContactCall, contact: StoredContact) -> dict[str, Any]:
    """Every property; those that were never set are null, or empty lists and addresses."""
    known = contact.fields
    emails = known.get("emailAddresses") or []
    return {
        "@odata.etag": etag_of(contact),
        "id": call.id_of(contact),
        "createdDateTime": contact.row["created"],
        "lastModifiedDateTime": contact.row["modified"],
        "changeKey": contact.change_key,
        "parentFolderId": contact.folder_id,
        "birthday": known.get("birthday"),
        **{name: known.get(name) for name in _TEXTS},
        "fileAs": known.get("fileAs") or _file_as(known),
        **{name: known.get(name) or [] for name in _LISTS},
        "emailAddresses": emails,
        **{name: known.get(name) or {} for name in _PLACES},
    }


def _file_as(fields: Mapping[str, Any]) -> str | None:
    """`Surname, Given`, as Outlook sorts people."""
    names = [fields[name] for name in ("surname", "givenName") if fields.get(name)]
    return ", ".join(names) or fields.get("displayName")


def _birthday(written: str) -> str:
    """The day at 11:59 UTC, as Exchange keeps it."""
    try:
        day = datetime.fromisoformat(written).date()
    except ValueError as error:
        raise invalid_body("Cannot convert the value of the property 'birthday' to the expected type.") from error
    return f"{day.isoformat()}T11:59:00Z"
