"""Every refusal of Entra becomes an error: sign in again, try later, ask the administrator, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.errors import (
    AdministratorRequired,
    ClaimsRequired,
    Remedy,
    SignInError,
    SignInRefused,
    SignInRequired,
    SignInUnavailable,
)
from outlook_mcp.oauth.entra.errors import sign_in_error
from tests.error_bodies import ErrorBody, error_bodies

SCOPES = ("Mail.Read", "Mail.Send")


def _body(error: str, number: int = 0, **more: Any) -> dict[str, Any]:
    described = {"error_codes": [number], "error_description": f"AADSTS{number}: Alice Archer did wrong."}
    return {"error": error, **(described if number else {}), **more}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (_body("invalid_grant", 70008), SignInRequired),
        (_body("invalid_grant", 700082), SignInRequired),
        (_body("invalid_grant", 700084), SignInRequired),
        (_body("invalid_grant", 50173), SignInRequired),
        (_body("invalid_grant", 70043), SignInRequired),
        (_body("invalid_grant", 54005), SignInRequired),
        (_body("invalid_grant", 501481), SignInRequired),
        (_body("invalid_grant", 70000), SignInRequired),
        (_body("invalid_grant"), SignInRequired),
        (_body("invalid_grant", 65001, suberror="consent_required"), SignInRequired),
        (_body("interaction_required", 50076), SignInRequired),
        (_body("interaction_required", 50078), SignInRequired),
        (_body("interaction_required", 50079), SignInRequired),
        (_body("login_required", 50058), SignInRequired),
        (_body("expired_token", 70019), SignInRequired),
        (_body("bad_verification_code", 70018), SignInRequired),
        (_body("interaction_required", 53003), AdministratorRequired),
        (_body("interaction_required", 53000), AdministratorRequired),
        (_body("invalid_grant", 50105), AdministratorRequired),
        (_body("invalid_grant", 50020), AdministratorRequired),
        (_body("access_denied", 90094), AdministratorRequired),
        (_body("invalid_client", 7000215), AdministratorRequired),
        (_body("invalid_client", 7000218), AdministratorRequired),
        (_body("invalid_client", 650053), AdministratorRequired),
        (_body("unauthorized_client", 700016), AdministratorRequired),
        (_body("unauthorized_client", 700038), AdministratorRequired),
        (_body("invalid_request", 90002), AdministratorRequired),
        (_body("invalid_request", 50011), AdministratorRequired),
        (_body("invalid_resource", 500011), AdministratorRequired),
        (_body("invalid_scope", 70011), AdministratorRequired),
        (_body("unsupported_grant_type", 70003), AdministratorRequired),
        (_body("access_denied", 65004), SignInRefused),
        (_body("authorization_declined", 70020), SignInRefused),
        (_body("access_denied"), SignInRefused),
        (_body("never_heard_of", 123456), SignInRefused),
        (_body("temporarily_unavailable", 90033), SignInUnavailable),
        (_body("server_error"), SignInUnavailable),
    ],
)
def test_a_refusal_is_classified(body: dict[str, Any], kind: type[SignInError]) -> None:
    error = sign_in_error(body, status=400, scopes=SCOPES)
    assert type(error) in (kind, *kind.__subclasses__())
    assert error.next_step or error.remedy is not Remedy.NONE
    assert "Alice" not in str(error)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_an_overloaded_entra_signs_nobody_out(status: int) -> None:
    error = sign_in_error(_body("invalid_grant", 70008), status=status)
    assert isinstance(error, SignInUnavailable)
    assert error.retryable


def test_the_name_of_the_error_decides_when_the_number_is_unknown() -> None:
    assert isinstance(sign_in_error(_body("invalid_grant", 999999), status=400), SignInRequired)


def test_the_error_for_an_administrator_names_the_permissions_to_grant() -> None:
    error = sign_in_error(_body("access_denied", 90094), scopes=SCOPES)
    assert "Mail.Read, Mail.Send" in error.next_step


def test_missing_consent_names_the_permissions() -> None:
    error = sign_in_error(_body("invalid_grant", 65001), status=400, scopes=SCOPES)
    assert "Mail.Read, Mail.Send" in error.message


def test_the_error_number_of_a_redirect_is_read_from_its_description() -> None:
    callback = {"error": "access_denied", "error_description": "AADSTS90094: Needs admin. Trace ID: x"}
    assert isinstance(sign_in_error(callback), AdministratorRequired)


def test_claims_of_a_refusal_are_kept_for_the_next_sign_in() -> None:
    claims = '{"access_token":{"capolids":{"essential":true}}}'
    error = sign_in_error(_body("interaction_required", 50076, claims=claims), status=400)
    assert isinstance(error, ClaimsRequired)
    assert error.claims == claims


def test_a_trace_id_is_repeated_and_nothing_that_only_looks_like_one() -> None:
    trace = "0d3a6f5e-1111-4222-8333-444455556666"
    assert trace in str(sign_in_error(_body("invalid_grant", trace_id=trace), status=400))
    redirected = {"error": "access_denied", "error_description": f"AADSTS50105: No. Trace ID: {trace} Timestamp: x"}
    assert trace in str(sign_in_error(redirected))
    assert "<script>" not in str(sign_in_error(_body("<script>", trace_id="<script>"), status=400))


@pytest.mark.parametrize("body", [{}, {"error": 1}, {"error": None, "error_codes": "x"}, {"error_codes": [None]}])
def test_an_unreadable_error_is_a_refusal(body: dict[str, Any]) -> None:
    assert isinstance(sign_in_error(body, status=400), SignInRefused)


@pytest.mark.parametrize("refused", error_bodies("entra"), ids=lambda refused: refused.when)
def test_a_whole_body_of_entra_becomes_its_error(refused: ErrorBody) -> None:
    error = sign_in_error(refused.body, status=0 if refused.status == 302 else refused.status, scopes=SCOPES)
    assert refused.error in {kind.__name__ for kind in type(error).__mro__}
    assert refused.body["trace_id"] in str(error)
    assert refused.body["error_description"] not in str(error)


@pytest.mark.parametrize("number", [50011, 500113, 700025, 700054, 9002326])
def test_a_server_is_advised_to_register_its_address_for_the_platform_web(number: int) -> None:
    """A desktop address would make its app a public client, and http://localhost/callback leads to no server."""
    on_a_server = str(sign_in_error(_body("invalid_request", number), status=400, is_server=True))
    assert "for the platform Web" in on_a_server
    assert "localhost" not in on_a_server
    assert "desktop" not in on_a_server


def test_who_registered_the_app_for_themselves_is_not_sent_to_an_administrator() -> None:
    own = sign_in_error(_body("invalid_request", 50011), status=400)
    assert own.next_step.startswith("Add http://localhost/callback to the app registration")
    assert own.next_step.endswith("; if your organisation registered the app, ask its administrator.")
    for number in (50105, 53003):
        step = sign_in_error(_body("interaction_required", number), status=400).next_step
        assert step.startswith("Ask the administrator of your organisation: ")


def test_a_server_is_never_advised_to_become_a_public_client() -> None:
    """Anybody could then redeem the codes of its users."""
    on_a_server = str(sign_in_error(_body("invalid_client", 7000218), status=401, is_server=True))
    assert "ublic client" not in on_a_server
    assert "client secret" in on_a_server
    assert "Allow public client flows" in str(sign_in_error(_body("invalid_client", 7000218), status=401))
