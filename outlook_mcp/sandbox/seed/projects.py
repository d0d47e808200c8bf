"""Messages about projects, filed in a tree of folders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from outlook_mcp.sandbox.message import Attachment
from outlook_mcp.sandbox.seed.people import ALICE, BOB, CAROL, PRINTER
from outlook_mcp.sandbox.seed.seed_message import UNREAD, MailboxCopy, SeedMessage, ago

AURORA = MailboxCopy("Projects/Aurora")
SUPPLIERS = MailboxCopy("Projects/Aurora/Suppliers")
BOREALIS = MailboxCopy("Projects/Borealis")


def messages(now: datetime) -> list[SeedMessage]:
    return [*_launch(), *_suppliers(), _borealis(), *_steering_group(now)]


def _launch() -> list[SeedMessage]:
    subject = "Aurora launch plan"
    everyone_files_it = {ALICE.address: AURORA, BOB.address: AURORA}
    return [
        SeedMessage(
            "launch-1", ALICE, (BOB, CAROL), subject,
            "Hi both,\n\nhere is how I would like to launch Aurora: a quiet week with twenty friendly customers, then"
            " everybody. Bob takes the price list, Carol the help pages, I take the announcement.\n\n"
            "What is missing?\n\nAlice",
            ago(days=9), style="outlook", copies={BOB.address: AURORA},
        ),
        SeedMessage(
            "launch-2", CAROL, (ALICE,), f"Re: {subject}",
            "The help pages need five more days, the screenshots change with every build. Can the quiet week start on a"
            " Wednesday?\n\nCarol",
            ago(days=8, hours=20), style="outlook", cc=(BOB,), replies_to="launch-1", copies=everyone_files_it,
        ),
        SeedMessage(
            "launch-3", BOB, (ALICE, CAROL), f"Re: {subject}",
            "Fine for me. The price list has two tiers, 9 and 19 per seat. I left out the yearly discount until finance"
            " agrees.\n\nBob",
            ago(days=8, hours=2), style="outlook", replies_to="launch-2", copies={ALICE.address: AURORA},
        ),
        SeedMessage(
            "launch-4", ALICE, (BOB, CAROL), f"Re: {subject}",
            "Wednesday it is. Two tiers are good. I will tell the twenty customers this week.\n\nAlice",
            ago(days=7, hours=5), style="outlook", replies_to="launch-3", copies={BOB.address: AURORA},
        ),
        SeedMessage(
            "timeline", CAROL, (ALICE, BOB), "Aurora timeline is shared with you",
            "The timeline lives in one place now, please do not copy it any more.",
            ago(days=5), style="outlook", copies=everyone_files_it,
            attachments=(
                Attachment(
                    "Aurora timeline", "message/external-body", b"", kind="reference",
                    source_url="https://contoso.example/sites/aurora/timeline.xlsx",
                ),
            ),
        ),
    ]  # fmt: skip


def _suppliers() -> list[SeedMessage]:
    return [
        SeedMessage(
            "quote-1", PRINTER, (ALICE,), "Your quotation Q-5518: 2,000 folders",
            "Dear Ms Archer,\n\n2,000 folders A4, four colours, 170 g: 1,340.00\n"
            "Delivery in eight working days: 45.00\n\nThe offer is valid for 30 days.\n\nBrightpress Sales",
            ago(days=12), copies={ALICE.address: SUPPLIERS},
        ),
        SeedMessage(
            "quote-2", ALICE, (PRINTER,), "Re: Your quotation Q-5518: 2,000 folders",
            "Hello,\n\nwe take it, but 2,500 instead of 2,000. Please send a proof first.\n\nAlice Archer",
            ago(days=11), replies_to="quote-1",
        ),
        SeedMessage(
            "quote-3", PRINTER, (ALICE,), "Re: Your quotation Q-5518: 2,000 folders",
            "Dear Ms Archer,\n\n2,500 are 1,610.00. The proof follows by post.\n\nBrightpress Sales",
            ago(days=10), replies_to="quote-2", copies={ALICE.address: SUPPLIERS},
        ),
    ]  # fmt: skip


def _borealis() -> SeedMessage:
    return SeedMessage(
        "borealis", BOB, (ALICE,), "Borealis: closing report",
        "Borealis is closed. 14 of 16 goals reached, two went to Aurora. Thanks for the two weekends in spring.\n\nBob",
        ago(days=40), style="outlook", copies={ALICE.address: BOREALIS},
    )  # fmt: skip


def _steering_group(now: datetime) -> list[SeedMessage]:
    start = _next_workday(now)
    when = f"{start:%A, %d %B} at {start:%H:%M} UTC"
    invitation = _invitation(start, now - ago(days=1, hours=6))
    return [
        SeedMessage(
            "steering-1", BOB, (ALICE, CAROL), "Invitation: Aurora steering group",
            f"When: {when}, 45 minutes\nWhere: Room Pine, third floor\n\nAgenda: launch week, prices, help pages.",
            ago(days=1, hours=6), style="outlook", calendar=invitation,
            copies={ALICE.address: UNREAD, CAROL.address: UNREAD},
        ),
    ]  # fmt: skip


def _next_workday(now: datetime) -> datetime:
    """Two days on at 10:00 UTC, or the Monday after a weekend."""
    day = (now + timedelta(days=2)).astimezone(UTC).replace(hour=10, minute=0, second=0, microsecond=0)
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def _invitation(start: datetime, stamp: datetime) -> str:
    form = "%Y%m%dT%H%M%SZ"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Contoso//Calendar//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:aurora-steering-{start:%Y%m%d}@contoso.example",
        f"DTSTAMP:{stamp.astimezone(UTC).strftime(form)}",
        f"DTSTART:{start.strftime(form)}",
        f"DTEND:{(start + timedelta(minutes=45)).strftime(form)}",
        "SUMMARY:Aurora steering group",
        "LOCATION:Room Pine",
        f"ORGANIZER;CN={BOB.name}:mailto:{BOB.address}",
        f"ATTENDEE;CN={ALICE.name};PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{ALICE.address}",
        f"ATTENDEE;CN={CAROL.name};PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{CAROL.address}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)
