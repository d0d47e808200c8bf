"""Recipients as people write them, and as attackers do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlook_mcp.errors import InvalidInput
from outlook_mcp.mail.drafts.recipients import parse_recipient, recipients_json


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a@b.example", ("", "a@b.example")),
        (" Ann Other <a@b.example> ", ("Ann Other", "a@b.example")),
        ('"Other, Ann" <a@b.example>', ("Other, Ann", "a@b.example")),
        ("Jürgen Größe <j@b.example>", ("Jürgen Größe", "j@b.example")),
        ("o'brien@b.example", ("", "o'brien@b.example")),
        ("-x@b-c.example", ("", "-x@b-c.example")),
    ],
)
def test_names_and_addresses_are_told_apart(written: str, expected: tuple[str, str]) -> None:
    assert parse_recipient(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "",
        "nobody",
        "a@",
        "@b.example",
        "a@b.example, c@d.example",
        "a@b.example; c@d.example",
        "Other, Ann a@b.example",
        "a@b..example",
        "Friends: a@b.example;",
        "a@b.example\r\nBcc: evil@x.example",
        "Ann\n <a@b.example>",
        "Ann <a@b.example> <c@d.example>",
        "a\x00@b.example",
        "x" * 700 + "@b.example",
        "x" * 65 + "@b.example",
        "a@-b.example",
        "a@b-.example",
        "a@b.-example",
    ],
)
def test_what_is_not_one_address_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_recipient(written)
    assert "\n" not in caught.value.message
    assert "\r" not in caught.value.message


def test_the_same_address_twice_counts_once() -> None:
    assert recipients_json(["A@b.example", "Ann <a@B.example>"]) == [{"emailAddress": {"address": "A@b.example"}}]


@given(st.text(max_size=60))
def test_any_text_is_one_address_or_refused(written: str) -> None:
    try:
        name, address = parse_recipient(written)
    except InvalidInput:
        return
    assert "@" in address
    assert not any(ord(letter) < 32 for letter in name + address)
