"""Microsoft ends a user's access in the middle of their work: the person signs in again, and the call goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from mcp.client.context import ClientRequestContext
from mcp.types import ElicitRequestParams, ElicitRequestURLParams, ElicitResult

from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.server.settings import CallSettings
from outlook_mcp.server.sign_in import QUESTION
from tests.answers import text_of as told
from tests.one_task import in_one_task
from tests.web.site.conversation import LEGACY, MODERN, Conversation, final, result_of, text_of
from tests.web.site.served import ALICE, BOB, Served, served
from tests.web.site.site_user import SiteUser, link_in

pytestmark = pytest.mark.asyncio(loop_scope="module")
# A test that goes wrong should not wait for a person.
SHORT_WAITS = CallSettings(sign_in_round_s=1.0, sign_in_legacy_s=5.0)
# No other process refreshes here.
ALONE = OAuthTiming(recheck_after_s=(0.0,))
CAN_OPEN_URLS: dict[str, Any] = {"elicitation": {"url": {}}}
FORMS_ONLY: dict[str, Any] = {"elicitation": {"form": {}}}


@pytest_asyncio.fixture(loop_scope="module")
async def site(post_office: Sandbox, tmp_path: Path) -> AsyncIterator[Served]:
    async with in_one_task(served(post_office, tmp_path, stateless=False, calls=SHORT_WAITS, timing=ALONE)) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def alice(site: Served) -> AsyncIterator[SiteUser]:
    async with SiteUser(site, ALICE) as alice:
        yield alice


@pytest_asyncio.fixture(loop_scope="module")
async def bob(site: Served) -> AsyncIterator[SiteUser]:
    async with SiteUser(site, BOB) as bob:
        yield bob


def end_access(person: SiteUser) -> None:
    """What an administrator does: every token of theirs ends now."""
    person.site.sandbox.entra.refresh_tokens.revoke_user(person.key.oid)


@dataclass
class Attention:
    """How a person answers their client, which asks them to open a link; `opens` is who does, at which browser."""

    opens: SiteUser | None
    button: str = "Go on to Microsoft"
    asked: list[str] = field(default_factory=list)
    browsing: list[asyncio.Task[object]] = field(default_factory=list)

    async def answer(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        assert isinstance(params, ElicitRequestURLParams)
        if self.opens is None:
            return ElicitResult(action="decline")
        if params.url not in self.asked:
            self.browsing.append(asyncio.create_task(self.opens.follow(params.url, self.button)))
        self.asked.append(params.url)
        return ElicitResult(action="accept")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_call_of_a_client_that_can_open_links_goes_on_after_the_sign_in(alice: SiteUser, mode: str) -> None:
    """By the answer of the call in the modern era, over the session's back channel in the legacy one."""
    person = Attention(alice)
    async with alice.client(mode, person.answer) as client:
        assert "For Alice" in told(await client.call_tool("mail_search", {}))
        assert person.asked == []
        end_access(alice)
        assert "For Alice" in told(await client.call_tool("mail_search", {}))
        assert len(set(person.asked)) == 1
        assert "For Alice" in told(await client.call_tool("mail_search", {}))
        assert len(set(person.asked)) == 1
    await asyncio.gather(*person.browsing)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_person_who_declines_gets_a_clear_error(alice: SiteUser, mode: str) -> None:
    async with alice.client(mode, Attention(None).answer) as client:
        await client.call_tool("mail_search", {})
        end_access(alice)
        answer = await client.call_tool("mail_search", {})
        assert answer.is_error
        assert "declined" in told(answer)
        assert "For Alice" not in told(answer)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_person_who_cancels_on_the_page_gets_a_clear_error(alice: SiteUser, mode: str) -> None:
    person = Attention(alice, button="Cancel")
    async with alice.client(mode, person.answer) as client:
        await client.call_tool("mail_search", {})
        end_access(alice)
        answer = await client.call_tool("mail_search", {})
        assert answer.is_error
        assert "refused" in told(answer)
    await asyncio.gather(*person.browsing)


@pytest.mark.parametrize("capabilities", [{}, FORMS_ONLY], ids=["none", "forms only"])
@pytest.mark.parametrize("version", [MODERN, LEGACY])
async def test_a_client_that_cannot_ask_gets_a_link_that_works(
    alice: SiteUser, version: str, capabilities: dict[str, Any]
) -> None:
    client = await alice.converse(version, capabilities=capabilities)
    await client.begin()
    assert "For Alice" in await client.text("mail_search")
    end_access(alice)
    refused = await client.text("mail_search")
    assert "sign in, then call the tool again" in refused
    done = await alice.follow(link_in(refused))
    assert "You are signed in to Microsoft" in done.words
    assert "For Alice" in await client.text("mail_search")


@pytest.mark.parametrize("version", [MODERN, LEGACY])
async def test_reading_a_resource_gives_a_link_that_works_and_no_command_of_the_server(
    alice: SiteUser, version: str
) -> None:
    uri = "outlook://me/folders"
    # As a header the modern era repeats what is read.
    headers = {"Mcp-Name": uri} if version == MODERN else {}
    client = await alice.converse(version)
    await client.begin()
    end_access(alice)
    refused = refusal(await client.send("resources/read", {"uri": uri}, headers=headers))
    assert "and sign in, then read the resource again" in refused
    assert "outlook-mcp" not in refused
    await alice.follow(link_in(refused))
    read = result_of(await client.send("resources/read", {"uri": uri}, headers=headers))
    assert "Inbox" in read["contents"][0]["text"]


async def test_a_legacy_client_without_a_session_gets_a_link_though_it_could_ask(
    post_office: Sandbox, tmp_path: Path
) -> None:
    async with in_one_task(served(post_office, tmp_path, timing=ALONE)) as site, SiteUser(site, ALICE) as alice:
        client = await alice.converse(LEGACY, capabilities=CAN_OPEN_URLS)
        await client.begin()
        end_access(alice)
        await alice.follow(link_in(await client.text("mail_search")))
        assert "For Alice" in await client.text("mail_search")


async def test_a_link_that_another_person_opens_connects_nothing(alice: SiteUser, bob: SiteUser) -> None:
    client = await alice.converse(capabilities=CAN_OPEN_URLS)
    end_access(alice)
    link, state = question_of(await client.call("mail_search"))
    before = await alice.holdings(), await bob.holdings()
    page = await bob.sign_in_at(await bob.open(link))
    assert (page.status, "belongs to somebody else" in page.words) == (403, True)
    again, state = question_of(await answered(client, state))
    assert again == link
    assert (await alice.holdings(), await bob.holdings()) == before
    await alice.follow(link)
    assert "For Alice" in text_of(result_of(await answered(client, state)))


async def test_the_account_of_another_person_does_not_open_the_callers_mailbox(alice: SiteUser) -> None:
    """Alice is signed in at our page; at Microsoft another person signs in."""
    client = await alice.converse()
    end_access(alice)
    page = await alice.open(link_in(await client.text("mail_search")))
    left = httpx.URL(await alice.sent_to(page, "Go on to Microsoft"))
    wrong = await alice.open(str(left.copy_set_param("login_hint", BOB)))
    assert "Another account signed in" in wrong.words
    assert "For" not in await client.text("mail_search")
    await alice.press(await alice.open(page.url), "Go on to Microsoft")
    assert "For Alice" in await client.text("mail_search")


async def test_a_link_connects_nothing_when_another_user_signed_in_meanwhile(alice: SiteUser) -> None:
    client = await alice.converse()
    end_access(alice)
    page = await alice.open(link_in(await client.text("mail_search")))
    left = await alice.sent_to(page, "Go on to Microsoft")
    await alice.press(await alice.open("/account"), "Sign out")
    await alice.choose(await alice.press(await alice.open("/account"), "Sign in"), BOB)
    refused = await alice.open(left)
    assert (refused.status, "belongs to somebody else" in refused.words) == (403, True)
    assert "For" not in await client.text("mail_search")


async def test_the_call_goes_on_at_another_server_that_shares_the_store(
    site: Served, alice: SiteUser, post_office: Sandbox
) -> None:
    folder = site.site.components.configuration.data_dir
    async with in_one_task(served(post_office, folder, public_url=site.public_url)) as second:
        client = await alice.converse(capabilities=CAN_OPEN_URLS)
        there = Conversation(second.http, client.token, capabilities=CAN_OPEN_URLS)
        assert "For Alice" in await there.text("mail_search")
        end_access(alice)
        link, state = question_of(await client.call("mail_search"))
        await alice.follow(link)
        assert "For Alice" in text_of(result_of(await answered(there, state)))
        assert "For Alice" in await client.text("mail_search")


async def test_request_state_is_refused_from_another_user_and_a_second_time(alice: SiteUser, bob: SiteUser) -> None:
    """It passes through the client, so an attacker can send any (SEP-2322)."""
    client = await alice.converse(capabilities=CAN_OPEN_URLS)
    attacker = await bob.converse(capabilities=CAN_OPEN_URLS)
    end_access(alice)
    _, stolen = question_of(await client.call("mail_search"))
    link, state = question_of(await client.call("mail_search"))
    await alice.follow(link)
    assert refusal(await answered(attacker, stolen)) == "Invalid or expired requestState"
    assert "For Alice" in text_of(result_of(await answered(client, state)))
    assert refusal(await answered(client, state)) == "Invalid or expired requestState"
    assert refusal(await answered(client, f"{state[:-2]}AA")) == "Invalid or expired requestState"
    assert "For Bob" in await attacker.text("mail_search")


def question_of(answer: httpx.Response) -> tuple[str, str]:
    """The link, and the state that goes back with the answer."""
    result = result_of(answer)
    assert result["resultType"] == "input_required", result
    return str(result["inputRequests"][QUESTION]["params"]["url"]), str(result["requestState"])


async def answered(client: Conversation, state: str) -> httpx.Response:
    """The same call again, with the answer that the link was opened."""
    given = {"inputResponses": {QUESTION: {"action": "accept"}}, "requestState": state}
    return await client.send("tools/call", {"name": "mail_search", "arguments": {}, **given})


def refusal(answer: httpx.Response) -> str:
    return str(final(answer)["error"]["message"])
