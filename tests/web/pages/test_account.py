"""The account page shows and changes what belongs to the person at the browser, and nothing else."""

from __future__ import annotations

import httpx
import pytest

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tail import last_records
from outlook_mcp.identity.admission import Admission
from outlook_mcp.oauth.sign_in.oauth_manager import SignInRequest
from outlook_mcp.vault.held_sends import HeldSend, VaultHeldSends
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.ended_browser_sessions import EndedBrowserSessions
from tests.oauth.components import returned
from tests.web.pages.person import Person
from tests.web.pages.site import ALICE, BOB, DAVE, Site, site


async def _connected(office: Site, upn: str, owner: str | None = None) -> str:
    """A mailbox that was connected before; its id."""
    request = SignInRequest(login_hint=upn, owner=None if owner is None else office.key(owner))
    begun = await office.manager.begin_sign_in(office.settings.callback, request)
    return (await office.manager.complete_sign_in(await returned(begun.url))).id


async def test_signing_in_shows_who_you_are_and_asks_for_no_mail(person: Person, office: Site) -> None:
    page = await person.sign_in(ALICE)
    assert page.url == f"{office.settings.public_url}/account"
    assert f"Signed in as {ALICE}" in page.words
    authorize = next(step for step in person.steps if "/authorize?" in step)
    assert httpx.URL(authorize).params["scope"] == "openid profile"
    assert await office.connections.connections_of(office.key(ALICE)) == ()


async def test_sessions_are_described_in_plain_words(person: Person, office: Site) -> None:
    caller = await office.granted(ALICE, "Claude", "mail.read", "mail.send")
    await office.sessions.note_use(caller.session, address="198.51.100.4", era="2026-07-28")
    words = (await person.sign_in(ALICE)).words
    for told in ("Claude", "Read your mail and your folders · Send mail in your name", "198.51.100.4", "UTC"):
        assert told in words
    assert "MCP 2026-07-28" in words
    assert "switched off" not in words


async def test_what_was_granted_and_is_offered_no_more_is_told_apart(person: Person, office: Site) -> None:
    await office.granted(ALICE, "Claude", "mail.read", "calendar.read")
    words = (await person.sign_in(ALICE)).words
    assert (
        "Permissions Read your mail and your folders Not in use, as this server has it switched off "
        "Read your calendar, and when people are free" in words
    )


async def test_a_session_is_ended_by_its_button(person: Person, office: Site) -> None:
    one, two = await office.granted(ALICE, "One"), await office.granted(ALICE, "Two")
    page = await person.sign_in(ALICE)
    form = next(form for form in page.forms if form.fields.get("about") == one.session.id)
    page = await person.send(form.action, form.fields)
    assert "Two" in page.words
    assert "One" not in page.words
    assert await office.sessions.sessions_of(office.key(ALICE)) == (two.session,)


async def test_all_sessions_are_ended_at_once_and_only_ones_own(person: Person, office: Site) -> None:
    await office.granted(ALICE, "One")
    await office.granted(ALICE, "Two")
    kept = await office.granted(BOB, "Of Bob")
    page = await person.press(await person.sign_in(ALICE), "End access of all clients")
    assert "No client has access." in page.words
    assert await office.sessions.sessions_of(office.key(ALICE)) == ()
    assert await office.sessions.sessions_of(office.key(BOB)) == (kept.session,)


async def test_nothing_of_another_user_is_shown_or_changed(person: Person, office: Site) -> None:
    """Ids of another user, in forms with a valid CSRF token."""
    theirs = await office.granted(BOB, "Of Bob")
    mailbox = await _connected(office, BOB)
    page = await person.sign_in(ALICE)
    assert "Of Bob" not in page.words
    own = await office.granted(ALICE)
    page = await person.open("/account")
    form = next(form for form in page.forms if form.fields.get("about") == own.session.id)
    forged = await person.send(form.action, {**form.fields, "about": theirs.session.id})
    assert forged.status == 403
    for path in ("/account/mailboxes/disconnect", "/account/mailboxes/default", "/account/mailboxes/rename"):
        assert (await person.send(path, {**form.fields, "about": mailbox, "name": "mine"})).status == 403
    assert await office.sessions.sessions_of(office.key(BOB)) == (theirs.session,)
    assert [connection.address for connection in await office.connections.connections_of(office.key(BOB))] == [BOB]


async def test_another_mailbox_is_connected_named_and_disconnected(person: Person, office: Site) -> None:
    await _connected(office, ALICE)
    await office.granted(ALICE, "Claude", "mail.read", "mail.send")
    page = await person.sign_in(ALICE)
    at_microsoft = await person.press(page, "Connect another mailbox")
    asked = httpx.URL(at_microsoft.url).params
    assert asked["prompt"] == "select_account"
    assert "Mail.Send" in asked["scope"].split()
    page = await person.choose(at_microsoft, DAVE)
    assert DAVE in page.words
    assert f"Signed in as {ALICE}" in page.words
    second = (await office.connections.connections_of(office.key(ALICE)))[1]
    assert (second.owner, second.mailbox) == (office.key(ALICE), office.key(DAVE))
    form = next(form for form in page.forms if form.fields.get("about") == second.id and "Rename" in form.buttons)
    page = await person.send(form.action, {**form.fields, "name": "Work & <play>"})
    assert "Work & <play>" in page.words
    page = await person.press(page, "Make default")
    assert (await office.connections.default_connection(office.key(ALICE))).id == second.id
    form = [form for form in page.forms if "Disconnect" in form.buttons][1]
    page = await person.send(form.action, form.fields)
    assert "Work" not in page.words
    assert [connection.address for connection in await office.connections.connections_of(office.key(ALICE))] == [ALICE]


async def test_a_name_that_cannot_be_is_refused_with_the_reason(person: Person, office: Site) -> None:
    await _connected(office, ALICE)
    await _connected(office, DAVE, ALICE)
    page = await person.sign_in(ALICE)
    form = [form for form in page.forms if "Rename" in form.buttons][1]
    for name in ("", " ", "x" * 65, "right\u202eleft", ALICE):
        page = await person.send(form.action, {**form.fields, "name": name})
        assert page.status == 400
        assert "Go to your account" in page.words
    assert [connection.name for connection in await office.connections.connections_of(office.key(ALICE))] == [
        ALICE,
        DAVE,
    ]


async def test_a_mailbox_is_linked_only_while_its_owner_is_at_the_browser(person: Person, office: Site) -> None:
    page = await person.sign_in(ALICE)
    at_microsoft = await person.press(page, "Connect another mailbox")
    await person.press(await person.open("/account"), "Sign out")
    await person.sign_in(BOB)
    refused = await person.choose(at_microsoft, DAVE)
    assert refused.status == 400
    assert "somebody else now" in refused.words
    assert await office.connections.connections_of(office.key(ALICE)) == ()
    assert await office.connections.connections_of(office.key(BOB)) == ()


async def test_signing_in_starts_a_new_session_against_session_fixation(
    person: Person, other_person: Person, office: Site
) -> None:
    await other_person.sign_in(BOB)
    planted = other_person.http.cookies["outlook-mcp-session"]
    at_microsoft = await person.press(await person.open("/account"), "Sign in")
    # Only now: a browser that is not known yet gets no session, and would lose this one before it signs in.
    person.http.cookies.set("outlook-mcp-session", planted, domain="localhost.local", path="/")
    await person.choose(at_microsoft, ALICE)
    assert person.http.cookies["outlook-mcp-session"] != planted


async def test_signing_out_ends_every_copy_of_the_session(person: Person, office: Site) -> None:
    page = await person.sign_in(ALICE)
    kept = dict(person.http.cookies)
    page = await person.press(page, "Sign out")
    assert ALICE not in page.words
    async with Person(office) as copy:
        for name, value in kept.items():
            copy.http.cookies.set(name, value, domain="localhost.local", path="/")
        assert ALICE not in (await copy.open("/account")).words


async def test_browsers_of_a_user_are_signed_out_at_once_and_only_theirs(
    person: Person, other_person: Person, office: Site
) -> None:
    await office.granted(ALICE, "One")
    await office.granted(ALICE, "Two")
    page = await person.sign_in(ALICE)
    await other_person.sign_in(BOB)
    await EndedBrowserSessions(office.tickets).end_all(office.key(ALICE))
    assert (await person.press(page, "End access of all clients")).status == 403
    assert ALICE not in (await person.open("/account")).words
    assert len(await office.sessions.sessions_of(office.key(ALICE))) == 2
    assert BOB in (await other_person.open("/account")).words
    assert f"Signed in as {ALICE}" in (await person.sign_in(ALICE)).words


async def test_somebody_who_is_not_admitted_is_told_whom_to_ask(
    office: Site, vault: CredentialVault, audit: AuditLog
) -> None:
    denied = Admission(denied_tenants=(office.key(DAVE).tid,))
    async with (
        site(office.sandbox, vault, audit, "http://localhost:8766", admission=denied) as strict,
        Person(strict) as person,
    ):
        page = await person.sign_in(DAVE)
        assert page.status == 400
        assert "administrator" in page.words
        assert "Sign in" in (await person.open("/account")).form("Sign in").buttons
    (refused,) = [record for record in last_records(audit.path, 100) if "refused" in str(record["tag"])]
    assert (refused["tag"], refused["details"]) == ("access:sign_in:refused", {"reason": "sign_in_refused"})
    assert await audit.open_personal(refused) == {"address": "192.0.2.9"}
    assert DAVE not in str(last_records(audit.path, 100))


async def test_cookies_over_https_belong_to_this_host_alone(
    office: Site, vault: CredentialVault, audit: AuditLog
) -> None:
    async with (
        site(office.sandbox, vault, audit, "https://mail.example") as secure,
        Person(secure) as person,
    ):
        given = (await person.open("/account")).headers.get_list("set-cookie")
    assert given[0].startswith("__Host-outlook-mcp-browser=")
    for attribute in ("HttpOnly", "Path=/", "SameSite=lax", "Secure"):
        assert attribute in given[0].split("; ")
    assert "Domain" not in given[0]


def _cookies_of(person: Person) -> list[str]:
    return [f"{cookie.name}={cookie.value}" for cookie in person.http.cookies.jar]


@pytest.mark.parametrize("before", ["\xa0", "\x85", ""])
async def test_cookie_tossing_by_a_neighbouring_host_signs_nobody_in(
    person: Person, other_person: Person, office: Site, before: str
) -> None:
    """Browsers let any host of the domain set cookies whose names look like ours only once their space is taken off."""
    await other_person.sign_in(BOB)
    await person.open("/account")
    tossed = [before + cookie for cookie in _cookies_of(other_person)]
    cookies = "; ".join(_cookies_of(person) + tossed).encode("latin-1")
    async with Person(office) as browser:
        shown = await browser.http.get(f"{office.settings.public_url}/account", headers=[(b"cookie", cookies)])
    assert shown.status_code == 200
    assert "Signed in as" not in shown.text


async def test_messages_that_wait_and_those_that_will_not_be_sent_are_told(
    person: Person, office: Site, vault: CredentialVault
) -> None:
    one, two = await office.granted(ALICE, "One"), await office.granted(ALICE, "Two")
    store, due = VaultHeldSends(vault), 2_000_000_000.0
    for number, session in enumerate((one.session.id, two.session.id)):
        held = HeldSend(
            user=one.user, connection=None, session=session, draft=f"draft{number}", check="abcd2345", due=due
        )
        assert await store.add_held(held)
    page = await person.sign_in(ALICE)
    assert page.words.count("Waits until") == 2
    form = next(form for form in page.forms if form.fields.get("about") == one.session.id)
    page = await person.send(form.action, form.fields)
    assert page.words.count("Waits until") == 1
    assert "The access of the app that asked for it was ended." in page.words
