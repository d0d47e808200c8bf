"""One-click unsubscription over real TLS at port 443, which a proxy of this machine leads to a site of this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.mail.unsubscribing.one_click import PublicOneClick
from outlook_mcp.net.proxies import Proxies
from tests.faults.office import Office, outlook_of
from tests.proxy import ProxySettings, running_proxy
from tests.tools.asking import answer, code_in, refusal
from tests.tools.test_unsubscribe import POST, SIGNED, URL, deliver
from tests.web.clients.site import Certificates, Names, Site, running_site

pytestmark = pytest.mark.asyncio(loop_scope="module")
PUBLIC = "93.184.216.34"


@asynccontextmanager
async def mailing_list(
    office: Office,
    folder: Path,
    *,
    host: str = "list.example",
    addresses: Sequence[str] = (PUBLIC,),
    password: str | None = None,
    deadline_s: float = 30.0,
) -> AsyncIterator[tuple[Office, Site, list[str]]]:
    """The office with a site whose certificate is for `host`; the tunnels to it are listed when the block has ended.

    With a `password`, which is not given to it, the proxy refuses.
    """
    certificates = Certificates(folder)
    tunnels: list[str] = []
    async with running_site(certificates.context(host)) as site:
        with running_proxy(ProxySettings({PUBLIC: urlsplit(site.url).port or 0}, password=password)) as proxy:
            proxies = Proxies(SecretStr(f"http://127.0.0.1:{proxy.port}"))
            settings = GraphSettings(ca_file=certificates.ca_file, proxies=proxies)
            one_click = PublicOneClick(settings, resolve=Names([addresses]), deadline_s=deadline_s)
            alice, log = office.sandbox.users[0], folder / "log"
            async with outlook_of(office.sandbox, alice, log, one_click=one_click) as outlook:
                yield Office(office.sandbox, outlook.client, office.hasty, log, office.one_click), site, tunnels
            tunnels += proxy.tunnels


async def test_one_request_is_posted_to_the_public_address_that_the_name_has(office: Office, tmp_path: Path) -> None:
    message = deliver(office, ("List-Unsubscribe", f"<{URL}>"), POST, *SIGNED)
    async with mailing_list(office, tmp_path) as (here, site, tunnels):
        code = code_in(await answer(here, "unsubscribe", id=message))
        assert site.requests == []
        done = await answer(here, "unsubscribe", id=message, confirm=code)
    assert done == "Asked list.example to unsubscribe; it agreed (HTTP 200)."
    (request,) = site.requests
    assert request.decode().startswith("POST /u?t=abc HTTP/1.1\r\n")
    assert "Host: list.example\r\n" in request.decode()
    assert tunnels == [f"{PUBLIC}:443"]


async def test_a_redirect_is_told_and_not_followed(office: Office, tmp_path: Path) -> None:
    message = deliver(office, ("List-Unsubscribe", f"<{URL}>"), POST, *SIGNED)
    async with mailing_list(office, tmp_path) as (here, site, tunnels):
        site.status, site.headers = "302 Found", {"Location": "https://list.example/other"}
        code = code_in(await answer(here, "unsubscribe", id=message))
        told = await refusal(here, "unsubscribe", id=message, confirm=code)
    assert "answered with HTTP 302. It leads elsewhere, and that is not followed." in told
    assert (len(site.requests), len(tunnels)) == (1, 1)


async def test_a_name_with_a_private_address_beside_a_public_one_gets_nothing(office: Office, tmp_path: Path) -> None:
    message = deliver(office, ("List-Unsubscribe", f"<{URL}>"), POST, *SIGNED)
    async with mailing_list(office, tmp_path, addresses=[PUBLIC, "10.0.0.1"]) as (here, site, tunnels):
        code = code_in(await answer(here, "unsubscribe", id=message))
        told = await refusal(here, "unsubscribe", id=message, confirm=code)
    assert "The site list.example has no public address, so nothing was sent to it." in told
    assert (site.requests, tunnels) == ([], [])


async def test_a_site_with_the_certificate_of_another_gets_nothing(office: Office, tmp_path: Path) -> None:
    message = deliver(office, ("List-Unsubscribe", f"<{URL}>"), POST, *SIGNED)
    async with mailing_list(office, tmp_path, host="other.example") as (here, site, _):
        code = code_in(await answer(here, "unsubscribe", id=message))
        told = await refusal(here, "unsubscribe", id=message, confirm=code)
    assert "Nothing was sent." in told
    assert site.requests == []
