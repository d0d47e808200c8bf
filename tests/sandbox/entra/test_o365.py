"""The O365 package, unchanged: signs in at the sandbox and reads its mail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msal
import pytest
import requests
from O365 import Account, MSGraphProtocol
from O365.utils.token import MemoryTokenBackend

from outlook_mcp.sandbox import Sandbox, SandboxOptions
from outlook_mcp.sandbox.message import Message
from outlook_mcp.sandbox.store.mail.grants import grant_rights
from outlook_mcp.sandbox.store.mail.settings import settings_of
from tests.sandbox.graph.receiver import receiving

ALICE = "alice@contoso.example"
SCOPES = ["Mail.ReadWrite", "Mail.Send", "User.Read"]
MORE_SCOPES = [*SCOPES, "Mail.ReadWrite.Shared", "MailboxSettings.ReadWrite"]


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions()


def account_at(sandbox: Sandbox, browser: requests.Session) -> Any:
    protocol = type("SandboxProtocol", (MSGraphProtocol,), {"_protocol_url": f"{sandbox.http_url}/"})
    backend = MemoryTokenBackend()
    account = Account(
        (sandbox.public_client_id,),
        auth_flow_type="public",
        protocol=protocol(),
        token_backend=backend,
    )
    account.con._msal_client = msal.PublicClientApplication(
        sandbox.public_client_id,
        authority=f"{sandbox.https_url}/common",
        instance_discovery=False,
        http_client=browser,
        token_cache=backend,
    )
    return account


@contextmanager
def signed_in(sandbox: Sandbox, scopes: list[str] = SCOPES) -> Iterator[Any]:
    """The account of Alice, who was at the browser."""
    with requests.Session() as browser:
        browser.trust_env = False
        browser.verify = str(sandbox.ca_file)
        account = account_at(sandbox, browser)
        address, flow = account.con.get_authorization_url(scopes)
        page = browser.get(address, params={"login_hint": ALICE}, allow_redirects=False)
        assert account.con.request_token(page.headers["Location"], flow=flow)
        yield account
        account.con.session.close()


@pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended:UserWarning")
async def test_it_signs_in_and_lists_the_inbox(sandbox: Sandbox) -> None:
    def run() -> tuple[str, list[str]]:
        with signed_in(sandbox) as account:
            inbox = account.mailbox().inbox_folder()
            subjects = [message.subject for message in inbox.get_messages(limit=3)]
            me = account.con.get(f"{sandbox.graph_url}/me").json()
            return me["userPrincipalName"], subjects

    upn, subjects = await asyncio.to_thread(run)
    assert upn == ALICE
    assert len(subjects) == 3


@pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended:UserWarning")
async def test_it_searches_replies_attaches_moves_and_sends(sandbox: Sandbox, tmp_path: Path) -> None:
    small, large = tmp_path / "small.txt", tmp_path / "large.bin"
    small.write_bytes(b"a few words")
    large.write_bytes(bytes(5_000_000))

    def run() -> tuple[list[str], str, list[tuple[str, int]]]:
        with signed_in(sandbox) as account:
            mailbox = account.mailbox()
            query = mailbox.new_query().search("budget")
            found = list(mailbox.get_messages(query=query, limit=5))
            reply = found[0].reply(to_all=False)
            reply.body = "Thank you"
            assert reply.save_draft()
            assert found[0].move(mailbox.archive_folder())
            message = account.new_message()
            message.to.add("bob@contoso.example")
            message.subject = "With files"
            assert message.save_draft()
            message.attachments.add([str(small), str(large)])
            assert message.save_draft()
            assert message.send()
            return (
                [message.subject for message in found],
                reply.subject,
                [(attachment.name, attachment.size) for attachment in message.attachments],
            )

    subjects, reply, attached = await asyncio.to_thread(run)
    assert any("budget" in subject.lower() for subject in subjects)
    assert reply.lower().startswith("re:")
    assert [name for name, _ in attached] == ["small.txt", "large.bin"]
    await sandbox.store.settled()
    bob = sandbox.store.mailbox(sandbox.users[1].oid)
    (arrived,) = bob.messages.select("m.subject = ?", ("With files",), "m.id", 5)
    files = bob.attachments.of(arrived)
    assert [len(bob.attachments.content(file)) for file in files] == [11, 5_000_000]


@pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended:UserWarning")
async def test_it_answers_automatically_names_categories_subscribes_and_opens_a_shared_mailbox(
    sandbox: Sandbox,
) -> None:
    alice, store = sandbox.users[0], sandbox.store
    team = store.add_mailbox(alice.tid, "dddddddd-0000-4000-8000-000000000004", "team@contoso.example", "Team")
    grant_rights(team, alice.oid, ["read"])
    team.insert_message(Message(subject="For the team"))

    def run(hook: str) -> tuple[list[str], list[str], int]:
        with signed_in(sandbox, MORE_SCOPES) as account:
            assert account.mailbox().set_automatic_reply("Away, friends", "Away")
            categories = account.outlook_categories()
            assert categories.create_category("Travel", color="green")
            names = [category.name for category in categories.get_categories()]
            shared = [message.subject for message in account.mailbox(resource="team@contoso.example").get_messages()]
            made = account.subscriptions().create_subscription(hook, resource="me/messages")
            count = len(account.subscriptions().list_subscriptions())
            assert account.subscriptions().delete_subscription(made["id"])
            return names, shared, count

    async with receiving() as receiver:
        names, shared, count = await asyncio.to_thread(run, receiver.url)
    assert "Travel" in names
    assert (shared, count) == (["For the team"], 1)
    assert settings_of(store.mailbox(alice.oid))["automaticRepliesSetting"]["status"] == "alwaysEnabled"
