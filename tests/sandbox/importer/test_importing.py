"""Mail on disk becomes messages in the mailbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlook_mcp.sandbox.importer import import_path
from outlook_mcp.sandbox.message import Address, Attachment, Message
from outlook_mcp.sandbox.mime import build
from outlook_mcp.sandbox.store import Mailbox
from tests.sandbox.importer.stored import attachments, folder_names, rows, subjects


def eml(subject: str, **fields: str) -> bytes:
    header = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in {"Subject": subject, **fields}.items())
    return f"{header}\nbody of {subject}\n".encode()


def maildir(path: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True)
    return path


def test_a_folder_of_eml_files_comes_in_by_name(mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "b.eml").write_bytes(eml("second"))
    (tmp_path / "a.eml").write_bytes(eml("first"))
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "c.eml").write_bytes(eml("third"))
    (tmp_path / ".hidden").write_bytes(b"\x00")
    report = import_path(mailbox, tmp_path)
    assert (report.imported, report.unreadable) == (3, [])
    assert subjects(mailbox) == ["first", "second", "third"]


def test_what_cannot_be_read_is_named_and_the_rest_comes_in(mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"")
    (tmp_path / "b.eml").write_bytes(b"\x00\x01\x02 no header at all")
    (tmp_path / "c.msg").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"rest")
    (tmp_path / "d.eml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "e.eml").write_bytes(eml("readable"))
    report = import_path(mailbox, tmp_path)
    assert [name for name, _ in report.unreadable] == ["a.eml", "b.eml", "c.msg", "d.eml"]
    assert [reason.split()[0] for _, reason in report.unreadable] == ["empty", "no", "an", "not"]
    assert subjects(mailbox) == ["readable"]


def test_a_single_file_comes_in_to_the_folder_asked_for(mailbox: Mailbox, tmp_path: Path) -> None:
    file = tmp_path / "one.eml"
    file.write_bytes(b"From alice Thu Aug 22 12:36:23 2002\n" + eml("one"))
    assert import_path(mailbox, file, folder="Projects/Aurora").imported == 1
    assert subjects(mailbox, "Projects/Aurora") == ["one"]


def test_a_missing_path_is_said_so(mailbox: Mailbox, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no file or folder of mail"):
        import_path(mailbox, tmp_path / "nowhere")


def test_a_message_without_a_date_has_that_of_its_file(mailbox: Mailbox, tmp_path: Path) -> None:
    file = tmp_path / "one.eml"
    file.write_bytes(eml("undated"))
    assert import_path(mailbox, tmp_path).imported == 1
    assert rows(mailbox)[0]["received"][:4] >= "2024"


def test_an_mbox_is_cut_at_its_from_lines_only(mailbox: Mailbox, tmp_path: Path) -> None:
    file = tmp_path / "mail.mbox"
    start = b"From alice@contoso.example Thu Aug 22 12:36:23 2002\n"
    body = b"as agreed:\nFrom alice to bob, 12:36 sharp\n\nFrom Monday on it is still body\n>From quoted\n\n"
    file.write_bytes(start + eml("one", Status="RO") + body + start + eml("two", X_Status="F") + b"\n" + start + b"\n")
    report = import_path(mailbox, file)
    assert (report.imported, report.unreadable) == (2, [("mail.mbox message 3", "empty")])
    one, two = rows(mailbox)
    assert [(row["subject"], row["is_read"], row["flag_status"]) for row in (one, two)] == [
        ("one", 1, "notFlagged"),
        ("two", 0, "flagged"),
    ]
    text = mailbox.database.value("SELECT body FROM content WHERE message = ?", (one["id"],))
    assert "From Monday on" in text
    assert "\nFrom quoted" in text


def test_an_mbox_within_a_folder_is_found(mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "Inbox").write_bytes(b"From a Thu Aug 22 12:36:23 2002\n" + eml("in the mbox"))
    assert import_path(mailbox, tmp_path).imported == 1
    assert subjects(mailbox) == ["in the mbox"]


def test_maildir_flags_become_marks(mailbox: Mailbox, tmp_path: Path) -> None:
    box = maildir(tmp_path / "Maildir")
    for name in ("1:2,S", "2:2,F", "3:2,RS", "4:2,", "5:2,DS", "6:2,ST"):
        (box / "cur" / name).write_bytes(eml(name[0]))
    (box / "new" / "7").write_bytes(eml("7"))
    assert import_path(mailbox, box).imported == 7
    marks = [(row["subject"], row["is_read"], row["flag_status"], row["is_draft"]) for row in rows(mailbox)]
    assert marks == [
        ("1", 1, "notFlagged", 0),
        ("2", 0, "flagged", 0),
        ("3", 1, "notFlagged", 0),
        ("4", 0, "notFlagged", 0),
        ("5", 1, "notFlagged", 1),
        ("7", 0, "notFlagged", 0),
    ]
    assert subjects(mailbox, "deleteditems") == ["6"]


def test_maildir_subfolders_become_folders(mailbox: Mailbox, tmp_path: Path) -> None:
    box = maildir(tmp_path / "Maildir")
    for name in (".Sent", ".INBOX.Projects.Aurora", ".Entw&APw-rfe", ".R&-D", ".&a-", ".a&AC8-b"):
        folder = maildir(box / name)
        (folder / "new" / "1").write_bytes(eml(name))
    assert import_path(mailbox, box).imported == 6
    assert subjects(mailbox, "sentitems") == [".Sent"]
    assert subjects(mailbox, "Projects/Aurora") == [".INBOX.Projects.Aurora"]
    assert {"Entwürfe", "R&D", "&a-", "a-b"} <= folder_names(mailbox)


def test_threads_hold_together_in_any_order(mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(eml("Re: Re: plan", Message_ID="<3@x>", References="<1@x> <2@x>"))
    (tmp_path / "2.eml").write_bytes(eml("plan", Message_ID="<1@x>"))
    (tmp_path / "3.eml").write_bytes(eml("Re: plan", Message_ID="<2@x>", In_Reply_To="<1@x>"))
    (tmp_path / "4.eml").write_bytes(eml("plan", Message_ID="<9@x>"))
    import_path(mailbox, tmp_path)
    *thread, other = [row["conversation"] for row in rows(mailbox)]
    assert len(set(thread)) == 1
    assert other not in thread


def test_attachments_and_inline_parts_come_along(mailbox: Mailbox, tmp_path: Path) -> None:
    message = Message(
        subject="with parts",
        body="<img src='cid:logo'>",
        body_type="html",
        from_=Address("bob@contoso.example"),
        attachments=[
            Attachment("logo.png", "image/png", b"png", is_inline=True, content_id="logo"),
            Attachment("plan.pdf", "application/pdf", b"%PDF"),
            Attachment("old mail", "message/rfc822", eml("inner"), kind="item"),
        ],
    )
    (tmp_path / "1.eml").write_bytes(build(message))
    import_path(mailbox, tmp_path)
    assert [(row["name"], row["kind"], row["is_inline"], row["content_id"]) for row in attachments(mailbox)] == [
        ("logo.png", "file", 1, "logo"),
        ("plan.pdf", "file", 0, None),
        ("old mail", "item", 0, None),
    ]
    assert attachments(mailbox)[2]["content"] == eml("inner")
    assert rows(mailbox)[0]["has_attachments"] == 1


def test_more_messages_than_a_batch_come_in_once_each(mailbox: Mailbox, tmp_path: Path) -> None:
    start = b"From a Thu Aug 22 12:36:23 2002\n"
    file = tmp_path / "mbox"
    file.write_bytes(b"".join(start + eml(str(number)) + b"\n" for number in range(1_201)))
    assert import_path(mailbox, file).imported == mailbox.count() == 1_201
