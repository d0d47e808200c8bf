"""Nobody is signed in when a tool is called: the person is asked, in whichever way the client can ask."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import anyio
import anyio.to_thread
import httpx
import pytest
import toktok
from mcp import Client, MCPError
from mcp.client.context import ClientRequestContext
from mcp.types import ElicitRequestParams, ElicitRequestURLParams, ElicitResult

from outlook_mcp.app import open_app
from outlook_mcp.app.stdio import build_server
from outlook_mcp.cli.demo import follow_redirects
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.sandbox import User
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.server.settings import CallSettings
from tests.e2e.office import MODES, Office, call, refusal, resource
from tests.sign_ins import sign_in

# A test that goes wrong should not wait for a person.
SHORT_WAITS = CallSettings(sign_in_round_s=1.0, sign_in_legacy_s=5.0)
# No other process refreshes here.
ALONE = OAuthTiming(recheck_after_s=(0.0,))
LINK = re.compile(r"open (http://\S+) and sign in")
FOLDERS = "outlook://me/folders"


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@dataclass
class Person:
    """Answers the question of the client; opens the link when willing, as `user` if given.

    A client accepts when the browser was opened; `patient` ones accept only after the sign-in.
    """

    willing: bool = True
    patient: bool = False
    user: User | None = None
    asked: list[str] = field(default_factory=list)
    browsers: list[asyncio.Task[None]] = field(default_factory=list)

    async def answer(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        assert isinstance(params, ElicitRequestURLParams)
        self.asked.append(params.url)
        if not self.willing:
            return ElicitResult(action="decline")
        browser = asyncio.create_task(open_link(params.url, self.user))
        self.browsers.append(browser)
        if self.patient:
            await browser
        return ElicitResult(action="accept")


async def open_link(url: str, user: User | None = None) -> None:
    """As a browser that is signed in; as `user` if given, whoever was suggested."""
    if user is not None:
        parts = urlsplit(url)
        fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
        url = parts._replace(query=urlencode({**fields, "login_hint": user.upn})).geturl()
    await anyio.to_thread.run_sync(follow_redirects, url)


def client_of(office: Office, mode: str, person: Person | None) -> Client:
    server = build_server(office.configuration(office.alice), SHORT_WAITS, timing=ALONE)
    return Client(
        server, mode=mode, elicitation_callback=person.answer if person else None, input_required_max_rounds=3
    )


@pytest.fixture(autouse=True)
def letter(office: Office) -> str:
    return office.sandbox.deliver(office.alice, b"From: bob@contoso.example\r\nSubject: For Alice\r\n\r\nHello.\r\n")


async def test_the_person_is_asked_once_and_the_call_goes_on_to_its_answer(office: Office, mode: str) -> None:
    person = Person()
    async with client_of(office, mode, person) as client:
        assert "For Alice" in await call(client, "mail_search")
        assert "For Alice" in await call(client, "mail_search")
    assert len(set(person.asked)) == 1
    async with client_of(office, mode, None) as later:
        assert "For Alice" in await call(later, "mail_search")


async def test_a_person_who_declines_gets_a_clear_error(office: Office, mode: str) -> None:
    async with client_of(office, mode, Person(willing=False)) as client:
        answer = await refusal(client, "mail_search")
        assert "declined to sign in" in answer
        assert "For Alice" not in answer
    assert not [record for record in office.sandbox.log.records if record.path.startswith("/v1.0")]


async def test_a_client_that_cannot_ask_gets_a_link_that_works(office: Office, mode: str) -> None:
    async with client_of(office, mode, None) as client:
        await open_link(await link_in(await refusal(client, "mail_search")))
        assert "For Alice" in await call(client, "mail_search")


async def test_reading_a_resource_asks_the_person_as_a_tool_does(office: Office, mode: str) -> None:
    person = Person()
    async with client_of(office, mode, person) as client:
        assert "Inbox 1/1" in await resource(client, FOLDERS)
    assert len(set(person.asked)) == 1


async def test_a_person_who_declines_reads_no_resource(office: Office, mode: str) -> None:
    async with client_of(office, mode, Person(willing=False)) as client:
        with pytest.raises(MCPError, match="declined to sign in"):
            await client.read_resource(FOLDERS)


async def test_a_client_that_cannot_ask_gets_a_link_from_a_resource_too(office: Office, mode: str) -> None:
    async with client_of(office, mode, None) as client:
        with pytest.raises(MCPError, match="and sign in, then read the resource again") as refused:
            await client.read_resource(FOLDERS)
        await open_link(await link_in(str(refused.value)))
        assert "Inbox 1/1" in await resource(client, FOLDERS)


async def test_after_a_revocation_the_person_is_asked_again(office: Office, mode: str) -> None:
    await office.sign_in(office.alice)
    person = Person()
    async with client_of(office, mode, person) as client:
        assert "For Alice" in await call(client, "mail_search")
        assert person.asked == []
        revoke(office)
        assert "For Alice" in await call(client, "mail_search")
    assert person.asked


async def test_after_a_revocation_a_client_that_cannot_ask_gets_a_link(office: Office, mode: str) -> None:
    await office.sign_in(office.alice)
    async with client_of(office, mode, None) as client:
        await call(client, "mail_search")
        revoke(office)
        await open_link(await link_in(await refusal(client, "mail_search")))
        assert "For Alice" in await call(client, "mail_search")


async def test_another_account_than_the_profiles_is_refused(office: Office) -> None:
    await office.sign_in(office.alice)
    office.sandbox.deliver(office.bob, b"From: x@y.example\r\nSubject: For Bob\r\n\r\nHello.\r\n")
    revoke(office)
    async with client_of(office, "legacy", Person(user=office.bob)) as client:
        answer = await refusal(client, "mail_search")
        assert "For" not in answer
        assert "Another account signed in" in answer
    async with client_of(office, "legacy", Person()) as client:
        answer = await call(client, "mail_search")
        assert "For Alice" in answer
        assert "For Bob" not in answer


async def test_a_person_who_signs_in_before_accepting_is_not_asked_again(office: Office) -> None:
    person = Person(patient=True)
    async with client_of(office, "auto", person) as client:
        assert "For Alice" in await call(client, "mail_search")
    assert len(set(person.asked)) == 1


async def test_another_account_is_refused_in_the_modern_era_at_once(office: Office) -> None:
    await office.sign_in(office.alice)
    revoke(office)
    person = Person(user=office.bob, patient=True)
    async with client_of(office, "auto", person) as client:
        assert "Another account signed in" in await refusal(client, "mail_search")
    assert len(set(person.asked)) == 1


async def test_a_second_mailbox_is_signed_in_to_again_as_itself(office: Office, mode: str) -> None:
    office.sandbox.deliver(office.bob, b"From: x@y.example\r\nSubject: For Bob\r\n\r\nHello.\r\n")
    async with open_app(await office.sign_in(office.alice)) as app:
        await sign_in(app, office.bob.upn, owner=(await app.caller.context()).user)
    person = Person()
    async with client_of(office, mode, person) as client:
        assert "For Bob" in await call(client, "mail_search", account=office.bob.upn)
        assert person.asked == []
        revoke(office, office.bob)
        assert "For Bob" in await call(client, "mail_search", account=office.bob.upn)
        assert "For Alice" in await call(client, "mail_search")
    assert len(set(person.asked)) == 1


async def test_what_a_policy_asks_for_is_asked_of_the_sign_in(office: Office, mode: str) -> None:
    await office.sign_in(office.alice)
    office.sandbox.directory.require(office.alice, 50076)
    office.sandbox.faults.replace_rules([Fault(route="/v1.0/*", status=401, times=1)])
    async with client_of(office, mode, None) as client:
        link = await link_in(await refusal(client, "mail_search"))
        assert claims_in(link)["capolids"]["essential"] is True
        await open_link(link)
        assert "For Alice" in await call(client, "mail_search")


async def test_a_challenge_that_a_fresh_token_does_not_meet_is_put_to_the_person(office: Office, mode: str) -> None:
    await office.sign_in(office.alice)
    challenge = base64.b64encode(b'{"access_token":{"acrs":{"essential":true,"value":"c1"}}}').decode()
    headers = {"WWW-Authenticate": f'Bearer error="insufficient_claims", claims="{challenge}"'}
    office.sandbox.faults.replace_rules([Fault(route="/v1.0/*", status=401, headers=headers)])
    async with client_of(office, mode, None) as client:
        link = await link_in(await refusal(client, "mail_search"))
    assert claims_in(link)["acrs"] == {"essential": True, "value": "c1"}


def claims_in(link: str) -> dict[str, Any]:
    """What the sign-in page is asked for about the access token."""
    wanted = json.loads(parse_qs(urlsplit(link).query)["claims"][0])
    return dict(wanted["access_token"])


def revoke(office: Office, user: User | None = None) -> None:
    """What an administrator does: every token of `user`, or of Alice, ends now."""
    office.sandbox.entra.refresh_tokens.revoke_user((user or office.alice).oid)


async def link_in(answer: str) -> str:
    """The page of Microsoft to which the short link in an answer leads."""
    found = LINK.search(answer)
    assert found, answer
    assert toktok.batch_count([found[1]], "o200k_base")[0] <= 60
    async with httpx.AsyncClient(trust_env=False) as browser:
        return (await browser.get(found[1])).headers["Location"]
