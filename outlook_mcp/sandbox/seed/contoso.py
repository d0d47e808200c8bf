"""Everyday mail among Alice, Bob and Carol."""

from __future__ import annotations

from outlook_mcp.sandbox.message import Attachment, Message
from outlook_mcp.sandbox.mime import build
from outlook_mcp.sandbox.seed import files
from outlook_mcp.sandbox.seed.people import ALICE, BOB, CAROL, CUSTOMER, FACILITIES, IT_DESK
from outlook_mcp.sandbox.seed.seed_message import DRAFT, UNREAD, MailboxCopy, SeedMessage, ago

_HEADCOUNT = """Team,January,February,March
Support,14,15,15
Sales,9,9,10
Engineering,22,23,25
Finance,4,4,4
"""

_FIGURES = """<html><body dir="ltr" style="font-family:Calibri,sans-serif;font-size:11pt">
<p>Hi Alice,</p>
<p>The support figures for last week are below. The <b>median first answer</b> went down again, most of it thanks to
the new templates.</p>
<table border="1" cellpadding="4" style="border-collapse:collapse">
<tr style="background:#dde8f6"><th align="left">Queue</th><th>Opened</th><th>Solved</th><th>First answer</th></tr>
<tr><td>Billing</td><td align="right">41</td><td align="right">44</td><td align="right">1 h 10 min</td></tr>
<tr><td>Devices</td><td align="right">87</td><td align="right">79</td><td align="right">2 h 35 min</td></tr>
<tr><td>Sign-in</td><td align="right">23</td><td align="right">23</td><td align="right">25 min</td></tr>
<tr style="font-weight:bold"><td>All</td><td align="right">151</td><td align="right">146</td>
<td align="right">1 h 50 min</td></tr>
</table>
<p>Devices is the queue to watch: eight tickets are waiting for spare parts.</p>
<p>Carol</p></body></html>"""

_LOGO = """<html><body dir="ltr" style="font-family:Calibri,sans-serif"><p>Hi both,</p>
<p>first draft of the Aurora logo, in the blue we liked:</p>
<p><img src="cid:aurora-logo@contoso.example" alt="Aurora logo" width="96" height="32"></p>
<p>Does it still read well when it is this small?</p><p>Carol</p></body></html>"""


def messages() -> list[SeedMessage]:
    return [*_budget(), *_small_talk(), *_figures(), *_announcements(), *_drafts()]


def _budget() -> list[SeedMessage]:
    subject = "Quarterly budget review"
    return [
        SeedMessage(
            "budget-1", BOB, (ALICE,), subject,
            "Hi Alice,\n\nthe draft of the quarterly budget is ready. Travel is 12 percent over plan, training is"
            " 8 percent under.\nCould you look at the support line before the review meeting?"
            " I assumed 15 people.\n\nBob",
            ago(days=6, hours=3),
        ),
        SeedMessage(
            "budget-2", ALICE, (BOB,), f"Re: {subject}",
            "Hi Bob,\n\n15 people is right until March, then 16. Please move 4,000 from training to travel,"
            " I would rather keep the\ncustomer visits.\n\nAlice",
            ago(days=5, hours=6), replies_to="budget-1",
        ),
        SeedMessage(
            "budget-3", BOB, (ALICE,), f"Re: {subject}",
            "Done. The total is now 182,400, that is 1.5 percent above last quarter. Finance wants a sentence"
            " on why.\n\nBob",
            ago(days=2, hours=2), replies_to="budget-2",
            copies={ALICE.address: MailboxCopy(flag_status="flagged", categories=("Finance",))},
        ),
        SeedMessage(
            "budget-4", BOB, (ALICE,), f"Re: {subject}",
            "Finance moved the review to Thursday at 10:00. Can you send me the sentence on the 1.5 percent by"
            " Wednesday evening?\n\nThanks\nBob",
            ago(hours=2), cc=(CAROL,), replies_to="budget-3", importance="high",
            copies={ALICE.address: MailboxCopy(is_read=False, categories=("Finance",)), CAROL.address: UNREAD},
        ),
    ]  # fmt: skip


def _small_talk() -> list[SeedMessage]:
    return [
        SeedMessage(
            "lunch-1", BOB, (ALICE, CAROL), "Lunch on Thursday?",
            "The noodle place at the station has opened again. Thursday, 12:30?",
            ago(days=1, hours=4), style="outlook",
        ),
        SeedMessage(
            "lunch-2", CAROL, (BOB,), "Re: Lunch on Thursday?",
            "Yes please! I will be five minutes late, save me a seat by the window.",
            ago(days=1, hours=3), style="outlook", cc=(ALICE,), replies_to="lunch-1", copies={ALICE.address: UNREAD},
        ),
        SeedMessage(
            "no-subject", CAROL, (ALICE,), "",
            "Running late, start without me. The projector remote is in my top drawer.\n\nSent from my phone",
            ago(days=3, hours=1),
        ),
        SeedMessage(
            "headcount", BOB, (ALICE,), "Headcount numbers",
            "Attached as CSV, three months by team. Engineering includes the two contractors.",
            ago(days=4), style="outlook",
            attachments=(files.text("headcount.csv", "text/csv", _HEADCOUNT),),
        ),
        SeedMessage(
            "complaint", BOB, (ALICE,), "FW: Third reader broken in a month",
            "Can somebody of your team call him today? The original is attached.\n\nBob",
            ago(days=1, hours=7), style="outlook", attachments=(_complaint(),),
            copies={ALICE.address: MailboxCopy(is_read=False, flag_status="flagged", categories=("Customers",))},
        ),
    ]  # fmt: skip


def _complaint() -> Attachment:
    original = Message(
        subject="Third reader broken in a month",
        body="Dear Contoso,\n\nthe card reader you sent as a replacement has failed again, serial number CR-77120."
        "\nPlease send a technician instead of another reader.\n\nHenry Okafor\nLakeside Dental",
        from_=CUSTOMER,
        to=[BOB],
        internet_message_id="<complaint.77120@lakeside-dental.example>",
    )
    return Attachment(original.subject, "message/rfc822", build(original), kind="item")


def _figures() -> list[SeedMessage]:
    return [
        SeedMessage(
            "figures", CAROL, (ALICE,), "Support figures for last week", _FIGURES,
            ago(days=1, hours=1), style="html",
        ),
        SeedMessage(
            "logo", CAROL, (ALICE, BOB), "Aurora logo, first draft", _LOGO, ago(days=2, hours=5), style="html",
            attachments=(files.logo("aurora-logo.png", "aurora-logo@contoso.example"),),
            copies={ALICE.address: UNREAD},
        ),
    ]  # fmt: skip


def _announcements() -> list[SeedMessage]:
    everyone = (ALICE, BOB, CAROL)
    archived = {person.address: MailboxCopy("archive") for person in everyone}
    return [
        SeedMessage(
            "fire-drill", FACILITIES, everyone, "Fire drill on Tuesday at 11:00",
            "Dear all,\n\non Tuesday at 11:00 the alarm will ring for about ten minutes. Please leave by the stairs and"
            " meet at the bicycle stands.\n\nContoso Facilities",
            ago(hours=20), style="outlook", importance="high", copies={person.address: UNREAD for person in everyone},
        ),
        SeedMessage(
            "password", IT_DESK, (ALICE,), "Your certificate expires in 9 days",
            "Hello Alice,\n\nthe certificate on your laptop LT-0412 expires in 9 days. It renews itself when"
            " you are in the office network.\nNothing to do unless you work from home all week.\n\nContoso IT Desk",
            ago(days=2, hours=8), headers=(("Auto-Submitted", "auto-generated"),),
        ),
        SeedMessage(
            "office-move", FACILITIES, everyone, "Office move: boxes and labels",
            "Dear all,\n\nboxes are beside the lifts. Label everything with your name and new room number: Alice 3.14,"
            " Bob 3.15, Carol 3.17.\n\nContoso Facilities",
            ago(days=96), style="outlook", copies=archived,
        ),
        SeedMessage(
            "leave-policy", CAROL, (ALICE, BOB), "Summer leave: how we share the weeks",
            "Hi both,\n\nI put the agreed weeks into the team calendar: Alice first half of July, Bob second half, me"
            " in August. Nobody is away during the audit.\n\nCarol",
            ago(days=61), style="outlook", copies=archived | {CAROL.address: MailboxCopy("sentitems")},
        ),
        SeedMessage(
            "old-minutes", BOB, (ALICE,), "Minutes of the kitchen committee",
            "Short version: new coffee machine yes, dishwasher rota no.",
            ago(days=30), copies={ALICE.address: MailboxCopy("deleteditems")},
        ),
    ]  # fmt: skip


def _drafts() -> list[SeedMessage]:
    return [
        SeedMessage(
            "offsite", ALICE, (), "Ideas for the team offsite",
            "1. Boat trip and dinner at the harbour\n2. Cooking class, 12 people\n3. Hut in the hills, two cars",
            ago(days=1, hours=9), copies={ALICE.address: DRAFT},
        ),
        SeedMessage(
            "figures-answer", ALICE, (CAROL,), "Re: Support figures for last week",
            "Thanks Carol. Which spare parts are we waiting for, and who is the supplier?",
            ago(hours=22), style="outlook", replies_to="figures", copies={ALICE.address: DRAFT},
        ),
        SeedMessage(
            "handover", BOB, (CAROL,), "Handover while I am away",
            "Open points:\n- budget sentence from Alice\n- two laptops for the new engineers",
            ago(hours=8), copies={BOB.address: DRAFT},
        ),
    ]  # fmt: skip
