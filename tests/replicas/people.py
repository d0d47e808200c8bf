"""Users whose mail names its owner, and clients that call in their name."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from urllib.parse import urlencode

import httpx
import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata
from pydantic import AnyUrl

from outlook_mcp.cli.http_client import MemoryTokenStorage
from outlook_mcp.cli.unattended_browser import UnattendedBrowser
from outlook_mcp.sandbox import Sandbox, User
from tests.answers import text_of
from tests.canaries import FIELDS, marked_messages
from tests.replicas.deployment import Deployment
from tests.waiting import pause

MESSAGES = 4
KINDS = 5
CALL_DEADLINE_S = 60.0
REDIRECT_URI = "http://127.0.0.1:6276/oauth/callback"
METADATA = OAuthClientMetadata(
    client_name="Company chat", redirect_uris=[AnyUrl(REDIRECT_URI)], token_endpoint_auth_method="none"
)
_CANARY = re.compile(r"zq(\d{4})canary")
_ADDRESS = re.compile(r"user(\d+)@contoso\.example")
_LISTED = re.compile(r"^(\S+) \d\d:\d\d", re.MULTILINE)


def number_of(user: User) -> int:
    found = _ADDRESS.fullmatch(user.upn)
    assert found
    return int(found[1])


def fill(sandbox: Sandbox, user: User) -> None:
    newest = datetime.now(UTC) - timedelta(hours=1)
    for message, folder in marked_messages(user, f"zq{number_of(user):04d}canary", count=MESSAGES, newest=newest):
        sandbox.store.mailbox(user.oid).insert_message(message, folder)


def shown(text: str) -> set[int]:
    """The numbers of the users whose mail or address stands in a text."""
    return {int(number) for pattern in (_CANARY, _ADDRESS) for number in pattern.findall(text)}


@dataclass
class Failure:
    """A call without an answer."""

    began: float
    ended: float
    error: Exception


@dataclass
class Person:
    """A signed-in user and the results of their calls; `sign_ins` counts how often a browser was opened."""

    number: int
    mode: str
    client: Client = field(repr=False)
    sign_ins: int = 0
    calls: int = 0
    ids: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    others_seen: set[int] = field(default_factory=set)
    refusals: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    async def look(self) -> None:
        """Lists the mail, so that its ids are known."""
        listed = await self._call("mail_search", folder="all")
        self.ids = _LISTED.findall(listed)
        assert len(self.ids) == MESSAGES, (listed, self.failures)

    async def call_until(self, enough: asyncio.Event, pause_s: float) -> None:
        """Every reading tool in turn, for each message in turn."""
        for turn in count():
            await self._one_of_many(turn)
            if enough.is_set() and turn >= 2 * KINDS:
                return
            await pause(pause_s)

    async def _one_of_many(self, turn: int) -> None:
        message_id = self.ids[turn // KINDS % len(self.ids)]
        match turn % KINDS:
            case 0:
                await self._call("mail_read", ids=[message_id], view="full")
            case 1:
                await self._call("mail_search", folder="all", text="Harvest")
            case 2:
                await self._call("mail_attachment", id=message_id, n=1)
            case 3:
                await self._call("mail_folders", under="Projects")
            case _:
                await self._call("mail_read", ids=self.ids)

    async def _call(self, tool: str, **arguments: object) -> str:
        """The text of the answer, empty where there is none."""
        began = time.monotonic()
        self.calls += 1
        try:
            answer = await self.client.call_tool(tool, arguments)
        except Exception as error:
            self.failures.append(Failure(began, time.monotonic(), error))
            return ""
        text = text_of(answer)
        self.others_seen |= shown(text) - {self.number}
        self.seen |= {name for name in FIELDS if f"zq{self.number:04d}canary{name}" in text}
        if answer.is_error:
            self.refusals.append(text)
        return text


async def registered(deployment: Deployment) -> OAuthClientInformationFull:
    """One client for everybody, as a hosted one is."""
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(
            f"{deployment.proxy.url}/register", content=METADATA.model_dump_json(exclude_none=True)
        )
    assert answer.status_code == 201, answer.text
    return OAuthClientInformationFull.model_validate_json(answer.content)


@asynccontextmanager
async def person(
    deployment: Deployment, user: User, app: OAuthClientInformationFull, mode: str
) -> AsyncIterator[Person]:
    """The SDK's own client, signed in through consent page, Entra and callback, wherever the proxy sends each step."""
    returned: dict[str, str] = {}
    opened = count(1)
    signed_in: Person | None = None
    async with UnattendedBrowser() as browser:

        async def open_browser(url: str) -> None:
            times = next(opened)
            if signed_in is not None:
                signed_in.sign_ins = times
            returned.update(await browser.follow_until(f"{url}&{urlencode({'login_hint': user.upn})}", REDIRECT_URI))

        async def came_back() -> AuthorizationCodeResult:
            return AuthorizationCodeResult(code=returned["code"], state=returned["state"], iss=returned["iss"])

        storage = MemoryTokenStorage()
        await storage.set_client_info(app)
        auth = OAuthClientProvider(deployment.mcp_url, METADATA, storage, open_browser, came_back)
        async with (
            httpx2.AsyncClient(auth=auth, timeout=CALL_DEADLINE_S, trust_env=False, verify=False) as http,
            Client(streamable_http_client(deployment.mcp_url, http_client=http), mode=mode) as client,
        ):
            signed_in = Person(number_of(user), mode, client, sign_ins=1)
            yield signed_in
