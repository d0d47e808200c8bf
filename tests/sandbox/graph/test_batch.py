from __future__ import annotations

import base64
from typing import Any

import pytest

from outlook_mcp.sandbox.store import Mailbox, StoredMessage
from tests.sandbox.graph.conftest import Client

JSON = {"Content-Type": "application/json"}


async def run(client: Client, *requests: dict[str, Any]) -> dict[str, dict[str, Any]]:
    answer = await client.post("/$batch", {"requests": list(requests)}, 200)
    return {response["id"]: response for response in answer["responses"]}


async def test_parts_are_requests_of_the_same_user(anna: Client, received: StoredMessage) -> None:
    path = f"/me/messages/{received.id}"
    answers = await run(
        anna,
        {"id": "1", "method": "GET", "url": f"{path}?$select=subject"},
        {"id": "2", "method": "PATCH", "url": path, "body": {"isRead": True}, "headers": JSON},
        {"id": "3", "method": "GET", "url": "me/messages/nonsense"},
        {"id": "4", "method": "GET", "url": f"{path}/$value"},
    )
    assert answers["1"]["body"]["subject"] == "Budget"
    assert answers["2"]["status"] == 200
    assert answers["3"]["body"]["error"]["code"] == "ErrorInvalidIdMalformed"
    assert b"Subject: Budget" in base64.b64decode(answers["4"]["body"])


async def test_a_part_after_a_failed_one_fails(anna: Client, mailbox: Mailbox) -> None:
    draft = {"method": "POST", "url": "/me/messages", "headers": JSON}
    answers = await run(
        anna,
        {"id": "good", **draft, "body": {"subject": "1"}},
        {"id": "after-good", **draft, "body": {"subject": "2"}, "dependsOn": ["good"]},
        {"id": "bad", **draft, "body": {"colour": "red"}},
        {"id": "after-bad", **draft, "body": {"subject": "3"}, "dependsOn": ["bad"]},
    )
    assert {name: answer["status"] for name, answer in answers.items()} == {
        "good": 201,
        "after-good": 201,
        "bad": 400,
        "after-bad": 424,
    }
    assert mailbox.count() == 2


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [{"id": "1", "method": "GET", "url": "/me"}] * 2,
        [{"id": str(number), "method": "GET", "url": "/me"} for number in range(21)],
        [{"id": "1", "method": "GET", "url": "/me", "dependsOn": ["2"]}],
        [{"id": "1", "method": "GET", "url": "/me", "dependsOn": ["1"]}],
        [{"id": "1", "method": "POST", "url": "/me/messages", "body": {}}],
        [{"id": "1", "method": "POST", "url": "/$batch", "body": {}, "headers": JSON}],
        [{"method": "GET"}],
        "nonsense",
    ],
)
async def test_a_broken_batch_is_refused_whole(anna: Client, requests: Any) -> None:
    assert await anna.fails("POST", "/$batch", 400, json={"requests": requests}) == "BadRequest"


@pytest.mark.parametrize(
    "part",
    [
        {"url": "/me/messages/\x00"},
        {"url": "/me?" + "a" * 70_000},
        {"url": "/../common/discovery/v2.0/keys"},
        {"url": "/me", "headers": {"X-Ä": "1"}},
        {"url": "https://graph.microsoft.com/v1.0/me"},
        {"method": "POST", "url": "/me/messages", "headers": {"Content-Type": "image/png"}, "body": "a"},
    ],
)
async def test_a_part_that_is_no_request_to_graph_is_refused_alone(anna: Client, part: dict[str, Any]) -> None:
    answers = await run(anna, {"id": "odd", "method": "GET", **part}, {"id": "good", "method": "GET", "url": "/me"})
    assert (answers["odd"]["status"], answers["odd"]["body"]["error"]["code"]) == (400, "BadRequest")
    assert answers["good"]["status"] == 200
