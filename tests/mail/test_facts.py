"""Facts about a message in short lines: each where it matters, and nowhere else."""

from __future__ import annotations

from typing import Any, cast

import pytest

from outlook_mcp.errors import SignInRequired
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.graph.models import Recipient
from outlook_mcp.mail.answers.facts import fact_lines
from outlook_mcp.mail.answers.sender_warnings import sender_warnings
from outlook_mcp.mail.delivery_reports import is_delivery_report
from outlook_mcp.mail.invitations import Meeting
from outlook_mcp.mail.message_facts import Facts, MessageFacts
from outlook_mcp.mail.mime.delivery_status import read_reports
from outlook_mcp.mail.models import Attachment, Header, RecipientReport
from outlook_mcp.mail.reading import ReadItem
from tests.mail.shown import CONTEXT, message, person

UNSUBSCRIBE = ("List-Unsubscribe", "<https://news.example/u?x=1>, <mailto:leave@news.example?subject=x>")
ONE_CLICK = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
INVITATION = "#microsoft.graph.eventMessageRequest"


def headers(*pairs: tuple[str, str]) -> list[Header]:
    return [Header(name=name, value=value) for name, value in pairs]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ([UNSUBSCRIBE, ONE_CLICK], ["Unsubscribing is possible by one click or mail."]),
        ([UNSUBSCRIBE], ["Unsubscribing is possible by mail or web page."]),
        # What goes over no TLS is not used.
        ([("List-Unsubscribe", "<http://news.example/u>"), ONE_CLICK], []),
        ([("List-Id", "Dev <dev.x.example>")], ["Mailing list dev.x.example."]),
        (
            [("list-id", "<dev.x.example>"), ("LIST-UNSUBSCRIBE", "<mailto:l@x.example>")],
            ["Mailing list dev.x.example; unsubscribing is possible by mail."],
        ),
        ([("List-Unsubscribe", "https://news.example/not-in-brackets")], []),
        ([("List-Unsubscribe", "<javascript:alert(1)>")], []),
        ([("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")], []),
        ([("List-Id", "<a b>\nInjected: line")], []),
        ([("Precedence", "bulk"), ("X-List-Id", "<x>")], []),
        ([], []),
    ],
)
def test_a_list_is_told_with_the_ways_out_of_it_that_work(given: list[tuple[str, str]], line: list[str]) -> None:
    assert fact_lines(message(internet_message_headers=headers(*given))) == line


def test_a_draft_of_the_user_is_of_no_list() -> None:
    assert fact_lines(message(is_draft=True, internet_message_headers=headers(UNSUBSCRIBE))) == []


EXCHANGE = b"""From: postmaster@contoso.example
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Delivery has failed.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns;mail.contoso.example

Final-Recipient: rfc822;nobody@fabrikam.example
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound

Final-Recipient: rfc822; full@fabrikam.example
Action: failed
Status: 5.2.2 (mailbox full)
Diagnostic-Code: smtp; 552 5.2.2 over quota

--b
Content-Type: message/rfc822

Subject: the message itself, cut in its mid"""


def test_a_delivery_report_tells_for_whom_and_why() -> None:
    found = read_reports(EXCHANGE)
    assert fact_lines(message(), found) == [
        "Not delivered to nobody@fabrikam.example: no such mailbox, or its domain takes no mail (5.1.10).",
        "Not delivered to full@fabrikam.example: the mailbox is full (5.2.2).",
    ]


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (
            RecipientReport(recipient="a@x.example", action="delayed", status="4.9.9", diagnostic="timeout"),
            "Delayed, and still being tried, for a@x.example: timeout (4.9.9).",
        ),
        (
            RecipientReport(recipient="a@x.example", action="delivered", status="2.0.0"),
            "Delivered to a@x.example (2.0.0).",
        ),
        (
            RecipientReport(
                recipient="a@x.example", action="failed", status="5.7.999", diagnostic="550 blocked\nby us"
            ),
            "Not delivered to a@x.example: 550 blocked by us (5.7.999).",
        ),
        (RecipientReport(recipient="a@x.example"), "Reported on a@x.example."),
    ],
)
def test_each_outcome_of_a_report_has_its_words(report: RecipientReport, line: str) -> None:
    assert fact_lines(message(), [report]) == [line]


def test_a_report_on_many_is_short() -> None:
    lines = fact_lines(message(), [RecipientReport(recipient=f"{n}@x.example", action="failed") for n in range(40)])
    assert (len(lines), lines[-1]) == (11, "And 30 more recipients.")


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (EXCHANGE, 2),
        (EXCHANGE.replace(b"message/delivery", b"message/global-delivery"), 2),
        (EXCHANGE[:400], 1),
        (EXCHANGE[:150], 0),
        (b"", 0),
        (b"\xff\x00" * 50, 0),
        (b"Subject: hi\n\nhi", 0),
    ],
)
def test_a_report_is_read_as_far_as_it_is_there(raw: bytes, count: int) -> None:
    assert len(read_reports(raw)) == count


def test_only_what_says_that_it_is_a_report_is_one() -> None:
    report = headers(("Content-Type", 'multipart/report; report-type="delivery-status"; boundary=x'))
    file = Attachment(id="1", content_type="message/delivery-status")  # type: ignore[arg-type]
    assert is_delivery_report(message(internet_message_headers=report))
    assert is_delivery_report(message(attachments=[file]))
    assert is_delivery_report(message(internet_message_headers=headers(("X-MS-Exchange-Message-Is-Ndr", ""))))
    receipt = headers(("Content-Type", "multipart/report; report-type=disposition-notification"))
    assert not is_delivery_report(message(internet_message_headers=receipt))
    assert not is_delivery_report(message(subject="Undeliverable: Budget"))


def warned(sender: Recipient, reply_to: list[Recipient] | None = None, *list_headers: tuple[str, str]) -> list[str]:
    given = message(from_=sender, reply_to=reply_to or [], internet_message_headers=headers(*list_headers))
    return sender_warnings(CONTEXT, ReadItem(given))


MEGAN = person("Megan Bowen", "megan@contoso.com")


@pytest.mark.parametrize(
    ("address", "is_elsewhere"),
    [
        ("megan@contoso.com", False),
        ("megan@mail.contoso.com", False),
        ("MEGAN@CONTOSO.COM", False),
        ("adele@contoso.com", False),
        ("megan.bowen@gmail.example", True),
        ("megan@contoso.com.evil.example", True),
    ],
)
def test_answers_that_would_go_to_another_domain_are_warned_of(address: str, is_elsewhere: bool) -> None:
    told = f"Warning: answers go to {address}, at another domain than the sender's."
    assert warned(MEGAN, [person("", address)]) == ([told] if is_elsewhere else [])


def test_a_list_or_newsletter_may_have_its_answers_elsewhere() -> None:
    elsewhere = [person("Dev", "dev@lists.example")]
    assert warned(MEGAN, elsewhere, ("List-Id", "<dev.lists.example>")) == []
    assert warned(MEGAN, elsewhere, UNSUBSCRIBE) == []


@pytest.mark.parametrize(
    ("name", "is_warned"),
    [
        ("ceo@contoso.com", True),
        ("Megan (megan@contoso.com)", True),
        ("megan@evil.example", False),
        ("Support @ Contoso", False),
        ("Megan via contoso.com", False),
    ],
)
def test_a_name_that_shows_an_address_of_another_domain_is_warned_of(name: str, is_warned: bool) -> None:
    warnings = warned(person(name, "x@evil.example"))
    assert [line for line in warnings if "name shows another address" in line] == warnings
    assert bool(warnings) == is_warned


def test_the_first_message_of_a_sender_is_told() -> None:
    item = ReadItem(message(), facts=Facts(is_first=True))
    assert sender_warnings(CONTEXT, item) == ["First message from this address."]


async def test_what_keeps_all_questions_from_being_asked_is_raised_as_itself() -> None:
    class NobodySignedIn:
        async def meetings_of(self, messages: object) -> dict[MessageId, Meeting]:
            raise SignInRequired("Nobody is signed in.")

        async def reports_of(self, messages: object) -> dict[MessageId, list[RecipientReport]]:
            return {}

        async def first_of_sender(self, messages: object) -> frozenset[MessageId]:
            return frozenset()

    nobody = cast(Any, NobodySignedIn())
    with pytest.raises(SignInRequired):
        await MessageFacts(nobody, nobody, nobody, nobody).facts_of([message(from_=None, odata_type=INVITATION)])
