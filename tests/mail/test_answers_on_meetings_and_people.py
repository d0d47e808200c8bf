"""Meetings, files and recipients of a message in the answers about it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from outlook_mcp.answers.people import full_name
from outlook_mcp.graph.ids import AttachmentId
from outlook_mcp.graph.models import Address, ZonedTime
from outlook_mcp.mail.answers.files import files_line, special_notes
from outlook_mcp.mail.answers.listing import list_answer
from outlook_mcp.mail.answers.meeting import meeting_line
from outlook_mcp.mail.invitations import Meeting, Place, Span
from outlook_mcp.mail.message_facts import Facts
from outlook_mcp.mail.models import Attachment, Header
from outlook_mcp.mail.reading import ReadItem, ReadMessages
from outlook_mcp.mail.structured.reading import messages_fields
from outlook_mcp.text.html import ConvertedText
from tests.answers import read_answer
from tests.mail.shown import CONTEXT, message, person, unframed


def time(written: str, zone: str = "W. Europe Standard Time") -> ZonedTime:
    return ZonedTime(date_time=f"{written}:00.0000000", time_zone=zone)


MEETINGS = [
    (
        Meeting(
            meeting_message_type="meetingRequest",
            start_date_time=time("2026-12-02T14:30"),
            end_date_time=time("2026-12-02T15:30"),
            location=Place(display_name="Room 4.12"),
        ),
        "Invitation: Wed 2 Dec 2026 14:30-15:30, Room 4.12; to be answered in Outlook",
    ),
    (
        Meeting(
            meeting_message_type="meetingCancelled",
            start_date_time=time("2026-12-02T22:30", "UTC"),
            end_date_time=time("2026-12-03T00:30", "UTC"),
        ),
        "Cancelled meeting: Wed 2 Dec 2026 23:30-Thu 3 Dec 2026 01:30",
    ),
    (
        Meeting(
            meeting_message_type="meetingRequest",
            start_date_time=time("2026-12-02T00:00", "UTC"),
            end_date_time=time("2026-12-04T00:00", "UTC"),
            is_all_day=True,
            type="seriesMaster",
            is_out_of_date=True,
        ),
        "Invitation: Wed 2 Dec 2026, 2 days, the first of a series (single dates may differ); it is out of date",
    ),
    (
        Meeting(
            meeting_message_type="meetingRequest",
            meeting_request_type="fullUpdate",
            start_date_time=time("2026-12-02T14:30"),
            end_date_time=time("2026-12-02T15:30"),
            location=Place(display_name="Room 4"),
            previous_start_date_time=time("2026-12-01T09:00"),
            previous_end_date_time=time("2026-12-01T10:00"),
            previous_location=Place(display_name="Room 4"),
        ),
        "Changed invitation: Wed 2 Dec 2026 14:30-15:30, Room 4; before it was Tue 1 Dec 2026 09:00-10:00; "
        "to be answered in Outlook",
    ),
    (
        Meeting(
            meeting_message_type="meetingTenativelyAccepted",
            start_date_time=time("2026-12-02T14:30"),
            proposed_new_time=Span(start=time("2026-12-03T09:00"), end=time("2026-12-03T10:00")),
        ),
        "Tentatively accepted: Wed 2 Dec 2026 14:30; proposed instead: Thu 3 Dec 2026 09:00-10:00",
    ),
    (
        Meeting(
            meeting_message_type="meetingRequest",
            start_date_time=time("2026-12-02T14:30"),
            type="seriesMaster",
            recurrence={
                "pattern": {"type": "weekly", "interval": 2, "daysOfWeek": ["wednesday"]},
                "range": {"type": "endDate", "startDate": "2026-12-02", "endDate": "2027-01-31"},
            },
        ),
        "Invitation: Wed 2 Dec 2026 14:30, the first of a series, every 2 weeks on Wednesday until "
        "Sun 31 Jan 2027 (single dates may differ); to be answered in Outlook",
    ),
    (
        Meeting(start_date_time=time("2026-12-02T14:30"), end_date_time=time("2026-12-02T14:30"), type="exception"),
        "Meeting: Wed 2 Dec 2026 14:30, one date of a series",
    ),
    (
        Meeting(
            start_date_time=ZonedTime(date_time="2026-12-02T14:30", time_zone="Mars/Base"),
            end_date_time=ZonedTime(date_time="2026-12-02T15:30", time_zone="Mars/Base"),
        ),
        "Meeting: Wed 2 Dec 2026 14:30-15:30 in the unknown time zone Mars/Base",
    ),
    (Meeting(meeting_message_type="meetingDeclined"), "Declined: time and place are not given"),
    (
        Meeting(meeting_message_type="meetingCancelled", location=Place(display_name="Room 4")),
        "Cancelled meeting: time is not given, Room 4",
    ),
    (
        Meeting(meeting_message_type="none", response_type="none"),
        "Answer that neither accepts nor declines: time and place are not given",
    ),
    (
        Meeting(start_date_time=ZonedTime(date_time="soon"), location=Place(display_name="a\nb")),
        "Meeting: time is not given, a b",
    ),
]


@pytest.mark.parametrize(("meeting", "line"), MEETINGS, ids=[line for _, line in MEETINGS])
def test_a_meeting_is_told_by_kind_time_and_place(meeting: Meeting, line: str) -> None:
    assert meeting_line(CONTEXT, meeting) == line
    assert line in read_answer(CONTEXT, [ReadItem(message(), facts=Facts(meeting=meeting))])


@pytest.mark.parametrize(
    ("odata_type", "mark"),
    [
        ("#microsoft.graph.eventMessageRequest", " [invitation] "),
        ("#microsoft.graph.eventMessageResponse", " [answer to an invitation] "),
        ("#microsoft.graph.eventMessage", " [meeting] "),
    ],
)
def test_a_list_marks_messages_about_meetings(odata_type: str, mark: str) -> None:
    assert mark in list_answer(CONTEXT, [message(odata_type=odata_type)])
    assert "[" not in unframed(list_answer(CONTEXT, [message()]))


def test_every_recipient_is_named_where_the_whole_message_is_read() -> None:
    crowd = [person("", f"person{number}@northwind.example") for number in range(60)]
    item = ReadItem(message(to_recipients=crowd))
    assert 'and 50 more (view="full" names all)\n' in read_answer(CONTEXT, [item])
    whole = read_answer(CONTEXT, [item], view="full")
    assert all(f"person{number}@northwind.example" in whole for number in range(60))
    header = Header(name="To", value=", ".join(f"person{number}@northwind.example" for number in range(400)))
    pages = [read_answer(CONTEXT, [ReadItem(message(internet_message_headers=[header]))], view="headers")]
    assert "person399@northwind.example" in pages[0]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('Petersen, Pia "PP"', 'Petersen, Pia "PP" <p@x.example>'),
        ('"Petersen, Pia"', "Petersen, Pia <p@x.example>"),
        ("''Pia''", "Pia <p@x.example>"),
        ("O'Brien'", "O'Brien' <p@x.example>"),
        ('"', '" <p@x.example>'),
        ('""', "p@x.example"),
    ],
)
def test_only_quotation_marks_around_a_whole_name_go(name: str, shown: str) -> None:
    assert full_name(Address(name=name, address="p@x.example")) == shown


def file(name: str, kind: str, size: int = 120_000, *, inline: bool = False) -> Attachment:
    return Attachment(id=AttachmentId("a"), name=name, content_type=kind, size=size, is_inline=inline)


def test_small_pictures_in_the_text_are_counted_and_all_other_files_named_with_their_numbers() -> None:
    files = [
        file("image001.png", "image/png", 4_000, inline=True),
        file("Invoice.pdf", "application/pdf", inline=True),
        file("image002.png", "image/png", inline=True),
        file("icon.png", "image/png", 900),
    ]
    assert files_line(files) == (
        "2: Invoice.pdf (application/pdf, 120 KB, inline); 3: image002.png (image/png, 120 KB, inline); "
        "4: icon.png (image/png, 900 B); 1 small inline picture"
    )
    assert files_line([]) == ""
    assert files_line([file("plan.png", "image/png", 900, inline=True)]) == "1: plan.png (image/png, 900 B, inline)"
    programs = ("Outlook-abc12.png", "logo.gif", "ATT00001.bin", "", "facebook-24x24.png")
    assert files_line([file(name, "image/png", 900, inline=True) for name in programs]) == "5 small inline pictures"
    logo = file(programs[0], "image/png", 900, inline=True)
    draft = ReadItem(message(is_draft=True), ConvertedText("Hi"), [logo])
    assert f"Attachments: 1: {programs[0]} (image/png, 900 B, inline)" in read_answer(CONTEXT, [draft])


NOTES = [
    ([file("smime.p7m", "application/pkcs7-mime; smime-type=signed-data")], "S/MIME: its text is in attachment 1; "),
    ([file("smime.p7m", "application/octet-stream")], "S/MIME: its text is in attachment 1; "),
    ([file("x", "application/pgp-encrypted"), file("encrypted.asc", "application/octet-stream")], "encrypted with PGP"),
    ([file("winmail.dat", "application/octet-stream")], "its formatted text and files are in TNEF"),
    ([file("message.rpmsg", "application/x-microsoft-rpmsg-message")], "its text is protected by rights management"),
    ([file("message_v2.rpmsg", "application/octet-stream")], "its text is protected by rights management"),
    (
        [file("a.txt", "text/plain"), file("b", "message/delivery-status")],
        "a delivery report: mail_attachment n=2 tells for whom and why",
    ),
    (
        [file("b", "message/disposition-notification")],
        "a receipt for a message that was read, or deleted unread: mail_attachment n=1 tells which and for whom",
    ),
    ([file("b", "message/feedback-report")], "a report of abuse (ARF): mail_attachment n=1 tells of what kind"),
    ([file("smime.p7s", "application/pkcs7-signature")], "signed with S/MIME; the signature was not checked"),
    ([file("smime.p7s", "application/octet-stream")], "signed with S/MIME; the signature was not checked"),
    ([file("signature.asc", "application/pgp-signature")], "signed with PGP; the signature was not checked"),
]


@pytest.mark.parametrize(("files", "note"), NOTES, ids=[note for _, note in NOTES])
def test_a_message_that_others_must_open_says_why_and_where(files: Sequence[Attachment], note: str) -> None:
    (found,) = special_notes(files)
    assert found.startswith(note)
    assert f"Note: {note}" in read_answer(CONTEXT, [ReadItem(message(), attachments=files)])


def test_a_message_that_holds_pgp_in_its_text_says_so() -> None:
    signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nPay by Friday."
    assert special_notes([], signed) == ["signed with PGP; the signature was not checked"]
    text = "-----BEGIN PGP MESSAGE-----\n\nhQEMA"
    answer = read_answer(CONTEXT, [ReadItem(message(), ConvertedText(text))])
    assert "Note: encrypted with PGP" in answer


@pytest.mark.parametrize(
    ("sender", "told"),
    [("Assistant@contoso.com", "Assistant@contoso.com"), ("MEGAN@contoso.com", ""), (None, "")],
)
def test_who_sent_it_for_another_is_told_in_text_and_in_fields(sender: str | None, told: str) -> None:
    sent = message(sender=person("A", sender) if sender else None)
    item = ReadItem(sent, ConvertedText("x"))
    assert (f", sent by A <{told}>" in read_answer(CONTEXT, [item])) == bool(told)
    [fields] = messages_fields(CONTEXT, ReadMessages(view="new", items=[item])).messages
    other = fields.untrusted.sent_by
    assert (other.address if other else "") == told
