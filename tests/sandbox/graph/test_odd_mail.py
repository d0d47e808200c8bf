"""No stored message makes a route fail, however damaged it is."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.sandbox.mime import parse
from outlook_mcp.sandbox.store import Mailbox, MailStore
from tests.effort import usually
from tests.sandbox.graph import strict_schema
from tests.sandbox.graph.conftest import Client
from tests.sandbox.graph.odd_mail import odd_message

_EVERYTHING = (
    "?$expand=attachments($expand=microsoft.graph.itemattachment/item),microsoft.graph.eventMessage/event,"
    "singleValueExtendedProperties($filter=id eq 'String 0x007D')"
)
_TEXT = {"headers": {"Prefer": 'outlook.body-content-type="text"'}}
_REQUESTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("GET", _EVERYTHING, {}),
    ("GET", "?$select=body,uniqueBody,internetMessageHeaders", _TEXT),
    ("GET", "/$value", {}),
    ("POST", "/createReplyAll", {"json": {"comment": "x"}}),
    ("POST", "/copy", {"json": {"destinationId": "archive"}}),
    ("POST", "/forward", {"json": {"toRecipients": [{"emailAddress": {"address": "ben@contoso.com"}}]}}),
)


@pytest.mark.parametrize("number", range(usually(10, thoroughly=2_000)))
async def test_a_damaged_message_is_answered_copied_and_forwarded(
    anna: Client, mailbox: Mailbox, store: MailStore, number: int
) -> None:
    stored = mailbox.insert_message(parse(odd_message(number)))
    for method, path, more in _REQUESTS:
        answer = await anna.request(method, f"/me/messages/{stored.id}{path}", **more)
        assert answer.status_code < 300, answer.text
        if "json" in answer.headers.get("content-type", ""):
            assert strict_schema.problems(answer.json(), answer.status_code) == []
    await store.settled()
    assert mailbox.folders.by_name("sentitems").total == 1
