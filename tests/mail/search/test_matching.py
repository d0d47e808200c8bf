"""Conditions applied to messages after Graph returned them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from outlook_mcp.graph.models import Address, Recipient
from outlook_mcp.mail.models import Flag, Message
from outlook_mcp.mail.search.conditions import (
    AllOf,
    AnyOf,
    Before,
    Category,
    Domain,
    Expression,
    Importance,
    Since,
    Size,
    State,
    Words,
    negated,
)
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.mail.search.matching import holds
from tests.ids import message_id
from tests.mail.search.emitted import plan

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
MESSAGE = Message(
    id=message_id("m"),
    subject="Quarterly Figures",
    from_=Recipient(email_address=Address(name="Jürgen Größe", address="j@mail.partner.example")),
    to_recipients=[Recipient(email_address=Address(name="Alice", address="alice@contoso.example"))],
    cc_recipients=[Recipient(email_address=Address(address="bob@contoso.example"))],
    received_date_time=NOON,
    is_read=False,
    flag=Flag(flag_status="flagged"),
    categories=["Red"],
    body_preview="The total is twelve.",
)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Words("text", "figures"), True),
        (Words("text", "total is"), True),
        (Words("text", "jürgen"), True),
        (Words("text", "thirteen"), False),
        (Words("body", "TOTAL"), True),
        (Words("body", "figures"), False),
        (Words("from", "JÜRGEN"), True),
        (Words("from", "alice"), False),
        (Words("recipients", "bob@contoso.example"), True),
        (Words("recipients", "jürgen"), False),
        (Words("to", "bob@contoso.example"), False),
        (Words("cc", "bob@contoso.example"), True),
        (Words("people", "jürgen"), True),
        (Words("subject", "quarterly"), True),
        (Words("subject", "twelve"), False),
        (Words("file", "a.pdf"), None),
        (Words("bcc", "bob"), None),
        (Size(5), None),
        (Domain("from", "partner.example"), False),
        (Domain("from", "partner.example", below=True), True),
        (Domain("from", "mail.partner.example"), True),
        (Domain("recipients", "contoso.example"), True),
        (Domain("recipients", "so.example"), False),
        (Since(NOON), True),
        (Since(NOON + timedelta(seconds=1)), False),
        (Before(NOON + timedelta(seconds=1)), True),
        (Before(NOON), False),
        (State("unread"), True),
        (State("unread", False), False),
        (State("flagged"), True),
        (State("flagged", False), False),
        (State("attachments", False), True),
        (State("attachments"), False),
        (State("draft"), False),
        (Importance("normal"), True),
        (Importance("high"), False),
        (Category("RED"), True),
        (Category("blue"), False),
    ],
)
def test_a_condition_holds_or_not_or_cannot_be_told(condition: Expression, expected: bool | None) -> None:
    opposite = None if expected is None else not expected
    assert holds(condition, MESSAGE, is_indexed=False) is expected
    assert holds(negated(condition), MESSAGE, is_indexed=False) is opposite
    assert holds(negated(negated(condition)), MESSAGE, is_indexed=False) is expected


YES, NO, UNKNOWN = State("unread"), State("unread", False), Size(1)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (AllOf(()), True),
        (AllOf((YES, YES)), True),
        (AllOf((YES, UNKNOWN)), None),
        (AllOf((UNKNOWN, NO)), False),
        (AnyOf((NO, YES)), True),
        (AnyOf((NO, UNKNOWN)), None),
        (AnyOf((UNKNOWN, YES)), True),
        (AnyOf((NO, AllOf((YES, NO)))), False),
    ],
)
def test_and_and_or_are_told_as_far_as_their_parts_are(expression: Expression, expected: bool | None) -> None:
    opposite = None if expected is None else not expected
    assert holds(expression, MESSAGE, is_indexed=False) is expected
    assert holds(negated(expression), MESSAGE, is_indexed=False) is opposite


def test_words_that_the_index_has_found_are_left_to_it() -> None:
    assert holds(Words("text", "deep in the body"), MESSAGE, is_indexed=True) is None
    assert plan(MailQuery(text="deep is:unread")).matches(MESSAGE)
    assert not plan(MailQuery(text="deep is:read")).matches(MESSAGE)
    assert plan(MailQuery(text="(deep is:read) OR (other is:unread)")).matches(MESSAGE)


def test_every_condition_must_hold() -> None:
    assert plan(MailQuery()).matches(MESSAGE)
    assert not plan(MailQuery(text="figures", unread=False)).matches(MESSAGE)


def test_a_message_without_anything_matches_no_word_and_no_time() -> None:
    bare = Message(id=message_id("x"))
    for condition in (Words("text", "a"), Since(NOON), Before(NOON), Domain("from", "x.example")):
        assert holds(condition, bare, is_indexed=False) is False
    assert holds(replace(Words("text", "a"), is_excluded=True), bare, is_indexed=False) is True
