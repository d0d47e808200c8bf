"""Well-known clients, each from the first refused request to reading mail, with the requests that it sends.

How they register, where they are redirected, which era and which elicitation they know is as published in 2026. Their
metadata documents come from a stand-in on this machine for the sites they are kept at.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio

from outlook_mcp.net.public_http import PublicHttp
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.web.authorization.client_document_http import ClientDocumentHttp
from outlook_mcp.web.authorization.client_documents import ClientDocuments
from tests.one_task import in_one_task
from tests.web.clients.site import HOST, Certificates, Names, Site, is_here, running_site
from tests.web.clients.test_known_clients import CHATGPT, CLAUDE, CLAUDE_CODE, VS_CODE
from tests.web.site.conversation import LEGACY, MODERN, Conversation, text_of
from tests.web.site.grant import REDIRECT_URI, VERIFIER, challenge
from tests.web.site.served import ALICE, Served, served
from tests.web.site.site_user import SiteUser

pytestmark = pytest.mark.asyncio(loop_scope="module")
FORM: dict[str, Any] = {"elicitation": {"form": {}}}
FORM_AND_URL: dict[str, Any] = {"elicitation": {"form": {}, "url": {}}}
CLAUDE_CALLBACK, CURSOR_CALLBACK = "https://claude.ai/api/mcp/auth_callback", "http://localhost:8787/callback"


@dataclass(frozen=True)
class Product:
    """A client: `document` is what its site says of it, `registration` what it registers; one of the two."""

    name: str
    redirect_uri: str
    version: str
    document: dict[str, Any] | None = None
    registration: dict[str, Any] | None = None
    capabilities: dict[str, Any] = field(default_factory=dict)
    takes_all_scopes: bool = False

    def __str__(self) -> str:
        place = self.redirect_uri.partition("://")[2].partition("/")[0]
        return f"{self.name}, {self.version}, {'document' if self.document else 'registration'}, {place}"


def registering(*redirect_uris: str, **members: Any) -> dict[str, Any]:
    return {"redirect_uris": list(redirect_uris), "token_endpoint_auth_method": "none", **members}


GRANTS = ["authorization_code", "refresh_token"]
PRODUCTS = [
    Product("Claude", CLAUDE_CALLBACK, LEGACY, document=CLAUDE, takes_all_scopes=True),
    Product("Claude", CLAUDE_CALLBACK, LEGACY, registration=registering(CLAUDE_CALLBACK, grant_types=GRANTS)),
    Product(
        "Claude",
        "https://claude.com/api/mcp/auth_callback",
        LEGACY,
        registration=registering("https://claude.com/api/mcp/auth_callback"),
    ),
    Product("Claude Code", "http://localhost:3118/callback", MODERN, document=CLAUDE_CODE, capabilities=FORM),
    Product("Claude Code", "http://localhost:51234/callback", LEGACY, document=CLAUDE_CODE, capabilities=FORM),
    Product("Claude Code", "http://127.0.0.1:40404/callback", MODERN, document=CLAUDE_CODE, capabilities=FORM),
    Product("VS Code", "http://127.0.0.1:33418/", LEGACY, document=VS_CODE, capabilities=FORM_AND_URL),
    Product("VS Code", "http://127.0.0.1:50123/", LEGACY, document=VS_CODE, capabilities=FORM_AND_URL),
    Product("VS Code", "https://vscode.dev/redirect", LEGACY, document=VS_CODE, capabilities=FORM_AND_URL),
    Product("Inspector", REDIRECT_URI, LEGACY, registration=registering(REDIRECT_URI)),
    Product("Inspector", REDIRECT_URI, MODERN, registration=registering(REDIRECT_URI)),
    Product("ChatGPT", "https://chatgpt.com/connector_platform_oauth_redirect", LEGACY, document=CHATGPT),
    Product(
        "Cursor",
        CURSOR_CALLBACK,
        LEGACY,
        registration=registering("cursor://anysphere.cursor-mcp/oauth/callback", CURSOR_CALLBACK),
    ),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def vendors(certificates: Certificates) -> AsyncIterator[Site]:
    """Where the metadata documents are."""
    async with in_one_task(running_site(certificates.context(HOST))) as vendors:
        yield vendors


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    post_office: Sandbox, vendors: Site, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """As it runs for a small company: one server, which keeps sessions for clients that want them."""
    http = ClientDocumentHttp(PublicHttp(resolve=Names(), is_allowed=is_here, ca_file=certificates.ca_file))
    folder = tmp_path_factory.mktemp("site")
    async with in_one_task(served(post_office, folder, documents=ClientDocuments(http), stateless=False)) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def person(site: Served) -> AsyncIterator[SiteUser]:
    async with SiteUser(site, ALICE) as person:
        yield person


@dataclass(frozen=True)
class Found:
    """What a client learns before it asks: of the challenge, the resource and its authorization server."""

    scope: str
    resource: dict[str, Any]
    server: dict[str, Any]


async def found(http: httpx.AsyncClient) -> Found:
    refused = await http.post("/mcp", json={})
    challenged = dict(re.findall(r'(\w+)="([^"]*)"', refused.headers["www-authenticate"]))
    resource = (await http.get(challenged["resource_metadata"])).json()
    issuer = resource["authorization_servers"][0]
    server = (await http.get(f"{issuer}/.well-known/oauth-authorization-server")).json()
    assert server["issuer"] == issuer
    return Found(challenged["scope"], resource, server)


async def client_id_of(product: Product, known: Found, vendors: Site, http: httpx.AsyncClient) -> str:
    if product.registration is not None:
        asked = {"client_name": product.name, "response_types": ["code"], **product.registration}
        answer = await http.post(known.server["registration_endpoint"], json=asked)
        assert answer.status_code == 201, answer.text
        assert product.redirect_uri in answer.json()["redirect_uris"]
        return str(answer.json()["client_id"])
    # What claude.ai looks for before it names its document.
    assert known.server["client_id_metadata_document_supported"] is True
    assert "none" in known.server["token_endpoint_auth_methods_supported"]
    url = vendors.url.replace("client.json", f"{secrets.token_hex(4)}.json")
    vendors.document = {**(product.document or {}), "client_id": url}
    return url


async def let_in(person: SiteUser, product: Product, known: Found, client_id: str) -> dict[str, Any]:
    """The answer of the token endpoint."""
    http, state = person.site.http, secrets.token_urlsafe(12)
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": product.redirect_uri,
        "scope": " ".join(known.server["scopes_supported"]) if product.takes_all_scopes else known.scope,
        "state": state,
        "code_challenge": challenge(VERIFIER),
        "code_challenge_method": "S256",
        "resource": known.resource["resource"],
        "login_hint": person.address,
    }
    returned = await person.follow_until(
        f"{known.server['authorization_endpoint']}?{urlencode(query)}", product.redirect_uri
    )
    assert (returned["state"], returned["iss"]) == (state, known.server["issuer"])
    form = {
        "grant_type": "authorization_code",
        "code": returned["code"],
        "redirect_uri": product.redirect_uri,
        "client_id": client_id,
        "code_verifier": VERIFIER,
        "resource": known.resource["resource"],
    }
    answer = await http.post(known.server["token_endpoint"], data=form)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("product", PRODUCTS, ids=str)
async def test_a_client_signs_in_from_the_challenge_and_reads_mail(
    site: Served, person: SiteUser, vendors: Site, product: Product
) -> None:
    known = await found(site.http)
    client_id = await client_id_of(product, known, vendors, site.http)
    tokens = await let_in(person, product, known, client_id)
    info = {"name": product.name, "version": "1.0"}
    client = Conversation(
        site.http, tokens["access_token"], product.version, capabilities=product.capabilities, info=info
    )
    hello = await client.begin()
    assert product.version in (hello.get("protocolVersion"), *hello.get("supportedVersions", ()))
    assert "mail_search" in [tool["name"] for tool in (await client.ask("tools/list"))["tools"]]
    answer = await client.ask("tools/call", {"name": "mail_search", "arguments": {}})
    assert not answer.get("isError")
    assert "For Alice" in text_of(answer)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": client_id}
    renewed = await site.http.post("/token", data=form)
    client.token = renewed.json()["access_token"]
    assert "For Alice" in await client.text("mail_search")
    session = next(
        session for session in await site.site.sessions.sessions_of(person.key) if session.client_id == client_id
    )
    assert (session.era, product.name.split()[-1] in session.client_name) == (product.version, True)


async def test_a_client_that_asks_for_all_scopes_of_the_metadata_gets_them_and_a_refresh_token(
    site: Served, person: SiteUser, vendors: Site
) -> None:
    """Claude asks for all that the authorization server lists; a server that lists no offline_access logs it out."""
    product, known = PRODUCTS[0], await found(site.http)
    assert "offline_access" in known.server["scopes_supported"]
    assert "offline_access" not in known.resource["scopes_supported"]
    tokens = await let_in(person, product, known, await client_id_of(product, known, vendors, site.http))
    assert tokens["scope"].split() == known.resource["scopes_supported"]
    assert tokens["refresh_token"]


async def test_the_consent_page_says_who_vouches_for_each_kind_of_client(
    site: Served, person: SiteUser, vendors: Site
) -> None:
    known = await found(site.http)
    for product, told in ((PRODUCTS[3], f"Described by the site {HOST}"), (PRODUCTS[9], "Registered itself")):
        client_id = await client_id_of(product, known, vendors, site.http)
        page = await person.open(person.asked(client_id, redirect_uri=product.redirect_uri))
        assert f"Allow {product.name} to use your Outlook?" in page.words
        assert told in page.words
        assert "A program on this computer gets the access" in page.words
