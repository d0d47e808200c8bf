"""A form is posted to public addresses alone, once, over https, and what is answered is not followed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from outlook_mcp.net.proxies import Proxies
from outlook_mcp.net.public_address import AddressRefused
from outlook_mcp.net.public_http import PublicHttp
from outlook_mcp.net.public_post import PostFailed, PublicPost
from tests.proxy import ProxySettings, running_proxy
from tests.web.clients.conftest import certificates as certificates
from tests.web.clients.conftest import site as site
from tests.web.clients.site import HERE, HOST, Certificates, Names, Site, is_here


def poster(ca_file: Path | None, *, deadline_s: float = 5.0) -> PublicPost:
    """Can connect to this machine only."""
    return PublicPost(PublicHttp(resolve=Names(), is_allowed=is_here, ca_file=ca_file), deadline_s=deadline_s)


async def test_the_form_is_posted_once_and_a_redirect_is_not_followed(certificates: Certificates, site: Site) -> None:
    site.status, site.headers = "302 Found", {"Location": site.url, "Set-Cookie": "a=b"}
    assert await poster(certificates.ca_file).post_form(site.url, "List-Unsubscribe=One-Click") == 302
    (request,) = site.requests
    head = request.decode().lower()
    assert head.startswith("post /client.json http/1.1\r\n")
    assert "content-type: application/x-www-form-urlencoded\r\n" in head
    assert "content-length: 26\r\n" in head
    assert "cookie" not in head
    assert "authorization" not in head


async def test_a_host_in_capitals_is_the_same_host(certificates: Certificates, site: Site) -> None:
    written = site.url.replace(HOST, HOST.upper())
    assert await poster(certificates.ca_file).post_form(written, "x=y") == 200
    assert len(site.requests) == 1


@pytest.mark.parametrize("answer", [["10.1.2.3"], ["8.8.8.8", "127.0.0.1"], ["::1"], []])
async def test_a_name_with_an_address_that_is_not_public_gets_nothing(answer: list[str]) -> None:
    with pytest.raises(AddressRefused, match="not public"):
        await PublicPost(PublicHttp(resolve=Names([answer]))).post_form(f"https://{HOST}/u", "x=y")


async def test_what_cannot_have_arrived_is_told_from_what_may_have(certificates: Certificates, site: Site) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    site.silence = "wait"
    with pytest.raises(PostFailed, match="did not answer within 2 s") as slow:
        await poster(certificates.ca_file, deadline_s=2.0).post_form(site.url, "x=y")
    # It never says that it speaks TLS, so nothing can be sent to it.
    hanging = await asyncio.start_server(hang, HERE)
    port = hanging.sockets[0].getsockname()[1]
    try:
        with pytest.raises(PostFailed, match="cannot be reached within 1 s") as mute:
            await poster(None, deadline_s=1.0).post_form(f"https://{HOST}:{port}/u", "x=y")
    finally:
        hanging.close()
        await hanging.wait_closed()
    with pytest.raises(PostFailed, match="cannot be reached") as refused:
        await poster(None).post_form(f"https://{HOST}:{port}/u", "x=y")
    found = [failed.value.may_have_arrived for failed in (slow, mute, refused)]
    assert (found, len(site.requests)) == ([True, False, False], 1)


async def test_a_proxy_that_refuses_gets_nothing_through(certificates: Certificates, site: Site) -> None:
    with running_proxy(ProxySettings({}, password="user:secret")) as proxy:
        proxies = Proxies(SecretStr(f"http://127.0.0.1:{proxy.port}"))
        http = PublicHttp(resolve=Names(), is_allowed=is_here, ca_file=certificates.ca_file, proxies=proxies)
        with pytest.raises(PostFailed, match="the proxy answers 407") as failed:
            await PublicPost(http).post_form(site.url, "x=y")
    assert (failed.value.may_have_arrived, site.requests) == (False, [])


async def test_a_certificate_that_is_not_trusted_gets_nothing(site: Site) -> None:
    with pytest.raises(PostFailed, match="has no certificate that is valid for it"):
        await poster(None).post_form(site.url, "x=y")
    assert site.requests == []
