"""Who is let in, and who is not."""

from __future__ import annotations

import pytest

from outlook_mcp.answers.remedies import Audience, explanation
from outlook_mcp.errors import SignInRefused
from outlook_mcp.identity.admission import Admission
from outlook_mcp.identity.user import UserKey

CONTOSO = "2f1f6c3e-8a7b-4d55-9c0e-1b7d5a3e9001"
FABRIKAM = "7c9d0e4a-3b52-4f68-a1d7-4e8c6b2f9002"
ALICE = (UserKey(CONTOSO, "a1c5d2e0-6b3f-4a17-8e94-0d2b7c6f1001"), "alice@contoso.example")
DAVE = (UserKey(FABRIKAM, "d4f80513-9e62-4d4a-b1c7-305eaf924004"), "dave@fabrikam.example")
# The tenant of personal accounts.
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
GWEN = (UserKey(PERSONAL_TENANT, "00000000-0000-0000-0000-000000000007"), "gwen@contoso.example")
BOB = (UserKey("oidc-0123456789abcdef", "Bob"), "bob@contoso.example")


def _admits(admission: Admission, person: tuple[UserKey, str]) -> bool:
    try:
        admission.check_user(*person)
    except SignInRefused:
        return False
    return True


@pytest.mark.parametrize("person", [ALICE, DAVE, GWEN, BOB])
def test_without_lists_everybody_comes_in(person: tuple[UserKey, str]) -> None:
    assert _admits(Admission(), person)


@pytest.mark.parametrize(
    "admission",
    [
        Admission(allowed_tenants=[CONTOSO.upper()]),
        Admission(allowed_users=[str(ALICE[0]).upper()]),
        Admission(allowed_tenants=[CONTOSO], denied_users=[str(BOB[0])]),
    ],
)
def test_an_allow_list_lets_in_whom_it_names_and_nobody_else(admission: Admission) -> None:
    assert _admits(admission, ALICE)
    assert not _admits(admission, DAVE)


@pytest.mark.parametrize(
    "admission",
    [
        Admission(allowed_domains=["Contoso.Example"]),
        Admission(allowed_domains=["@contoso.example"]),
        Admission(allowed_users=["BOB@contoso.example"]),
    ],
)
def test_a_verified_address_lets_in_and_one_that_entra_id_writes_does_not(admission: Admission) -> None:
    assert _admits(admission, BOB)
    assert not _admits(admission, (BOB[0], "bob@fabrikam.example"))
    assert not any(_admits(admission, (user, BOB[1])) for user, _ in (ALICE, DAVE, GWEN))


@pytest.mark.parametrize("denied", [{"denied_domains": ["contoso.example"]}, {"denied_users": [BOB[1]]}])
def test_whoever_changes_the_name_in_a_token_of_entra_id_gets_around_no_denial(denied: dict[str, list[str]]) -> None:
    """An address there neither lets in nor keeps out, so no list that names addresses can be passed by changing one."""
    admission = Admission(**denied)
    assert not _admits(admission, BOB)
    assert _admits(admission, (ALICE[0], BOB[1]))
    assert not _admits(Admission(denied_users=[str(ALICE[0])]), (ALICE[0], "renamed@contoso.example"))


def test_one_list_that_names_a_person_is_enough() -> None:
    admission = Admission(allowed_tenants=[CONTOSO], allowed_users=[str(DAVE[0])])
    assert _admits(admission, ALICE)
    assert _admits(admission, DAVE)


@pytest.mark.parametrize(
    "denied",
    [
        {"denied_tenants": [CONTOSO]},
        {"denied_users": [str(ALICE[0])]},
    ],
)
def test_a_denial_wins_over_every_permission(denied: dict[str, list[str]]) -> None:
    admission = Admission(allowed_tenants=[CONTOSO], allowed_users=[str(ALICE[0])], **denied)
    assert not _admits(admission, ALICE)
    with pytest.raises(SignInRefused):
        admission.check_mailbox(*ALICE)


@pytest.mark.parametrize(
    "denied", [{"denied_domains": ["CONTOSO.example"]}, {"denied_users": [BOB[1]]}, {"denied_users": [str(BOB[0])]}]
)
def test_a_denial_of_a_verified_address_wins_too(denied: dict[str, list[str]]) -> None:
    admission = Admission(allowed_domains=["contoso.example"], allowed_users=[BOB[1]], **denied)
    assert not _admits(admission, BOB)


def test_a_domain_is_that_domain_and_no_other_that_ends_like_it() -> None:
    admission = Admission(allowed_domains=["contoso.example"])
    for address in ("alice@evilcontoso.example", "alice@sub.contoso.example", "contoso.example", "", "alice@"):
        assert not _admits(admission, (BOB[0], address))


def test_a_personal_account_with_an_address_of_the_company_is_not_the_company() -> None:
    assert not _admits(Admission(allowed_domains=["contoso.example"]), GWEN)
    assert not _admits(Admission(allowed_users=[GWEN[1]]), GWEN)
    assert _admits(Admission(allowed_users=[str(GWEN[0])]), GWEN)
    assert _admits(Admission(allowed_tenants=[PERSONAL_TENANT]), GWEN)


def test_a_mailbox_linked_by_a_user_who_was_let_in_needs_no_permission_of_its_own() -> None:
    Admission(allowed_tenants=[CONTOSO]).check_mailbox(*DAVE)
    with pytest.raises(SignInRefused):
        Admission(denied_tenants=[FABRIKAM]).check_mailbox(*DAVE)


def test_subjects_of_another_issuer_are_told_apart_by_case() -> None:
    admission = Admission(allowed_users=[str(BOB[0])])
    assert _admits(admission, BOB)
    assert not _admits(admission, (UserKey(BOB[0].tid, "bob"), BOB[1]))


def test_the_refusal_leads_to_an_administrator_and_names_no_tenant() -> None:
    with pytest.raises(SignInRefused, match="is not on an allow list of this server") as refused:
        Admission(allowed_tenants=[CONTOSO]).check_user(*DAVE)
    assert "administrator" in explanation(refused.value, Audience.WEB_PAGE)
    assert CONTOSO not in str(refused.value)
