"""Which metadata documents are accepted, and for how long they are cached."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from outlook_mcp.web.authorization import client_documents
from outlook_mcp.web.authorization.client import OAuthClient
from outlook_mcp.web.authorization.client_document_http import DocumentRefused, DocumentUnavailable
from outlook_mcp.web.authorization.client_documents import ClientDocuments, client_of
from tests.web.clients.conftest import Clock, MakeHttp
from tests.web.clients.site import HOST, Names, Site

URL = f"https://{HOST}/client.json"
DOCUMENT: dict[str, Any] = {
    "client_id": URL,
    "client_name": "A client",
    "redirect_uris": ["https://client.example/callback"],
}


def read(**members: Any) -> OAuthClient:
    return client_of(URL, json.dumps({**DOCUMENT, **members}).encode())


async def test_a_client_is_what_its_document_says(site: Site, documents: ClientDocuments) -> None:
    client = await documents.find_client(site.url)
    assert (client.kind, client.client_id, client.name, client.host) == ("document", site.url, "A client", HOST)
    assert client.client_secret is None
    assert client.token_endpoint_auth_method == "none"


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"client_id": URL + "/"}, "client_id"),
        ({"client_id": "https://other.example/client.json"}, "client_id"),
        ({"client_id": None}, "client_id"),
        ({"client_name": None}, "client_name"),
        ({"client_name": ""}, "client_name"),
        ({"client_name": 7}, "client_name"),
        ({"client_name": "\u202e\u200b "}, "client_name"),
        ({"redirect_uris": []}, "redirect URI"),
        ({"redirect_uris": None}, "redirect_uris"),
        ({"redirect_uris": "https://client.example/callback"}, "redirect_uris"),
        ({"redirect_uris": [7]}, "redirect_uris"),
        ({"redirect_uris": ["https://client.example/callback", "javascript:alert(1)"]}, "javascript"),
        ({"redirect_uris": ["http://client.example/callback"]}, "plain http"),
        ({"redirect_uris": ["com.example.app:/callback"]}, "https"),
        ({"redirect_uris": [f"https://client.example/{n}" for n in range(51)]}, "More than 50"),
        ({"token_endpoint_auth_method": "client_secret_post"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_methods_supported": 1}, "supported"),
        ({"client_secret": "x"}, "client secret"),
        ({"client_secret_expires_at": 0}, "client secret"),
        ({"grant_types": ["client_credentials"]}, "grant_types"),
        ({"response_types": ["token"]}, "response_types"),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused(members: dict[str, Any], why: str) -> None:
    with pytest.raises(DocumentRefused, match=why):
        read(**members)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff", b"<html>", b"[" * 60_000])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(DocumentRefused, match="JSON"):
        client_of(URL, body)


def test_a_name_is_shown_on_one_line_without_tricks() -> None:
    assert read(client_name="Cl\u202eedua\u0000\r\n<b>\u2066x\u200b").name == "Cledua <b>x"
    assert len(read(client_name="x" * 5000).name) == client_documents.LONGEST_NAME


def test_grants_that_are_not_for_it_are_left_out() -> None:
    jwt_bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert read(grant_types=["authorization_code", "refresh_token", jwt_bearer]).grant_types == [
        "authorization_code",
        "refresh_token",
    ]
    assert read(grant_types=["authorization_code"]).grant_types == ["authorization_code"]


@pytest.mark.parametrize(
    ("cache_control", "lifetime_s"),
    [
        ("", 3600),
        ("public, max-age=600", 600),
        ("max-age=0", 60),
        ("no-store", 60),
        ("no-cache, max-age=600", 60),
        ("max-age=999999999", 86_400),
        ("max-age=x", 3600),
    ],
)
async def test_a_document_is_kept_as_long_as_its_site_says_within_bounds(
    site: Site, documents: ClientDocuments, clock: Clock, cache_control: str, lifetime_s: float
) -> None:
    site.headers["Cache-Control"] = cache_control
    await documents.find_client(site.url)
    clock.now += lifetime_s - 1
    await documents.find_client(site.url)
    assert len(site.requests) == 1
    clock.now += 2
    site.document["client_name"] = "Renamed"
    assert (await documents.find_client(site.url)).name == "Renamed"
    assert len(site.requests) == 2


async def test_an_answer_that_is_no_document_is_not_cached(site: Site, documents: ClientDocuments) -> None:
    site.document["client_id"] = "https://other.example/"
    with pytest.raises(DocumentRefused):
        await documents.find_client(site.url)
    site.document["client_id"] = site.url
    assert (await documents.find_client(site.url)).name == "A client"


async def test_many_who_ask_at_once_are_one_request(site: Site, documents: ClientDocuments) -> None:
    clients = await asyncio.gather(*(documents.find_client(site.url) for _ in range(20)))
    assert {client.name for client in clients} == {"A client"}
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", ["503 Service Unavailable", "403 Forbidden"])
async def test_an_expired_document_is_used_for_a_day_while_its_site_fails(
    site: Site, documents: ClientDocuments, clock: Clock, status: str
) -> None:
    site.headers["Cache-Control"] = "max-age=60"
    await documents.find_client(site.url)
    site.status = status
    clock.now += 61
    assert (await documents.find_client(site.url)).name == "A client"
    await documents.find_client(site.url)
    assert len(site.requests) == 2, "asked again at once"
    clock.now += 86_401
    with pytest.raises(DocumentUnavailable):
        await documents.find_client(site.url)


async def test_a_document_that_was_removed_is_no_longer_used(
    site: Site, documents: ClientDocuments, clock: Clock
) -> None:
    await documents.find_client(site.url)
    site.status = "404 Not Found"
    clock.now += 3601
    for _ in range(2):
        with pytest.raises(DocumentRefused):
            await documents.find_client(site.url)


async def test_a_redirect_taken_out_of_the_document_is_refused_once_it_is_read_again(
    site: Site, documents: ClientDocuments, clock: Clock
) -> None:
    site.document["redirect_uris"].append("https://old.example/callback")
    assert len((await documents.find_client(site.url)).redirect_uris or ()) == 2
    site.document["redirect_uris"].pop()
    clock.now += 3601
    assert len((await documents.find_client(site.url)).redirect_uris or ()) == 1


async def test_a_limited_number_of_documents_is_cached(site: Site, make_http: MakeHttp, clock: Clock) -> None:
    documents = ClientDocuments(make_http(5.0), clock=clock, most_cached=2)
    for name in "abac":
        site.document["client_id"] = f"{site.url}?{name}"
        await documents.find_client(site.document["client_id"])
    assert [request.split()[1][-1:] for request in site.requests] == [b"a", b"b", b"c"]
    await documents.find_client(f"{site.url}?a")
    assert len(site.requests) == 3, "the one used last was dropped"


async def test_one_site_is_asked_a_limited_number_of_times_a_minute(
    site: Site, documents: ClientDocuments, names: Names, clock: Clock
) -> None:
    site.headers["Cache-Control"] = "max-age=60"
    await documents.find_client(site.url)
    clock.now += 61
    for n in range(60):
        with pytest.raises((DocumentRefused, DocumentUnavailable)):
            await documents.find_client(f"{site.url}?{n}")
    assert len(site.requests) == len(names.asked) == 1 + client_documents.FETCHES_PER_SITE
    assert (await documents.find_client(site.url)).name == "A client", "a document we have is read again all the same"
    clock.now += 61
    site.document["client_id"] = f"{site.url}?new"
    assert (await documents.find_client(f"{site.url}?new")).name == "A client"
