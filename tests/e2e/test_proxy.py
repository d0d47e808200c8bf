"""Everything that leaves this machine goes through the proxy, by one rule; see tests/proxy.py."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from outlook_mcp.app import open_app
from outlook_mcp.cli.doctor_checks.finding import State
from outlook_mcp.cli.doctor_checks.network import network_findings
from outlook_mcp.cli.login import SignInWay, sign_in
from outlook_mcp.config import Configuration
from outlook_mcp.config.environment_proxies import proxies_of
from outlook_mcp.errors import ConfigurationError, SignInUnavailable
from outlook_mcp.net.proxies import Proxies
from outlook_mcp.net.public_http import PublicHttp
from outlook_mcp.oauth.sign_in.oauth_manager import SignInRequest
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.web.authorization.client_document_http import ClientDocumentHttp, DocumentUnavailable
from tests.e2e.office import Office
from tests.proxy import Proxy, ProxySettings, running_proxy
from tests.web.clients.site import HOST, Certificates, Names, running_site

ENTRA, GRAPH = "login.corp.example", "graph.corp.example"
VARIABLES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


@pytest.fixture
def sandbox(office: Office) -> Sandbox:
    office.sandbox.deliver(office.alice, b"From: x@y.example\r\nSubject: For Alice\r\n\r\nHello.\r\n")
    return office.sandbox


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def proxy(sandbox: Sandbox, certificates: Certificates) -> Iterator[Proxy]:
    """A company's proxy: it wants a password, and signs what it decrypted with an authority of its own."""
    served, certificate = dict.fromkeys((ENTRA, GRAPH), sandbox.port + 1), certificates.pem_file(ENTRA, GRAPH)
    with running_proxy(ProxySettings(served, str(certificate), str(sandbox.ca_file), "alice:secret")) as proxy:
        yield proxy


def configured(sandbox: Sandbox, folder: Path, **settings: object) -> Configuration:
    user = sandbox.users[0]
    own = {"client_id": sandbox.public_client_id, "tenant": user.tid, "login_hint": user.upn, "data_dir": str(folder)}
    addresses = {"authority": f"https://{ENTRA}", "graph_url": f"https://{GRAPH}/v1.0"}
    return Configuration.load({**own, **addresses, **settings})


def browse(proxy: Proxy, ca_file: Path, url: str) -> bool:
    """A browser behind the same proxy, which reaches the callback on this machine directly."""
    tls = ssl.create_default_context(cafile=ca_file)
    with httpx.Client(
        verify=tls, mounts={f"https://{ENTRA}": httpx.HTTPTransport(proxy=proxy.url, verify=tls)}
    ) as http:
        http.get(url, follow_redirects=True, timeout=30).raise_for_status()
    return True


async def signed_in_and_read(configuration: Configuration, proxy: Proxy, ca_file: Path) -> int:
    """How many messages the inbox of whoever signs in holds."""
    async with open_app(configuration) as app:
        way = SignInWay(device=False, browser=partial(browse, proxy, ca_file))
        await sign_in(app, SignInRequest(login_hint=configuration.login_hint), way)
        user = await app.caller.user()
        mailbox = await app.workspaces.open_workspace(user, (await app.mailboxes.choose(user, None)).id)
        return (await mailbox.folders.find_folder("inbox")).total_item_count or 0


async def test_sign_in_keys_and_graph_go_through_the_proxy_of_the_setting(
    sandbox: Sandbox, proxy: Proxy, certificates: Certificates, tmp_path: Path
) -> None:
    configuration = configured(sandbox, tmp_path, proxy=proxy.url, ca_file=str(certificates.ca_file))
    assert await signed_in_and_read(configuration, proxy, certificates.ca_file) > 0
    assert set(proxy.tunnels) == {f"{ENTRA}:443", f"{GRAPH}:443"}


async def test_they_go_through_the_proxy_of_the_environment(
    sandbox: Sandbox, proxy: Proxy, certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    configuration = configured(sandbox, tmp_path, ca_file=str(certificates.ca_file))
    assert await signed_in_and_read(configuration, proxy, certificates.ca_file) > 0
    assert {target.partition(":")[0] for target in proxy.tunnels} == {ENTRA, GRAPH}


async def test_a_certificate_of_the_proxy_that_is_not_trusted_is_told_with_the_setting(
    sandbox: Sandbox, proxy: Proxy, certificates: Certificates, tmp_path: Path
) -> None:
    configuration = configured(sandbox, tmp_path, proxy=proxy.url)
    with pytest.raises(ConfigurationError, match="OUTLOOK_MCP_CA_FILE"):
        await signed_in_and_read(configuration, proxy, certificates.ca_file)


async def test_a_proxy_that_refuses_is_named_without_its_password(
    sandbox: Sandbox, proxy: Proxy, certificates: Certificates, tmp_path: Path
) -> None:
    wrong = proxy.url.replace("secret", "guessed")
    configuration = configured(sandbox, tmp_path, proxy=wrong, ca_file=str(certificates.ca_file))
    with pytest.raises(SignInUnavailable, match=rf"through the proxy http://127\.0\.0\.1:{proxy.port}") as refused:
        await signed_in_and_read(configuration, proxy, certificates.ca_file)
    assert "guessed" not in str(refused.value)
    assert proxy.requests == ["refused"]


async def test_this_machine_and_exempt_hosts_are_reached_directly(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", ".corp.example,other.example:443")
    proxies = proxies_of(None)
    for url in (f"https://{GRAPH}", "https://other.example", sandbox.http_url, "https://localhost:8443"):
        assert proxies.proxy_for(url) is None
    assert proxies.proxy_for("https://graph.microsoft.com") is not None
    configuration = configured(sandbox, tmp_path, authority=sandbox.http_url, graph_url=sandbox.graph_url)
    async with open_app(configuration) as app:
        await app.sign_ins.check_app(SignInRequest())


def test_addresses_of_the_network_segment_are_never_proxied() -> None:
    """As if NO_PROXY listed 169.254.0.0/16 and fe80::/10: behind a proxy such an address is another machine's."""
    proxies = Proxies(SecretStr("http://proxy.corp.example:3128"))
    for host in ("169.254.169.254", "[fe80::1]", "127.0.0.1", "[::1]", "localhost"):
        assert proxies.proxy_for(f"http://{host}/metadata/identity") is None
    assert proxies.proxy_for("http://10.0.0.4") is not None


async def test_doctor_names_the_proxy_without_its_password(
    sandbox: Sandbox, proxy: Proxy, certificates: Certificates, tmp_path: Path
) -> None:
    configuration = configured(sandbox, tmp_path, proxy=proxy.url, ca_file=str(certificates.ca_file))
    entra, graph, clock = await network_findings(configuration)
    shown = f"through the proxy http://127.0.0.1:{proxy.port}"
    assert (entra.told, graph.told) == (f"{ENTRA} answers {shown} (HTTP 200).", f"{GRAPH} answers {shown} (HTTP 401).")
    assert {finding.state for finding in (entra, graph, clock)} == {State.OK}


async def test_a_client_document_is_fetched_from_the_address_that_was_checked(certificates: Certificates) -> None:
    """The proxy is told no name: it could resolve it to an address inside its network."""
    async with running_site(certificates.context(HOST)) as site:
        port = int(site.url.split(":")[2].partition("/")[0])
        with running_proxy(ProxySettings({"192.0.2.7": port, "127.0.0.1": port})) as proxy:
            http = ClientDocumentHttp(
                PublicHttp(
                    resolve=Names([["192.0.2.7"]]),
                    is_allowed=lambda address: str(address) == "192.0.2.7",
                    ca_file=certificates.ca_file,
                    proxies=Proxies(SecretStr(proxy.url)),
                )
            )
            fetched = await http.fetch_document(site.url)
    assert site.document["client_name"] in fetched.body.decode()
    assert proxy.tunnels == [f"192.0.2.7:{port}"]
    assert f"Host: {HOST}:{port}".encode() in site.requests[0]


async def test_a_certificate_for_another_name_is_refused_behind_the_proxy_too(certificates: Certificates) -> None:
    async with running_site(certificates.context("other.example")) as site:
        port = int(site.url.split(":")[2].partition("/")[0])
        with running_proxy(ProxySettings({"192.0.2.7": port})) as proxy:
            http = ClientDocumentHttp(
                PublicHttp(
                    resolve=Names([["192.0.2.7"]]),
                    is_allowed=lambda _: True,
                    ca_file=certificates.ca_file,
                    proxies=Proxies(SecretStr(proxy.url)),
                )
            )
            with pytest.raises(DocumentUnavailable, match="Certificate"):
                await http.fetch_document(site.url)
    assert site.requests == []
