"""A link in the answer of a tool works only for the user it was made for, in that user's browser."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import httpx
import pytest
import toktok

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import AdministratorRequired, SignInRefused, SignInRequired
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.vault.vault import CredentialVault
from tests.web.pages.person import Person, Shown
from tests.web.pages.site import ALICE, BOB, DAVE, Site, handle_of, site


async def _opened(person: Person, url: str, upn: str) -> Shown:
    """The link in a browser where this person signs in first."""
    return await person.choose(await person.press(await person.open(url), "Sign in"), upn)


async def test_a_mailbox_is_connected_through_the_link_and_the_call_goes_on(person: Person, office: Site) -> None:
    caller = await office.granted(ALICE)
    link = await office.links.create_link(caller, "add")
    assert toktok.batch_count([link.link], "o200k_base")[0] <= 60
    waiting = asyncio.create_task(link.wait())
    page = await _opened(person, link.url, ALICE)
    assert page.url == link.url
    assert "Connect another mailbox" in page.words
    assert not await link.has_ended()
    page = await person.choose(await person.press(page, "Go on to Microsoft"), DAVE)
    assert "The mailbox is connected. You can close this page and go back to Test agent" in page.words
    assert page.url == link.url, "the code does not stay in the address bar"
    await asyncio.wait_for(waiting, 5)
    (linked,) = await office.connections.connections_of(caller.user)
    assert (linked.owner, linked.mailbox) == (caller.user, office.key(DAVE))
    assert await office.connections.connections_of(office.key(DAVE)) == ()


async def test_any_server_that_shares_the_vault_sees_the_end(
    person: Person, office: Site, vault: CredentialVault, audit: AuditLog
) -> None:
    caller = await office.granted(ALICE)
    link = await office.links.create_link(caller, "renew")
    async with site(office.sandbox, vault, audit, office.settings.public_url) as replica:
        found = await replica.links.find_link(caller, link.id)
        assert found is not None
        assert found.url == link.url
        waiting = asyncio.create_task(found.wait())
        await person.press(await _opened(person, link.url, ALICE), "Go on to Microsoft")
        await asyncio.wait_for(waiting, 5)
        assert await found.has_ended()


async def test_renewing_accepts_the_caller_alone(person: Person, office: Site) -> None:
    caller = await office.granted(ALICE)
    link = await office.links.create_link(caller, "renew")
    page = await _opened(person, link.url, ALICE)
    left = httpx.URL(await person.sent_to(page, "Go on to Microsoft"))
    assert left.params["login_hint"] == ALICE
    wrong = await person.open(str(left.copy_set_param("login_hint", BOB)))
    assert "Another account signed in" in wrong.words
    assert await office.connections.connections_of(caller.user) == ()
    assert not await link.has_ended()
    await person.press(await person.open(link.url), "Go on to Microsoft")
    assert [connection.address for connection in await office.connections.connections_of(caller.user)] == [ALICE]
    await link.wait()


async def test_more_is_allowed_to_the_session_that_asked_and_to_no_other(
    person: Person, office: Site, audit: AuditLog
) -> None:
    caller, other = await office.granted(ALICE, "Claude"), await office.granted(ALICE, "Other")
    link = await office.links.create_link(caller, "widen", scopes=("mail.send",))
    page = await _opened(person, link.url, ALICE)
    assert "Allow Claude to do more?" in page.words
    assert "Send mail in your name" in page.words
    assert "Read your mail" not in page.words
    left = httpx.URL(await person.sent_to(page, "Allow"))
    assert {"Mail.Send", "Mail.ReadWrite"} <= set(left.params["scope"].split())
    session = await office.sessions.find_session(caller.user, caller.session.id)
    assert session is not None
    assert session.scopes == ("mail.read",)
    assert AuditTag.GRANT_WIDENED not in audit.path.read_text()
    await person.open(str(left))
    await link.wait()
    session = await office.sessions.find_session(caller.user, caller.session.id)
    assert session is not None
    assert session.scopes == ("mail.read", "mail.send")
    assert AuditTag.GRANT_WIDENED in audit.path.read_text()
    assert await office.sessions.find_session(other.user, other.session.id) == other.session


async def test_a_session_that_ended_meanwhile_is_not_widened(person: Person, office: Site) -> None:
    caller = await office.granted(ALICE)
    link = await office.links.create_link(caller, "widen", scopes=("mail.send",))
    page = await _opened(person, link.url, ALICE)
    await office.sessions.end_session(caller.user, caller.session.id)
    page = await person.press(page, "Allow")
    assert "has ended" in page.words
    with pytest.raises(SignInRefused, match="has ended"):
        await link.wait()


async def test_cancelling_ends_the_wait_of_the_call(person: Person, office: Site) -> None:
    link = await office.links.create_link(await office.granted(ALICE), "widen", scopes=("mail.send",))
    page = await person.press(await _opened(person, link.url, ALICE), "Refuse")
    assert "Nothing was changed" in page.words
    with pytest.raises(SignInRefused):
        await link.wait()
    assert (await person.open(link.url)).status == 410


async def test_declining_at_microsoft_ends_the_wait_of_the_call(person: Person, office: Site) -> None:
    link = await office.links.create_link(await office.granted(ALICE), "add")
    left = httpx.URL(await person.sent_to(await _opened(person, link.url, ALICE), "Go on to Microsoft"))
    await person.open(f"/callback?error=access_denied&state={left.params['state']}")
    with pytest.raises(SignInRefused, match="declined"):
        await link.wait()


async def test_an_error_that_needs_an_administrator_ends_the_wait_of_the_call(person: Person, office: Site) -> None:
    link = await office.links.create_link(await office.granted(ALICE), "add")
    page = await _opened(person, link.url, ALICE)
    at_microsoft = await person.press(page, "Go on to Microsoft")
    office.sandbox.faults.replace_rules(
        [Fault(route="*/token", status=400, body={"error": "invalid_client", "error_codes": [7000215]})]
    )
    assert "administrator" in (await person.choose(at_microsoft, DAVE)).words
    with pytest.raises(AdministratorRequired, match="secret"):
        await link.wait()


async def test_a_ticket_sent_to_another_person_links_nothing(
    person: Person, other_person: Person, office: Site
) -> None:
    """The caller sends their link to another person, whose mailbox would become the caller's."""
    caller = await office.granted(ALICE)
    link = await office.links.create_link(caller, "add")
    refused = await _opened(other_person, link.url, BOB)
    assert refused.status == 403
    assert "belongs to somebody else" in refused.words
    assert ALICE not in refused.text
    form = refused.form("Sign in with another account")
    handle = handle_of(link.url).get_secret_value()
    for token in (form.fields["csrf"], ""):
        forged = await other_person.send("/connect", {"about": handle, "csrf": token, "decision": "allow"})
        assert forged.status == 403
    assert await office.connections.connections_of(caller.user) == ()
    assert await office.connections.connections_of(office.key(BOB)) == ()
    # The other person did not use the ticket up.
    page = await _opened(person, link.url, ALICE)
    assert "Connect another mailbox" in page.words


async def test_the_address_at_microsoft_sent_to_another_person_links_nothing(
    person: Person, other_person: Person, office: Site
) -> None:
    caller = await office.granted(ALICE)
    link = await office.links.create_link(caller, "add")
    left = await person.sent_to(await _opened(person, link.url, ALICE), "Go on to Microsoft")
    refused = await other_person.choose(await other_person.open(left), BOB)
    assert refused.status == 403
    assert await office.connections.connections_of(caller.user) == ()
    assert not await link.has_ended()


async def test_the_signed_in_user_is_checked_again_at_the_callback(person: Person, office: Site) -> None:
    caller = await office.granted(ALICE)
    link = await office.links.create_link(caller, "add")
    left = await person.sent_to(await _opened(person, link.url, ALICE), "Go on to Microsoft")
    await person.press(await person.open("/account"), "Sign out")
    await person.sign_in(BOB)
    refused = await person.choose(await person.open(left), DAVE)
    assert refused.status == 403
    assert await office.connections.connections_of(caller.user) == ()


async def test_an_id_finds_a_link_for_its_own_caller_and_session_alone(office: Site) -> None:
    caller = await office.granted(ALICE)
    link = await office.links.create_link(caller, "renew")
    assert await office.links.find_link(await office.granted(BOB), link.id) is None
    assert await office.links.find_link(await office.granted(ALICE), link.id) is None
    assert await office.links.find_link(caller, "x") is None
    assert link.id not in link.url
    assert urlsplit(link.url).path == "/connect"


async def test_an_expired_link_tells_the_caller_to_ask_again(person: Person, office: Site) -> None:
    caller = await office.granted(ALICE)
    link = await office.links.create_link(caller, "renew")
    await office.tickets.discard_ticket("connect", handle_of(link.url))
    assert await link.has_ended()
    with pytest.raises(SignInRequired, match="expired"):
        await link.wait()
    page = await person.open(link.url)
    assert page.status == 410
    assert "it gives you a new link" in page.words
