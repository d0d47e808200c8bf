"""Settings that need others, or go only with others."""

from __future__ import annotations

import pytest

from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError

CLIENT_ID = "11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"client_proof": "certificate"},
            "OUTLOOK_MCP_CLIENT_CERTIFICATE: nothing was read; expected a PEM file, "
            "because OUTLOOK_MCP_CLIENT_PROOF is certificate.",
        ),
        (
            {"auth": "oidc"},
            "OUTLOOK_MCP_OIDC_ISSUER: nothing was read; expected the address of the issuer, "
            "because OUTLOOK_MCP_AUTH is oidc.",
        ),
        (
            {"oidc_client_id": "outlook"},
            "OUTLOOK_MCP_OIDC_ISSUER: nothing was read; expected the address of the issuer, "
            "because OUTLOOK_MCP_OIDC_CLIENT_ID is set.",
        ),
        (
            {"oidc_client_secret": "hush"},
            "OUTLOOK_MCP_OIDC_ISSUER: nothing was read; expected the address of the issuer, "
            "because OUTLOOK_MCP_OIDC_CLIENT_SECRET is set.",
        ),
        (
            {"oidc_issuer": "https://id.example", "oidc_client_id": ""},
            "OUTLOOK_MCP_OIDC_CLIENT_ID: nothing was read; expected our client id at the issuer, "
            "because OUTLOOK_MCP_OIDC_ISSUER is set.",
        ),
        (
            {"toolsets": "mail-write mail-send", "read_only": "true"},
            "OUTLOOK_MCP_TOOLSETS: read 'mail-write mail-send'; expected mail-read or mail-sync or calendar-read "
            "or contacts-read among them, because OUTLOOK_MCP_READ_ONLY is true.",
        ),
        (
            {"client_secret": "hush", "client_proof": "managed-identity"},
            "OUTLOOK_MCP_CLIENT_SECRET: read a secret; expected nothing, because only "
            "OUTLOOK_MCP_CLIENT_PROOF=secret uses it.",
        ),
        (
            {"master_key": "A" * 43 + "="},
            "OUTLOOK_MCP_MASTER_KEY: read a secret; expected nothing, because only "
            "OUTLOOK_MCP_KEY_SOURCE=environment uses it.",
        ),
    ],
)
def test_a_setting_that_another_one_needs_is_asked_for(settings: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Configuration.load(settings)
    assert refused.value.message == said
