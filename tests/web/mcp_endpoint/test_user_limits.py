"""A client in a loop gets 429 before anything runs, and holds up nobody else."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from typing import cast

import anyio
import anyio.lowlevel
import pytest
from starlette.types import Message, Receive, Scope, Send

from outlook_mcp.audit.denials import Denials
from outlook_mcp.errors import StoreUnavailable
from outlook_mcp.identity.session import Session, SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import utc_now
from outlook_mcp.telemetry.events import observed_by
from outlook_mcp.telemetry.prometheus import PrometheusMetrics
from outlook_mcp.web.caller import CallerToken
from outlook_mcp.web.http.drain import Drain
from outlook_mcp.web.mcp_endpoint.bearer_endpoint import BearerEndpoint
from outlook_mcp.web.mcp_endpoint.user_limits import MOST_STREAMS, TooManyRequests, UserLimits
from outlook_mcp.web.settings import WebSettings

ALICE, BOB = "contoso:alice", "contoso:bob"


class Clock:
    def __init__(self) -> None:
        self.now = 960.0

    def __call__(self) -> float:
        return self.now


async def begin(limits: UserLimits, user: str = ALICE, *, is_stream: bool = False) -> None:
    async with limits.counted(user, is_stream=is_stream):
        pass


async def test_a_client_in_a_loop_is_stopped_for_the_rest_of_the_minute_and_stops_nobody_else() -> None:
    clock = Clock()
    limits = UserLimits(per_minute=3, at_once=9, clock=clock)
    for _ in range(3):
        await begin(limits)
    clock.now += 20.5
    for _ in range(2):
        with pytest.raises(TooManyRequests) as refused:
            await begin(limits)
        assert refused.value.retry_after_s == 40
    await begin(limits, BOB)
    clock.now += 39.5
    await begin(limits)


async def test_calls_that_never_end_leave_a_user_no_more_than_their_share() -> None:
    limits = UserLimits(per_minute=1000, at_once=2)
    async with AsyncExitStack() as calls:
        for _ in range(2):
            await calls.enter_async_context(limits.counted(ALICE, is_stream=False))
        with pytest.raises(TooManyRequests) as refused:
            await begin(limits)
        assert refused.value.retry_after_s == 1
        await begin(limits, BOB)
        await begin(limits, is_stream=True)
    await begin(limits)


async def test_a_call_that_fails_gives_its_place_back() -> None:
    limits = UserLimits(per_minute=1000, at_once=1)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            async with limits.counted(ALICE, is_stream=False):
                raise ValueError("broken")


class CountsForAll:
    """The counter of a store, or of one that is away."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.is_away = is_away
        self.counts = Counter[str]()
        self.writes = 0

    async def increment_counter(self, name: str, *, window_s: float, by: int = 1) -> int:
        await anyio.lowlevel.checkpoint()
        self.writes += 1
        if self.is_away:
            raise StoreUnavailable("The store is away.")
        self.counts[name] += by
        return self.counts[name]


async def test_of_a_user_without_calls_nothing_is_kept_but_the_count_of_the_minute() -> None:
    limits = UserLimits(per_minute=1000, at_once=2)
    for number in range(3):
        await begin(limits, f"contoso:{number}")
    async with limits.counted(ALICE, is_stream=False):
        assert list(limits._in_progress) == [(ALICE, False)]
    assert list(limits._in_progress) == []


async def test_a_client_that_floods_several_servers_gets_no_more_than_from_one() -> None:
    store, answered = CountsForAll(), []
    servers = [UserLimits(per_minute=600, at_once=2000, shared=store, clock=Clock()) for _ in range(3)]

    async def send(number: int) -> None:
        try:
            await begin(servers[number % 2])
            answered.append(number)
        except TooManyRequests:
            return

    async with anyio.create_task_group() as tasks:
        for number in range(1500):
            tasks.start_soon(send, number)
    assert len(answered) == 600
    assert store.writes <= 62
    with pytest.raises(TooManyRequests):
        await begin(servers[2])
    await begin(servers[2], BOB)


async def test_a_server_that_cannot_count_with_the_others_counts_alone() -> None:
    store = CountsForAll(is_away=True)
    limits = UserLimits(per_minute=60, at_once=9, shared=store, clock=Clock())
    for _ in range(60):
        await begin(limits)
    with pytest.raises(TooManyRequests):
        await begin(limits)
    assert store.writes == 1


async def test_listening_streams_are_counted_apart_and_limited_too() -> None:
    limits = UserLimits(per_minute=1000, at_once=1)
    async with AsyncExitStack() as streams:
        for _ in range(MOST_STREAMS):
            await streams.enter_async_context(limits.counted(ALICE, is_stream=True))
        await begin(limits)
        with pytest.raises(TooManyRequests):
            await begin(limits, is_stream=True)


class AnyToken:
    """Verifies every token as one of Alice's, which allows nothing."""

    async def verify(self, token: str) -> CallerToken:
        now = utc_now()
        alice = UserKey("contoso", "alice")
        session = Session(id="s", user=alice, transport="http", created=now, last_seen=now, scopes=())
        return CallerToken(token="digest", client_id="client", scopes=[], subject=ALICE, session=session)


class NoSessions:
    async def note_use(self, session: Session, *, address: str, era: str) -> None:
        return None


class CountedDenials:
    def __init__(self) -> None:
        self.count = 0

    async def record_denial(self, *denied: object, **more: object) -> None:
        self.count += 1


class Mcp:
    """Keeps every request in progress until it is told to answer."""

    def __init__(self) -> None:
        self.begun = 0
        self.may_end = anyio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begun += 1
        await self.may_end.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})


@pytest.mark.parametrize(
    ("version", "begun"), [(b"2026-07-28", 3), (b"2025-11-25", 2)], ids=["and-listening", "and-pretended-listening"]
)
async def test_a_flood_of_calls_gets_429_with_retry_after_before_anything_runs(version: bytes, begun: int) -> None:
    mcp = Mcp()
    endpoint = BearerEndpoint(
        mcp,
        AnyToken(),
        cast(SessionService, NoSessions()),
        WebSettings(public_url="https://mail.example"),
        lambda _method, _name: None,
        Drain(),
        cast(Denials, None),
        UserLimits(per_minute=1000, at_once=2, clock=Clock()),
    )
    answers: list[Message] = []

    async def no_body() -> Message:
        raise AssertionError("the body of a refused request was read")

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answers.append(message)

    async def post(*headers: tuple[bytes, bytes]) -> None:
        given = [(b"authorization", b"Bearer token"), *headers]
        await endpoint({"type": "http", "method": "POST", "path": "/mcp", "headers": given}, no_body, send)

    async with anyio.create_task_group() as tasks:
        for _ in range(2):
            tasks.start_soon(post)
        await anyio.wait_all_tasks_blocked()
        await post()
        assert (mcp.begun, answers[0]["status"]) == (2, 429)
        assert (b"retry-after", b"1") in answers[0]["headers"]
        # A stream is counted apart if it is one: older versions do not compare this header with the body.
        tasks.start_soon(post, (b"mcp-method", b"subscriptions/listen"), (b"mcp-protocol-version", version))
        await anyio.wait_all_tasks_blocked()
        assert mcp.begun == begun
        mcp.may_end.set()


async def test_a_client_that_repeats_a_call_without_its_scope_is_stopped_as_well() -> None:
    denials = CountedDenials()
    endpoint = BearerEndpoint(
        Mcp(),
        AnyToken(),
        cast(SessionService, NoSessions()),
        WebSettings(public_url="https://mail.example"),
        lambda _method, _name: "mail.send",
        Drain(),
        cast(Denials, denials),
        UserLimits(per_minute=3, at_once=9, clock=Clock()),
    )
    statuses: list[int] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def no_body() -> Message:
        raise AssertionError("the body of a refused request was read")

    metrics = PrometheusMetrics()
    with observed_by(metrics):
        for _ in range(5):
            headers = [(b"authorization", b"Bearer token")]
            await endpoint({"type": "http", "method": "POST", "path": "/mcp", "headers": headers}, no_body, send)
    assert statuses == [403, 403, 403, 429, 429]
    assert denials.count == 3
    assert 'outlook_requests_refused_total{error_type="limit:mcp:exceeded"} 2' in metrics.page().splitlines()
