"""What a caller repeats to send a draft: who gets it, and a check of what it says."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec
import pytest
from pydantic import SecretBytes

from outlook_mcp.errors import SendQuotaExceeded
from outlook_mcp.graph.ids import AttachmentId
from outlook_mcp.graph.models import Body
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.drafts.send_quota import SendQuota
from outlook_mcp.mail.drafts.send_terms import SendChecks
from outlook_mcp.mail.models import Attachment, Message
from outlook_mcp.mail.settings import MailSettings
from tests.mail.shown import NOW, message, person
from tests.workspace.conftest import CHECK_KEY, CounterInMemory

ALICE, BOB = UserKey("contoso", "alice"), UserKey("contoso", "bob")
CHECKS = SendChecks(CHECK_KEY, ALICE, None, "alice@contoso.example")
DRAFT = message(
    is_draft=True,
    to_recipients=[person("Bob", "Bob@contoso.example")],
    bcc_recipients=[person("Eve", "eve@x.example")],
    body=Body(content_type="html", content="<p>12</p>"),
    attachments=[Attachment(id=AttachmentId("1"), name="a.pdf", content_type="application/pdf", size=9)],
    last_modified_date_time=NOW,
    etag='W/"1"',
)
CHANGES: dict[str, object] = {
    "id": message(2).id,
    "to_recipients": [person("Bob", "bob@evil.example")],
    "to_recipients by name": [person("Bob, who will pay", "Bob@contoso.example")],
    "bcc_recipients": [],
    "cc_recipients": [person("Mallory", "mallory@x.example")],
    "subject": "Budgets",
    "body": Body(content_type="html", content="<p>13</p>"),
    "attachments": [],
    "reply_to": [person("Mallory", "mallory@x.example")],
    "from_": person("Sales", "sales@contoso.example"),
    "importance": "high",
    "is_read_receipt_requested": True,
    "is_delivery_receipt_requested": True,
    "last_modified_date_time": NOW + timedelta(seconds=1),
    "etag": 'W/"2"',
}


@pytest.mark.parametrize("changed", CHANGES)
def test_the_check_is_another_one_when_anything_of_the_draft_changes(changed: str) -> None:
    check = CHECKS.terms_of(DRAFT).check
    assert re.fullmatch("[a-z2-7]{8}", check)
    assert CHECKS.is_current(f" {check.upper()}", DRAFT)
    now: Message = msgspec.structs.replace(DRAFT, **{changed.split()[0]: CHANGES[changed]})
    assert not CHECKS.is_current(check, now)


def test_the_check_is_good_in_one_account_of_one_user_and_only_with_the_key_of_the_vault() -> None:
    others = (
        SendChecks(CHECK_KEY, BOB, None, "alice@contoso.example"),
        SendChecks(CHECK_KEY, ALICE, ConnectionId("other"), "alice@contoso.example"),
        SendChecks(SecretBytes(bytes(32)), ALICE, None, "alice@contoso.example"),
    )
    check = CHECKS.terms_of(DRAFT).check
    assert not any(other.is_current(check, DRAFT) for other in others)


@pytest.mark.parametrize(
    ("written", "is_everybody"),
    [
        (["bob@contoso.example", "EVE@x.example"], True),
        (["bob@contoso.example, eve@x.example"], True),
        (["Bob <bob@contoso.example>", "eve@x.example"], True),
        (["bob@contoso.example"], False),
        (["bob@contoso.example", "eve@x.example", "carol@x.example"], False),
        (["bob@contoso.example <eve@x.example>", "bob@contoso.example"], False),
        (["bob@contoso.example", "and 1 more"], False),
    ],
)
def test_bcc_injection_everybody_is_named_the_hidden_ones_too(written: list[str], is_everybody: bool) -> None:
    assert CHECKS.names_everybody(written, DRAFT) is is_everybody
    assert CHECKS.terms_of(DRAFT).to == ("Bob@contoso.example", "eve@x.example")


def test_outsiders_cannot_hide_behind_many_colleagues() -> None:
    colleagues = [person("", f"p{number}@contoso.example") for number in range(400)]
    crowd: Message = msgspec.structs.replace(DRAFT, to_recipients=colleagues)
    shown = CHECKS.terms_of(crowd).to
    assert (shown[0], len(shown), shown[-1]) == ("eve@x.example", 21, "and 381 more")
    assert CHECKS.names_everybody(shown, crowd)
    assert not CHECKS.names_everybody([*shown[1:]], crowd)
    assert not CHECKS.names_everybody([*shown[:-1], "and 380 more"], crowd)


def test_outsiders_cannot_hide_at_the_end_of_a_long_list_or_behind_repetitions() -> None:
    colleagues = [f"p{number}@contoso.example" for number in range(40)]
    crowd: Message = msgspec.structs.replace(DRAFT, to_recipients=[person("", address) for address in colleagues])
    assert CHECKS.names_everybody(["eve@x.example", *colleagues], crowd)
    assert not CHECKS.names_everybody([*colleagues, "eve@x.example"], crowd)
    assert not CHECKS.names_everybody([*["bob@contoso.example"] * 400, "eve@x.example"], DRAFT)


@pytest.mark.parametrize("name", ["Bob\u202e", f"Bob{' ' * 300}B.", "B" * 300, "Bob\u200b", "Bob\u3000\u3000Brandt"])
def test_a_name_that_pushes_the_address_away_or_turns_it_round_names_nobody(name: str) -> None:
    assert not CHECKS.names_everybody(["bob@contoso.example", f"{name} <eve@x.example>"], DRAFT)


def test_an_address_that_differs_by_a_sharp_s_names_somebody_else() -> None:
    to_jo = message(is_draft=True, to_recipients=[person("Jo", "jo@großmann.example")])
    assert CHECKS.names_everybody(["Jo <JO@Großmann.example>"], to_jo)
    assert not CHECKS.names_everybody(["jo@grossmann.example"], to_jo)


async def test_one_user_sends_no_more_in_an_hour_than_allowed_and_another_user_has_their_own() -> None:
    counter, settings = CounterInMemory(), MailSettings(sends_per_hour=3, recipients_per_hour=10)
    alice, again, bob = (SendQuota(counter, user, settings) for user in (ALICE, ALICE, BOB))
    await alice.count_send(4)
    with pytest.raises(SendQuotaExceeded, match="10 recipients an hour"):
        await again.count_send(7)
    await again.count_send(6)
    await bob.count_send(10)
    await alice.uncount_send(6)
    await alice.count_send(1)
    await alice.count_send(1)
    with pytest.raises(SendQuotaExceeded, match="3 messages an hour"):
        await again.count_send(1)


async def test_around_the_end_of_an_hour_nobody_sends_twice_as_much() -> None:
    counter, settings, now = CounterInMemory(), MailSettings(sends_per_hour=3), [0.0]
    quota = SendQuota(counter, ALICE, settings, lambda: now[0])
    await quota.count_send(1)
    now[0] = 3590.0
    await quota.count_send(1)
    await quota.count_send(1)
    now[0] = 4200.0
    await quota.count_send(1)
    with pytest.raises(SendQuotaExceeded):
        await quota.count_send(1)
    now[0] = 7800.0
    await quota.count_send(1)


async def test_sends_that_fail_at_the_turn_of_ten_minutes_leave_no_more_to_send_an_hour_later() -> None:
    counter, settings, now = CounterInMemory(), MailSettings(sends_per_hour=3, recipients_per_hour=6), [599.0]
    quota = SendQuota(counter, ALICE, settings, lambda: now[0])
    await quota.count_send(3)
    now[0] = 601.0
    await quota.uncount_send(3)
    for _ in range(3):
        await quota.count_send(2)
    for at in (601.0, 4200.0):
        now[0] = at
        with pytest.raises(SendQuotaExceeded):
            await quota.count_send(1)


@pytest.mark.parametrize("differs_s", [-3600.0, -1200.0, -1.0, 1.0, 1200.0, 3600.0])
async def test_servers_whose_clocks_differ_send_no_more_together_than_one(differs_s: float) -> None:
    counter, settings = CounterInMemory(), MailSettings(sends_per_hour=3)
    one = SendQuota(counter, ALICE, settings, lambda: 36_000.0)
    other = SendQuota(counter, ALICE, settings, lambda: 36_000.0 + differs_s)
    for quota in (one, other, one):
        await quota.count_send(1)
    for quota in (one, other):
        with pytest.raises(SendQuotaExceeded):
            await quota.count_send(1)
    await other.uncount_send(1)
    await one.count_send(1)


async def test_a_clock_that_is_set_back_by_an_hour_lets_nobody_send_again() -> None:
    counter, settings, now = CounterInMemory(), MailSettings(recipients_per_hour=10), [36_000.0]
    quota = SendQuota(counter, ALICE, settings, lambda: now[0])
    await quota.count_send(10)
    now[0] -= 3600
    with pytest.raises(SendQuotaExceeded):
        await quota.count_send(1)


async def test_calls_that_are_refused_keep_nobody_waiting_longer() -> None:
    counter, settings, now = CounterInMemory(), MailSettings(sends_per_hour=3), [0.0]
    quota = SendQuota(counter, ALICE, settings, lambda: now[0])
    for _ in range(3):
        await quota.count_send(1)
    for at in (700.0, 1300.0, 4100.0):
        now[0] = at
        with pytest.raises(SendQuotaExceeded):
            await quota.count_send(1)
    now[0] = 4200.0
    for _ in range(3):
        await quota.count_send(1)


def test_a_name_with_a_wide_at_sign_names_nobody() -> None:
    to_bob = message(is_draft=True, to_recipients=[person("Bob", "bob@contoso.example")])
    assert CHECKS.names_everybody(["Bob <bob@contoso.example>"], to_bob)
    assert not CHECKS.names_everybody(["eve\uff20x.example <bob@contoso.example>"], to_bob)
