"""Conditions applied to messages after Graph returned them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from outlook_mcp.graph.models import Address, Recipient
from outlook_mcp.mail.models import Flag, Message
from outlook_mcp.mail.search.matching import matches
from outlook_mcp.mail.search.query import PostField as Field
from outlook_mcp.mail.search.query import PostFilter
from tests.ids import message_id

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
MESSAGE = Message(
    id=message_id("m"),
    subject="Quarterly Figures",
    from_=Recipient(email_address=Address(name="Jürgen Größe", address="j@partner.example")),
    to_recipients=[Recipient(email_address=Address(name="Alice", address="alice@contoso.example"))],
    cc_recipients=[Recipient(email_address=Address(address="bob@contoso.example"))],
    received_date_time=NOON,
    is_read=False,
    flag=Flag(flag_status="flagged"),
    categories=["Red"],
    body_preview="The total is twelve.",
)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("text", "figures twelve", True),
        ("text", '"total is" jürgen', True),
        ("text", "figures -twelve", False),
        ("text", "thirteen", False),
        ("sender", "JÜRGEN", True),
        ("sender", "alice", False),
        ("to", "bob@contoso.example", True),
        ("to", "jürgen", False),
        ("subject", "quarterly", True),
        ("subject", "twelve", False),
        ("after", NOON, True),
        ("after", NOON + timedelta(seconds=1), False),
        ("before", NOON + timedelta(seconds=1), True),
        ("before", NOON, False),
        ("unread", True, True),
        ("unread", False, False),
        ("flagged", True, True),
        ("flagged", False, False),
        ("attachments", False, True),
        ("attachments", True, False),
        ("category", "RED", True),
        ("category", "blue", False),
    ],
)
def test_a_condition_holds_or_not(field: Field, value: str | bool | datetime, expected: bool) -> None:
    assert matches(MESSAGE, [PostFilter(field, value)]) is expected


def test_every_condition_must_hold() -> None:
    assert matches(MESSAGE, [])
    assert not matches(MESSAGE, [PostFilter("unread", True), PostFilter("subject", "other")])


def test_a_message_without_anything_matches_no_word_and_no_time() -> None:
    bare = Message(id=message_id("x"))
    assert not matches(bare, [PostFilter("text", "a")])
    assert not matches(bare, [PostFilter("after", NOON)])
    assert not matches(bare, [PostFilter("before", NOON)])
