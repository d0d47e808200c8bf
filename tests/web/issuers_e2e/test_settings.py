"""A server with a setting that cannot work refuses to start and names the setting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from outlook_mcp.app.http import open_site
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.sandbox.directory import CONTOSO, PUBLIC_CLIENT_ID

URL, LOGIN = "http://127.0.0.1:8080", "https://login.microsoftonline.com"
ENTRA = {"auth": "entra", "tenant": CONTOSO.tid, "client_secret": "hush"}
OIDC = {"auth": "oidc", "oidc_issuer": "https://id.corp.example", "oidc_client_id": "outlook"}
ISSUER = {"assertion_issuers": "https://id.corp.example"}


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (ENTRA | {"client_id": None}, "OUTLOOK_MCP_CLIENT_ID: nothing was read"),
        (ENTRA | {"client_secret": None}, "OUTLOOK_MCP_CLIENT_SECRET: nothing was read; .*OUTLOOK_MCP_AUTH is entra"),
        (ENTRA | {"tenant": "contoso.example"}, "OUTLOOK_MCP_TENANT: read 'contoso.example'; expected the tenant's id"),
        (ENTRA | {"tenant": "consumers"}, "OUTLOOK_MCP_TENANT: read 'consumers'; expected the tenant's id"),
        (ENTRA | {"client_proof": "certificate"}, "OUTLOOK_MCP_CLIENT_CERTIFICATE: nothing was read"),
        (ENTRA | {"client_proof": "workload-identity"}, "OUTLOOK_MCP_FEDERATED_TOKEN_FILE: nothing was read"),
        (ENTRA | ISSUER, "OUTLOOK_MCP_ASSERTION_ISSUERS: read .* only OUTLOOK_MCP_AUTH=own uses it"),
        (ENTRA | {"clients": [{"client_id": "x", "name": "X"}]}, "OUTLOOK_MCP_CLIENTS: read 'x'; .*AUTH=own"),
        (OIDC | {"client_id": None}, "OUTLOOK_MCP_CLIENT_ID: nothing was read"),
        (OIDC | {"oidc_issuer": None}, "OUTLOOK_MCP_OIDC_ISSUER: nothing was read"),
        (
            OIDC | {"oidc_issuer": "http://id.corp.example"},
            "read 'http://id.corp.example'; expected an https:// address",
        ),
        (OIDC | {"oidc_client_id": None}, "OUTLOOK_MCP_OIDC_CLIENT_ID: nothing was read"),
        (OIDC | ISSUER, "OUTLOOK_MCP_ASSERTION_ISSUERS: read .* only OUTLOOK_MCP_AUTH=own uses it"),
        (
            {"assertion_issuers": "http://id.corp.example"},
            "--assertion-issuers: read 'http://id.corp.example'; .*https://",
        ),
        ({"assertion_issuers": "id.corp.example"}, "--assertion-issuers: read 'id.corp.example'; expected https://"),
        (ISSUER, "OUTLOOK_MCP_ASSERTION_ISSUERS: read 'https://id.corp.example'; .*OUTLOOK_MCP_OIDC_ISSUER"),
        (
            OIDC | ISSUER | {"auth": "own", "oidc_issuer": "https://id.corp.example/"},
            "expected .* the one of OUTLOOK_MCP_OIDC_ISSUER",
        ),
        (ISSUER | {"oidc_issuer": "https://id.corp.example"}, "OUTLOOK_MCP_OIDC_CLIENT_ID: nothing was read"),
        (OIDC | {"auth": "own"}, "OUTLOOK_MCP_OIDC_ISSUER: read .* only OUTLOOK_MCP_AUTH=oidc, or"),
        (OIDC | ENTRA, "OUTLOOK_MCP_OIDC_ISSUER: read .* only OUTLOOK_MCP_AUTH=oidc uses it"),
        ({"assertion_issuers": f"{LOGIN}/common"}, f"expected {LOGIN}/<tenant id>/v2.0"),
        (
            {"audience": "api://other"},
            "OUTLOOK_MCP_AUDIENCE: read 'api://other'; .*only OUTLOOK_MCP_AUTH=entra or OUTLOOK_MCP_AUTH=oidc uses it",
        ),
    ],
)
async def test_a_wrong_setting_is_refused_by_name(tmp_path: Path, settings: dict[str, Any], line: str) -> None:
    given = {"client_id": PUBLIC_CLIENT_ID, "data_dir": str(tmp_path), "public_url": URL, **settings}
    with pytest.raises(ConfigurationError, match=line):
        async with open_site(GivenConfiguration.load(given)):
            pass
