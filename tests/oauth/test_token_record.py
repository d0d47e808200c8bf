"""The sealed tokens of a connection."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from outlook_mcp.errors import RecordBroken, SignInUnavailable
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.token_record import TokenRecord, lifetime_of
from outlook_mcp.oauth.entra.token_answer import TokenAnswer, read_token_answer

RECORD = TokenRecord(
    UserKey("t", "o"), SecretStr("r1"), None, SecretStr("a1"), 1000.0, 3600, None, ("Mail.Read", "Mail.Send")
)
# Written by the first version; it must be readable for ever.
FORMAT_1 = (
    b'{"format":1,"tid":"t","oid":"o","refresh_token":"r1","previous_refresh_token":null,"access_token":"a1",'
    b'"received_at":1000.0,"expires_in_s":3600,"refresh_in_s":null,"scopes":["Mail.Read","Mail.Send"]}'
)


def _answer(refresh_token: str | None) -> TokenAnswer:
    return TokenAnswer(SecretStr("a2"), SecretStr(refresh_token) if refresh_token else None, None, 60, 30, ())


def test_the_first_format_is_still_read_and_written() -> None:
    assert TokenRecord.from_bytes(FORMAT_1) == RECORD
    assert RECORD.to_bytes() == FORMAT_1
    named = FORMAT_1[:-1] + b',"sign_in":"0123"}'
    assert TokenRecord.from_bytes(named) == replace(RECORD, sign_in="0123")
    assert TokenRecord.from_bytes(named).refreshed(_answer("r2"), 2000.0).sign_in == "0123"
    assert TokenRecord.from_bytes(named).to_bytes() == named


@pytest.mark.parametrize("value", [b"", b"[]", b"{}", b"\xff", FORMAT_1.replace(b"3600", b'"x"'), FORMAT_1[:-2]])
def test_a_record_of_any_other_form_is_broken(value: bytes) -> None:
    with pytest.raises(RecordBroken):
        TokenRecord.from_bytes(value)


def test_a_newer_format_asks_for_an_update() -> None:
    with pytest.raises(RecordBroken, match="newer"):
        TokenRecord.from_bytes(FORMAT_1.replace(b'"format":1', b'"format":2'))


def test_the_previous_refresh_token_is_kept_for_one_generation() -> None:
    second = RECORD.refreshed(_answer("r2"), 2000.0)
    assert (second.refresh_token, second.previous_refresh_token) == (SecretStr("r2"), SecretStr("r1"))
    third = second.refreshed(_answer(None), 3000.0)
    assert (third.refresh_token, third.previous_refresh_token) == (SecretStr("r2"), SecretStr("r1"))
    fourth = third.refreshed(_answer("r3"), 4000.0)
    assert (fourth.refresh_token, fourth.previous_refresh_token) == (SecretStr("r3"), SecretStr("r2"))


def test_a_token_from_the_future_has_no_time_left() -> None:
    assert RECORD.seconds_left(1100.0) == 3500
    assert RECORD.seconds_left(9999.0) == 0
    assert RECORD.seconds_left(999.0) == 0


def test_a_refresh_is_due_five_to_ten_minutes_early_and_not_at_one_time() -> None:
    due = [lifetime_of(RECORD).refresh_after_s for _ in range(200)]
    assert all(3000 <= seconds <= 3300 for seconds in due)
    assert max(due) - min(due) > 60
    assert lifetime_of(RECORD).usable_s == 3540


def test_short_tokens_keep_the_proportions() -> None:
    lifetime = lifetime_of(replace(RECORD, expires_in_s=60))
    assert 40 <= lifetime.refresh_after_s <= 50
    assert lifetime.usable_s == 58


def test_entra_may_ask_for_an_earlier_refresh() -> None:
    assert lifetime_of(replace(RECORD, expires_in_s=86400, refresh_in_s=43200)).refresh_after_s == 43200


def test_nothing_secret_is_shown() -> None:
    assert "r1" not in repr(RECORD)
    assert "a1" not in repr(RECORD)
    assert "a2" not in repr(_answer("r2"))


@pytest.mark.parametrize(
    "changed",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": ["x"]},
        {"access_token": "x" * 100_000},
        {"access_token": "é"},
        {"access_token": "a\r\nX: b"},
        {"refresh_token": "\ud800"},
        {"token_type": "mac"},
        {"token_type": None},
        {"expires_in": None},
        {"expires_in": 0},
        {"expires_in": -5},
        {"expires_in": True},
        {"expires_in": "soon"},
    ],
    ids=lambda changed: str(changed)[:40],
)
def test_an_incomplete_token_answer_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(SignInUnavailable):
        read_token_answer({"access_token": "a", "token_type": "Bearer", "expires_in": 3600} | changed)


def test_a_lifetime_may_be_text() -> None:
    assert read_token_answer({"access_token": "a", "token_type": "bearer", "expires_in": "3599"}).expires_in_s == 3599
