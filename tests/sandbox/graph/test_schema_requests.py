"""Requests made from Microsoft's metadata, right and wrong ones, in all areas."""

from __future__ import annotations

import dataclasses
import json
import random
import re
from collections import Counter
from typing import Any

import httpx

from outlook_mcp.sandbox.message import Attachment
from outlook_mcp.sandbox.store import Mailbox
from tests.effort import usually
from tests.sandbox.graph import strict_schema
from tests.sandbox.graph.conftest import Client, mail
from tests.sandbox.graph.schema_bodies import SchemaBodies, properties_of

_NOON = {"dateTime": "2026-12-01T12:00:00", "timeZone": "UTC"}
_EVENT = {"subject": "Plan", "start": _NOON, "end": {**_NOON, "dateTime": "2026-12-01T13:00:00"}}
_NUMBER = usually(150, thoroughly=10_000)
_OPTIONS = ("$select", "$orderby", "$filter")
# How many of them each property is tried with.
_QUERIES = usually(1, thoroughly=3)


@dataclasses.dataclass(frozen=True)
class Place:
    """Where values of a type are written, and what every body of a right request has."""

    type: str
    method: str
    path: str
    needed: dict[str, Any] = dataclasses.field(default_factory=dict)


async def places_of(anna: Client, mailbox: Mailbox) -> list[Place]:
    """Collections come before one element of each."""
    message = mailbox.insert_message(mail(attachments=[Attachment("a.txt", "text/plain", b"a")])).id
    collections = [
        Place("messageRule", "POST", "/me/mailFolders/inbox/messageRules", _rule()),
        Place("outlookCategory", "POST", "/me/outlook/masterCategories", {"displayName": "Peas"}),
        Place("mailFolder", "POST", "/me/mailFolders", {"displayName": "Peas"}),
        Place("event", "POST", "/me/events", _EVENT),
        Place("contact", "POST", "/me/contacts", {"givenName": "Jo"}),
        Place("contactFolder", "POST", "/me/contactFolders", {"displayName": "Peas"}),
        Place("calendar", "POST", "/me/calendars", {"name": "Peas"}),
    ]
    made = [(await anna.post(place.path, place.needed))["id"] for place in collections]
    return [
        *collections,
        *(Place(place.type, "PATCH", f"{place.path}/{own}") for place, own in zip(collections, made, strict=True)),
        Place("message", "POST", "/me/messages"),
        Place("message", "PATCH", f"/me/messages/{message}"),
        Place("fileAttachment", "POST", f"/me/messages/{message}/attachments", _attachment("file")),
        Place("referenceAttachment", "POST", f"/me/messages/{message}/attachments", _attachment("reference")),
        Place("mailboxSettings", "PATCH", "/me/mailboxSettings"),
        Place("inferenceClassificationOverride", "POST", "/me/inferenceClassification/overrides"),
        Place("subscription", "POST", "/subscriptions"),
    ]


def _rule() -> dict[str, Any]:
    return {"displayName": "Peas", "sequence": 1, "actions": {"markAsRead": True}}


def _attachment(kind: str) -> dict[str, Any]:
    return {"@odata.type": f"#microsoft.graph.{kind}Attachment", "name": "a.txt"}


def refusal_of(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["message"]) if answer.status_code >= 400 else ""


async def test_no_property_of_graph_is_called_unknown_when_it_is_written(whole: Client, mailbox: Mailbox) -> None:
    unknown = []
    for place in await places_of(whole, mailbox):
        for name, schema in properties_of(place.type).items():
            body = {**place.needed, name: SchemaBodies(random.Random(1)).value(schema)}
            answer = await whole.request(place.method, place.path, json=body)
            if "does not exist" in refusal_of(answer) or answer.status_code == 500:
                unknown.append(f"{place.method} {place.path}: {name}")
    assert unknown == []


async def test_no_property_of_graph_is_called_unknown_in_a_query(whole: Client, mailbox: Mailbox) -> None:
    unknown = []
    for place in await places_of(whole, mailbox):
        # Properties of derived types are unknown to Graph, too.
        if "Attachment" in place.type or place.method == "PATCH":
            continue
        for number, name in enumerate(properties_of(place.type)):
            for option in [_OPTIONS[(number + turn) % 3] for turn in range(_QUERIES)]:
                value = f"{name} eq null" if option == "$filter" else name
                answer = await whole.request("GET", place.path, params={option: value})
                if "Could not find" in refusal_of(answer) or answer.status_code == 500:
                    unknown.append(f"{place.path}?{option}={name}")
    assert unknown == []


def stored_rows(mailbox: Mailbox) -> list[Any]:
    """What tells most changes of the store: how many rows each table has, and the counters of the mailboxes."""
    database = mailbox.database
    tables = [row["name"] for row in database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    plain = [name for name in tables if not name.startswith(("sqlite_", "search"))]
    counted = " UNION ALL ".join(f"SELECT count(*) FROM {name}" for name in plain)
    return [tuple(row) for row in (*database.rows(counted), *database.rows("SELECT * FROM mailbox"))]


def changes_of(places: list[Place], number: int) -> tuple[Place, dict[str, Any]]:
    """The place and the body of the change with this number; half of them have a mistake."""
    chosen = random.Random(number)
    bodies, place = SchemaBodies(chosen), chosen.choice(places)
    body = {**place.needed, **bodies.of(place.type, chosen.choice((0.05, 0.2, 0.6)))}
    return place, bodies.broken(body) if number % 2 else body


async def send_imitated(client: Client, place: Place, query: str, body: dict[str, Any]) -> httpx.Response:
    """The answer to the part of the body that is imitated."""
    while True:
        answer = await client.request(place.method, place.path + query, json=body)
        found = re.search(r"The property '(\w+)'", refusal_of(answer)) if answer.status_code == 501 else None
        if found is None or body.pop(found[1], None) is None:
            return answer


async def test_a_change_made_from_the_metadata_is_done_or_refused_whole(whole: Client, mailbox: Mailbox) -> None:
    places = await places_of(whole, mailbox)
    seen: Counter[int] = Counter()
    wrong = []
    for number in range(_NUMBER):
        place, body = changes_of(places, number)
        before = stored_rows(mailbox)
        query = "?$select=peas" if number % 9 == 0 else ""
        answer = await send_imitated(whole, place, query, body)
        seen[answer.status_code] += 1
        if answer.status_code >= 400 and stored_rows(mailbox) != before:
            wrong.append(f"{number}: {place.method} {place.path} {json.dumps(body)}: changed {answer.text[:200]}")
        found = strict_schema.problems(answer.json(), answer.status_code)
        if found or answer.status_code == 500:
            wrong.append(f"{number}: {place.method} {place.path} {found} {json.dumps(body)}: {answer.text[:200]}")
    assert wrong == []
    assert min(seen[200], seen[201], seen[400]) > _NUMBER / 50
