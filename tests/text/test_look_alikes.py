"""Addresses that a person takes for others, and ordinary ones in all languages."""

from __future__ import annotations

import pytest

from outlook_mcp.text.look_alikes import decoded, may_imitate, mixed_label, skeleton

PAYPAL = "bob@paypal.example"


@pytest.mark.parametrize(
    "imitation",
    ["bob@paypa1.example", "bob@pаypal.example", "bоb@paypal.example", "bob@раураӏ.example", "BOB@PAYPAL.EXAMPLE"],
)
def test_an_imitation_has_the_skeleton_of_what_it_imitates(imitation: str) -> None:
    assert skeleton(imitation) == skeleton(PAYPAL)


def test_an_apostrophe_or_dash_of_another_kind_makes_no_other_address() -> None:
    assert skeleton("jo.o’neil‑smith@contoso.example") == skeleton("jo.o'neil-smith@contoso.example")


@pytest.mark.parametrize(
    "ordinary",
    [
        "bob@bücher.example",
        "почта@пример.example",
        "問い合わせ@ドメイン名例.example",
        "info@東京abc.example",
        "문의@한국어.example",
        "info@παράδειγμα.example",
        "معلومات@مثال.example",
        "pär@malmö.example",
        "नमस्ते@उदाहरण.example",
        "bob-почта@contoso.example",
    ],
)
def test_ordinary_internationalised_addresses_pass(ordinary: str) -> None:
    assert mixed_label(ordinary) == ""
    assert skeleton(ordinary) != skeleton(PAYPAL)


@pytest.mark.parametrize(
    "mixed", ["bob@pаypal.example", "bοb@contoso.example", "a@contoso.exаmple", "a@ｐаypal.example"]
)
def test_a_label_of_letters_that_are_not_written_together_is_found(mixed: str) -> None:
    assert mixed_label(mixed)


@pytest.mark.parametrize(
    "imitation",
    ["bob@pa\u1d18paı\u0307.example", "ʙob@fabri\u0307\u0138am.example", "bob@Fabr\u0130kam.example"],
)
def test_a_dot_above_a_letter_with_one_and_small_capitals_make_no_other_address(imitation: str) -> None:
    assert skeleton(imitation) in (skeleton("bob@pappai.example"), skeleton("bob@fabrikam.example"))


def test_letters_that_are_written_as_two_make_another_domain_that_looks_the_same() -> None:
    assert skeleton("jo@großmann.example") == skeleton("jo@grossmann.example")
    assert skeleton("info@οδος.example") == skeleton("info@οδοσ.example")


def test_an_xn_form_is_read_as_people_see_it_and_broken_ones_stay() -> None:
    assert decoded("bob@xn--pypal-4ve.example") == "bob@pаypal.example"
    assert decoded("bob@xn--\x00.example") == "bob@xn--\x00.example"
    assert may_imitate("bob@xn--pypal-4ve.example")
    assert decoded("bob@xn--paypal-.example") == "bob@xn--paypal-.example", "nobody can have registered it as such"
