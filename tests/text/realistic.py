"""A page of the inbox of an office worker, as a search returns it."""

from __future__ import annotations

from datetime import datetime, timedelta

from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle
from outlook_mcp.graph.models import Address, Recipient
from outlook_mcp.mail.models import Flag, Message

_PEOPLE = {
    "M": ("Megan Bowen", "megan.bowen@contoso.com"),
    "A": ("Alex Wilber", "alex.wilber@contoso.com"),
    "L": ("Lynne Robbins", "lynne.robbins@contoso.com"),
    "J": ("Joni Sherman", "joni.sherman@contoso.com"),
    "P": ("Patti Fernandez", "patti.fernandez@contoso.com"),
    "G": ("GitHub", "notifications@github.com"),
    "N": ("Nordwind Traders Billing", "billing@nordwind-traders.example"),
    "T": ("Lufthansa", "no-reply@booking.lufthansa.example"),
    "W": ("The Weekly Ledger", "newsletter@weeklyledger.example"),
    "K": ("山田 健", "ken.yamada@fabrikam.example"),
    "I": ("IT Service Desk", "servicedesk@contoso.com"),
    "S": ("Søren Østergård", "soren@tailspin.example"),
}
_MAIL = [
    (
        "M",
        0.4,
        "*",
        "RE: Q4 budget: travel line",
        "Hi Adele, thanks for the quick look. I moved the two conference trips to Q1 and cut",
    ),
    (
        "A",
        1.2,
        "*",
        "Contract draft Fabrikam v3",
        "Attached is v3 with the comments of legal worked in. Open points: liability cap and",
    ),
    (
        "G",
        1.9,
        "*",
        "[contoso/portal] Build failed on main (#4821)",
        "Run failed: main (8c1f2aa). Jobs: lint succeeded, unit tests failed in 3m 12s. View",
    ),
    (
        "N",
        2.6,
        "+",
        "Invoice 2026-11873 is due on 30 November",
        "Dear customer, please find attached invoice 2026-11873 over EUR 4,812.50 for your",
    ),
    (
        "M",
        3.5,
        "",
        "RE: Q4 budget: travel line",
        "One more thing: finance wants the numbers in the new template by Wednesday noon. Can",
    ),
    (
        "K",
        6.8,
        "*",
        "来週の打ち合わせについて",
        "アデル様 お世話になっております。来週の打ち合わせの件ですが、火曜日の午後三時からでご都合はいかがでしょうか。",
    ),
    (
        "L",
        16.2,
        "!",
        "Interview panel on Thursday",
        "Could you take the second slot (14:00) with the candidate for the analyst role? Her CV",
    ),
    (
        "I",
        17.5,
        "",
        "Ticket INC0048213 was resolved",
        "Your request 'VPN drops every hour' has been resolved. Resolution: client updated to",
    ),
    ("J", 18.1, "", "Lunch?", "Are you in the office tomorrow? The new place at the corner has a good lunch menu and"),
    (
        "W",
        19.9,
        "*",
        "Rates hold steady, chips do not",
        "Good morning. Central banks kept their nerve this week while chip makers lost theirs.",
    ),
    (
        "A",
        21.4,
        "",
        "RE: Contract draft Fabrikam v2",
        "Agreed on clause 7. On clause 9 their counsel insists on Danish law, which we can live",
    ),
    (
        "S",
        23.0,
        "*",
        "Offer for the workshop in Aarhus",
        "Hi Adele, as discussed here is our offer for the two-day workshop including venue and",
    ),
    (
        "M",
        25.7,
        "",
        "Q4 budget: travel line",
        "Hi Adele, the travel line in the draft is 18 % over last year. Could you check whether",
    ),
    (
        "P",
        27.3,
        "+",
        "Minutes of the steering meeting",
        "All, please find the minutes attached. Decisions: go-live stays on 12 January; Joni owns",
    ),
    (
        "G",
        28.8,
        "",
        "[contoso/portal] Bump urllib3 from 2.7.0 to 2.8.0 (PR #1190)",
        "Bumps urllib3 from 2.7.0 to 2.8.0. Release notes sourced from urllib3's releases. You",
    ),
    (
        "T",
        41.0,
        "",
        "Your booking confirmation TXK4PQ",
        "Thank you for booking with us. Your flight LH 828 from Frankfurt to Copenhagen departs",
    ),
    (
        "L",
        43.6,
        "",
        "Updated hiring plan",
        "As agreed the plan now has two analysts in Q1 and one engineer in Q2. Please shout if",
    ),
    (
        "J",
        45.2,
        "",
        "RE: Slides for the board",
        "Slide 7 still shows the old logo, and the chart on slide 11 is missing its legend. Else",
    ),
    (
        "A",
        47.8,
        "!",
        "NDA Tailspin Toys",
        "Signed by both sides, filed in the legal library. The term is three years from today.",
    ),
    (
        "I",
        64.0,
        "",
        "Planned maintenance on Saturday",
        "The file servers will be offline on Saturday from 06:00 to 10:00 CET. Please save your",
    ),
    (
        "P",
        66.5,
        "",
        "Go-live checklist",
        "Adele, can you confirm items 4 to 9 by Friday? I would like to close the list before the",
    ),
    (
        "W",
        67.9,
        "",
        "What the new tariffs mean for you",
        "Three charts that explain why your next laptop may cost more, and a word on what to do",
    ),
    (
        "M",
        70.3,
        "",
        "Team offsite: three options",
        "I asked for quotes from three places. The lake house is the cheapest, but the old mill",
    ),
    (
        "G",
        73.1,
        "",
        "[contoso/portal] Accessibility of the date picker (Issue #977)",
        "@adelev can you say whether the keyboard order is a blocker for the release? I have a",
    ),
    (
        "J",
        90.6,
        "",
        "Thank you!",
        "Just wanted to say thanks for jumping in on Monday. The customer called today and was",
    ),
]


def realistic_messages(handles: Handles, now: datetime) -> list[Message]:
    """25 messages of twelve senders over four days; counters have ten digits, as in a mailbox of some years."""
    found = []
    for number, (sender, hours, marks, subject, preview) in enumerate(_MAIL):
        name, address = _PEOPLE[sender]
        found.append(
            Message(
                id=handles.full(Handle(str(5_305_311_970 - number * 7_919))),
                subject=subject,
                from_=Recipient(email_address=Address(name=name, address=address)),
                received_date_time=now - timedelta(hours=hours),
                is_read="*" not in marks,
                has_attachments="+" in marks,
                flag=Flag(flag_status="flagged" if "!" in marks else "notFlagged"),
                body_preview=preview + " and so on for some more words than anybody wants to see in a list.",
            )
        )
    return found
