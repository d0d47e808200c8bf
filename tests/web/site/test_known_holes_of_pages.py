"""Known vulnerabilities of other servers, tried against the whole site: attacks on a user at a browser."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.web.site.conversation import LEGACY, MODERN
from tests.web.site.grant import registered
from tests.web.site.served import Served
from tests.web.site.site_user import SiteUser, link_in

pytestmark = pytest.mark.asyncio(loop_scope="module")
EVIL = "https://evil.example/callback"


async def test_cve_2026_27124_a_consent_given_in_another_browser_grants_nothing(
    shared_site: Served, alice: SiteUser, bob_elsewhere: SiteUser, client_id: str
) -> None:
    """FastMCP: the attacker consents, and sends another user only the address that follows."""
    before = await bob_elsewhere.holdings()
    request = (await shared_site.http.get(bob_elsewhere.asked(client_id))).headers["location"]
    consent = await alice.open(request)
    at_microsoft = await alice.sent_to(consent, "Allow")
    refused = await bob_elsewhere.open(at_microsoft)
    assert (refused.status, bob_elsewhere.is_at(refused)) == (403, True)
    assert "cannot be completed" in refused.words
    assert "another browser" in (await bob_elsewhere.open(request)).words
    assert await bob_elsewhere.holdings() == before


async def test_login_csrf_a_callback_of_the_attacker_signs_nobody_in(
    shared_site: Served, alice: SiteUser, bob_elsewhere: SiteUser, client_id: str
) -> None:
    """The reverse of the above: the user would use the attacker's mailbox as their own."""
    consent = await alice.open(alice.asked(client_id))
    at_microsoft = await alice.http.get(await alice.sent_to(consent, "Allow"))
    callback = at_microsoft.headers["location"]
    await bob_elsewhere.open("/account")
    assert (await bob_elsewhere.open(callback)).status == 403
    assert "Sign in" in (await bob_elsewhere.open("/account")).words


@pytest.mark.parametrize(("passed_s", "status"), [(590, 200), (601, 403)])
async def test_a_state_sent_to_microsoft_is_valid_for_ten_minutes(
    shared_site: Served, alice: SiteUser, client_id: str, passed_s: int, status: int
) -> None:
    consent = await alice.open(alice.asked(client_id))
    at_microsoft = await alice.http.get(await alice.sent_to(consent, "Allow"))
    before = await alice.holdings()
    with shared_site.clock.set_ahead(passed_s):
        returned = await alice.open(at_microsoft.headers["location"])
    if status == 403:
        assert returned.status == 403
        assert "has expired. Nothing was connected" in returned.words
        assert await alice.holdings() == before
    else:
        assert "code" in returned.query


async def test_ghsa_6x8h_498w_gv8c_earlier_consent_never_skips_the_page(
    shared_site: Served, bob_elsewhere: SiteUser, client_id: str
) -> None:
    """FastMCP: users who had consented once were sent on without a page, also for an attacker's request."""
    await bob_elsewhere.code(client_id)
    asked = len(shared_site.sandbox.log.records)
    for _ in range(2):
        page = await bob_elsewhere.open(bob_elsewhere.asked(client_id))
        assert "Allow Inspector to use your Outlook?" in page.words
        assert bob_elsewhere.is_at(page)
    assert len(shared_site.sandbox.log.records) == asked, "Microsoft is not asked before the person is"


async def test_the_consent_that_microsoft_remembers_never_skips_our_page(
    shared_site: Served, bob_elsewhere: SiteUser, client_id: str
) -> None:
    """Microsoft knows one client, ours, and remembers consent to it; so ours must be asked per client, every time."""
    await bob_elsewhere.code(client_id)
    evil = await registered(shared_site.http, client_name="Inspector", redirect_uris=[EVIL])
    page = await bob_elsewhere.open(bob_elsewhere.asked(evil, redirect_uri=EVIL))
    assert "Access goes to evil.example" in page.words
    assert bob_elsewhere.is_at(page)


async def test_ticket_of_connect_sent_to_another_person_links_nothing(
    shared_site: Served, alice: SiteUser, bob_elsewhere: SiteUser
) -> None:
    """The attacker's link, opened by another user, must not give the attacker that user's mailbox."""
    link = link_in(await (await alice.converse(LEGACY)).text("mail_send", draft="1"))
    before = await alice.holdings(), await bob_elsewhere.holdings()
    page = await bob_elsewhere.sign_in_at(await bob_elsewhere.open(link))
    assert page.status == 403
    assert "belongs to somebody else" in page.words
    assert alice.address not in page.text
    form = page.form("Sign in with another account")
    ticket = parse_qs(urlsplit(link).query)["ticket"][0]
    forged = await bob_elsewhere.send("/connect", {**form.fields, "about": ticket, "decision": "allow"})
    assert forged.status == 403
    assert (await alice.holdings(), await bob_elsewhere.holdings()) == before


async def test_consent_csrf_a_form_of_another_site_allows_nothing(
    shared_site: Served, alice: SiteUser, bob_elsewhere: SiteUser, client_id: str
) -> None:
    page = await bob_elsewhere.open(bob_elsewhere.asked(client_id))
    about = page.form("Allow").fields["about"]
    theirs = (await alice.open(bob_elsewhere.asked(client_id))).form("Allow").fields["csrf"]
    asked = len(shared_site.sandbox.log.records)
    for csrf in ("", "x", theirs):
        forged = await bob_elsewhere.send("/consent", {"about": about, "csrf": csrf, "decision": "allow"})
        assert forged.status == 403
        assert bob_elsewhere.is_at(forged)
    assert len(shared_site.sandbox.log.records) == asked


async def test_framing_no_page_may_be_shown_inside_another(
    shared_site: Served, alice: SiteUser, client_id: str
) -> None:
    link = link_in(await (await alice.converse(LEGACY)).text("mail_send", draft="1"))
    for url in (alice.asked(client_id), link, "/account", "/callback?state=x", "/nowhere"):
        answer = await alice.http.get(httpx.URL(shared_site.public_url).join(url), follow_redirects=True)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
        assert "<script" not in answer.text


@pytest.mark.parametrize("version", [MODERN, LEGACY])
async def test_an_ended_session_ends_its_tokens_at_once(
    shared_site: Served, bob_elsewhere: SiteUser, version: str
) -> None:
    """Tokens of other servers stayed valid after the consent was withdrawn."""
    mine = await bob_elsewhere.converse(version)
    assert "For Bob" in await mine.text("mail_search")
    await bob_elsewhere.press(await bob_elsewhere.open("/account"), "End access")
    assert (await mine.call("mail_search")).status_code == 401
