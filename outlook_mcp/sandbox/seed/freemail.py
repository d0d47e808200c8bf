"""The mailbox of a personal account."""

from __future__ import annotations

from outlook_mcp.sandbox.seed.people import CHOIR, FRIDA, GRANDPA, LIBRARY, RAIL
from outlook_mcp.sandbox.seed.seed_message import DRAFT, UNREAD, MailboxCopy, SeedMessage, ago


def messages() -> list[SeedMessage]:
    return [*_choir(), *_family(), *_notices()]


def _choir() -> list[SeedMessage]:
    return [
        SeedMessage(
            "choir-1", CHOIR, (FRIDA,), "Rehearsal moves to the school hall",
            "Dear singers,\n\nthe church has no heating until Friday, so we meet in the school hall on Wednesday at"
            " 19:30. Please bring the blue folder.\n\nThe choir office",
            ago(hours=4), copies={FRIDA.address: UNREAD},
        ),
        SeedMessage(
            "choir-2", CHOIR, (FRIDA,), "Who bakes for the summer concert?",
            "Dear singers,\n\nwe still need three cakes and somebody who brings a long table.\n\nThe choir office",
            ago(days=9), copies={FRIDA.address: MailboxCopy(flag_status="flagged")},
        ),
        SeedMessage(
            "choir-3", FRIDA, (CHOIR,), "Re: Who bakes for the summer concert?",
            "I can bring a plum cake, and our garden table if somebody has a van.\n\nFrida",
            ago(days=8, hours=20), replies_to="choir-2",
        ),
    ]  # fmt: skip


def _family() -> list[SeedMessage]:
    return [
        SeedMessage(
            "grandpa-1", GRANDPA, (FRIDA,), "The photographs",
            "Dear Frida,\n\nthe envelope came this morning. The one with the two dogs hangs above my desk now."
            "\n\nWhen do you visit?\n\nGrandpa",
            ago(days=3, hours=2), style="gmail",
        ),
        SeedMessage(
            "grandpa-2", FRIDA, (GRANDPA,), "Re: The photographs",
            "Dear Grandpa,\n\nI am so glad. I come in two weeks and stay",
            ago(days=2), style="gmail", replies_to="grandpa-1", copies={FRIDA.address: DRAFT},
        ),
    ]  # fmt: skip


def _notices() -> list[SeedMessage]:
    return [
        SeedMessage(
            "books-due", LIBRARY, (FRIDA,), "Two books are due on Saturday",
            "These books are due on Saturday:\n\n- Field Guide to Garden Birds\n- Bread from Scratch\n\nYou can renew"
            " both once.",
            ago(days=1, hours=6), headers=(("Auto-Submitted", "auto-generated"),), copies={FRIDA.address: UNREAD},
        ),
        SeedMessage(
            "lindau", RAIL, (FRIDA,), "Your ticket to Lindau, booking NR-90418",
            "Coach 7, seat 42, by the window. Show this number on the train: NR-90418.",
            ago(days=5), headers=(("Auto-Submitted", "auto-generated"),),
            copies={FRIDA.address: MailboxCopy("archive")},
        ),
    ]  # fmt: skip
