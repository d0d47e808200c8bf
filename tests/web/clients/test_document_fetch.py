"""Which addresses a client_id can make this server connect to, and which answers it accepts."""

from __future__ import annotations

import asyncio
import gzip
from ipaddress import ip_address

import pytest

from outlook_mcp.net.public_address import is_public
from outlook_mcp.net.public_http import PublicHttp
from outlook_mcp.web.authorization.client_document_http import (
    LARGEST_BYTES,
    ClientDocumentHttp,
    DocumentRefused,
    DocumentUnavailable,
)
from outlook_mcp.web.authorization.client_documents import ClientDocuments, is_document_id
from tests.waiting import patience
from tests.web.clients.conftest import MakeHttp
from tests.web.clients.site import HERE, HOST, Certificates, Names, Site, running_site

PUBLIC = ("8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:801::200e")
NOT_PUBLIC = (
    "127.0.0.1",
    "127.8.8.8",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "0.0.0.0",
    "192.0.0.192",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2002:808:808::",
    "2001::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_a_name_with_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    for answer in ([address], ["8.8.8.8", address], [address, "8.8.8.8"]):
        http = ClientDocumentHttp(PublicHttp(resolve=Names([answer])))
        with pytest.raises(DocumentRefused, match="not public"):
            await http.fetch_document(f"https://{HOST}/client.json")


async def test_a_name_without_an_address_is_refused() -> None:
    with pytest.raises(DocumentRefused):
        await ClientDocumentHttp(PublicHttp(resolve=Names([[]]))).fetch_document(f"https://{HOST}/client.json")


async def test_this_machine_is_refused_by_its_own_resolver(site: Site, certificates: Certificates) -> None:
    http = ClientDocumentHttp(PublicHttp(ca_file=certificates.ca_file))
    with pytest.raises(DocumentRefused, match="not public"):
        await http.fetch_document(site.url.replace(HOST, "localhost"))
    assert site.requests == []


@pytest.mark.parametrize(
    "client_id",
    [
        "https://claude.ai/oauth/mcp-oauth-client-metadata",
        "https://vscode.dev/oauth/client-metadata.json",
        "https://client.example:8443/a/b?c=d",
        "https://xn--bcher-kva.example/c",
        "https://localhost/c",
    ],
)
def test_an_https_address_with_a_path_is_a_client_id(client_id: str) -> None:
    assert is_document_id(client_id)


@pytest.mark.parametrize(
    "client_id",
    [
        "",
        "c1f0",
        "http://client.example/c",
        "HTTPS://client.example/c",
        "https://CLIENT.example/c",
        "https://client.example",
        "https://client.example/",
        "https://client.example/c#here",
        "https://client.example/c#",
        "https://user@client.example/c",
        "https://user:word@client.example/c",
        "https://@client.example/c",
        "https://client.example/./c",
        "https://client.example/a/../c",
        "https://client.example/a/%2e%2E/c",
        "https://client.example/a/..",
        "https://client.example:99999/c",
        "https://client.example:x/c",
        "https://client.example./c",
        "https://client.example\\@evil.example/c",
        "https://client.example/c d",
        "https://client.example/c\r\nHost: evil.example",
        "https://client.example/ü",
        "https://bücher.example/c",
        "https:///c",
        "https://[::1]/c",
        "https://[::ffff:127.0.0.1]/c",
        "https://127.0.0.1/c",
        "https://8.8.8.8/c",
        "https://2130706433/c",
        "https://0x7f.1/c",
        "https://0x7f000001/c",
        "https://127.1/c",
        "https://client.example/" + "c" * 500,
    ],
)
def test_a_client_id_of_any_other_form_is_not_fetched(client_id: str) -> None:
    assert not is_document_id(client_id)


async def test_a_request_for_a_document_carries_host_and_no_credentials(site: Site, make_http: MakeHttp) -> None:
    await make_http(5.0).fetch_document(site.url)
    (request,) = site.requests
    lines = request.decode().split("\r\n")
    assert lines[0] == "GET /client.json HTTP/1.1"
    assert f"Host: {HOST}:{site.url.split(':')[2].split('/')[0]}" in lines
    assert not any(line.lower().startswith(("cookie:", "authorization:")) for line in lines)


async def test_a_name_is_looked_up_once_so_a_second_answer_changes_nothing(
    site: Site, names: Names, make_http: MakeHttp, certificates: Certificates
) -> None:
    names.answers = [[HERE], ["127.0.0.2"]]
    port = int(site.url.split(":")[2].split("/")[0])
    async with running_site(certificates.context(HOST), "127.0.0.2", port) as inside:
        http = make_http(5.0)
        await http.fetch_document(site.url)
        assert names.asked == [HOST]
        with pytest.raises(DocumentRefused):
            await http.fetch_document(site.url)
    assert (len(site.requests), inside.requests) == (1, [])


async def test_a_proxy_of_the_environment_is_not_used(
    site: Site, make_http: MakeHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    await make_http(5.0).fetch_document(site.url)
    assert len(site.requests) == 1


async def test_a_certificate_for_another_name_is_not_accepted(make_http: MakeHttp, certificates: Certificates) -> None:
    async with running_site(certificates.context("other.example")) as site:
        with pytest.raises(DocumentUnavailable, match="Certificate"):
            await make_http(5.0).fetch_document(site.url)
    assert site.requests == []


async def test_a_certificate_of_an_unknown_authority_is_not_accepted(site: Site, names: Names) -> None:
    http = ClientDocumentHttp(PublicHttp(resolve=names, is_allowed=lambda address: True))
    with pytest.raises(DocumentUnavailable, match="Certificate"):
        await http.fetch_document(site.url)
    assert site.requests == []


@pytest.mark.parametrize(
    "status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"]
)
async def test_a_redirect_is_not_followed(site: Site, make_http: MakeHttp, status: str) -> None:
    site.status = status
    site.headers["Location"] = site.url + "?again"
    with pytest.raises(DocumentRefused, match=status[:3]):
        await make_http(5.0).fetch_document(site.url)
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", ["201 Created", "202 Accepted", "404 Not Found", "410 Gone"])
async def test_only_200_brings_a_document(site: Site, make_http: MakeHttp, status: str) -> None:
    site.status = status
    with pytest.raises(DocumentRefused, match=status[:3]):
        await make_http(5.0).fetch_document(site.url)


@pytest.mark.parametrize("type_", ["text/html", "application/json5", "text/json", "application/jsonx", ""])
async def test_what_is_not_served_as_json_is_not_read(site: Site, make_http: MakeHttp, type_: str) -> None:
    site.headers["Content-Type"] = type_
    with pytest.raises(DocumentRefused, match="application/json"):
        await make_http(5.0).fetch_document(site.url)


@pytest.mark.parametrize("type_", ["application/json; charset=utf-8", "Application/JSON", "application/cimd+json"])
async def test_the_types_of_json_are_read(site: Site, make_http: MakeHttp, type_: str) -> None:
    site.headers["Content-Type"] = type_
    assert b"client_id" in (await make_http(5.0).fetch_document(site.url)).body


async def test_a_document_of_64_kib_is_the_largest(site: Site, make_http: MakeHttp) -> None:
    site.body = b" " * LARGEST_BYTES
    assert len((await make_http(5.0).fetch_document(site.url)).body) == LARGEST_BYTES
    site.body = b" " * (LARGEST_BYTES + 1024)
    with pytest.raises(DocumentRefused, match="larger"):
        await make_http(5.0).fetch_document(site.url)


async def test_the_size_is_counted_whatever_length_is_announced(site: Site, make_http: MakeHttp) -> None:
    site.headers["Transfer-Encoding"] = "chunked"
    site.drip_s = 0  # leaves out the length
    chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    site.body = chunk * 5 + b"0\r\n\r\n"

    async def in_one_piece(writer: asyncio.StreamWriter, body: bytes) -> None:
        writer.write(body)

    site._write = in_one_piece  # type: ignore[method-assign]
    with pytest.raises(DocumentRefused, match="larger"):
        await make_http(5.0).fetch_document(site.url)


async def test_a_compressed_answer_is_not_decompressed(site: Site, documents: ClientDocuments) -> None:
    site.body = gzip.compress(b"{}" + b" " * 10_000_000)
    site.headers["Content-Encoding"] = "gzip"
    with pytest.raises(DocumentRefused, match="JSON"):
        await documents.find_client(site.url)


async def test_a_slow_answer_ends_at_the_deadline(site: Site, make_http: MakeHttp) -> None:
    site.drip_s = 0.05
    site.body = b" " * 10_000
    async with patience():
        with pytest.raises(DocumentUnavailable, match=r"within 0\.3 s"):
            await make_http(0.3).fetch_document(site.url)


async def test_a_name_that_is_never_answered_ends_at_the_deadline() -> None:
    async def never(host: str) -> list[str]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(DocumentUnavailable, match="within"):
        await ClientDocumentHttp(PublicHttp(resolve=never), deadline_s=0.1).fetch_document(f"https://{HOST}/c")


async def test_a_site_that_is_gone_or_failing_is_unavailable(site: Site, make_http: MakeHttp) -> None:
    for site.status in ("500 Internal Server Error", "403 Forbidden", "429 Too Many Requests"):
        with pytest.raises(DocumentUnavailable):
            await make_http(5.0).fetch_document(site.url)
    with pytest.raises(DocumentUnavailable):
        await make_http(5.0).fetch_document(f"https://{HOST}:1/c")
