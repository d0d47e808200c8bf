"""An administrator sees and ends the grants of users to clients."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from outlook_mcp.errors import ConfigurationError, InvalidInput
from tests.cli.administration import ALICE, OIDC, Office, filled


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Office:
    return filled(tmp_path / "data", capsys, monkeypatch)


def test_sessions_are_listed_by_user(office: Office) -> None:
    out = office.sessions("list").out
    for session_id in (*office.session_ids(ALICE.user), *office.session_ids(OIDC)):
        assert session_id in out
    assert "bob@contoso.example" not in out
    only = office.sessions("list", user="gwen@idp.example").out
    assert "VS Code" in only
    assert "Claude" not in only


def test_where_there_is_none_it_says_so(office: Office) -> None:
    listed = office.sessions("list", user="bob@contoso.example")
    assert (listed.out, listed.err) == ("", "There are no sessions.\n")


def test_one_session_ends_and_the_others_go_on(office: Office) -> None:
    first, second = office.session_ids(ALICE.user)
    assert "alice@contoso.example" in office.sessions("revoke", first).out
    assert office.session_ids(ALICE.user) == [second]
    assert isinstance(office.sessions("revoke", first).error, InvalidInput)
    last = json.loads((office.folder / "audit.log").read_text().splitlines()[-1])
    assert (last["tag"], last["user"]) == ("session:session:ended", str(ALICE.user))
    assert last["details"] == {"session": first, "by": "administrator"}


def test_all_sessions_of_a_user_end_and_the_mailboxes_stay(office: Office) -> None:
    assert "Ended 2 sessions" in office.sessions("revoke", user=ALICE.address).out
    assert office.session_ids(ALICE.user) == []
    assert "token" in office.kinds(ALICE.user)
    assert len(office.session_ids(OIDC)) == 1


def test_revoking_needs_a_session_id_or_a_user(office: Office) -> None:
    assert isinstance(office.sessions("revoke").error, ConfigurationError)
    assert isinstance(office.sessions("revoke", "id", user=ALICE.address).error, ConfigurationError)
