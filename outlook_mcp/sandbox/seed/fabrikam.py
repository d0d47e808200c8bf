"""Mail with and within Fabrikam, the supplier in the other tenant."""

from __future__ import annotations

from datetime import datetime, timedelta

from outlook_mcp.sandbox.message import Attachment
from outlook_mcp.sandbox.seed import files
from outlook_mcp.sandbox.seed.people import ALICE, BOB, DAVE, ERIN, FABRIKAM_IT
from outlook_mcp.sandbox.seed.seed_message import DRAFT, UNREAD, MailboxCopy, SeedMessage, ago

_CONTRACTS = MailboxCopy("Customers/Contoso")


def messages(now: datetime) -> list[SeedMessage]:
    return [*_renewal(), *_invoice(now), *_warehouse(), *_service_desk()]


def _renewal() -> list[SeedMessage]:
    subject = "Renewal of the service contract"
    return [
        SeedMessage(
            "renewal-1", DAVE, (ALICE,), subject,
            "Hi Alice,\n\nyour service contract FK-310 ends in six weeks. We can renew it at the same price for two"
            " years, or 4% cheaper for three.\n\nShall I prepare the papers?\n\nDave",
            ago(days=14), style="gmail", cc=(ERIN,), copies={ERIN.address: _CONTRACTS},
        ),
        SeedMessage(
            "renewal-2", ALICE, (DAVE,), f"Re: {subject}",
            "Hi Dave,\n\nthree years sounds good, if the answer time stays at four hours. Can you confirm that in"
            " writing?\n\nAlice",
            ago(days=13, hours=4), style="outlook", replies_to="renewal-1", copies={DAVE.address: _CONTRACTS},
        ),
        SeedMessage(
            "renewal-3", DAVE, (ALICE,), f"Re: {subject}",
            "Confirmed: four hours on working days, 07:00 to 19:00. The papers will come from Erin.\n\nDave",
            ago(days=12, hours=7), style="gmail", cc=(ERIN,), replies_to="renewal-2",
            copies={ALICE.address: MailboxCopy(categories=("Contracts",)), ERIN.address: _CONTRACTS},
        ),
        SeedMessage(
            "renewal-4", DAVE, (ALICE,), f"Re: {subject}",
            "Any news on the signature? We would like to close this before the end of the month.\n\nDave",
            ago(hours=5), style="gmail", replies_to="renewal-3", copies={ALICE.address: UNREAD},
        ),
        SeedMessage(
            "renewal-5", DAVE, (ALICE,), f"Re: {subject}",
            "One more thing: for a signature this week I could add",
            ago(hours=1), style="gmail", replies_to="renewal-4", copies={DAVE.address: DRAFT},
        ),
    ]  # fmt: skip


def _invoice(now: datetime) -> list[SeedMessage]:
    issued = now - ago(days=3)
    due = issued + timedelta(days=30)
    return [
        SeedMessage(
            "invoice-1", ERIN, (ALICE,), "Invoice FB-2041",
            f"Dear Alice,\n\nplease find attached invoice FB-2041 over 2,380.00 for four card readers, due on"
            f" {due:%d %B %Y}.\n\nKind regards\nErin Eriksen\nFabrikam Finance",
            ago(days=3), style="outlook", attachments=(_invoice_file(issued, due),),
            copies={ALICE.address: MailboxCopy(flag_status="flagged", categories=("Finance",))},
        ),
        SeedMessage(
            "invoice-2", ALICE, (ERIN,), "Re: Invoice FB-2041",
            "Thank you, Erin. I passed it on to our finance team.\n\nAlice",
            ago(days=2, hours=20), style="outlook", cc=(BOB,), replies_to="invoice-1",
        ),
        SeedMessage(
            "invoice-3", ERIN, (ALICE,), "Automatic reply: Invoice FB-2041",
            "I am out of the office until Monday. In urgent cases please write to Dave Duarte.\n\nErin Eriksen",
            ago(days=2, hours=19.9), replies_to="invoice-2", headers=(("Auto-Submitted", "auto-replied"),),
        ),
    ]  # fmt: skip


def _invoice_file(issued: datetime, due: datetime) -> Attachment:
    return files.pdf(
        "Invoice FB-2041.pdf",
        [
            "Fabrikam Ltd",
            "12 Harbour Road",
            "",
            "INVOICE FB-2041",
            f"Date: {issued:%d %B %Y}",
            "Customer: Contoso, attn. Alice Archer",
            "",
            "4 x Card reader CR-77      500.00     2,000.00",
            "VAT 19 %                                380.00",
            "Total                                 2,380.00",
            "",
            f"Payable until {due:%d %B %Y} to account XX00 0000 0000 0000 0000",
        ],
    )


def _warehouse() -> list[SeedMessage]:
    subject = "Stock count in warehouse 2"
    return [
        SeedMessage(
            "stock-1", ERIN, (DAVE,), subject,
            "Dave,\n\nthe count shows 38 readers, the system says 41. Did somebody take three for repair?\n\nErin",
            ago(days=7, hours=2), style="outlook",
        ),
        SeedMessage(
            "stock-2", DAVE, (ERIN,), f"Re: {subject}",
            "Yes, three are on my desk. They go to Lakeside Dental tomorrow.\n\nDave",
            ago(days=7, hours=1), style="gmail", replies_to="stock-1",
        ),
        SeedMessage(
            "stock-3", ERIN, (DAVE,), f"Re: {subject}",
            "Please book them out next time, the auditors count too.\n\nErin",
            ago(days=6, hours=21), style="outlook", replies_to="stock-2", copies={DAVE.address: UNREAD},
        ),
        SeedMessage(
            "discount", ERIN, (DAVE,), "Discounts above 3 percent",
            "Dave,\n\nfrom next month every discount above 3 percent needs my initials. Contoso is agreed"
            " already.\n\nErin",
            ago(days=15), style="outlook", importance="high",
            copies={DAVE.address: MailboxCopy(flag_status="flagged", categories=("Rules",))},
        ),
        SeedMessage(
            "holiday", DAVE, (ERIN,), "Two days off in May?",
            "Hi Erin,\n\nmay I take the Thursday and Friday after the trade fair?\n\nDave",
            ago(hours=9), style="gmail", copies={ERIN.address: UNREAD},
        ),
    ]  # fmt: skip


def _service_desk() -> list[SeedMessage]:
    return [
        SeedMessage(
            "desk-1", FABRIKAM_IT, (DAVE, ERIN), "Maintenance of the order system on Saturday",
            "The order system is down on Saturday from 06:00 to 09:00. Orders by mail are entered on Monday.",
            ago(days=2, hours=4), headers=(("Auto-Submitted", "auto-generated"),),
        ),
        SeedMessage(
            "desk-2", FABRIKAM_IT, (ERIN,), "Ticket 8812 is solved: scanner in finance",
            "The scanner in finance has a new roller. Please write back if it still pulls two sheets.",
            ago(days=20), copies={ERIN.address: MailboxCopy("archive")},
        ),
        SeedMessage(
            "desk-3", FABRIKAM_IT, (DAVE,), "Your new phone is ready",
            "Please collect it in room 0.04 and bring the old one along.",
            ago(days=25), copies={DAVE.address: MailboxCopy("archive")},
        ),
    ]  # fmt: skip
