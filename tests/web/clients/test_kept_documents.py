"""Documents of clients that a user allowed outlive the process; those that anybody named do not."""

from __future__ import annotations

from contextlib import suppress

import anyio
import pytest

from outlook_mcp.errors import SignInUnavailable
from outlook_mcp.identity.user import SERVER
from outlook_mcp.net.public_http import PublicHttp
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.authorization.client_document_http import MOST_PARALLEL, ClientDocumentHttp, DocumentRefused
from outlook_mcp.web.authorization.client_documents import ClientDocuments
from outlook_mcp.web.authorization.clients import UNKNOWN_DOCUMENTS, OAuthClients
from outlook_mcp.web.authorization.kept_documents import KIND, KeptDocuments
from outlook_mcp.web.http.request_origin import RequestOrigin, request_origin
from tests.waiting import patience, pause
from tests.web.clients.conftest import Clock, MakeHttp
from tests.web.clients.site import Site


@pytest.fixture
def unix_clock() -> Clock:
    clock = Clock()
    clock.now = 4e9  # far ahead, so that the store itself drops nothing
    return clock


def started(make_http: MakeHttp, vault: CredentialVault, clock: Clock, unix_clock: Clock) -> ClientDocuments:
    """As in a process that starts."""
    return ClientDocuments(make_http(5.0), clock=clock, kept=KeptDocuments(vault, unix_clock))


async def test_a_flood_of_unknown_documents_stores_none(
    make_http: MakeHttp, vault: CredentialVault, site: Site, clock: Clock, unix_clock: Clock
) -> None:
    documents = started(make_http, vault, clock, unix_clock)
    await documents.find_client(site.url)
    assert await vault.record_ids_of(SERVER, KIND) == ()
    await documents.note_grant(site.url)
    assert len(await vault.record_ids_of(SERVER, KIND)) == 1


async def test_a_client_that_was_allowed_is_known_after_a_restart_while_its_site_is_away(
    make_http: MakeHttp, vault: CredentialVault, site: Site, clock: Clock, unix_clock: Clock
) -> None:
    documents = started(make_http, vault, clock, unix_clock)
    client = await documents.find_client(site.url)
    await documents.note_grant(site.url)
    site.status = "503 Service Unavailable"
    unix_clock.now += 3601
    clock.now = 5.0
    restarted = started(make_http, vault, clock, unix_clock)
    assert await restarted.find_client(site.url) == client
    unix_clock.now += 86_400
    assert not await started(make_http, vault, clock, unix_clock).is_known(site.url)


async def test_slow_documents_of_strangers_hold_up_no_client_that_a_user_has_allowed(
    make_http: MakeHttp, vault: CredentialVault, site: Site, clock: Clock, unix_clock: Clock
) -> None:
    """From sixteen domains that answer nothing, again and again, they took every place there was."""
    waiting, end = 0, anyio.Event()

    async def never(_: str) -> list[str]:
        nonlocal waiting
        waiting += 1
        await end.wait()
        return []

    slow = ClientDocumentHttp(PublicHttp(resolve=never), deadline_s=60.0)
    first = started(make_http, vault, clock, unix_clock)
    client = await first.find_client(site.url)
    await first.note_grant(site.url)
    unix_clock.now += 3601
    kept = KeptDocuments(vault, unix_clock)
    documents = ClientDocuments(slow, clock=clock, kept=kept, allowed_http=make_http(5.0))

    async def named(number: int) -> None:
        with suppress(DocumentRefused):
            await documents.find_client(f"https://slow{number}.example/c")

    async with anyio.create_task_group() as strangers:
        for number in range(MOST_PARALLEL + 1):
            strangers.start_soon(named, number)
        async with patience():
            while waiting < MOST_PARALLEL:
                await pause()
        assert await documents.find_client(site.url) == client
        assert len(site.requests) == 2
        end.set()


async def test_what_one_server_has_read_another_does_not_fetch(
    make_http: MakeHttp, vault: CredentialVault, site: Site, clock: Clock, unix_clock: Clock
) -> None:
    first, second = (started(make_http, vault, clock, unix_clock) for _ in range(2))
    await first.find_client(site.url)
    await first.note_grant(site.url)
    await second.find_client(site.url)
    assert len(site.requests) == 1
    clock.now += 3601
    unix_clock.now += 3601
    site.document["client_name"] = "Renamed"
    assert [(await documents.find_client(site.url)).name for documents in (first, second)] == ["Renamed"] * 2
    assert len(site.requests) == 2


async def test_a_document_that_its_site_removed_is_kept_no_longer(
    make_http: MakeHttp, vault: CredentialVault, site: Site, clock: Clock, unix_clock: Clock
) -> None:
    documents = started(make_http, vault, clock, unix_clock)
    await documents.find_client(site.url)
    await documents.note_grant(site.url)
    site.status = "404 Not Found"
    clock.now += 3601
    unix_clock.now += 3601
    with pytest.raises(DocumentRefused):
        await documents.find_client(site.url)
    assert await vault.record_ids_of(SERVER, KIND) == ()


async def test_a_network_that_named_too_many_documents_keeps_the_clients_that_users_allowed(
    make_http: MakeHttp, vault: CredentialVault, site: Site, clock: Clock, unix_clock: Clock
) -> None:
    allowing = OAuthClients(vault, documents=started(make_http, vault, clock, unix_clock))
    await allowing.find_client(site.url)
    await allowing.note_grant(site.url)
    restarted = OAuthClients(vault, documents=started(make_http, vault, clock, unix_clock))
    with request_origin(RequestOrigin("192.0.2.7")):
        for number in range(UNKNOWN_DOCUMENTS + 1):
            with pytest.raises(SignInUnavailable):
                await restarted.find_client(f"https://unknown-{number}.example:1/none")
        assert await restarted.find_client(site.url) is not None
