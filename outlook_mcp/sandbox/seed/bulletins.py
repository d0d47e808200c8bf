"""Newsletters and notices that machines send: hidden preheaders, tracking links and pixels."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.seed import files
from outlook_mcp.sandbox.seed.people import ALICE, BOB, CAROL, DAVE, ERIN, KERNING, LEDGER, PARCELS, RAIL
from outlook_mcp.sandbox.seed.seed_message import UNREAD, MailboxCopy, SeedMessage, ago

_ITEM = """<tr><td style="padding:12px 24px;font-family:Georgia,serif">
<h2 style="margin:0;font-size:18px"><a href="{link}" style="color:#1a3c6e">{title}</a></h2>
<p style="margin:6px 0;font-size:14px;color:#444444">{text}</p></td></tr>"""

_PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>{name}</title>
<style>.preheader {{ display:none !important; visibility:hidden; opacity:0; height:0; width:0 }}
@media (max-width:600px) {{ .wrap {{ width:100% !important }} }}</style></head>
<body style="margin:0;background:#f2f2f2">
<span class="preheader" style="display:none;max-height:0;overflow:hidden">{preheader}{filler}</span>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table class="wrap" role="presentation" width="600" cellpadding="0" cellspacing="0" style="background:#ffffff">
<tr><td style="padding:24px;font-family:Georgia,serif;font-size:26px">{name}</td></tr>
{items}
<tr><td style="padding:24px;font-family:Arial,sans-serif;font-size:11px;color:#999999">You get this because you
subscribed as {reader}. <a href="{leave}">Unsubscribe</a> | <a href="{settings}">Settings</a></td></tr>
</table></td></tr></table>
<img src="{pixel}" width="1" height="1" alt="" style="display:block"></body></html>"""


@dataclass(frozen=True, slots=True)
class _Issue:
    key: str
    sender: Address
    subject: str
    preheader: str
    items: tuple[tuple[str, str], ...]


_ISSUES = {
    "ledger-1": _Issue(
        "ledger-1", LEDGER, "Ports are busy again, and what that means for prices",
        "Also today: a quiet week for copper",
        (
            ("Ports are busy again", "Waiting times at the large container ports rose to four days. Freight follows."),
            ("A quiet week for copper", "Demand is steady, stocks are higher than a year ago."),
            ("Number of the day: 37", "So many minutes a week an office spends looking for a meeting room."),
        ),
    ),
    "ledger-2": _Issue(
        "ledger-2", LEDGER, "Why small firms wait longer for their money",
        "Plus: three questions to ask before signing a lease",
        (
            ("Waiting for money", "Invoices of small firms are paid nine days later than those of large ones."),
            ("Before you sign a lease", "Ask about heating, about noise and about the neighbour's plans."),
        ),
    ),
    "kerning": _Issue(
        "kerning", KERNING, "Issue 112: numerals that line up",
        "Tabular figures, a new Greek, and a letter from a reader",
        (
            ("Numerals that line up", "Tabular figures make a price list readable. Here is how to switch them on."),
            ("A new Greek", "A text face whose lambda finally looks at home beside the Latin."),
        ),
    ),
}  # fmt: skip


def messages(now: datetime) -> list[SeedMessage]:
    return [
        _newsletter("ledger-1", ALICE, ago(hours=7), UNREAD),
        _newsletter("ledger-2", ALICE, ago(days=7, hours=7), MailboxCopy()),
        _newsletter("kerning", ALICE, ago(days=3, hours=9), UNREAD),
        _newsletter("ledger-1", BOB, ago(hours=7.1), UNREAD),
        _newsletter("kerning", CAROL, ago(days=3, hours=9.1), MailboxCopy()),
        _newsletter("ledger-1", DAVE, ago(hours=7.2), MailboxCopy()),
        _newsletter("ledger-2", ERIN, ago(days=7, hours=7.1), MailboxCopy("archive")),
        *_notices(now),
    ]


def _newsletter(name: str, reader: Address, age: timedelta, place: MailboxCopy) -> SeedMessage:
    issue = _ISSUES[name]
    domain = issue.sender.address.partition("@")[2]
    token = urlsafe_b64encode(f"{issue.key}|{reader.address}|".encode() * 3).decode("ascii").rstrip("=")
    items = "".join(
        _ITEM.format(link=f"https://click.{domain}/ls/{number}/{token}", title=escape(title), text=escape(text))
        for number, (title, text) in enumerate(issue.items, 1)
    )
    leave = f"https://click.{domain}/leave/{token}"
    page = _PAGE.format(
        name=escape(issue.sender.name),
        preheader=escape(issue.preheader),
        filler="&zwnj;&nbsp;" * 60,
        items=items,
        reader=reader.address,
        leave=leave,
        settings=f"https://click.{domain}/settings/{token}",
        pixel=f"https://open.{domain}/o/{token}.gif",
    )
    return SeedMessage(
        f"{issue.key}-{reader.address.partition('@')[0]}", issue.sender, (reader,), issue.subject, page, age,
        style="html",
        headers=(
            ("List-Id", f"<news.{domain}>"),
            ("List-Unsubscribe", f"<{leave}>, <mailto:leave@{domain}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ("Precedence", "bulk"),
        ),
        copies={reader.address: place},
    )  # fmt: skip


def _notices(now: datetime) -> list[SeedMessage]:
    journey = now + ago(days=6)
    automatic = (("Auto-Submitted", "auto-generated"),)
    return [
        SeedMessage(
            "parcel", PARCELS, (ALICE,), "Your parcel arrives tomorrow between 9 and 11",
            "Hello Alice,\n\nparcel SP-4410-7732 from Brightpress is on its way.\n\nTrack it:"
            " https://swiftparcel.example/t/SP-4410-7732",
            ago(hours=15), headers=automatic,
        ),
        SeedMessage(
            "ticket", RAIL, (ALICE,), f"Your booking for {journey:%d %B %Y}",
            f"Thank you for your booking.\n\nOut: {journey:%d %B %Y}, 07:42, coach 6, seat 51\nReference: NR8K2Q\n\n"
            "Your ticket is attached.",
            ago(days=5, hours=3), headers=automatic,
            attachments=(
                files.pdf("ticket-NR8K2Q.pdf", ["North Rail NR8K2Q", f"{journey:%d %B %Y} 07:42", "Coach 6, seat 51"]),
            ),
            copies={ALICE.address: MailboxCopy(categories=("Travel",))},
        ),
        SeedMessage(
            "parcel-carol", PARCELS, (CAROL,), "Your parcel is at the front desk",
            "Hello Carol,\n\nparcel SP-4409-1180 was handed to the front desk.",
            ago(days=2, hours=6), headers=automatic,
        ),
    ]  # fmt: skip
