"""What an administrator reads in the audit log, before and after a user was erased."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.administration import ALICE, BOB, Office, filled


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Office:
    return filled(tmp_path / "data", capsys, monkeypatch)


def lines_of(office: Office, person: object) -> list[str]:
    shown = office.audit("tail")
    assert shown.error is None
    return [line for line in shown.out.splitlines() if str(person) in line]


def test_personal_fields_are_shown_beside_the_details(office: Office) -> None:
    (line,) = lines_of(office, BOB.user)
    assert line.endswith('{"account": "bob@contoso.example"}')
    assert "bob@" not in (office.folder / "audit.log").read_text()


def test_personal_fields_of_an_erased_user_are_gone_and_the_chain_verifies(office: Office) -> None:
    office.users("erase", str(ALICE.user), yes=True)
    *signed_in, erased = lines_of(office, ALICE.user)
    assert len(signed_in) == 2
    assert all(line.endswith("(erased)") for line in signed_in)
    assert "vault:user:erased" in erased
    assert lines_of(office, BOB.user)[0].endswith('{"account": "bob@contoso.example"}')
    verified = office.audit("verify")
    assert verified.error is None
    assert "the chain is whole" in verified.out


def test_a_record_without_personal_fields_shows_none(office: Office) -> None:
    (line,) = lines_of(office, "vault:vault:created")
    assert line.endswith("- {}")


def test_a_log_deleted_with_its_checkpoint_is_found(office: Office) -> None:
    """The attack on files alone: the store still knows the last record."""
    for name in ("audit.log", "audit.checkpoint"):
        (office.folder / name).unlink()
    assert "the log is gone, and the store remembers it" in str(office.audit("verify").error)
    office.users("revoke", str(BOB.user))
    assert "were cut off before it" in str(office.audit("verify").error)


def test_records_are_printed_as_json_lines_with_their_personal_fields(office: Office) -> None:
    records = [json.loads(line) for line in office.audit("tail", json=True).out.splitlines()]
    assert all("sealed" not in record for record in records)
    (signed_in,) = [record for record in records if record["user"] == str(BOB.user)]
    assert signed_in["personal"] == {"account": "bob@contoso.example"}
    assert json.loads(office.audit("verify", json=True).out)["records"] == len(records)
