"""Secrets leave every text."""

from __future__ import annotations

import io
import logging

import pytest

from outlook_mcp.net.redaction import RedactingFilter, redact

SECRET = "s3cr3t-Value_1.x~y"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "text",
    [
        f"GET /callback?code={SECRET}&state=1 HTTP/1.1",
        f"GET /callback?a=b&state={SECRET}",
        f"grant_type=refresh_token&refresh_token={SECRET}",
        f"client_secret={SECRET}&x=y",
        f'{{"access_token": "{SECRET}", "expires_in": 3600}}',
        f"{{'refresh_token': '{SECRET}'}}",
        f'{{"id_token":"{SECRET}',
        f"Authorization: Bearer {SECRET}",
        f"authorization: bearer {SECRET}",
        f"https://login.example/?code_verifier={SECRET}#frag",
    ],
)
def test_a_secret_is_redacted_wherever_it_stands(text: str) -> None:
    assert SECRET not in redact(text)
    assert "[redacted]" in redact(text)


def test_a_bare_token_is_redacted() -> None:
    assert redact(f"token was {JWT}.") == "token was [redacted]."


@pytest.mark.parametrize("text", ["status_code=200", "the code is short", "error_codes: [70008]", "postcode=123"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


def test_the_filter_redacts_messages_arguments_and_tracebacks() -> None:
    sink = io.StringIO()
    handler = logging.StreamHandler(sink)
    handler.addFilter(RedactingFilter())
    log = logging.Logger("anybody", logging.DEBUG)
    log.addHandler(handler)
    log.debug("posting %s", f"refresh_token={SECRET}")
    try:
        raise ValueError(f"bad answer access_token={SECRET}")
    except ValueError:
        log.exception("it failed")
    assert SECRET not in sink.getvalue()
    assert "it failed" in sink.getvalue()
    assert "ValueError" in sink.getvalue()
