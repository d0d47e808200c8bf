"""What it takes to read messages, and whether others can work while one user reads bombs."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from email.message import EmailMessage
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from threading import Event
from typing import NamedTuple

import httpx

from outlook_mcp.mail.models import EXPAND, SELECT
from tests.benchmarks.converter import bodies
from tests.benchmarks.cores import seconds_of_processes
from tests.benchmarks.figure import Figure
from tests.benchmarks.http_process import HttpProcess
from tests.benchmarks.minted_users import users_of
from tests.benchmarks.over_http import site
from tests.benchmarks.stdio_process import StdioProcess, launched
from tests.text.bombs import bomb
from tests.text.generated import shop_mail

SIZE = 18_000
# In all of a round the hundredths of a second in which systems count CPU make little difference.
MESSAGES = 60
ROUNDS = 8
CALLS_OF_OTHERS = 300
# Some that cost the converter much and the sandbox little.
BOMBS = ("css has", "css has of siblings", "css every sibling", "css not of not", "css attributes", "nested formatting")
GRAPH_DEADLINE_S = 60.0
READER = Path(__file__).with_name("minimal_reader.py")
# What the floor asks Graph for is what the product asks for.
ASKED = {"$select": ",".join(SELECT["full"]), **EXPAND["full"]}
PAUSE_S = 0.02


class Mailbox:
    """The mailbox of one user, spoken to without the product with this access token."""

    def __init__(self, client: httpx.AsyncClient, deliver_url: str, token: str) -> None:
        self._client = client
        self._deliver_url = deliver_url
        self.token = token

    async def add(self, subject: str, html: str, *, answered: str = "") -> str:
        """Has a message delivered to the inbox, as a message that Graph adds there would be a draft; its id.

        Those that answered the same one are of one conversation.
        """
        mail = EmailMessage()
        mail["From"], mail["Subject"] = "Erin <erin@fabrikam.example>", subject
        if answered:
            mail["References"] = answered
        mail.set_content(html, subtype="html")
        sent = {"Content-Type": "message/rfc822"}
        answer = await self._client.post(self._deliver_url, content=mail.as_bytes(), headers=sent)
        return str(answer.raise_for_status().json()["id"])


@asynccontextmanager
async def mailbox_of(settings: Mapping[str, str], address: str) -> AsyncIterator[Mailbox]:
    async with httpx.AsyncClient(trust_env=False, timeout=GRAPH_DEADLINE_S) as client:
        asked = {"user": address, "scopes": ["Mail.ReadWrite"]}
        answer = await client.post(f"{settings['authority']}/_sandbox/token", json=asked)
        yield Mailbox(client, f"{settings['authority']}/_sandbox/deliver?to={address}", answer.json()["access_token"])


def letters(count: int) -> list[str]:
    """So many different messages: of public mail those that are near the size, else some made for the tests."""
    public = [html for html in bodies() if abs(len(html) - SIZE) < SIZE / 6]
    made = public or [_order(number) for number in range(MESSAGES)]
    return [
        html.replace("</body>", f"<p>Number {number}</p></body>")
        for html, number in zip(cycle(made), range(count), strict=False)
    ]


def _order(number: int) -> str:
    """A confirmation of an order with as many parts as fill the size."""
    html = shop_mail(number * 100)
    head, body = html[: html.index("<body>") + 6], ""
    part = number * 100
    while len(head) + len(body) < SIZE:
        part += 1
        written = shop_mail(part)
        body += written[written.index("<body>") + 6 : written.index("</body>")]
    return f"{head}{body}</body></html>"


async def reading(product: StdioProcess, settings: Mapping[str, str], environment: Mapping[str, str]) -> list[Figure]:
    """`mail_read` of messages that were never read before, against a trivial tool that fetches them.

    First the time of a core that server, its processes and the sandbox use, then the elapsed time, which a busy machine
    makes longer for the many processes of the product.
    """
    command = (sys.executable, str(READER), settings["graph_url"], json.dumps(ASKED))
    async with mailbox_of(settings, settings["login_hint"]) as mailbox:
        messages = [await mailbox.add("Order", html) for html in letters(MESSAGES * ROUNDS)]
        async with launched(command, {**environment, "GRAPH_TOKEN": mailbox.token}) as floor:
            rounds = []
            for start in range(0, len(messages), MESSAGES):
                part = messages[start : start + MESSAGES]
                fetched = await _costs(floor, "read", [{"message": message} for message in part])
                rounds.append((fetched, await _costs(product, "mail_read", [{"ids": [message]} for message in part])))
    # The first round loads what all need.
    rounds = rounds[1:]
    name = f"of mail_read of {SIZE // 1000} KB of HTML, a tool that fetches"
    return [
        _compared(f"CPU {name}", [(fetched.cpu_ms, read.cpu_ms) for fetched, read in rounds]),
        _compared(f"time {name}", [(fetched.elapsed_ms, read.elapsed_ms) for fetched, read in rounds]),
    ]


def _compared(name: str, pairs: Sequence[tuple[float, float]]) -> Figure:
    """Pairs of milliseconds, of the floor and of the product in the same round."""
    floor, product = (median(pair[side] for pair in pairs) for side in (0, 1))
    ratio = median(product / floor for floor, product in pairs)
    return Figure(name, f"{floor:.1f} ms", f"{product:.1f} ms", ratio, 1.8, "x")


class _Costs(NamedTuple):
    cpu_ms: float
    elapsed_ms: float


async def _costs(server: StdioProcess, tool: str, calls: Sequence[Mapping[str, object]]) -> _Costs:
    """Of the calls, one after the other: the mean of the CPU and the median of the elapsed time."""
    taken, used = [], seconds_of_processes()
    for arguments in calls:
        began = time.perf_counter()
        answer = await server.ask("tools/call", name=tool, arguments=arguments)
        taken.append(time.perf_counter() - began)
        assert not answer.get("isError"), answer
    return _Costs((seconds_of_processes() - used) / len(calls) * 1000, median(taken) * 1000)


async def others_during_bombs(folder: Path, settings: Mapping[str, str]) -> list[Figure]:
    """The slowest hundredth of another user's calls while bombs are read, against those when nobody else calls.

    The other user asks for the list of tools, as the sandbox is busy with the bombs as well.
    """
    reader, *_ = await users_of(settings["authority"])
    async with mailbox_of(settings, reader["upn"]) as mailbox:
        messages = [await mailbox.add(name, bomb(name)) for name in BOMBS]
    async with site(folder, settings, users=1) as product:
        (server,) = product.servers
        of_reader, of_other = product.tokens
        await asyncio.to_thread(_slowest, server, of_other)
        quiet = await asyncio.to_thread(_slowest, server, of_other)
        stopping = Event()
        reading_bombs = asyncio.create_task(asyncio.to_thread(_read, server, of_reader, messages, stopping))
        disturbed = await asyncio.to_thread(_slowest, server, of_other)
        stopping.set()
        await reading_bombs
    name = "another user's slowest hundredth of calls during bombs"
    return [Figure(name, f"{quiet:.0f} ms", f"{disturbed:.0f} ms", disturbed / quiet, 2.0, "x")]


def _slowest(server: HttpProcess, token: str) -> float:
    """Milliseconds below which 99 of 100 calls stay."""
    taken = []
    with closing(server.connect()) as connection:
        for _ in range(CALLS_OF_OTHERS):
            began = time.perf_counter()
            server.ask(connection, token, "tools/list")
            taken.append((time.perf_counter() - began) * 1000)
            time.sleep(PAUSE_S)
    return quantiles(taken, n=100)[98]


def _read(server: HttpProcess, token: str, messages: Sequence[str], stopping: Event) -> None:
    with closing(server.connect()) as connection:
        while not stopping.is_set():
            for message in messages:
                server.call(connection, token, "mail_read", ids=[message])
                if stopping.is_set():
                    return
