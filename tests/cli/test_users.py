"""What an administrator sees and does about the users of a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from outlook_mcp.errors import ConfigurationError, InvalidInput
from outlook_mcp.identity.profile import profile_owner
from outlook_mcp.identity.user import SERVER
from tests.cli.administration import ALICE, BOB, DAVE, EVIL_CLIENT, OIDC, SECRETS, Office, alone, filled


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Office:
    return filled(tmp_path / "data", capsys, monkeypatch)


def test_the_list_names_users_and_mailboxes_and_neither_server_nor_profiles(office: Office) -> None:
    lines = office.users("list").out.splitlines()
    assert len(lines) == 4
    assert f"alice@contoso.example ({ALICE.user}): 2 mailboxes (alice@contoso.example, Fabrikam), 2 sessions" in lines
    assert f"gwen@idp.example ({OIDC}): 0 mailboxes, 1 session" in lines
    assert "server" not in "".join(lines)
    assert "laptop" not in "".join(lines)


def test_where_nobody_is_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone(monkeypatch)
    listed = Office(tmp_path / "data", capsys).users("list")
    assert (listed.out, listed.err) == ("", "Nobody has signed in to a server with this store yet.\n")


@pytest.mark.parametrize("wanted", ["alice@contoso.example", "ALICE@contoso.example", str(ALICE.user).upper()])
def test_a_user_is_shown_by_address_or_by_key(office: Office, wanted: str) -> None:
    shown = office.users("show", wanted)
    assert shown.error is None
    assert "* alice@contoso.example: alice@contoso.example" in shown.out
    assert "Fabrikam: dave@fabrikam.example" in shown.out
    assert "Claude <https://client.example/id>: mail.read" in shown.out
    assert "192.0.2.7" in shown.out


def test_the_address_of_a_linked_mailbox_means_its_own_user(office: Office) -> None:
    assert str(DAVE.user) in office.users("show", DAVE.address).out.splitlines()[0]


def test_the_name_of_a_client_cannot_send_control_sequences_to_the_terminal(office: Office) -> None:
    shown = office.users("show", ALICE.address).out
    assert "Nice?[2J?2J? client" in shown
    assert shown.replace("\n", "").isprintable()


@pytest.mark.parametrize("wanted", ["carol@contoso.example", "", "alice", "server:server", "local:laptop"])
def test_an_unknown_user_is_refused(office: Office, wanted: str) -> None:
    outcome = office.users("show", wanted)
    assert isinstance(outcome.error, InvalidInput)
    assert "users list" in str(outcome.error)


def test_a_user_must_be_named(office: Office) -> None:
    for action in ("show", "revoke", "export", "erase"):
        assert isinstance(office.users(action).error, ConfigurationError)


def test_revoking_ends_every_session_and_deletes_every_token(office: Office) -> None:
    outcome = office.users("revoke", ALICE.address)
    assert "Ended 2 sessions" in outcome.out
    assert "tokens of 2 mailboxes" in outcome.out
    assert office.kinds(ALICE.user).isdisjoint({"session", "token"})
    assert office.kinds(BOB.user) >= {"connection", "token"}
    assert len(office.session_ids(OIDC)) == 1


def test_sessions_end_even_when_the_mailboxes_cannot_be_read(office: Office) -> None:
    office.spoil(ALICE.user)
    assert "cannot be read" in str(office.users("revoke", str(ALICE.user)).error)
    assert office.session_ids(ALICE.user) == []


@pytest.mark.parametrize(
    ("settings", "is_own"),
    [
        ({"AUTH": "own"}, True),
        ({"AUTH": "entra"}, False),
        ({"AUTH": "oidc", "OIDC_ISSUER": "https://idp.example", "OIDC_CLIENT_ID": "outlook"}, False),
    ],
    ids=["own", "entra", "oidc"],
)
def test_revoking_says_how_to_stop_a_user_whose_tokens_another_issuer_issues(
    office: Office, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], is_own: bool
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"OUTLOOK_MCP_{name}", value)
    out = office.users("revoke", ALICE.address).out
    assert ("refuse the user within 5 seconds" in out) is is_own
    assert ("stay valid until they expire" in out) is not is_own
    assert f"outlook-mcp users block {ALICE.user}" in out


@pytest.mark.parametrize("action", ["revoke", "erase"])
def test_browsers_of_the_user_are_signed_out_as_well(office: Office, action: str) -> None:
    office.users(action, ALICE.address, yes=True)
    assert "browser_ends" in office.kinds(SERVER)


def test_the_export_holds_everything_but_secrets(office: Office) -> None:
    out = office.users("export", ALICE.address).out
    known = json.loads(out)
    assert known["user"] == {"tenant": ALICE.user.tid, "object": ALICE.user.oid, "addresses": [ALICE.address]}
    assert [mailbox["name"] for mailbox in known["mailboxes"]] == [ALICE.address, "Fabrikam"]
    assert {session["client_name"] for session in known["sessions"]} == {"Claude", EVIL_CLIENT}
    assert known["mail_settings"]["default"]["display_name"] == "Alice"
    assert {line["tag"] for line in known["audit"]} == {"oauth:connection:signed_in"}
    assert [line["personal"] for line in known["audit"]] == [{"account": ALICE.address}, {"account": DAVE.address}]
    assert BOB.address not in out
    for secret in SECRETS:
        assert secret not in out


def test_the_export_says_that_other_servers_have_logs_of_their_own(office: Office) -> None:
    told = office.users("export", ALICE.address).err
    assert f"{office.folder / 'audit.log'}; every other server has its own log" in told


def test_erasing_asks_first(office: Office) -> None:
    before = office.kinds(ALICE.user)
    outcome = office.users("erase", ALICE.address)
    assert isinstance(outcome.error, ConfigurationError)
    assert "--yes" in str(outcome.error)
    assert "2 mailboxes" in str(outcome.error)
    assert office.kinds(ALICE.user) == before


def test_an_erased_user_is_gone_and_the_command_says_what_remains(office: Office) -> None:
    out = office.users("erase", DAVE.address, yes=True).out
    assert office.kinds(DAVE.user) == set()
    assert str(DAVE.user) not in office.users("list").out
    assert f"alice@contoso.example ({ALICE.user}) has connected the mailbox as 'Fabrikam'" in out
    for place in ("audit.log: 2 lines", "SQLite", "write-ahead log", "Redis", "backup", "master key", "Microsoft"):
        assert place in out
    for kept in ("their tokens", "90 days at most", "address and name", "an hour at most", "a restart"):
        assert kept in out
    assert office.kinds(ALICE.user) >= {"connection", "token", "session"}


def test_a_mailbox_that_nobody_linked_is_not_reported_as_linked(office: Office) -> None:
    assert "has connected" not in office.users("erase", BOB.address, yes=True).out


def test_a_profile_of_an_erased_user_has_no_user(office: Office) -> None:
    office.users("erase", str(ALICE.user), yes=True)
    assert office.kinds(profile_owner("laptop")) == set()


def test_records_that_cannot_be_read_are_reported_and_can_be_erased(office: Office) -> None:
    office.spoil(BOB.user)
    assert f"{BOB.user} (no address known): the records cannot be read" in office.users("list").out
    assert "cannot be read" in str(office.users("export", str(BOB.user)).error)
    assert office.users("erase", str(BOB.user), yes=True).error is None
    assert office.kinds(BOB.user) == set()


def test_no_command_prints_a_token(office: Office) -> None:
    printed = [office.users("list").out, office.sessions("list").out]
    printed += [office.users(action, ALICE.address, yes=True).out for action in ("show", "export", "revoke", "erase")]
    for secret in SECRETS:
        assert secret not in "".join(printed)


def test_a_revoked_user_can_still_be_named_by_their_address_and_be_erased(office: Office) -> None:
    office.users("revoke", ALICE.address)
    assert f"{ALICE.address} ({ALICE.user}): 0 mailboxes, 0 sessions" in office.users("list").out
    assert "Erased alice@contoso.example" in office.users("erase", ALICE.address, yes=True).out
    assert ALICE.address not in office.users("list").out


def test_a_blocked_user_is_shown_as_such_and_has_neither_sessions_nor_tokens(office: Office) -> None:
    assert "within 5 seconds, also with a new sign-in" in office.users("block", ALICE.address).out
    assert office.kinds(ALICE.user).isdisjoint({"session", "token"})
    assert f"{ALICE.address} ({ALICE.user}, blocked)" in office.users("list").out
    assert "may sign in again" in office.users("unblock", ALICE.address).out
    assert "blocked" not in office.users("list").out
    assert "was not blocked" in office.users("unblock", ALICE.address).out


def test_somebody_who_never_signed_in_is_blocked_by_their_key(office: Office) -> None:
    stranger = "2f1f6c3e-8a7b-4d55-9c0e-1b7d5a3e9001:00000000-0000-0000-0000-00000000abcd"
    assert office.users("block", stranger).error is None
    assert f"{stranger} (no address known, blocked)" in office.users("list").out
    assert isinstance(office.users("block", "nobody@contoso.example").error, InvalidInput)


def test_an_erased_user_stays_blocked_without_their_address(office: Office) -> None:
    office.users("block", ALICE.address)
    office.users("erase", str(ALICE.user), yes=True)
    listed = office.users("list").out
    assert f"{ALICE.user} (no address known, blocked)" in listed
    assert ALICE.address not in listed


def test_the_json_of_users_sends_no_control_sequence_to_the_terminal(office: Office) -> None:
    for printed in (office.users("show", ALICE.address, json=True), office.users("export", ALICE.address)):
        assert EVIL_CLIENT in {session["client_name"] for session in json.loads(printed.out)["sessions"]}
        assert printed.out.replace("\n", "").isprintable()


def test_users_and_sessions_are_printed_as_json(office: Office) -> None:
    users = {row["user"]: row for row in json.loads(office.users("list", json=True).out)}
    alice = users[str(ALICE.user)]
    assert alice["addresses"] == [ALICE.address]
    assert alice["blocked"] is False
    assert len(alice["mailboxes"]) == len(alice["sessions"]) == 2
    assert json.loads(office.users("show", ALICE.address, json=True).out) == alice
    sessions = json.loads(office.sessions("list", json=True).out)
    assert {row["client_name"] for row in sessions} == {"Claude", EVIL_CLIENT, "VS Code"}
    for secret in SECRETS:
        assert secret not in office.users("list", json=True).out
