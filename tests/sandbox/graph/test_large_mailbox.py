"""A large mailbox: lists and searches by index cost about the same in it as in a small one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from outlook_mcp.sandbox.message import Message
from outlook_mcp.sandbox.store import MailStore, open_database
from tests.effort import usually
from tests.large_mailbox import copy_messages
from tests.sandbox.graph.conftest import ANNA, TENANT, UPNS, Client, mail

WRITTEN = 1_000
COPIES = usually(12, thoroughly=100)
# Of SQLite's virtual machine.
MOST_STEPS = 40 * WRITTEN * COPIES
STEPS_AT_ONCE = 100
ALL = "/me/messages?$orderby=subject"
QUERIES = (
    "/me/messages",
    "/me/messages?$count=true&$top=1000&$select=subject,from",
    f"/me/messages?$skip={WRITTEN * COPIES - 100}&$top=100",
    "/me/messages?$count=true&$filter=isRead eq false",
    "/me/messages?$filter=contains(subject,'no such words')",
    "/me/messages?$filter=receivedDateTime ge 2020-01-01T00:00:00Z and from/emailAddress/address eq 'x@y.example'"
    "&$orderby=receivedDateTime desc",
    ALL,
    "/me/mailFolders/inbox/messages/delta",
    "/me/mailFolders?$count=true",
    '/me/messages?$count=true&$search="report"',
    '/me/messages?$search="subject:report AND w77"',
    '/me/messages?$search="from:ben NOT w7"',
    '/me/messages?$search="received>=2026-01-02 hasAttachments:false"',
    '/me/messages?$search="w1 OR w2 OR w3"',
    '/me/messages?$search="w*"',
    '/me/mailFolders/archive/messages?$search="report"',
)


def letters() -> Iterator[Message]:
    chance = random.Random(1)
    words = [f"w{number}" for number in range(20_000)]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(WRITTEN):
        message = mail(f"Report {number}", body=" ".join(chance.choices(words, k=100)))
        message.received, message.is_read = start + timedelta(minutes=number), number % 2 == 0
        yield message


@pytest.fixture(scope="module")
def store() -> Iterator[MailStore]:
    store = MailStore(open_database())
    mailbox = store.add_mailbox(TENANT, ANNA, UPNS[ANNA], "Anna Berg")
    mailbox.insert_many(letters())
    copy_messages(mailbox, written=WRITTEN, copies=COPIES)
    assert mailbox.count() == WRITTEN * COPIES
    yield store
    store.close()


async def steps_of(store: MailStore, anna: Client, query: str) -> int:
    """How many steps of SQLite's virtual machine the answer takes, in hundreds."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += STEPS_AT_ONCE
        return 0

    connection = store.database._connection
    connection.set_progress_handler(count, STEPS_AT_ONCE)
    await anna.get(query)
    connection.set_progress_handler(None, 0)
    return steps


@pytest.mark.parametrize("query", QUERIES)
async def test_an_answer_takes_few_steps_of_the_database_for_each_message(
    store: MailStore, anna: Client, query: str
) -> None:
    assert await steps_of(store, anna, query) < MOST_STEPS


async def test_the_newest_messages_take_no_steps_for_the_others(store: MailStore, anna: Client) -> None:
    assert await steps_of(store, anna, "/me/messages") < WRITTEN * COPIES / 10 < await steps_of(store, anna, ALL)
