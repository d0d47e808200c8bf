"""Requests that no client should send are answered, and never by a failure of the sandbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from outlook_mcp.sandbox.graph.calendar import operations as calendar
from outlook_mcp.sandbox.graph.contacts import operations as contacts
from outlook_mcp.sandbox.graph.mail import operations as messages
from outlook_mcp.sandbox.graph.users import operations as users
from outlook_mcp.sandbox.store import Mailbox
from tests.effort import usually
from tests.sandbox.golden.world import World
from tests.sandbox.graph import strict_schema
from tests.sandbox.graph.conftest import Client
from tests.sandbox.graph.odd_requests import OddRequest
from tests.sandbox.graph.odd_values import BODIES

_ROUNDS = usually(2, thoroughly=200)
_REQUESTS = 150
_AREAS = (messages, messages, calendar, contacts, users)
_SENT = [
    *((operation.method, operation.pattern) for area in _AREAS for operation in area.OPERATIONS),
    *[("POST", "$batch")] * 3,
]


async def known_ids(client: Client, mailbox: Mailbox, number: int) -> dict[str, list[str]]:
    """By the names in the patterns of the operations."""
    event, contact = [await client.post(f"/me/{name}", BODIES[name]) for name in ("events", "contacts")]
    world = World(mailbox, number)
    world.filled("{received} {rich} {invitation} {folder} {parent}")
    return {
        "message": [world.values[name] for name in ("received", "rich", "invitation", "third")],
        "folder": ["inbox", "msgfolderroot", world.values["folder"], world.values["child"]],
        "attachment": [world.values[name] for name in ("file", "inline", "item", "link")],
        "setting": ["timeZone"],
        "event": [event["id"]],
        "contact": [contact["id"]],
        "calendar": [calendar["id"] for calendar in (await client.get("/me/calendars"))["value"]],
        "category": ["00000001-0000-4000-8000-000000000000"],
    }


def odd_requests(known: dict[str, list[str]], round_number: int) -> Iterator[OddRequest]:
    for number in range(round_number * _REQUESTS, (round_number + 1) * _REQUESTS):
        yield OddRequest(number, _SENT, known)


def problems_of(answer: httpx.Response) -> list[str]:
    """What is wrong with an answer: a failure of the sandbox itself, or what does not fit Microsoft's metadata."""
    if "json" not in answer.headers.get("content-type", ""):
        return ["no JSON"] if answer.status_code >= 400 else []
    body = answer.json()
    if answer.status_code == 500 and body["error"]["code"] == "InternalServerError":
        return ["failed"]
    return strict_schema.problems(body, answer.status_code)


async def test_an_odd_request_has_an_answer_with_graphs_error_body(whole: Client, mailbox: Mailbox) -> None:
    seen: Counter[int] = Counter()
    wrong = []
    for round_number in range(_ROUNDS):
        known = await known_ids(whole, mailbox, round_number)
        for request in odd_requests(known, round_number):
            try:
                answer = await whole.request(
                    request.method, request.path, headers=request.headers, content=request.content
                )
            except (httpx.InvalidURL, UnicodeEncodeError):
                continue  # No HTTP client can send it.
            if not answer.url.path.startswith("/v1.0/"):
                continue  # Dots led out of Graph.
            seen[answer.status_code] += 1
            found = problems_of(answer)
            if found:
                wrong.append(f"{request.described}: {found}")
    assert wrong == []
    assert seen[200] > _ROUNDS * 10
    assert seen[400] > _ROUNDS * 10


@pytest.mark.parametrize("numbers", ["0-" + "9" * 5000, "0-٣", "9-0", "0-0"])
async def test_an_odd_range_of_an_upload_is_refused(anna: Client, uploads: httpx.AsyncClient, numbers: str) -> None:
    draft = await anna.post("/me/messages", {"subject": "x"})
    item = {"attachmentType": "file", "name": "b", "size": 4_000_000}
    opened = await anna.post(f"/me/messages/{draft['id']}/attachments/createUploadSession", {"AttachmentItem": item})
    content_range = f"bytes {numbers}/4000000".encode()
    answer = await uploads.put(opened["uploadUrl"], content=b"ab", headers={b"Content-Range": content_range})
    assert answer.status_code == 400
    assert strict_schema.problems(answer.json(), 400) == []
