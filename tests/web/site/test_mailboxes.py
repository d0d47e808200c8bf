"""Several mailboxes of one user: connected at the account page, named in a call, and nobody else's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.token_record import token_key
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.sandbox import Sandbox
from tests.one_task import in_one_task
from tests.web.pages.person import Shown
from tests.web.site.conversation import LEGACY, MODERN, Conversation
from tests.web.site.served import ALICE, BOB, Served, served
from tests.web.site.site_user import SiteUser, link_in

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAVE, FRIDA = "dave@fabrikam.example", "frida.falk@freemail.example"
UNKNOWN = "You have connected no mailbox of that name"
ERAS = pytest.mark.parametrize("version", [MODERN, LEGACY])


@pytest_asyncio.fixture(loop_scope="module")
async def site(post_office: Sandbox, tmp_path: Path) -> AsyncIterator[Served]:
    async with in_one_task(served(post_office, tmp_path)) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def alice(site: Served) -> AsyncIterator[SiteUser]:
    async with SiteUser(site, ALICE) as alice:
        yield alice


async def connect(person: SiteUser, address: str) -> Connection:
    """One more mailbox, at the account page."""
    page = await person.press(await person.open("/account"), "Connect another mailbox")
    page = await person.choose(page, address)
    assert (page.status, address in page.words) == (200, True)
    return await connection_of(person, address)


async def connection_of(person: SiteUser, address: str) -> Connection:
    return await person.site.site.components.connections.connection_named(person.key, address)


async def change(person: SiteUser, what: str, connection: Connection, **typed: str) -> Shown:
    """Sends the form of the account page that is about this mailbox."""
    forms = (await person.open("/account")).forms
    form = next(form for form in forms if form.action.endswith(what) and form.fields["about"] == connection.id)
    return await person.send(form.action, {**form.fields, **typed})


@ERAS
@pytest.mark.parametrize(("address", "name"), [(DAVE, "Dave"), (FRIDA, "Frida")], ids=["other tenant", "personal"])
async def test_another_mailbox_is_read_by_its_name(
    site: Served, alice: SiteUser, version: str, address: str, name: str
) -> None:
    client = await alice.converse(version)
    assert UNKNOWN in await client.text("mail_search", account=address)
    second = await connect(alice, address)
    for account in (address, address.upper(), second.id):
        told = await client.text("mail_search", account=account)
        assert f"For {name}" in told
        assert "For Alice" not in told
    for own in ({}, {"account": ALICE}):
        told = await client.text("mail_search", **own)
        assert "For Alice" in told
        assert f"For {name}" not in told


async def test_a_mailbox_is_found_by_the_name_that_its_user_gave_it(alice: SiteUser) -> None:
    client = await alice.converse()
    second = await connect(alice, DAVE)
    page = await change(alice, "/rename", second, name="The Fabrikam one")
    assert "The Fabrikam one" in page.words
    for account in ("The Fabrikam one", "the fabrikam ONE", DAVE):
        assert "For Dave" in await client.text("mail_search", account=account)
    first, second_first = [
        (await client.text("mail_folders", account=account)).splitlines()[0] for account in (ALICE, DAVE)
    ]
    assert first.startswith(f"Mailbox of Alice Archer <{ALICE}>; times in ")
    assert first.endswith(f"Also connected, to be named as `account`: The Fabrikam one <{DAVE}>.")
    assert second_first.endswith(f"Also connected, to be named as `account`: {ALICE} (default).")
    clash = await change(alice, "/rename", await connection_of(alice, ALICE), name="the fabrikam one")
    assert "Another mailbox has the name" in clash.words


async def test_an_id_is_valid_only_in_the_mailbox_that_it_comes_from(alice: SiteUser) -> None:
    client = await alice.converse()
    await connect(alice, DAVE)
    found = re.search(r"^(\S+) \d\d:\d\d", await client.text("mail_search", account=DAVE), re.MULTILINE)
    assert found
    assert "Hello Dave" in await client.text("mail_read", ids=[found[1]], account=DAVE)
    assert "Hello Dave" not in await client.text("mail_read", ids=[found[1]])


async def test_simultaneous_calls_to_two_mailboxes_do_not_mix(alice: SiteUser) -> None:
    client = await alice.converse()
    for address in (DAVE, FRIDA):
        await connect(alice, address)
    wanted = [("Alice", ALICE), ("Dave", DAVE), ("Frida", FRIDA)] * 5
    answers = await asyncio.gather(*(client.text("mail_search", account=address) for _, address in wanted))
    for (name, _), answer in zip(wanted, answers, strict=True):
        assert re.findall(r"For (\w+)", answer) == [name]


async def test_another_default_is_used_at_once_on_this_server_and_within_seconds_on_others(
    site: Served, alice: SiteUser, post_office: Sandbox
) -> None:
    at_once = OAuthTiming(trusted_s=0.0)
    folder = site.site.components.configuration.data_dir
    async with in_one_task(served(post_office, folder, public_url=site.public_url, timing=at_once)) as replica:
        client = await alice.converse()
        there = Conversation(replica.http, client.token)
        second = await connect(alice, DAVE)
        assert "For Alice" in await client.text("mail_search")
        assert "For Alice" in await there.text("mail_search")
        await change(alice, "/default", second)
        for conversation in (client, there):
            assert "For Dave" in await conversation.text("mail_search")
            assert "For Alice" in await conversation.text("mail_search", account=ALICE)
        await change(alice, "/default", await connection_of(alice, ALICE))
        assert "For Alice" in await client.text("mail_search")


async def test_another_default_is_used_in_the_next_call(alice: SiteUser) -> None:
    """Although connections are cached for some seconds."""
    client = await alice.converse()
    second = await connect(alice, FRIDA)
    assert "For Alice" in await client.text("mail_search")
    await change(alice, "/default", second)
    assert "For Frida" in await client.text("mail_search")


async def test_a_disconnected_mailbox_cannot_be_read_and_its_tokens_are_deleted(site: Served, alice: SiteUser) -> None:
    client = await alice.converse()
    second = await connect(alice, DAVE)
    await change(alice, "/default", second)
    assert "For Dave" in await client.text("mail_search")
    page = await change(alice, "/disconnect", second)
    assert DAVE not in page.words
    assert UNKNOWN in await client.text("mail_search", account=DAVE)
    assert "For Alice" in await client.text("mail_search")
    assert await site.site.components.vault.get_record(token_key(alice.key, second.id)) is None


async def test_a_mailbox_is_connected_for_the_user_who_connected_it_only(site: Served, alice: SiteUser) -> None:
    mine = await alice.converse()
    second = await connect(alice, DAVE)
    async with SiteUser(site, BOB) as bob, SiteUser(site, DAVE) as dave:
        theirs, own = await bob.converse(), await dave.converse()
        for account in (DAVE, second.id, second.name, str(dave.key), ALICE):
            assert UNKNOWN in await theirs.text("mail_search", account=account)
        # Dave himself sees his own mail, and nothing of whoever else connected it.
        assert "For Dave" in await own.text("mail_search")
        assert UNKNOWN in await own.text("mail_search", account=ALICE)
        assert ALICE not in (await dave.open("/account")).words
        await change(alice, "/disconnect", second)
        assert "For Dave" in await own.text("mail_search")
        assert UNKNOWN in await mine.text("mail_search", account=DAVE)


async def test_forms_about_a_mailbox_of_somebody_else_change_nothing(site: Served, alice: SiteUser) -> None:
    second = await connect_as_owner(alice)
    async with SiteUser(site, BOB) as bob:
        await bob.grant()
        forms = (await bob.open("/account")).forms
        for form in (form for form in forms if "/mailboxes/" in form.action and "add" not in form.action):
            answer = await bob.send(form.action, {**form.fields, "about": second.id, "name": "Mine"})
            assert answer.status == 403
    assert await connection_of(alice, DAVE) == second


async def connect_as_owner(person: SiteUser) -> Connection:
    await person.grant()
    return await connect(person, DAVE)


@pytest.mark.parametrize("as_default", [False, True], ids=["named", "default"])
@ERAS
async def test_a_second_mailbox_whose_access_ended_is_signed_in_to_again_by_its_own_link(
    site: Served, alice: SiteUser, version: str, as_default: bool
) -> None:
    client = await alice.converse(version)
    second = await connect(alice, DAVE)
    if as_default:
        await change(alice, "/default", second)
    account = {} if as_default else {"account": DAVE}
    assert "For Dave" in await client.text("mail_search", **account)
    site.sandbox.entra.refresh_tokens.revoke_user(second.oid)
    await alice.follow(link_in(await client.text("mail_search", **account)))
    assert "For Dave" in await client.text("mail_search", **account)


async def test_scopes_that_are_allowed_later_apply_to_a_second_mailbox_too(site: Served, alice: SiteUser) -> None:
    client = await alice.converse(LEGACY)
    await connect(alice, DAVE)
    found = re.search(r"^(\S+) \d\d:\d\d", await client.text("mail_search", account=DAVE), re.MULTILINE)
    assert found
    change_there = {"ids": [found[1]], "read": True, "account": DAVE}
    await alice.follow(link_in(await client.text("mail_update", **change_there)), "Allow")
    # Dave's mailbox was signed in to for reading alone.
    await alice.follow(link_in(await client.text("mail_update", **change_there)))
    assert "Updated" in await client.text("mail_update", **change_there)
