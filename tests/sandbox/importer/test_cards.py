"""Contacts from vCards of all versions."""

from __future__ import annotations

from pathlib import Path

from outlook_mcp.sandbox.importer import import_path
from outlook_mcp.sandbox.mime.cards import read_cards
from outlook_mcp.sandbox.store import Mailbox
from outlook_mcp.sandbox.store.contacts.contacts import Contacts

OLD = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Zo=C3=AB;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Zo=C3=AB =
M=C3=BCller
TEL;WORK;VOICE:+49 1
TEL;CELL:+49 2
TEL;HOME;FAX:+49 3
EMAIL;PREF;INTERNET:zoe@x.example
END:VCARD
"""
NEW = """BEGIN:VCARD
VERSION:4.0
FN:Jo Ek
N:Ek;Jo;;Dr.;
item1.EMAIL;TYPE=work:jo@lakeside.example
EMAIL;TYPE=home:jo@x.example
TEL;TYPE="cell,voice";VALUE=uri:tel:+1-555-0100
TEL;TYPE=home:+1 555 0101
ORG:Lakeside\\, Ltd.;Front desk
TITLE:Clerk
BDAY:19900203
ADR;TYPE=home:;;Gasse 1;Bern;;3000;Switzerland
NOTE:First line\\nsecond
 line
CATEGORIES:Friends,Choir
END:VCARD
"""


def test_a_card_of_version_4_becomes_a_contact() -> None:
    (found,) = read_cards(NEW)
    assert found == {
        "displayName": "Jo Ek",
        "surname": "Ek",
        "givenName": "Jo",
        "title": "Dr.",
        "emailAddresses": [
            {"address": "jo@lakeside.example", "name": "Jo Ek"},
            {"address": "jo@x.example", "name": "Jo Ek"},
        ],
        "mobilePhone": "+1-555-0100",
        "homePhones": ["+1 555 0101"],
        "companyName": "Lakeside, Ltd.",
        "department": "Front desk",
        "jobTitle": "Clerk",
        "birthday": "1990-02-03T11:59:00Z",
        "homeAddress": {"street": "Gasse 1", "city": "Bern", "postalCode": "3000", "countryOrRegion": "Switzerland"},
        "personalNotes": "First line\nsecondline",
        "categories": ["Friends", "Choir"],
    }


def test_a_card_of_version_2_1_is_read_with_its_charset_and_its_bare_types() -> None:
    (found,) = read_cards(OLD.replace("\n", "\r\n"))
    assert (found["displayName"], found["surname"]) == ("Zoë Müller", "Müller")
    assert (found["businessPhones"], found["mobilePhone"], "homePhones" in found) == (["+49 1"], "+49 2", False)
    assert [email["address"] for email in found["emailAddresses"]] == ["zoe@x.example"]


def test_a_card_that_names_nobody_is_left_out() -> None:
    assert list(read_cards("BEGIN:VCARD\nNOTE:x\nEND:VCARD\n")) == []


def test_cards_on_disk_become_contacts_beside_the_mail(mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "people.vcf").write_text(OLD + NEW, encoding="utf-8")
    (tmp_path / "broken.vcf").write_text("nothing", encoding="utf-8")
    (tmp_path / "a.eml").write_text("Subject: Hi\n\nHello", encoding="utf-8")
    report = import_path(mailbox, tmp_path)
    assert (report.imported, report.contacts) == (1, 2)
    assert [name for name, _ in report.unreadable] == ["broken.vcf"]
    stored = Contacts(mailbox.database, mailbox.account).all_contacts()
    assert [contact.fields["displayName"] for contact in stored] == ["Zoë Müller", "Jo Ek"]
