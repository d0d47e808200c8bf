from __future__ import annotations

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import CONSUMERS, CONTOSO


async def metadata(http: httpx.AsyncClient, tenant: str) -> dict[str, str]:
    return dict((await http.get(f"/{tenant}/v2.0/.well-known/openid-configuration")).json())


@pytest.mark.parametrize("tenant", ["common", "organizations"])
async def test_the_issuer_of_a_shared_address_holds_a_literal_tenantid(
    sandbox: Sandbox, http: httpx.AsyncClient, tenant: str
) -> None:
    assert (await metadata(http, tenant))["issuer"] == f"{sandbox.http_url}/{{tenantid}}/v2.0"


@pytest.mark.parametrize(
    ("tenant", "tid"), [(CONTOSO.tid, CONTOSO.tid), ("contoso.example", CONTOSO.tid), ("consumers", CONSUMERS.tid)]
)
async def test_a_tenant_is_known_by_id_domain_and_kind(
    sandbox: Sandbox, http: httpx.AsyncClient, tenant: str, tid: str
) -> None:
    document = await metadata(http, tenant)
    assert document["issuer"] == f"{sandbox.http_url}/{tid}/v2.0"
    assert document["token_endpoint"] == f"{sandbox.http_url}/{tid}/oauth2/v2.0/token"


async def test_every_advertised_endpoint_answers(http: httpx.AsyncClient) -> None:
    document = await metadata(http, "common")
    assert (await http.get(document["userinfo_endpoint"])).status_code == 401
    for name in ("authorization_endpoint", "jwks_uri", "end_session_endpoint"):
        assert (await http.get(document[name])).status_code in (200, 400)
    for name in ("token_endpoint", "device_authorization_endpoint"):
        assert (await http.post(document[name])).json()["error"] == "invalid_request"


async def test_an_unknown_tenant_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.get("/nowhere.example/v2.0/.well-known/openid-configuration")
    assert answer.status_code == 400
    assert (answer.json()["error"], answer.json()["error_codes"]) == ("invalid_tenant", [90002])


async def test_every_key_names_its_issuer(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    keys = (await http.get("/common/discovery/v2.0/keys")).json()["keys"]
    assert {key["issuer"] for key in keys} == {f"{sandbox.http_url}/{{tenantid}}/v2.0"}
    assert all(key["kty"] == "RSA" and key["use"] == "sig" and key["x5c"] for key in keys)


async def test_the_issuer_follows_the_scheme_of_the_request(sandbox: Sandbox) -> None:
    import ssl

    trusted = ssl.create_default_context(cafile=sandbox.ca_file)
    async with httpx.AsyncClient(base_url=sandbox.https_url, verify=trusted, trust_env=False) as https:
        assert (await metadata(https, "contoso.example"))["issuer"] == f"{sandbox.https_url}/{CONTOSO.tid}/v2.0"


async def test_instance_discovery_points_at_the_tenant(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    asked = f"{sandbox.https_url}/contoso.example/oauth2/v2.0/authorize"
    answer = await http.get(
        "/common/discovery/instance", params={"authorization_endpoint": asked, "api-version": "1.1"}
    )
    assert answer.json()["tenant_discovery_endpoint"].endswith("/contoso.example/v2.0/.well-known/openid-configuration")


async def test_the_error_page_explains_a_code(http: httpx.AsyncClient) -> None:
    assert "revoked" in (await http.get("/error", params={"code": "50173"})).text
    assert (await http.get("/error", params={"code": "1"})).status_code == 404


async def test_signing_out_returns_only_to_a_registered_address(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    async def logout(target: str) -> httpx.Response:
        parameters = {"client_id": sandbox.public_client_id, "post_logout_redirect_uri": target}
        return await http.get("/common/oauth2/v2.0/logout", params=parameters)

    assert (await logout("http://localhost:1234/")).headers["location"] == "http://localhost:1234/"
    assert (await logout("https://evil.example/")).status_code == 200
