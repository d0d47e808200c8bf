"""What a sandbox remembers stays within limits, however long it runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest

from outlook_mcp.sandbox.access_tokens import AccessTokens
from outlook_mcp.sandbox.caller import Caller
from outlook_mcp.sandbox.clock import Clock
from outlook_mcp.sandbox.directory import USERS
from outlook_mcp.sandbox.entra.codes import CODE_LIFETIME_S, Codes
from outlook_mcp.sandbox.message import Attachment
from outlook_mcp.sandbox.refresh_tokens import RefreshTokens
from outlook_mcp.sandbox.store import TEMPORARY, Database, MailStore, open_database
from outlook_mcp.sandbox.store.core.counters import Counters
from outlook_mcp.sandbox.store.mail.removals import Removals
from outlook_mcp.sandbox.throttling import Throttle
from tests.sandbox.graph.conftest import mail

ALICE = USERS[0]
CALLER = Caller(ALICE.tid, ALICE.oid, ALICE.upn, frozenset({"Mail.Read"}), "app")


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        yield connection


def test_files_of_a_temporary_database_take_no_memory_beyond_its_cache() -> None:
    with closing(Database(TEMPORARY, ["CREATE TABLE file (bytes BLOB);"])) as database:
        before = psutil.Process().memory_info().rss
        for _ in range(10):
            database.execute("INSERT INTO file VALUES (zeroblob(10000000))")
        assert psutil.Process().memory_info().rss - before < 64 * 2**20
        assert database.value("SELECT sum(length(bytes)) FROM file") == 100_000_000


def test_expired_access_tokens_are_forgotten_first() -> None:
    clock = Clock()
    tokens = AccessTokens(clock, limit=10)
    tokens.add_token("living", CALLER, lifetime_s=3600)
    for number in range(9):
        tokens.add_token(f"short {number}", CALLER, lifetime_s=1)
    clock.advance(2)
    tokens.add_token("newest", CALLER, lifetime_s=3600)
    assert len(tokens) == 2
    assert tokens.find_token("living") is not None
    assert tokens.find_token("short 0") is None


def test_at_the_limit_the_oldest_access_tokens_are_forgotten() -> None:
    tokens = AccessTokens(Clock(), limit=10)
    for number in range(1_000):
        tokens.add_token(f"token {number}", CALLER, lifetime_s=3600)
        assert len(tokens) <= 10
    assert tokens.find_token("token 999") is not None
    assert tokens.find_token("token 0") is None


def test_codes_are_bounded() -> None:
    clock = Clock()
    codes = Codes(clock, limit=10)
    for _ in range(100):
        codes.issue("app", ALICE, "http://localhost", "openid", None, None)
        newest, _ = codes.issue_device("app", "openid")
    assert len(codes) <= 20
    assert codes.find_device(newest) is not None
    clock.advance(CODE_LIFETIME_S)
    codes.issue("app", ALICE, "http://localhost", "openid", None, None)
    assert len(codes) <= 11


def test_refresh_tokens_are_bounded(database: sqlite3.Connection) -> None:
    tokens = RefreshTokens(database, Clock(), limit=10)
    values = [tokens.issue_token("app", ALICE.oid, "openid") for _ in range(50)]
    assert database.execute("SELECT count(*) FROM directory_refresh_token").fetchone() == (10,)
    assert tokens.find_token(values[-1]) is not None
    assert tokens.find_token(values[0]) is None


def test_throttling_remembers_a_bounded_number_of_apps() -> None:
    throttle = Throttle(Clock(), 4, limit=10)
    for number in range(100):
        key = (f"app {number}", ALICE.oid)
        assert throttle.wait_s(key) == 0
        with throttle.running(key):
            assert len(throttle) <= 10
    assert len(throttle) <= 10


def test_the_ranges_of_expired_upload_sessions_are_deleted() -> None:
    with closing(MailStore(open_database())) as store:
        mailbox = store.add_mailbox("tenant", "anna", "anna@contoso.com", "Anna")
        stored = mailbox.insert_message(mail())
        file = Attachment("a.bin", "application/octet-stream", b"")
        mailbox.uploads.append(mailbox.uploads.start(stored, file, 4_000_000), bytes(1_000))
        store.database.execute("UPDATE upload SET expires = '2020-01-01T00:00:00Z'")
        mailbox.uploads.start(stored, file, 4_000_000)
        assert store.database.value("SELECT count(*) FROM upload") == 1
        assert store.database.value("SELECT count(*) FROM upload_range") == 0


def test_a_message_that_is_erased_leaves_no_thread_behind() -> None:
    with closing(MailStore(open_database())) as store:
        mailbox = store.add_mailbox("tenant", "anna", "anna@contoso.com", "Anna")
        first = mailbox.insert_message(mail("Plan", internet_message_id="<1@x>"))
        answer = mailbox.insert_message(mail("Plan", internet_message_id="<2@x>", references=["<1@x>"]))
        mailbox.messages.erase(first)
        assert mailbox.insert_message(mail("Plan", references=["<1@x>"])).conversation_id == answer.conversation_id
        folder = mailbox.ensure_folder("Gone")
        mailbox.insert_message(mail("Other"), folder)
        mailbox.delete_folder(folder, permanently=True)
        for stored in mailbox.messages.select("1", (), "m.id", 10):
            mailbox.messages.erase(stored)
        assert store.database.value("SELECT count(*) FROM thread") == 0


def test_removals_are_remembered_for_a_number_of_changes() -> None:
    with closing(MailStore(open_database())) as store:
        mailbox = store.add_mailbox("tenant", "anna", "anna@contoso.com", "Anna")
        removals = Removals(store.database, mailbox.account, Counters(store.database, mailbox.account.key), 20)
        stored, start = mailbox.insert_message(mail()), mailbox.changes.position()
        for _ in range(100):
            removals.add_removal(stored)
        recent = mailbox.changes.position() - 20
        assert store.database.value("SELECT count(*) FROM removal") <= 22
        assert mailbox.changes.remembers(recent)
        assert not mailbox.changes.remembers(start)
