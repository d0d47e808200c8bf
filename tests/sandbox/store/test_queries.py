"""The query languages on their own, with hostile input."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outlook_mcp.sandbox.graph.mail.properties import MESSAGE
from outlook_mcp.sandbox.graph.mail.search import compile_search
from outlook_mcp.sandbox.message import Message
from outlook_mcp.sandbox.query import QueryError, compile_filter, read_options
from outlook_mcp.sandbox.query.periods import period
from outlook_mcp.sandbox.store import Mailbox, MailStore, open_database
from outlook_mcp.sandbox.store.core.times import read_time
from outlook_mcp.sandbox.store.mail.insertion import owner_token
from tests.effort import usually


@pytest.fixture(scope="module")
def mailboxes() -> Iterator[tuple[Mailbox, Mailbox]]:
    store = MailStore(open_database())
    mine = store.add_mailbox("tenant", "anna", "anna@contoso.com", "Anna")
    other = store.add_mailbox("tenant", "ben", "ben@contoso.com", "Ben")
    mine.insert_message(Message(subject="mine", body="plain words"))
    other.insert_message(Message(subject="other", body="plain words"))
    yield mine, other
    store.close()


REFUSALS = (None, "BadRequest", "RequestBroker--ParseUri", "ErrorInvalidUrlQueryFilter", "NotImitated")


def _refusal(compile_: Callable[[], object]) -> str | None:
    try:
        compile_()
    except QueryError as error:
        return error.code
    return None


KQL = st.text(alphabet="ab\"'()*:-+&<>=.{}^ \\\x00ANDORT会5", max_size=30)


@given(text=KQL)
@settings(
    max_examples=usually(80, thoroughly=300),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_search_breaks_the_index_or_leaves_the_mailbox(mailboxes: tuple[Mailbox, Mailbox], text: str) -> None:
    mine, _ = mailboxes
    try:
        condition = compile_search(f'"{text}"', owner_token(mine.account.key))
    except QueryError:
        return
    found = mine.messages.select(condition.sql, condition.parameters, "m.id", 10)
    assert all(stored.subject == "mine" for stored in found)


@given(text=st.text(alphabet="abc'(),:/ 0129-TZeqandornotge\x00\n", max_size=40))
@settings(max_examples=usually(80, thoroughly=300))
def test_a_filter_compiles_or_is_refused(text: str) -> None:
    assert _refusal(lambda: compile_filter(text, MESSAGE)) in REFUSALS


@pytest.mark.parametrize(
    ("text", "refusal"), [("concat", "RequestBroker--ParseUri"), ("concat(a,'b') eq 'c'", "NotImitated")]
)
def test_a_function_is_a_name_before_a_bracket(text: str, refusal: str) -> None:
    assert _refusal(lambda: compile_filter(text, MESSAGE)) == refusal


@given(query=st.text(max_size=60))
@settings(max_examples=usually(60, thoroughly=200))
def test_a_query_string_is_read_or_refused(query: str) -> None:
    assert _refusal(lambda: read_options(query)) in REFUSALS


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-03-01", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"),
        ("3/1/2026", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"),
        ("2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00Z", "2026-03-01T08:00:01Z"),
        ("2026-03-01..2026-03-03", "2026-03-01T00:00:00Z", "2026-03-04T00:00:00Z"),
        ("today", "2026-03-11T00:00:00Z", "2026-03-12T00:00:00Z"),
        ("Last Week", "2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z"),
        ("last month", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
    ],
)
def test_a_period_has_a_start_and_an_end(text: str, start: str, end: str) -> None:
    assert period(text, read_time("2026-03-11T15:00:00Z")) == (start, end)
