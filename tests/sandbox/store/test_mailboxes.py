from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from outlook_mcp.sandbox.message import Address, Attachment, Message
from outlook_mcp.sandbox.store import (
    FolderProtected,
    IdMalformed,
    ItemNotFound,
    Mailbox,
    MailboxExists,
    MailStore,
    open_database,
)
from outlook_mcp.sandbox.store.core import ids


@pytest.fixture
def store() -> Iterator[MailStore]:
    store = MailStore(open_database(), send_delay_s=0.0)
    yield store
    store.close()


@pytest.fixture
def mailbox(store: MailStore) -> Mailbox:
    return store.add_mailbox("tenant", "anna", "anna@contoso.com", "Anna")


def test_a_mailbox_is_found_by_object_id_and_by_address(store: MailStore, mailbox: Mailbox) -> None:
    assert store.mailbox("anna").account == mailbox.account
    found = store.mailbox_by_address("ANNA@contoso.com")
    assert found is not None
    assert found.account.oid == "anna"
    assert store.mailbox_by_address("nobody@contoso.com") is None
    with pytest.raises(ItemNotFound):
        store.mailbox("nobody")
    with pytest.raises(MailboxExists):
        store.add_mailbox("tenant", "other", "Anna@contoso.com", "Second Anna")


def test_what_goes_in_comes_out(mailbox: Mailbox) -> None:
    message = Message(
        subject="Ünïcode",
        body="<p>x</p>",
        body_type="html",
        from_=Address("a@b.example", "A"),
        to=[Address("c@d.example", "C")],
        internet_message_id="<1@b.example>",
        headers=[("X-A", "1")],
        attachments=[Attachment("a", "text/plain", b"\x00\xff")],
        categories=["Red"],
        mime=b"raw",
    )
    loaded = mailbox.messages.load_message(mailbox.insert_message(message))
    loaded.received = loaded.sent = None
    assert loaded.sender == message.from_
    loaded.sender = None
    assert loaded == message


def test_a_file_keeps_everything(tmp_path: Path) -> None:
    path = str(tmp_path / "mail.sqlite")
    first = MailStore(open_database(path))
    stored = first.add_mailbox("tenant", "anna", "anna@contoso.com", "Anna").insert_message(Message(subject="kept"))
    first.close()
    second = MailStore(open_database(path))
    assert second.mailbox("anna").messages.by_id(stored.id).subject == "kept"
    second.close()


def test_a_message_sent_before_a_restart_still_leaves(tmp_path: Path) -> None:
    path = str(tmp_path / "mail.sqlite")
    first = MailStore(open_database(path), send_delay_s=0.0)
    anna = first.add_mailbox("tenant", "anna", "anna@contoso.com", "Anna")
    first.add_mailbox("tenant", "ben", "ben@contoso.com", "Ben")
    draft = anna.insert_message(
        Message(is_draft=True, from_=Address("anna@contoso.com"), to=[Address("ben@contoso.com")]), "drafts"
    )
    first.outbox.submit(anna, draft)
    first.close()
    second = MailStore(open_database(path))
    assert second.mailbox("ben").count() == 1
    assert second.mailbox("anna").folders.by_name("sentitems").total == 1
    second.close()


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]])
def test_a_thread_is_one_conversation_in_whatever_order_it_arrives(mailbox: Mailbox, order: list[int]) -> None:
    thread = [
        Message(internet_message_id="<a>"),
        Message(internet_message_id="<b>", in_reply_to="<a>"),
        Message(internet_message_id="<c>", in_reply_to="<b>"),
    ]
    stored = [mailbox.insert_message(thread[number]) for number in order]
    other = mailbox.insert_message(Message(internet_message_id="<d>"))
    conversations = {mailbox.messages.by_key(message.key).conversation_id for message in stored}
    assert len(conversations) == 1
    assert other.conversation_id not in conversations


def test_the_index_of_an_answer_begins_with_that_of_what_it_answers(mailbox: Mailbox) -> None:
    thread = [
        Message(internet_message_id="<a>"),
        Message(internet_message_id="<b>", in_reply_to="<a>", references=["<a>"]),
        Message(internet_message_id="<c>", in_reply_to="<b>", references=["<a>", "<b>"]),
        Message(internet_message_id="<d>", in_reply_to="<a>", references=["<a>"]),
    ]
    first, second, third, other = (mailbox.insert_message(message).row["conversation_index"] for message in thread)
    assert [len(index) for index in (first, second, third, other)] == [22, 27, 32, 27]
    assert second.startswith(first)
    assert third.startswith(second)
    assert other.startswith(first)
    assert other != second


def test_many_messages_go_in_at_once_or_not_at_all(mailbox: Mailbox) -> None:
    assert mailbox.insert_many(Message(subject=str(number)) for number in range(20)) == 20

    def broken() -> Iterator[Message]:
        yield Message(subject="first")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        mailbox.insert_many(broken())
    assert mailbox.count() == 20


def test_folders_are_made_along_a_path(mailbox: Mailbox) -> None:
    acme = mailbox.ensure_folder("Projects/Acme")
    assert mailbox.ensure_folder("projects/ACME").id == acme.id
    assert mailbox.ensure_folder("Inbox").well_known == "inbox"
    below = mailbox.ensure_folder("Inbox/Later")
    assert below.parent_id == mailbox.folders.by_name("inbox").id
    with pytest.raises(FolderProtected):
        mailbox.folders.move(mailbox.ensure_folder("Projects"), acme)


def test_ids_of_another_mailbox_are_not_found(store: MailStore, mailbox: Mailbox) -> None:
    ben = store.add_mailbox("tenant", "ben", "ben@contoso.com", "Ben")
    stored = mailbox.insert_message(Message(subject="private"))
    ben.insert_message(Message())
    for item in (stored.id, stored.immutable_id):
        with pytest.raises(ItemNotFound):
            ben.messages.by_id(item)
    with pytest.raises(ItemNotFound):
        ben.folders.by_id(stored.folder_id)


def test_clearing_forgets_every_mailbox_and_its_words(store: MailStore, mailbox: Mailbox) -> None:
    mailbox.insert_message(Message(subject="secret"))
    store.clear()
    assert store.mailboxes() == []
    assert store.database.value("SELECT count(*) FROM message_text") == 0
    assert store.add_mailbox("tenant", "anna", "anna@contoso.com", "Anna").count() == 0


def test_an_immutable_id_has_the_shape_of_a_real_one(mailbox: Mailbox) -> None:
    stored = mailbox.insert_message(Message())
    data = ids.decode(stored.immutable_id)
    assert stored.immutable_id.startswith("AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A")
    assert len(data) == 51
    assert data[27:43] == mailbox.account.guid
    assert int.from_bytes(data[43:49], "big") == stored.row["counter"]
    assert data[49:] == b"\0\0"
    assert stored.id.startswith("AAMk")
    assert mailbox.account.guid in ids.decode(stored.folder_id)


@pytest.mark.parametrize(
    "real",
    [
        "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AGnUPtcQC-Eiwmc39SmMpPgAAA8ZAfgAA",
        "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AZ7t6JRezX06Ecidn-vkzXAABPDii4gAA",
    ],
)
def test_real_immutable_ids_are_read_exactly(real: str) -> None:
    assert ids.render(ids.parse(real)) == real


@pytest.mark.parametrize("text", ["", "inbox", "AAMk", "AAMk AAA=", "../etc", "A" * 152, "ä"])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(IdMalformed):
        ids.parse(text)


def test_messages_are_listed_by_index(mailbox: Mailbox) -> None:
    mailbox.insert_many(Message(subject=f"Row {number}", body="common words") for number in range(200))
    plan = mailbox.database.rows(
        "EXPLAIN QUERY PLAN SELECT * FROM message m WHERE m.mailbox = ? ORDER BY m.received DESC, m.id DESC LIMIT 25",
        (mailbox.account.key,),
    )
    assert "message_received" in plan[0]["detail"]
    assert not any("TEMP B-TREE" in row["detail"] for row in plan)
    assert len(mailbox.messages.select("1", (), "m.received DESC, m.id DESC", 25, 160)) == 25


def test_a_table_of_an_older_file_is_kept_under_its_new_name(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    with closing(MailStore(open_database(path))) as store:
        store.add_mailbox("tenant", "anna", "anna@contoso.com", "Anna").insert_message(Message(subject="Kept"))
        store.database.execute("ALTER TABLE addition RENAME TO arrival")
    with closing(MailStore(open_database(path))) as store:
        assert store.database.value("SELECT count(*) FROM addition") == 1
        assert store.database.value("SELECT count(*) FROM sqlite_master WHERE name = 'arrival'") == 0
