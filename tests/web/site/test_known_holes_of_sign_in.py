"""Known vulnerabilities of other servers, tried against the whole site: how clients and users get tokens."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio

from outlook_mcp.net.public_http import PublicHttp
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.web.authorization.client_document_http import ClientDocumentHttp
from outlook_mcp.web.authorization.client_documents import ClientDocuments
from tests.one_task import in_one_task
from tests.web.clients.site import HOST, Certificates, Names, running_site
from tests.web.pages.person import link_of
from tests.web.site.conversation import LEGACY, Conversation
from tests.web.site.grant import REDIRECT_URI, VERIFIER, asks, challenge, redeemed, registered
from tests.web.site.served import Served, served
from tests.web.site.site_user import SiteUser, link_in

pytestmark = pytest.mark.asyncio(loop_scope="module")
EVIL, GOOD = "https://evil.example/callback", "https://good.example/callback"
COMMANDS = ("$(calc.exe)", "`id`", "&calc", "|calc", "'; id #", '" && id', "%0d%0aid", "file:///c:/calc.exe")
# RFC 3986: all that may stand in an address. A quote, space, backtick, bracket or pipe ends up in no shell.
PLAIN = re.compile(r"http://127\.0\.0\.1:\d+/[A-Za-z0-9._~:/?#@!*+=%&-]*")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def good_client(shared_site: Served) -> str:
    return await registered(shared_site.http, redirect_uris=[GOOD])


async def test_cve_2025_6514_no_address_that_we_send_holds_a_command(
    shared_site: Served, alice: SiteUser, client_id: str
) -> None:
    """mcp-remote passed the authorization address of a server to a shell."""
    metadata = (await shared_site.http.get("/.well-known/oauth-authorization-server")).json()
    challenged = (await shared_site.http.post("/mcp", json={})).headers["www-authenticate"]
    link = link_in(await (await alice.converse(LEGACY)).text("mail_send", draft="1"))
    handed_out = [value for name, value in metadata.items() if name.endswith("_endpoint")]
    handed_out += [metadata["issuer"] + "/", link, *re.findall(r'resource_metadata="([^"]*)"', challenged)]
    for command in COMMANDS:
        request = asks(
            shared_site.public_url, client_id, state=command, login_hint=f"{command}@x.example", scope=command
        )
        handed_out.append((await shared_site.http.get(request)).headers["location"])
        consent = await alice.open(request)
        handed_out.append(await alice.sent_to(consent, "Allow"))
        answered = await alice.sent_to(await alice.open(request), "Refuse")
        assert parse_qs(urlsplit(answered).query)["state"] == [command]
        handed_out.append(answered)
    assert len(handed_out) > 3 * len(COMMANDS)
    assert (
        await shared_site.http.get(asks(shared_site.public_url, client_id, state="a\r\nLocation: b"))
    ).status_code == 400
    assert [url for url in handed_out if not PLAIN.fullmatch(url)] == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "file:///c:/windows/system32/calc.exe",
        "javascript:alert(1)",
        "http://127.0.0.1.evil.example/$(calc)",
        "https://evil.example/authorize",
        "ms-calculator:",
    ],
)
async def test_cve_2025_6514_an_unsafe_address_of_a_malicious_issuer_is_not_opened(
    post_office: Sandbox, tmp_path: Path, endpoint: str
) -> None:
    discovery = await _discovery(post_office)
    post_office.faults.replace_rules(
        [Fault(route="*/.well-known/openid-configuration", body=discovery | {"authorization_endpoint": endpoint})]
    )
    async with in_one_task(served(post_office, tmp_path)) as site, SiteUser(site, "bob@contoso.example") as person:
        page = await person.press(await person.open(person.asked(await registered(site.http))), "Allow")
    post_office.faults.replace_rules([])
    assert (page.status, person.is_at(page)) == (503, True)
    assert endpoint not in page.text


async def _discovery(sandbox: Sandbox) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{sandbox.http_url}/common/v2.0/.well-known/openid-configuration")
        return dict(answer.json())


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://evil.example/callback",
        "javascript:alert(document.cookie)//",
        "data:text/html,x",
        "cursor://evil/callback",
        "https://good.example@evil.example/",
        "https://evil.example/#x",
        "http://127.0.0.1.evil.example/",
        "https://*.evil.example/",
        "not a url",
    ],
)
async def test_register_with_a_foreign_redirect_is_refused(shared_site: Served, redirect_uri: str) -> None:
    body = {"client_name": "Claude", "redirect_uris": [redirect_uri], "token_endpoint_auth_method": "none"}
    answer = await shared_site.http.post("/register", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_redirect_uri", "invalid_client_metadata")


async def test_code_injection_a_code_of_another_client_is_refused(
    shared_site: Served, bob_elsewhere: SiteUser, client_id: str
) -> None:
    other = await registered(shared_site.http)
    code = await bob_elsewhere.code(client_id)
    before = await bob_elsewhere.holdings()
    for answer in (
        await redeemed(shared_site.http, other, code),
        await redeemed(shared_site.http, client_id, code, code_verifier=secrets.token_urlsafe(48)),
        await redeemed(shared_site.http, client_id, code, redirect_uri=f"{REDIRECT_URI}/x"),
    ):
        assert answer.status_code == 400
        assert "access_token" not in answer.text
    assert await bob_elsewhere.holdings() == before


async def test_code_reuse_ends_the_session_that_the_code_started(
    shared_site: Served, bob_elsewhere: SiteUser, client_id: str
) -> None:
    code = await bob_elsewhere.code(client_id)
    given = (await redeemed(shared_site.http, client_id, code)).json()
    mine = Conversation(shared_site.http, given["access_token"])
    assert "For Bob" in await mine.text("mail_search")
    assert (await redeemed(shared_site.http, client_id, code)).json()["error"] == "invalid_grant"
    assert (await mine.call("mail_search")).status_code == 401


async def test_refresh_reuse_ends_the_whole_family(shared_site: Served, bob_elsewhere: SiteUser) -> None:
    grant = await bob_elsewhere.grant()
    form = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token, "client_id": grant.client_id}
    used = (await shared_site.http.post("/token", data=form)).json()
    renewed = (await shared_site.http.post("/token", data={**form, "refresh_token": used["refresh_token"]})).json()
    mine = Conversation(shared_site.http, renewed["access_token"], LEGACY)
    assert "For Bob" in await mine.text("mail_search")
    stolen = await shared_site.http.post("/token", data=form)
    assert stolen.json()["error"] == "invalid_grant"
    assert (await mine.call("mail_search")).status_code == 401
    form["refresh_token"] = renewed["refresh_token"]
    assert (await shared_site.http.post("/token", data=form)).json()["error"] == "invalid_grant"


async def test_mix_up_every_answer_names_its_issuer(
    shared_site: Served, bob_elsewhere: SiteUser, client_id: str
) -> None:
    """Else a client takes a code of ours to the token endpoint of an attacker (RFC 9207)."""
    metadata = (await shared_site.http.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["authorization_response_iss_parameter_supported"] is True
    request = bob_elsewhere.asked(client_id)
    refused = await bob_elsewhere.sent_to(await bob_elsewhere.open(request), "Refuse")
    broken = link_of(await shared_site.http.get(asks(shared_site.public_url, client_id, code_challenge=None)))
    granted = await bob_elsewhere.follow_until(request, REDIRECT_URI)
    answers = [parse_qs(urlsplit(url).query) for url in (refused, broken)]
    assert [answer["iss"] for answer in answers] == [[metadata["issuer"]]] * 2
    assert granted["iss"] == metadata["issuer"] == shared_site.public_url


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": ""},
        {"code_challenge": "short"},
    ],
)
async def test_pkce_downgrade_is_refused(shared_site: Served, client_id: str, changes: dict[str, str | None]) -> None:
    answer = await shared_site.http.get(asks(shared_site.public_url, client_id, **changes))
    assert (answer.status_code, answer.headers.get("location")) == (400, None)
    assert parse_qs(urlsplit(link_of(answer)).query)["error"] == ["invalid_request"]


async def test_pkce_downgrade_a_code_without_its_verifier_is_refused(
    shared_site: Served, bob_elsewhere: SiteUser, client_id: str
) -> None:
    for verifier in (None, "", challenge(VERIFIER)):
        answer = await redeemed(
            shared_site.http, client_id, await bob_elsewhere.code(client_id), code_verifier=verifier
        )
        assert answer.status_code == 400
        assert "access_token" not in answer.text


@pytest.mark.parametrize(
    "redirect_uri",
    [
        EVIL,
        "https://good.example.evil.example/callback",
        "https://good.example@evil.example/callback",
        "https://good.example/callback/../../evil",
        "https://good.example/callback/",
        "https://good.example/callback?next=https://evil.example",
        "https://good.example/callback#x",
        "https://good.example:8443/callback",
        "http://good.example/callback",
        "https://good.example\\@evil.example/callback",
        "//evil.example/callback",
        "javascript:alert(1)",
        "",
    ],
)
async def test_open_redirect_by_a_variant_of_the_redirect_uri(
    shared_site: Served, good_client: str, redirect_uri: str
) -> None:
    others: list[dict[str, str | None]] = [{}, {"response_type": "token"}, {"scope": "x"}, {"code_challenge": None}]
    for changes in others:
        answer = await shared_site.http.get(
            asks(shared_site.public_url, good_client, redirect_uri=redirect_uri, **changes)
        )
        target = answer.headers.get("location", "")
        # Without any the one that was registered is meant.
        assert not target or (redirect_uri == "" and target.startswith((shared_site.public_url, GOOD)))


@pytest.mark.parametrize(
    "answers", [[["127.0.0.1"]], [["10.0.0.8"]], [["169.254.169.254"]], [["93.184.216.34", "::1"]]]
)
async def test_cimd_ssrf_no_client_id_leads_to_a_request_inside_the_network(
    post_office: Sandbox, tmp_path: Path, answers: list[Sequence[str]]
) -> None:
    """A client_id is an address that anybody chooses; its name may resolve to any machine."""
    certificates = Certificates(tmp_path)
    http = ClientDocumentHttp(PublicHttp(resolve=Names(answers), ca_file=certificates.ca_file))
    async with (
        running_site(certificates.context(HOST)) as inside,
        in_one_task(served(post_office, tmp_path, documents=ClientDocuments(http))) as site,
    ):
        for client_id in (
            inside.url,
            "https://169.254.169.254/latest",
            "https://[::1]/x",
            f"http://{HOST}/client.json",
        ):
            answer = await site.http.get(asks(site.public_url, client_id, redirect_uri=f"https://{HOST}/callback"))
            assert answer.status_code == 400
            assert "location" not in answer.headers
        assert inside.requests == []
