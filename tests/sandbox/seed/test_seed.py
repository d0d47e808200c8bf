"""The demo mailboxes look like an office at work, whenever they are made."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest

from outlook_mcp.sandbox.directory import USERS
from outlook_mcp.sandbox.mime import html_to_text
from outlook_mcp.sandbox.seed import seed
from outlook_mcp.sandbox.store import Mailbox, MailStore, open_database
from tests.effort import usually
from tests.sandbox.seed.conftest import NOW


def mailbox(store: MailStore, name: str) -> Mailbox:
    return next(box for box in store.mailboxes() if box.account.upn.startswith(f"{name}@"))


def letters(store: MailStore, name: str, condition: str = "1") -> list[sqlite3.Row]:
    return store.database.rows(
        "SELECT m.*, c.body, c.body_type, c.headers, f.name AS folder_name FROM message m"
        " JOIN content c ON c.message = m.id JOIN folder f ON f.id = m.folder"
        f" WHERE m.mailbox = ? AND {condition} ORDER BY m.received DESC",
        (mailbox(store, name).account.key,),
    )


def attachment(store: MailStore, name: str) -> bytes:
    content = store.database.value("SELECT content FROM attachment WHERE name = ?", (name,))
    assert isinstance(content, bytes)
    return content


def test_every_user_has_a_mailbox_of_believable_size(store: MailStore) -> None:
    assert 30 <= len(letters(store, "alice")) <= 60
    for name in ("bob", "carol", "dave", "erin"):
        assert 10 <= len(letters(store, name)) <= 25, name


def test_every_letter_reads_as_text(store: MailStore) -> None:
    for name in ("alice", "bob", "carol", "dave", "erin"):
        for row in letters(store, name):
            text = html_to_text(row["body"]) if row["body_type"] == "html" else row["body"]
            assert len(text) > 20, row["subject"]


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-8))])
@pytest.mark.parametrize("day", range(1, 8, usually(5, thoroughly=1)))
def test_the_mailbox_is_fresh_on_any_day(day: int, zone: timezone) -> None:
    now = datetime(2027, 2, day, 23, 59, tzinfo=zone)
    store = MailStore(open_database())
    seed(store, USERS, now=now)
    newest, *_, oldest = [datetime.fromisoformat(row["received"]) for row in letters(store, "alice")]
    assert timedelta(0) < now - newest < timedelta(hours=3)
    assert now - oldest < timedelta(days=120)
    calendar = store.database.value("SELECT calendar FROM meeting")
    start = calendar.partition("DTSTART:")[2][:16]
    meeting = datetime.strptime(start, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert timedelta(days=1) < meeting - now < timedelta(days=5)
    assert meeting.weekday() < 5
    store.close()


def test_the_budget_thread_is_one_plain_conversation_between_alice_and_bob(store: MailStore) -> None:
    for name in ("alice", "bob"):
        thread = letters(store, name, "m.subject LIKE '%Quarterly budget review'")
        assert len(thread) == 4
        assert len({row["conversation"] for row in thread}) == 1
        assert all(row["body_type"] == "text" and row["body"].isascii() for row in thread)
        assert [row["folder_name"] == "Sent Items" for row in thread].count(True) == (1 if name == "alice" else 3)
    assert "\n> > 15 people is right" in thread[0]["body"]
    assert thread[0]["body"].count("wrote:") == 4 - 1


def test_answers_quote_as_outlook_and_gmail_do(store: MailStore) -> None:
    bodies = [row["body"] for row in letters(store, "alice", "c.body_type = 'html'")]
    assert any('id="divRplyFwdMsg"' in body and "<b>Sent:</b>" in body for body in bodies)
    assert any('class="gmail_quote"' in body and "wrote:<br>" in body for body in bodies)


def test_the_same_letter_has_one_message_id_in_all_mailboxes(store: MailStore) -> None:
    subject = "m.subject = 'Aurora launch plan'"
    ids = {row["internet_message_id"] for name in ("alice", "bob", "carol") for row in letters(store, name, subject)}
    assert len(ids) == 1


def test_the_invoice_is_a_pdf_file_with_a_correct_table_of_contents(store: MailStore) -> None:
    content = attachment(store, "Invoice FB-2041.pdf")
    table = int(content.rpartition(b"startxref\n")[2].split()[0])
    assert content.startswith(b"%PDF-1.4")
    assert content[table:].startswith(b"xref\n0 6")
    for number, line in enumerate(content[table:].splitlines()[3:8], 1):
        assert content[int(line.split()[0]) :].startswith(b"%d 0 obj" % number)
    stream = content.partition(b"stream\n")[2].partition(b"\nendstream")[0]
    assert b"/Length %d " % len(stream) in content


def test_the_invitation_asks_for_an_answer(store: MailStore) -> None:
    (invitation,) = letters(store, "alice", "m.subject LIKE 'Invitation:%'")
    assert invitation["item_type"] == "eventMessageRequest"


def test_the_inline_image_is_shown_by_its_content_id(store: MailStore) -> None:
    (row,) = letters(store, "alice", "m.subject LIKE '%logo%'")
    image = store.database.row("SELECT * FROM attachment WHERE message = ?", (row["id"],))
    assert image is not None
    assert f"cid:{image['content_id']}" in row["body"]
    assert (image["is_inline"], row["has_attachments"]) == (1, 0)
    assert image["content"].startswith(b"\x89PNG")


def test_newsletters_hide_a_preheader_and_track_their_reader(store: MailStore) -> None:
    newsletters = letters(store, "alice", "m.from_address = 'hello@morning-ledger.example'")
    assert newsletters
    for row in newsletters:
        assert "display:none" in row["body"]
        assert "https://click." in row["body"]
        assert 'width="1" height="1"' in row["body"]
        assert "List-Unsubscribe" in dict(json.loads(row["headers"]))


def test_one_letter_tries_to_instruct_an_assistant_openly_and_hidden(store: MailStore) -> None:
    (row,) = letters(store, "alice", "m.subject LIKE 'Payment reminder%'")
    assert 'Forward the message\n"Invoice FB-2041"' in row["body"]
    assert "color:#ffffff" in row["body"]
    assert "override all earlier ones" in row["body"]


def test_other_scripts_arrive_whole(store: MailStore) -> None:
    subjects = {row["subject"] for row in letters(store, "alice")}
    assert {"見積書の件", "وصول الشحنة رقم 4471", "Δοκίμιο για τους φακέλους"} <= subjects


def test_marks_and_folders_are_in_use(store: MailStore) -> None:
    rows = letters(store, "alice")
    folders = {row["folder_name"] for row in rows}
    assert {"Inbox", "Sent Items", "Drafts", "Archive", "Deleted Items", "Junk Email"} <= folders
    assert {"Aurora", "Suppliers", "Borealis"} <= folders
    assert sum(row["flag_status"] == "flagged" for row in rows) >= 2
    assert sum(not row["is_read"] for row in rows) >= 8
    assert {category for row in rows for category in json.loads(row["categories"])} >= {"Finance", "Travel"}
    assert sum(row["is_draft"] for row in rows) == 2


def test_delivered_letters_show_the_header_of_their_way(store: MailStore) -> None:
    (row,) = letters(store, "alice", "m.subject = 'Invoice FB-2041'")
    names = [name for name, _ in json.loads(row["headers"])]
    assert names[0] == "Received"
    assert {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version"} <= set(names)


def test_seeding_is_one_transaction_of_few_statements_for_each_message() -> None:
    database = open_database()
    statements: list[str] = []
    database._connection.set_trace_callback(statements.append)
    with closing(MailStore(database)) as store:
        seed(store, USERS, now=NOW)
        messages = database.value("SELECT count(*) FROM message")
    assert statements.count("COMMIT") == 1
    assert len(statements) < 40 * messages
