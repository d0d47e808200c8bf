"""The consent page: shown before every sign-in at Microsoft, and answered only by the browser that opened it."""

from __future__ import annotations

import httpx
import pytest

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.vault.vault import CredentialVault
from tests.web.pages.person import Person, Shown
from tests.web.pages.site import ALICE, BOB, Site, site


async def _allowed(person: Person, url: str, upn: str = ALICE, button: str = "Allow") -> Shown:
    page = await person.press(await person.open(url), button)
    return await person.choose(page, upn) if page.forms else page


def _sent_to_microsoft(office: Site) -> int:
    return sum(record.path.endswith("/authorize") for record in office.sandbox.log.records)


async def test_a_client_that_is_allowed_gets_a_code_for_the_person_who_signed_in(person: Person, office: Site) -> None:
    back = await _allowed(person, await office.asks(scopes=("mail.read", "mail.send")))
    assert back.url.startswith("https://agent.example/back?kept=1&")
    assert back.query["state"] == "of the client"
    assert back.query["iss"] == office.settings.issuer
    assert back.query["code"]
    (connection,) = await office.connections.connections_of(office.key(ALICE))
    assert connection.address == ALICE
    assert "Mail.Send" in connection.scopes


async def test_microsoft_is_asked_only_after_the_person_allowed_the_client(person: Person, office: Site) -> None:
    url = await office.asks()
    page = await person.open(url)
    await person.open(url)
    assert _sent_to_microsoft(office) == 0
    assert "state=" not in page.text
    page = await person.press(page, "Allow")
    assert page.url.startswith(office.sandbox.http_url)


async def test_a_refusal_goes_back_to_the_client_and_to_nobody_else(person: Person, office: Site) -> None:
    url = await office.asks()
    back = await person.press(await person.open(url), "Refuse")
    assert back.url.startswith("https://agent.example/back?kept=1&")
    assert back.query["error"] == "access_denied"
    assert (back.query["state"], back.query["iss"]) == ("of the client", office.settings.issuer)
    assert (await person.open(url)).status == 410
    assert _sent_to_microsoft(office) == 0


async def test_the_page_names_client_scopes_and_destination(person: Person, office: Site) -> None:
    words = (await person.open(await office.asks("Mail Robot", scopes=("mail.read", "mail.send")))).words
    for told in (
        "Mail Robot",
        "Read your mail and your folders",
        "Send mail in your name",
        "agent.example",
        "nobody has checked its name",
        "The Microsoft account you choose next",
    ):
        assert told in words
    assert "on this computer" not in words


async def test_the_page_warns_of_a_redirect_to_this_computer(person: Person, office: Site) -> None:
    for redirect in ("http://127.0.0.1:6276/oauth/callback", "http://localhost/cb", "http://[::1]:8080/cb"):
        words = (await person.open(await office.asks(redirect=redirect))).words
        assert "A program on this computer gets the access." in words


async def test_a_client_with_a_document_shows_the_site_that_describes_it(person: Person, office: Site) -> None:
    url = await office.asks(kind="document", client_id="https://claude.example/oauth/metadata.json")
    assert "Described by the site claude.example" in (await person.open(url)).words
    url = await office.asks(kind="configured")
    assert "Set up by your administrator" in (await person.open(url)).words


async def test_remembered_consent_never_skips_the_page(person: Person, office: Site) -> None:
    """GHSA-6x8h-498w-gv8c: neither an earlier consent nor a signed-in browser allows a later request."""
    await _allowed(person, await office.asks())
    page = await person.open(await office.asks())
    assert page.url.startswith(office.settings.public_url)
    assert "Allow Test agent to use your Outlook?" in page.words
    assert ALICE in page.words


async def test_the_account_that_the_page_names_is_the_one_that_gets_connected(person: Person, office: Site) -> None:
    await person.sign_in(ALICE)
    back = await person.press(await person.open(await office.asks()), "Allow")
    assert back.query["code"]
    back = await _allowed(person, await office.asks(), BOB, "Allow with another account")
    assert back.query["code"]
    assert BOB in (await person.open("/account")).words


async def test_consent_belongs_to_the_browser_in_which_it_was_given_first(
    person: Person, other_person: Person, office: Site
) -> None:
    """CVE-2026-27124: no other browser can decide the request."""
    url = await office.asks()
    page = await person.open(url)
    at_microsoft = await person.press(page, "Allow")
    theirs = await other_person.open(url)
    assert theirs.status == 403
    assert "belongs to another browser" in theirs.words
    assert theirs.forms == []
    stolen = await other_person.send("/consent", {**page.form("Allow").fields, "decision": "allow"})
    assert stolen.status == 403
    assert (await person.choose(at_microsoft, ALICE)).query["code"]


async def test_a_callback_in_another_browser_keeps_and_grants_nothing(
    person: Person, other_person: Person, office: Site, audit: AuditLog
) -> None:
    """CVE-2026-27124: the attacker allows their own client and sends the address at Microsoft to another person."""
    url = await office.asks()
    at_microsoft = await person.press(await person.open(url), "Allow")
    refused = await other_person.choose(at_microsoft, BOB)
    assert refused.status == 403
    assert "cannot be completed" in refused.words
    assert await office.connections.connections_of(office.key(BOB)) == ()
    assert "Sign in" in (await other_person.open("/account")).form("Sign in").buttons
    assert AuditTag.STATE_REJECTED.value in audit.path.read_text()
    # The state is spent, in the right browser too.
    assert (await person.choose(at_microsoft, ALICE)).status == 403
    assert await office.connections.connections_of(office.key(ALICE)) == ()
    # The request itself is still the first browser's to decide.
    assert (await _allowed(person, url)).query["code"]


async def test_a_state_works_once(person: Person, office: Site) -> None:
    await _allowed(person, await office.asks())
    (callback,) = [step for step in person.steps if "/callback?" in step]
    again = await person.open(callback)
    assert again.status == 403
    assert "used already" in again.words


async def test_a_callback_without_a_sign_in_is_refused(person: Person) -> None:
    for query in ("", "?state=forged&code=x", "?error=access_denied", "?state=&code="):
        assert (await person.open(f"/callback{query}")).status == 403


async def test_declining_at_microsoft_goes_back_to_the_client(person: Person, office: Site) -> None:
    left = httpx.URL(await person.sent_to(await person.open(await office.asks()), "Allow"))
    back = await person.open(f"/callback?error=access_denied&state={left.params['state']}")
    assert back.url.startswith("https://agent.example/back?")
    assert back.query["error"] == "access_denied"
    assert await office.connections.connections_of(office.key(ALICE)) == ()


async def test_a_sign_in_with_the_wrong_account_is_refused_and_may_be_tried_again(
    person: Person, office: Site, caplog: pytest.LogCaptureFixture
) -> None:
    await person.sign_in(ALICE)
    url = await office.asks()
    left = httpx.URL(await person.sent_to(await person.open(url), "Allow"))
    assert left.params["login_hint"] == ALICE
    wrong = await person.open(str(left.copy_set_param("login_hint", BOB)))
    assert wrong.status == 400
    assert f'Person, not verified: "{ALICE}".' in caplog.text
    assert "Another account signed in" in wrong.words
    assert "Try again" in wrong.words
    assert await office.connections.connections_of(office.key(BOB)) == ()
    assert (await person.open(url)).status == 200


async def test_a_failure_of_microsoft_is_shown_and_the_request_stays_open(person: Person, office: Site) -> None:
    url = await office.asks()
    page = await person.open(url)
    at_microsoft = await person.press(page, "Allow")
    office.sandbox.faults.replace_rules([Fault(route="*/token", status=503)])
    failed = await person.choose(at_microsoft, ALICE)
    assert failed.status == 503
    assert "Try again in a minute" in failed.words
    office.sandbox.faults.replace_rules([])
    assert (await _allowed(person, url)).query["code"]


async def test_an_error_that_needs_an_administrator_is_shown_with_a_link_back_and_logged(
    person: Person, office: Site, caplog: pytest.LogCaptureFixture
) -> None:
    trace = "0d3a6f5e-1111-4222-8333-444455556666"
    at_microsoft = await person.press(await person.open(await office.asks("Robot")), "Allow")
    office.sandbox.faults.replace_rules(
        [
            Fault(
                route="*/token",
                status=400,
                body={"error": "invalid_client", "error_codes": [7000215], "trace_id": trace},
            )
        ]
    )
    failed = await person.choose(at_microsoft, ALICE)
    assert failed.status == 403
    assert "Ask the administrator" in failed.words
    assert "Go back to Robot" in failed.words
    assert "error=access_denied" in failed.text
    (logged,) = [record.getMessage() for record in caplog.records if "A sign-in failed" in record.getMessage()]
    for part in ("Person, not verified: unknown", 'Client: "Robot" with the id "', "AADSTS7000215", trace):
        assert part in logged


async def test_a_client_cannot_pass_itself_off_as_another_in_the_log(
    person: Person, office: Site, caplog: pytest.LogCaptureFixture
) -> None:
    name = 'Robot" with the id "a51a88c1-0289-4486-a890-2575f30818c9". A sign-in failed: ' + "x" * 100
    address = await office.asks(name)
    at_microsoft = await person.press(await person.open(address), "Allow")
    office.sandbox.faults.replace_rules([Fault(route="*/token", status=400, body={"error": "invalid_client"})])
    await person.choose(at_microsoft, ALICE)
    (logged,) = [record.getMessage() for record in caplog.records if "A sign-in failed" in record.getMessage()]
    assert logged.endswith('" with the id "client-1".')
    assert '"Robot\\" with the id \\"a51a88c1' in logged


async def test_an_ended_request_says_what_to_do(person: Person) -> None:
    for handle in ("", "x", "A" * 43, "A" * 5000, "%00", "<b>"):
        page = await person.open(f"/consent?request={handle}")
        assert page.status == 410
        assert "Go back to your app and connect again." in page.words
        assert "<b>" not in page.text


async def test_a_consent_started_on_one_server_is_finished_on_another(
    person: Person, office: Site, vault: CredentialVault, audit: AuditLog
) -> None:
    page = await person.open(await office.asks())
    async with site(office.sandbox, vault, audit, office.settings.public_url) as replica, Person(replica) as there:
        there.http.cookies = person.http.cookies
        left = await there.sent_to(page, "Allow")
        back = await person.choose(await person.open(left), ALICE)
    assert await office.redeems(back.query["code"])
