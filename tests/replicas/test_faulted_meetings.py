"""Invitations, changes, answers and cancellations while Graph fails and servers are killed: nobody hears twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from outlook_mcp.sandbox import Sandbox, SandboxOptions, run_sandbox
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.sandbox.store import Mailbox
from tests.effort import usually
from tests.faults.meetings import EVENTS, invited, stored_event
from tests.replicas.bearer import Bearer, bearer
from tests.replicas.deployment import Deployment, Replica, deployed
from tests.replicas.killing import asking, killed_at_random, restarted
from tests.sending import prepared_in
from tests.valkey import Valkey
from tests.waiting import pause
from tests.web.issuers_e2e.entra import told

ROUNDS = usually(1, thoroughly=84)
# An access token does not last for all of them, and few clients may register.
ROUNDS_OF_A_TOKEN = 10
# With each round one or both servers are killed.
SENDS = usually(12, thoroughly=24)
SCOPES = "calendar.read calendar.write calendar.send"
SETTINGS = {
    "toolsets": "mail-read,calendar-read,calendar-write,calendar-send",
    "sends_per_hour": "100000",
    "recipients_per_hour": "100000",
}
DELAY_S = 0.1
KINDS = ("invite", "invite", "invite", "change", "accept", "cancel")
FAULTS: tuple[dict[str, Any], ...] = (
    *({"status": status, "carried_out": carried_out} for status in (500, 503, 504) for carried_out in (True, False)),
    *({"cut": cut} for cut in ("before", "after", "body")),
    {"status": 429, "headers": {"Retry-After": "0"}},
)
# Answers to a send that was made before (a meeting that was called off is gone), and to one that may be made again.
DONE = ("Mail goes to", "was sent already", "already. Nothing was sent", "The same was sent", "There is no event")
AGAIN = "Call event_send with it again to send it."
# It was refused, or its server was killed after it had taken it and before it sent it.
UNSENT = ("is used up", "is not known")


@dataclass
class Send:
    """One call of event_send that mails Bob a message with this subject; `told` are its answers."""

    subject: str
    arguments: dict[str, str]
    told: list[str] = field(default_factory=list)

    async def through(self, *servers: Bearer) -> None:
        """The same call at all these servers at once. One that is killed gives no answer."""
        answers = await asyncio.gather(
            *(server.call("event_send", **self.arguments) for server in servers), return_exceptions=True
        )
        for answer in answers:
            if isinstance(answer, httpx.Response):
                if answer.status_code == 200:
                    self.told.append(told(answer))
            else:
                assert isinstance(answer, httpx.TransportError), answer


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with run_sandbox(SandboxOptions(seed=False, colleagues=2, concurrency=0)) as sandbox:
        yield sandbox


async def made_ready(client: Bearer, alice: Mailbox, bob: str, kind: str, subject: str) -> Send:
    """A meeting of Alice and Bob, and what is to be told of it."""
    if kind == "invite":
        times = {"start": "2030-01-07T10:00", "end": "11:00"}
        shown = told(await client.call("event_save", subject=subject, attendees=[bob], **times))
        return Send(subject, {"id": prepared_in(shown)[0], "action": "send"})
    people: dict[str, Any] = {"attendees": [invited(bob)], "subject": subject}
    if kind == "accept":
        people |= {"organizer": invited(bob), "isOrganizer": False, "responseStatus": {"response": "notResponded"}}
    handle = str(stored_event(alice, **people).row["counter"])
    if kind == "change":
        shown = told(await client.call("event_save", id=handle, subject=f"{subject} anew"))
        return Send(f"{subject} anew", {"id": prepared_in(shown)[0], "action": "send"})
    mark = {"accept": "Accepted", "cancel": "Canceled"}[kind]
    return Send(f"{mark}: {subject}", {"id": handle, "action": kind})


def faults(chance: random.Random) -> list[Fault]:
    """Some fail, each in another way; all others take a while, so that servers are killed before and after the work."""
    failing = [
        Fault(route=route, method=method, times=1, delay_s=chance.uniform(0, DELAY_S), **chance.choice(FAULTS))
        for route, method, number in (
            (EVENTS, "POST", SENDS // 3),
            (f"{EVENTS}/*", "PATCH", SENDS // 8),
            (f"{EVENTS}/*", "POST", SENDS // 5),
        )
        for _ in range(number)
    ]
    return [*failing, Fault(route=f"{EVENTS}*", delay_s=DELAY_S, answer_delay_s=DELAY_S)]


async def end_of(send: Send, server: Bearer) -> str:
    """`sent` or `unsent`, else the last answer, which says that it is too early to tell."""
    for _ in range(3):
        await send.through(server)
        answer = send.told[-1]
        if any(words in answer for words in DONE):
            return "sent"
        if any(words in answer for words in UNSENT):
            return "unsent"
        if AGAIN not in answer:
            return answer
    return send.told[-1]


@dataclass(frozen=True)
class Office:
    """Two servers, a client of Alice, and the mailboxes of her and Bob."""

    deployment: Deployment
    client: Bearer
    alice: Mailbox
    bob: Mailbox

    async def round(self, number: int, chance: random.Random) -> Counter[str]:
        """How the sends of one round ended, in which one or both servers are killed. Raises AssertionError."""
        bob, sandbox = self.bob.account.upn, self.deployment.sandbox
        sends = [
            await made_ready(self.client, self.alice, bob, KINDS[place % len(KINDS)], f"Meeting {number}.{place}")
            for place in range(SENDS)
        ]
        async with AsyncExitStack() as stack:
            servers = [
                await stack.enter_async_context(asking(self.deployment, replica.url, self.client.token))
                for replica in self.deployment.replicas
            ]
            sandbox.faults.replace_rules(faults(chance))
            killed = await self._kill_within(sends, servers, chance)
            await pause(2 * DELAY_S)
            sandbox.faults.replace_rules([])
            await restarted(killed)
            for send in sends:
                await send.through(*servers)
            states = [await end_of(send, servers[0]) for send in sends]
        await sandbox.store.outbox.settled()
        for send, state in zip(sends, states, strict=True):
            got = self.bob.messages.total("m.subject = ?", (send.subject,))
            assert got <= 1, (send, state)
            claimed = any("Mail goes to" in text for text in send.told)
            assert got == 1 or not (claimed or state == "sent"), (send, state)
            assert got == 0 or state != "unsent", (send, state)
        return Counter(states)

    async def _kill_within(self, sends: list[Send], servers: list[Bearer], chance: random.Random) -> list[Replica]:
        """Sends all of them at once, most through both servers, and kills one or both in the midst of it."""
        killed = chance.sample(self.deployment.replicas, chance.choice((1, 1, 2)))
        async with asyncio.TaskGroup() as calls:
            for send in sends:
                through = servers if chance.random() < 0.6 else [chance.choice(servers)]
                calls.create_task(send.through(*through))
            await killed_at_random(killed, chance, 1.0)
        return killed


async def test_nobody_hears_twice_of_a_meeting_when_graph_fails_and_servers_are_killed(
    sandbox: Sandbox, a_valkey: Valkey, tmp_path: Path
) -> None:
    alice, bob = sandbox.users[-2:]
    mailboxes = [sandbox.store.mailbox(user.oid) for user in (alice, bob)]
    chance, ends = random.Random(5), Counter[str]()
    async with deployed(tmp_path, sandbox, a_valkey, replicas=2, settings=SETTINGS) as deployment:
        for begun in range(0, ROUNDS, ROUNDS_OF_A_TOKEN):
            async with bearer(deployment, alice.upn, SCOPES) as client:
                office = Office(deployment, client, *mailboxes)
                for number in range(begun, min(begun + ROUNDS_OF_A_TOKEN, ROUNDS)):
                    ends.update(await office.round(number, chance))
    print(ends)
