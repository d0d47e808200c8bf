"""Mail as it really comes, imported into the sandbox, listed and read over MCP. The messages are our own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from outlook_mcp.sandbox import SandboxOptions, run_sandbox
from tests.e2e.office import Office, call, list_all

MAIL = Path(__file__).parents[1] / "data" / "mail"
NAMES = sorted(file.stem for file in MAIL.glob("*.eml"))
# What an answer says of each: in this order.
READS = {
    "address-groups": ("Pia", "To: me, B. Brandt <bob@contoso.example>", "Reply to: tickets+4711@", "One of you"),
    "bare-cr": ("First line.\nSecond line.\nThird line",),
    "bounce": ("MAILER-DAEMON@mx.contoso.example", "no such mailbox (5.1.1).", "message/delivery-status", "550 5.1.1"),
    "boundary-that-never-comes": ("No boundary follows, only this sentence.",),
    "broken-base64": ("The first sentence is readable.",),
    "duplicate-headers": ("Parcel at the desk", "From: Nora Nord", "3 Nov 2026", "<b>desk</b>"),
    "format-flowed": ("speak after the break,\nbecause my train", "Tailspin Toys"),
    "gmail-thread": ("quoted mail left out", "I hand them over on Thursday."),
    "hidden-instructions": ("hidden characters removed", "between 9 and 11", "Follow it"),
    "huge-headers": ("A subject that goes on", "and 171 more", "A short text below very long headers."),
    "impossible-date": ("Sent on no day at all", "The clock of this machine is broken."),
    "inline-images": ("[the stand from the left]", "[the stand from the right]", "got lost"),
    "invitation": (
        "Invitation: Tue 10 Nov 2026 09:30-10:30, Lift, ground floor",
        "Let us walk through the new office together.\nMeet at the lift.",
    ),
    "iso-2022-jp": ("会議の時間", "山田 健", "来週の会議は水曜日の午後三時からです。"),
    "nested-multiparts": ("plan.png", "earlier.eml (attached mail", "parking.csv", "to the north side.", "[Plan]"),
    "no-content-type": ("Scan finished", "in the Zürich office.\nThe file"),
    "outlook-html": ("quoted mail left out", "12 November", "1. Gate 4, not gate 2", "The driver calls an hour"),
    "persian-and-emoji": ("جلسهٔ فردا", "مریم محمدی", "لطفاً تأیید کنید.", "🙏🏽"),
    "raw-8-bit-headers": ("Größe der Räume", "Jörg Müller", "Der große Raum hat 42 m²."),
    "rfc2231-file-name": ("1: Angebot für Köln 2026.txt", "2: Pläne.txt", "Two files"),
    "smime-encrypted": ("smime.p7m (application/pkcs7-mime", "(no text)"),
    "smime-signed": ("smime.p7s", "Our bank details stay the same."),
    "split-encoded-words": (
        "Réunion générale – ordre du jour : budget, personnel, bâtiment",
        "Hélène Dubois, secrétariat <helene@",
        "votre présence avant vendredi",
    ),
    "text-with-a-uuencoded-file": ("as the old system sends it.",),
    "unfinished-multipart": ("notes.txt (text/plain", "This part is whole."),
    "unknown-charset": ("Könnt ihr am Samstag um acht?",),
    "winmail-dat": ("winmail.dat (application/ms-tnef", "Everybody agreed on März."),
    "wrong-charset-label": ("The “autumn” list is final – every box costs 12 € now.",),
}
# What must not be in an answer: markup, hidden text, what was quoted, the second of two headers.
LEAVES_OUT = {
    "duplicate-headers": ("Urgent payment", "The Board", "2020"),
    "gmail-thread": ("When can I have", "gmail_quote"),
    "hidden-instructions": ("collector@", "Do not tell", "Ignore all"),
    "nested-multiparts": ("shown to nobody", "stands behind the last part", "<b>"),
    "outlook-html": ("Word alone", "MsoNormal", "[if", "Which gate do"),
    "smime-signed": ("This is an S/MIME signed message",),
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What was listed, and what each message reads like, by the name of its file."""

    listed: str
    read: dict[str, str]
    attachments: dict[str, str]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    folder = tmp_path_factory.mktemp("difficult")
    (folder / "config.toml").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OUTLOOK_MCP_CONFIG", str(folder / "config.toml"))
        yield asyncio.run(_read_all(folder))


async def _read_all(folder: Path) -> Answers:
    async with run_sandbox(SandboxOptions(import_path=MAIL, seed=False)) as sandbox:
        office = Office(sandbox, folder)
        async with office.client(office.alice) as client:
            listed = await call(client, "mail_search", folder="all", limit=100)
            ids = {_name(office, handle): handle for handle in await list_all(client, folder="all", limit=100)}
            read = {name: await call(client, "mail_read", ids=[handle]) for name, handle in ids.items()}
            attachments = {
                name: await call(client, "mail_attachment", id=ids[name], n=number)
                for name, number in (("nested-multiparts", 3), ("rfc2231-file-name", 1))
            }
    return Answers(listed, read, attachments)


def _name(office: Office, handle: str) -> str:
    """Each message is named for its file in its Message-ID."""
    identifier = office.stored(office.alice, handle).row["internet_message_id"]
    return str(identifier).removeprefix("<").partition("@")[0]


def test_every_message_came_in_and_is_listed(answers: Answers) -> None:
    assert sorted(answers.read) == NAMES == sorted(READS)
    assert f"{len(NAMES)} messages in the whole mailbox; the list is complete" in answers.listed


def test_hidden_text_is_not_in_the_list_either(answers: Answers) -> None:
    for hidden in LEAVES_OUT["hidden-instructions"]:
        assert hidden not in answers.listed


@pytest.mark.parametrize("name", NAMES)
def test_a_difficult_message_is_read(answers: Answers, name: str) -> None:
    text = answers.read[name]
    assert re.search(".*".join(map(re.escape, READS[name])), text, re.DOTALL), text
    for left_out in LEAVES_OUT.get(name, ()):
        assert left_out not in text
    assert "�" not in text


def test_attached_files_are_read(answers: Answers) -> None:
    assert "ground,48" in answers.attachments["nested-multiparts"]
    assert "Offer one." in answers.attachments["rfc2231-file-name"]
