"""/people: whom the user deals with, by relevance.

https://learn.microsoft.com/graph/people-insights-overview
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from starlette.responses import PlainTextResponse, Response

from outlook_mcp.sandbox.graph.contacts.call import ContactCall
from outlook_mcp.sandbox.graph.core.collections import entity_answer, page_answer
from outlook_mcp.sandbox.graph.core.errors import bad_request, item_not_found
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.rooms import Rooms

_TYPE = "person"
_NAMESPACE = UUID("9c4c7b7c-35a5-4f0a-8f53-0d3c2b7f6e11")
_QUERY_SOURCES = "x-peoplequery-querysources"
_EMPTY: dict[str, Any] = {
    **dict.fromkeys(("birthday", "personNotes", "profession", "yomiCompany", "imAddress", "officeLocation")),
    **{name: [] for name in ("phones", "postalAddresses", "websites")},
}
PROPERTIES = (
    *("id", "displayName", "givenName", "surname", "jobTitle", "companyName", "department", "userPrincipalName"),
    *("isFavorite", "scoredEmailAddresses", "personType", *_EMPTY),
)
_WORD = re.compile(r"\w+")
# How alike two words are (0 to 1) that count as the same in a search.
_ALIKE = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """`subclass` is the kind of person in Graph's words, of the class `Other` for a room; `score` orders people."""

    name: str
    address: str
    subclass: str
    score: float
    title: str | None = None
    company: str | None = None
    department: str | None = None
    upn: str | None = None


async def list_people(call: ContactCall) -> Response:
    """The people of the mailbox; with the header also those of the directory."""
    if call.options.filter or call.options.orderby:
        raise bad_request("The query option is not supported for people.", "ErrorInvalidUrlQuery")
    people = _people(call)
    if call.options.search is not None:
        words = _words(call.options.search)
        people = [person for person in people if _is_meant(person, words)]
    return page_answer(call, "people", [_person_json(call, person) for person in people], PROPERTIES, _TYPE)


async def count_people(call: ContactCall) -> Response:
    return PlainTextResponse(str(len(_people(call))))


async def get_person(call: ContactCall) -> Response:
    for person in _people(call):
        value = _person_json(call, person)
        if value["id"] == call.arguments["person"]:
            return entity_answer(call, "people", value, PROPERTIES, _TYPE)
    raise item_not_found()


def _people(call: ContactCall) -> list[_Person]:
    """Each address once, most relevant first."""
    found: dict[str, _Person] = {}
    for person in (*_contacts(call), *_correspondents(call), *_colleagues(call)):
        key = person.address.casefold()
        if key != call.account.upn.casefold():
            found.setdefault(key, person)
    return sorted(found.values(), key=lambda person: (-person.score, person.name))


def _contacts(call: ContactCall) -> Iterator[_Person]:
    known = call.sources.correspondents(call.account)
    exchanged = {person.address.casefold(): messages for person, messages in known}
    for contact in call.contacts.all_contacts():
        fields = contact.fields
        for email in (fields.get("emailAddresses") or [])[:1]:
            address = email.get("address") or ""
            yield _Person(
                name=fields.get("displayName") or address,
                address=address,
                subclass="PersonalContact",
                score=1 + exchanged.get(address.casefold(), 0),
                title=fields.get("jobTitle"),
                company=fields.get("companyName"),
                department=fields.get("department"),
            )


def _correspondents(call: ContactCall) -> Iterator[_Person]:
    for person, messages in call.sources.correspondents(call.account):
        account = call.sources.accounts.by_address(person.address)
        is_colleague = account is not None and account.tid == call.account.tid
        yield _Person(
            name=person.name or person.address,
            address=person.address,
            subclass=_subclass(call, account) if account is not None and is_colleague else "ImplicitContact",
            score=float(messages),
            upn=person.address if is_colleague else None,
        )


def _colleagues(call: ContactCall) -> Iterator[_Person]:
    if "directory" not in call.request.headers.get(_QUERY_SOURCES, "").lower():
        return
    for account in call.sources.accounts.all_accounts():
        if account.tid == call.account.tid:
            yield _Person(
                name=account.display_name,
                address=account.upn,
                subclass=_subclass(call, account),
                score=0,
                upn=account.upn,
            )


def _subclass(call: ContactCall, account: Account) -> str:
    return "Room" if Rooms(call.sources.database).is_room(account) else "OrganizationUser"


def _is_meant(person: _Person, words: list[str]) -> bool:
    """Whether each word begins a word of the person or is like one."""
    known = _words(f"{person.name} {person.address}")
    return bool(words) and all(
        any(word.startswith(wanted) or difflib.SequenceMatcher(None, word, wanted).ratio() >= _ALIKE for word in known)
        for wanted in words
    )


def _words(text: str) -> list[str]:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return _WORD.findall(plain.casefold())


def _person_json(call: ContactCall, person: _Person) -> dict[str, Any]:
    given, _, family = person.name.rpartition(" ")
    return {
        "id": str(uuid5(_NAMESPACE, f"{call.account.oid}/{person.address.casefold()}")),
        "displayName": person.name,
        "givenName": given or person.name,
        "surname": family if given else None,
        "jobTitle": person.title,
        "companyName": person.company,
        "department": person.department,
        "userPrincipalName": person.upn,
        "isFavorite": False,
        "scoredEmailAddresses": [
            {"address": person.address, "relevanceScore": person.score, "selectionLikelihood": "notSpecified"}
        ],
        "personType": {"class": "Other" if person.subclass == "Room" else "Person", "subclass": person.subclass},
        **_EMPTY,
    }
