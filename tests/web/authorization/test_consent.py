"""What the consent page does with a request."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import SignInRefused
from tests.web.authorization.replica import ALICE, BROWSER, REDIRECT, URL, Replica, query_of


async def approve(server: Replica, handle: SecretStr, browser: str = BROWSER) -> str:
    return await server.provider.approve(
        handle, browser=browser, user=ALICE, account="alice@contoso.example", address="198.51.100.1"
    )


async def test_a_request_belongs_to_the_browser_in_which_it_is_decided_first(server: Replica, second: Replica) -> None:
    handle = await server.asked()
    assert not await second.provider.belongs_to_another(handle, "another browser")
    assert await server.provider.bind(handle, BROWSER)
    assert not await second.provider.bind(handle, "another browser")
    assert await second.provider.belongs_to_another(handle, "another browser")
    assert await second.provider.bind(handle, BROWSER)
    with pytest.raises(SignInRefused):
        await approve(second, handle, "another browser")
    with pytest.raises(SignInRefused):
        await second.provider.refuse(
            handle, browser="another browser", error="access_denied", description="", address="192.0.2.7"
        )
    assert await approve(server, handle)


async def test_of_many_simultaneous_browsers_one_gets_the_request(server: Replica, second: Replica) -> None:
    handle = await server.asked()
    servers = (server, second)
    bound = await asyncio.gather(*(servers[n % 2].provider.bind(handle, f"browser {n}") for n in range(10)))
    assert bound.count(True) == 1


async def test_a_request_that_no_browser_decided_cannot_be_approved(server: Replica) -> None:
    handle = await server.asked()
    for browser in ("", BROWSER):
        with pytest.raises(SignInRefused):
            await approve(server, handle, browser)


async def test_approval_goes_back_with_code_state_and_issuer(server: Replica) -> None:
    handle = await server.asked()
    await server.provider.bind(handle, BROWSER)
    url = await approve(server, handle)
    told = query_of(url)
    assert url.startswith(f"{REDIRECT}?")
    assert (told["state"], told["iss"]) == ("a state", URL)
    assert list(told) == ["code", "state", "iss"]
    assert AuditTag.GRANT_APPROVED in server.events.tags


async def test_a_request_is_approved_once(server: Replica, second: Replica) -> None:
    handle = await server.asked()
    await server.provider.bind(handle, BROWSER)
    servers = (server, second)
    approvals = await asyncio.gather(
        *(approve(servers[n % 2], handle) for n in range(10)),
        return_exceptions=True,
    )
    assert [type(approval) for approval in approvals].count(str) == 1
    assert [type(approval) for approval in approvals].count(SignInRefused) == 9
    assert await server.provider.pending_request(handle) is None


async def test_refusal_goes_back_with_error_state_and_issuer(server: Replica) -> None:
    handle = await server.asked()
    await server.provider.bind(handle, BROWSER)
    url = await server.provider.refuse(
        handle,
        browser=BROWSER,
        error="access_denied",
        description='The user said "no"\nand left.',
        address="192.0.2.7",
    )
    assert query_of(url) == {
        "error": "access_denied",
        "error_description": "The user said  no and left.",
        "state": "a state",
        "iss": URL,
    }
    assert server.denials.tags == [AuditTag.GRANT_REFUSED]
    with pytest.raises(SignInRefused):
        await approve(server, handle)


async def test_a_request_expires_after_ten_minutes(server: Replica) -> None:
    handle = await server.asked()
    server.clock.ahead_s = 601
    assert await server.provider.pending_request(handle) is None
    assert not await server.provider.bind(handle, BROWSER)
