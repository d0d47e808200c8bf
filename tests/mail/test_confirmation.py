"""A code confirms what was shown, to whom it was shown, for ten minutes."""

from __future__ import annotations

from dataclasses import replace

from pydantic import SecretBytes

from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.confirmation import Confirmations

ALICE = Confirmations(SecretBytes(b"k" * 32), UserKey("contoso", "alice"), ConnectionId("work"), clock=lambda: 1000.0)
FACTS = ("empty folder", "AQ", ["1", "2"])


def test_a_code_confirms_the_same_facts_and_no_others() -> None:
    code = ALICE.code_for(*FACTS)
    assert len(code) == 8
    assert ALICE.confirms(f" {code.upper()} ", *FACTS)
    assert not ALICE.confirms(code, "empty folder", "AQ", ["1", "2", "3"])
    assert not ALICE.confirms(None, *FACTS)
    assert not ALICE.confirms("", *FACTS)


def test_a_code_is_of_one_user_one_mailbox_and_one_vault() -> None:
    code = ALICE.code_for(*FACTS)
    assert not replace(ALICE, user=UserKey("contoso", "bob")).confirms(code, *FACTS)
    assert not replace(ALICE, connection=ConnectionId("home")).confirms(code, *FACTS)
    assert not replace(ALICE, key=SecretBytes(b"x" * 32)).confirms(code, *FACTS)


def test_a_code_is_good_for_ten_minutes_and_not_for_a_quarter_of_an_hour() -> None:
    code = ALICE.code_for(*FACTS)
    assert replace(ALICE, clock=lambda: 1600.0).confirms(code, *FACTS)
    assert not replace(ALICE, clock=lambda: 1900.0).confirms(code, *FACTS)
