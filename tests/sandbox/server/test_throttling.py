"""How many requests one app may send to one mailbox, at once and in ten minutes."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from outlook_mcp.sandbox import SandboxOptions, run_sandbox
from outlook_mcp.sandbox.clock import Clock
from outlook_mcp.sandbox.throttling import Throttle

ALICE, BOB = "alice@contoso.example", "bob@contoso.example"
KEY = ("app", "mailbox")


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(control=True, seed=False)


async def token_of(http: httpx.AsyncClient, user: str) -> dict[str, str]:
    order = {"user": user, "scopes": ["Mail.Read"]}
    token = (await http.post("/_sandbox/token", json=order)).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


async def at_once(http: httpx.AsyncClient, number: int, *users: str) -> list[httpx.Response]:
    """The answers to requests that all take a while, those that succeeded first."""
    await http.put("/_sandbox/faults", json=[{"route": "/v1.0/me/messages", "delay_s": 0.5}])
    headers = [await token_of(http, user) for user in users for _ in range(number)]
    answers = await asyncio.gather(*(http.get("/v1.0/me/messages", headers=header) for header in headers))
    return sorted(answers, key=lambda answer: answer.status_code)


def statuses(answers: list[httpx.Response]) -> list[int]:
    return [answer.status_code for answer in answers]


async def test_the_fifth_request_at_once_is_told_to_come_back(http: httpx.AsyncClient) -> None:
    *answered, refused = await at_once(http, 5, ALICE)
    assert statuses(answered) == [200] * 4
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    error = refused.json()["error"]
    assert error["code"] == "ApplicationThrottled"
    assert error["message"] == "Application is over its MailboxConcurrency limit."
    assert statuses(await at_once(http, 4, ALICE)) == [200] * 4


async def test_each_mailbox_has_slots_of_its_own(http: httpx.AsyncClient) -> None:
    assert statuses(await at_once(http, 4, ALICE, BOB)) == [200] * 8


@pytest.mark.parametrize("name", ["$batch", "$Batch"])
async def test_a_batch_takes_the_places_of_its_parts(http: httpx.AsyncClient, name: str) -> None:
    await http.put("/_sandbox/faults", json=[{"route": "/v1.0/me/messages", "delay_s": 0.05}])
    headers = await token_of(http, ALICE)
    parts = [{"id": str(number), "method": "GET", "url": "/me/messages"} for number in range(5)]
    batch = http.post(f"/v1.0/{name}", json={"requests": parts}, headers=headers)
    assert {part["status"] for part in (await batch).json()["responses"]} == {200}
    two = (http.post(f"/v1.0/{name}", json={"requests": parts}, headers=headers) for _ in range(2))
    answers = [part for batch in await asyncio.gather(*two) for part in batch.json()["responses"]]
    throttled = [part for part in answers if part["status"] == 429]
    assert throttled
    assert all(part["headers"]["Retry-After"] == "1" for part in throttled)


@pytest.mark.parametrize(("concurrency", "answered"), [(0, 9), (2, 2)])
async def test_the_limit_is_an_option(concurrency: int, answered: int) -> None:
    options = SandboxOptions(control=True, seed=False, concurrency=concurrency)
    async with run_sandbox(options) as running, httpx.AsyncClient(base_url=running.http_url, trust_env=False) as http:
        assert statuses(await at_once(http, 9, ALICE)) == [200] * answered + [429] * (9 - answered)


def test_what_was_asked_in_the_last_ten_minutes_counts() -> None:
    clock = Clock()
    throttle = Throttle(clock, 4, within_window=2)
    for _ in range(2):
        assert throttle.wait_s(KEY) == 0
        with throttle.running(KEY):
            pass
    assert 599 <= throttle.wait_s(KEY) <= 600
    assert throttle.wait_s(("app", "another")) == 0
    clock.advance(600)
    assert throttle.wait_s(KEY) == 0
