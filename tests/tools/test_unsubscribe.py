"""Nobody is unsubscribed before it was shown how, and then once; what the header does not allow is not done."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from outlook_mcp.errors import DeadlinePassed, SiteRefused
from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.sandbox.message import Address, Message
from tests.faults.office import Office
from tests.tools.asking import answer, code_in, failed, recorded_effects, refusal, said

pytestmark = pytest.mark.asyncio(loop_scope="module")
URL = "https://list.example/u?t=abc"
POST = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
SIGNED = (
    ("Authentication-Results", "spf=pass smtp.mailfrom=list.example; dkim=pass header.d=list.example; dmarc=pass"),
    ("DKIM-Signature", "v=1; a=rsa-sha256; d=list.example; s=s; h=From:List-Unsubscribe:List-Unsubscribe-Post; b=x"),
)


def deliver(office: Office, *headers: tuple[str, str]) -> str:
    """Puts a message of a list into the inbox; its id."""
    message = Message(
        subject="Weekly news",
        body='<p>News. <a href="https://list.example/click">Unsubscribe</a></p>',
        body_type="html",
        from_=Address("news@list.example", "The News"),
        headers=list(headers),
    )
    return office.alice.insert_message(message).immutable_id


def with_mail(office: Office, mailto: str = "mailto:leave@fabrikam.example?subject=stop%20it&body=Please") -> str:
    return deliver(office, ("List-Unsubscribe", f"<{mailto}>"))


async def test_one_click_is_shown_first_and_done_once(office: Office) -> None:
    message = deliver(office, ("List-Unsubscribe", f"<mailto:l@list.example>, <{URL}>"), POST, *SIGNED)
    shown = await answer(office, "unsubscribe", id=message)
    assert shown.startswith("This call did nothing yet.")
    assert "The News <news@list.example>: Weekly news\nWould post one request to list.example (one-click" in shown
    assert "\nWould send one message to l@list.example\n" in shown
    assert "A valid DKIM signature covers the header." in shown
    assert office.one_click.posted == []
    wrong = await answer(office, "unsubscribe", id=message, confirm="aaaaaaaa")
    assert wrong.startswith("The code does not fit")
    done = await answer(office, "unsubscribe", id=message, confirm=code_in(shown))
    assert done == "Asked list.example to unsubscribe; it agreed (HTTP 200)."
    assert office.one_click.posted == [(URL, "List-Unsubscribe=One-Click")]
    again = await refusal(office, "unsubscribe", id=message, confirm=code_in(shown))
    assert "You have unsubscribed by this message within the last day, so this call did nothing." in again
    assert len(office.one_click.posted) == 1
    assert recorded_effects(office) == ["unsubscribes"]


async def test_a_mail_that_unsubscribes_is_shown_first_and_sent_once(office: Office) -> None:
    await answer(office, "settings", signature="Alice Archer, Contoso")
    message = with_mail(office)
    shown = await answer(office, "unsubscribe", id=message)
    assert "Would send one message to leave@fabrikam.example\nSubject: stop it\nText: Please\n" in shown
    assert "Whether a DKIM signature covers the header is not known." in shown
    done = await answer(office, "unsubscribe", id=message, confirm=code_in(shown))
    assert "The message that unsubscribes was sent to:\n" in done
    assert "leave@fabrikam.example" in done
    assert "so this call did nothing" in await refusal(office, "unsubscribe", id=message, confirm=code_in(shown))
    sends = [record for record in office.sandbox.log.records if record.path.endswith("/send")]
    assert len(sends) == 1
    await office.sandbox.store.settled()
    sent_items = office.alice.folders.by_name("sentitems").key
    (stored,) = office.alice.messages.select("m.folder = ?", [sent_items], "m.id", 9)
    assert "Please" in (sent := office.alice.messages.load_message(stored)).body
    assert "Alice Archer" not in sent.body


async def test_a_send_that_is_refused_may_be_repeated(office: Office) -> None:
    message = with_mail(office, "mailto:gone@fabrikam.example")
    code = code_in(await answer(office, "unsubscribe", id=message))
    rule = Fault(route="/v1.0/me/messages/*/send", method="POST", status=403, body=said("ErrorAccessDenied"))
    told = await failed(office, rule, "unsubscribe", id=message, confirm=code)
    assert "Nothing was sent." in told
    assert "The message that unsubscribes was sent to:" in await answer(office, "unsubscribe", id=message, confirm=code)


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ((), "This message has no List-Unsubscribe header, so nothing can be unsubscribed here."),
        ((("List-Unsubscribe", "<http://list.example/u>"), POST), "an http address, which anybody on the way can"),
        ((("List-Unsubscribe", f"<{URL}>"),), "a page that only a person may open"),
        ((("List-Unsubscribe", f"<{URL}>"), POST, SIGNED[0]), "no valid DKIM signature vouches, so it may be forged"),
        ((("List-Unsubscribe", "<https://10.0.0.1/u>"), POST), "an https address with a password, a port or no host"),
        ((("List-Unsubscribe", "<https://a:b@list.example/u>"), POST), "with a password, a port or no host name"),
        ((("List-Unsubscribe", "<ftp://list.example/u>"), POST), "an address that is not https"),
        ((("List-Unsubscribe", f"<{URL}>"), ("List-Unsubscribe", f"<{URL}2>"), POST), "there more than once"),
    ],
)
async def test_what_cannot_be_done_says_why_and_what_is_possible_else(
    office: Office, headers: Sequence[tuple[str, str]], told: str
) -> None:
    before = len(office.one_click.posted)
    shown = await answer(office, "unsubscribe", id=deliver(office, *headers))
    assert told in shown
    assert "Also possible: a rule for its sender (rules), moving it to junk" in shown
    assert "confirm" not in shown
    assert len(office.one_click.posted) == before


@pytest.mark.parametrize(
    ("outcome", "told", "is_repeatable"),
    [
        (302, "The site list.example answered with HTTP 302. It leads elsewhere, and that is not followed.", True),
        (500, "answered with HTTP 500. You are probably not unsubscribed.", True),
        (SiteRefused("The site has no public address."), "The site has no public address.", True),
        (DeadlinePassed("The site did not answer."), "The site did not answer.", False),
    ],
)
async def test_a_site_that_does_not_agree_is_told(
    office: Office, outcome: int | Exception, told: str, is_repeatable: bool
) -> None:
    message = deliver(office, ("List-Unsubscribe", f"<{URL}>"), POST)
    code = code_in(await answer(office, "unsubscribe", id=message))
    office.one_click.outcome = outcome
    try:
        assert told in await refusal(office, "unsubscribe", id=message, confirm=code)
    finally:
        office.one_click.outcome = 200
    if is_repeatable:
        assert "it agreed" in await answer(office, "unsubscribe", id=message, confirm=code)
    else:
        assert "did nothing" in await refusal(office, "unsubscribe", id=message, confirm=code)


async def test_a_list_whose_site_refuses_is_left_by_a_message_where_it_takes_one(office: Office) -> None:
    mailto = f"mailto:{office.bobs_address}?subject=leave%20both"
    message = deliver(office, ("List-Unsubscribe", f"<{mailto}>, <{URL}>"), POST, *SIGNED)
    shown = await answer(office, "unsubscribe", id=message)
    (by_mail,) = re.findall(r'or by the message instead: unsubscribe\(id="\d+", confirm="(\w+)"\)', shown)
    office.one_click.outcome = 410
    try:
        told = await refusal(office, "unsubscribe", id=message, confirm=code_in(shown))
    finally:
        office.one_click.outcome = 200
    assert told == (
        "The site list.example answered with HTTP 410. You are probably not unsubscribed. "
        "The list takes a message too: a call without `confirm` shows it and its code."
    )
    assert "was sent to" in await answer(office, "unsubscribe", id=message, confirm=by_mail)
    await office.sandbox.store.outbox.settled()
    assert office.bob.messages.total("m.subject = ?", ("leave both",)) == 1
    assert "did nothing" in await refusal(office, "unsubscribe", id=message, confirm=code_in(shown))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"id": "999"}, "It was not found in this mailbox."),
        ({"id": "../me"}, "There is no item with the id"),
        ({}, "unsubscribe needs `id`"),
        ({"id": "1", "account": "nobody"}, "You have connected no mailbox of that name"),
    ],
)
async def test_a_message_that_is_not_there_is_told(office: Office, arguments: dict[str, str], told: str) -> None:
    assert told in await refusal(office, "unsubscribe", **arguments)


async def test_throttling_and_a_missing_permission_are_told(office: Office) -> None:
    message = with_mail(office)
    route = "/v1.0/me/messages/*"
    later = Fault(route=route, method="GET", status=429, headers={"Retry-After": "120"})
    assert "Wait 120 s first." in await failed(office, later, "unsubscribe", id=message)
    denied = Fault(route=route, method="GET", status=403, body=said("ErrorAccessDenied"))
    assert "The permission Mail.Read was granted" in await failed(office, denied, "unsubscribe", id=message)
