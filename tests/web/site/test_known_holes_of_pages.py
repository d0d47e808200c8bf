"""Holes that others had, replayed against the whole site: what a person at a browser can be tricked into."""

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
    shared_site: Served, alice: SiteUser, victim: SiteUser, client_id: str
) -> None:
    """FastMCP: the attacker consents, and sends the victim only what comes after."""
    before = await victim.holdings()
    request = (await shared_site.http.get(victim.asked(client_id))).headers["location"]
    consent = await alice.open(request)
    at_microsoft = await alice.sent_to(consent, "Allow")
    refused = await victim.open(at_microsoft)
    assert (refused.status, victim.is_at(refused)) == (403, True)
    assert "does not belong here" in refused.words
    assert "another browser" in (await victim.open(request)).words
    assert await victim.holdings() == before


async def test_login_csrf_a_callback_of_the_attacker_signs_nobody_in(
    shared_site: Served, alice: SiteUser, victim: SiteUser, client_id: str
) -> None:
    """The mirror of the above: the victim would use the attacker's mailbox as their own."""
    consent = await alice.open(alice.asked(client_id))
    at_microsoft = await alice.http.get(await alice.sent_to(consent, "Allow"))
    callback = at_microsoft.headers["location"]
    await victim.open("/account")
    assert (await victim.open(callback)).status == 403
    assert "Sign in" in (await victim.open("/account")).words


@pytest.mark.parametrize(("passed_s", "status"), [(590, 200), (601, 403)])
async def test_a_state_of_microsofts_is_good_for_ten_minutes(
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


async def test_ghsa_6x8h_498w_gv8c_remembered_consent_skips_no_page(
    shared_site: Served, victim: SiteUser, client_id: str
) -> None:
    """FastMCP: who had consented once was sent on without a word, also to the attacker's request."""
    await victim.code(client_id)
    asked = len(shared_site.sandbox.log.records)
    for _ in range(2):
        page = await victim.open(victim.asked(client_id))
        assert "Allow Inspector to use your mail?" in page.words
        assert victim.is_at(page)
    assert len(shared_site.sandbox.log.records) == asked, "Microsoft is not asked before the person is"


async def test_static_client_id_and_consent_cookie_are_no_one_click_takeover(
    shared_site: Served, victim: SiteUser, client_id: str
) -> None:
    """Microsoft knows one client, ours, and remembers consent to it; so ours must be asked per client, every time."""
    await victim.code(client_id)
    evil = await registered(shared_site.http, client_name="Inspector", redirect_uris=[EVIL])
    page = await victim.open(victim.asked(evil, redirect_uri=EVIL))
    assert "Access goes to evil.example" in page.words
    assert victim.is_at(page)


async def test_ticket_of_connect_sent_to_another_person_links_nothing(
    shared_site: Served, alice: SiteUser, victim: SiteUser
) -> None:
    """The attacker's link, opened by the victim, must not give the attacker the victim's mailbox."""
    link = link_in(await (await alice.converse(LEGACY)).text("mail_send", draft="1"))
    before = await alice.holdings(), await victim.holdings()
    page = await victim.sign_in_at(await victim.open(link))
    assert page.status == 403
    assert "belongs to somebody else" in page.words
    assert alice.address not in page.text
    form = page.form("Sign in with another account")
    ticket = parse_qs(urlsplit(link).query)["ticket"][0]
    forged = await victim.send("/connect", {**form.fields, "about": ticket, "decision": "allow"})
    assert forged.status == 403
    assert (await alice.holdings(), await victim.holdings()) == before


async def test_consent_csrf_a_form_of_another_site_allows_nothing(
    shared_site: Served, alice: SiteUser, victim: SiteUser, client_id: str
) -> None:
    page = await victim.open(victim.asked(client_id))
    about = page.form("Allow").fields["about"]
    theirs = (await alice.open(victim.asked(client_id))).form("Allow").fields["csrf"]
    asked = len(shared_site.sandbox.log.records)
    for csrf in ("", "x", theirs):
        forged = await victim.send("/consent", {"about": about, "csrf": csrf, "decision": "allow"})
        assert forged.status == 403
        assert victim.is_at(forged)
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
async def test_an_ended_session_ends_its_tokens_at_once(shared_site: Served, victim: SiteUser, version: str) -> None:
    """Rivals' tokens outlived the consent they were given under."""
    mine = await victim.converse(version)
    assert "For Bob" in await mine.text("mail_search")
    await victim.press(await victim.open("/account"), "End")
    assert (await mine.call("mail_search")).status_code == 401
