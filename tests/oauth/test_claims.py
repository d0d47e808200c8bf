"""Claims challenges reach Entra in one form, whatever form Graph sent."""

from __future__ import annotations

import base64
import json

import pytest

from outlook_mcp.oauth.entra.claims import claims_parameter

CHALLENGE = {"access_token": {"nbf": {"essential": True, "value": "1604106651>>>???"}}}
TEXT = json.dumps(CHALLENGE)


@pytest.mark.parametrize(
    "given",
    [
        TEXT,
        base64.b64encode(TEXT.encode()).decode(),
        base64.b64encode(TEXT.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(TEXT.encode()).decode(),
        base64.urlsafe_b64encode(TEXT.encode()).decode().rstrip("="),
        f'"{base64.b64encode(TEXT.encode()).decode()}"',
    ],
)
def test_a_challenge_is_passed_on_with_our_capability(given: str) -> None:
    sent = json.loads(claims_parameter(given))
    assert sent["access_token"]["nbf"] == CHALLENGE["access_token"]["nbf"]
    assert sent["access_token"]["xms_cc"] == {"values": ["cp1"]}


NESTED = base64.b64encode(b"[" * 3000).decode()


@pytest.mark.parametrize("given", [None, "", "%%%", "bm90IGpzb24=", "[1]", '{"access_token": 1}', "{" * 5000, NESTED])
def test_without_a_readable_challenge_only_the_capability_is_sent(given: str | None) -> None:
    assert json.loads(claims_parameter(given)) == {"access_token": {"xms_cc": {"values": ["cp1"]}}}
