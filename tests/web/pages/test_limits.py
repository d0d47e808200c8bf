"""How much anybody can make the pages store, and how long a browser stays signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.identity.admission import Admission
from outlook_mcp.identity.user import SERVER
from outlook_mcp.telemetry.events import observed_by
from outlook_mcp.telemetry.prometheus import PrometheusMetrics
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.http.rate_limits import AddressLimit, RateLimits, networks_of
from tests.web.pages.person import Person
from tests.web.pages.site import ALICE, Site, site


@pytest.fixture
async def patient(office: Site, vault: CredentialVault, audit: AuditLog) -> AsyncIterator[Site]:
    """Lets three requests a minute write something down."""
    limits = RateLimits(pages=3)
    async with site(office.sandbox, vault, audit, "http://localhost:8767", limits=limits) as built:
        yield built


async def test_a_flood_of_callbacks_writes_a_limited_number_of_records(patient: Site, tmp_path: Path) -> None:
    async with Person(patient) as other_person:
        answers = [await other_person.open(f"/callback?state={number}") for number in range(6)]
    assert [answer.status for answer in answers] == [403] * 3 + [429] * 3
    assert (tmp_path / "audit.log").read_text().count(AuditTag.STATE_REJECTED) == 3


async def test_requests_beyond_a_limit_are_measured_as_refused(patient: Site) -> None:
    metrics = PrometheusMetrics()
    with observed_by(metrics):
        async with Person(patient) as other_person:
            for number in range(5):
                await other_person.open(f"/callback?state={number}")
    assert 'outlook_requests_refused_total{error_type="limit:pages:exceeded"} 2' in metrics.page().splitlines()


async def test_a_flood_of_sign_ins_writes_a_limited_number_of_records(patient: Site, vault: CredentialVault) -> None:
    async with Person(patient) as other_person:
        page = await other_person.open("/account")
        for _ in range(3):
            await other_person.sent_to(page, "Sign in")
        kept = await vault.record_ids_of(SERVER, "upstream")
        refused = await other_person.press(page, "Sign in")
    assert refused.status == 429
    assert "Try again in 60 seconds." in refused.words
    assert await vault.record_ids_of(SERVER, "upstream") == kept


async def test_reading_pages_is_not_limited(patient: Site) -> None:
    async with Person(patient) as person:
        assert {(await person.open("/account")).status for _ in range(9)} == {200}


async def test_a_browser_is_signed_out_once_its_user_may_not_use_the_server(
    office: Site, vault: CredentialVault, audit: AuditLog
) -> None:
    denied = Admission(denied_users=(str(office.key(ALICE)),))
    async with (
        Person(office) as alice,
        site(office.sandbox, vault, audit, office.settings.public_url, admission=denied) as restarted,
        Person(restarted) as later,
    ):
        await alice.sign_in(ALICE)
        later.http.cookies = alice.http.cookies
        assert "Sign out" in (await alice.open("/account")).words
        page = await later.open("/account")
    assert "Sign out" not in page.words
    assert "Sign in to see" in page.words


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("192.0.2.7", (("192.0.2.7", 1),)),
        ("::ffff:192.0.2.7", (("192.0.2.7", 1),)),
        ("2001:db8:1:2:3:4:5:6", (("2001:db8:1::/56", 1), ("2001:db8:1::/48", 4))),
        ("testclient", (("", 1),)),
    ],
)
def test_limits_count_an_ipv6_network_as_one_address(address: str, networks: tuple[tuple[str, int], ...]) -> None:
    assert networks_of(address) == networks


async def test_another_address_of_the_same_ipv6_network_gets_no_limit_of_its_own(vault: CredentialVault) -> None:
    limit = AddressLimit(vault, "token", 2)
    over = [await limit.is_over(f"2001:db8:1:2::{number}") for number in range(4)]
    assert over == [False, False, True, True]
    assert await limit.is_over("2001:db8:1:3::1")
    assert not await limit.is_over("2001:db8:1:102::1")


async def test_whoever_rents_a_48_does_not_get_a_limit_for_each_network_in_it(vault: CredentialVault) -> None:
    limit = AddressLimit(vault, "token", 2)
    over = [await limit.is_over(f"2001:db8:1:{number:x}00::1") for number in range(10)]
    assert over == [False] * 8 + [True] * 2
    assert not await limit.is_over("2001:db8:2::1")


async def test_callers_of_ipv4_share_no_limit_where_their_addresses_arrive_as_ones_of_ipv6(
    vault: CredentialVault,
) -> None:
    limit = AddressLimit(vault, "token", 1)
    for prefix in ("64:ff9b::", "::ffff:"):
        assert await limit.is_over(f"{prefix}192.0.2.1") == (prefix == "::ffff:"), "an address is one, however written"
        assert not await limit.is_over(f"{prefix}192.0.2.{len(prefix)}")


async def test_requests_of_nobody_that_are_begun_and_refused_again_and_again_fill_no_audit_log(
    person: Person, office: Site, tmp_path: Path
) -> None:
    """Each was a line, from whoever has a browser: so old records could be pushed out of the files that are kept."""
    for _ in range(20):
        await person.press(await person.open(await office.asks()), "Refuse")
        left = await person.sent_to(await person.open(await office.asks()), "Allow")
        state = httpx.URL(left).params["state"]
        failed = await person.open(f"/callback?state={state}&error=server_error")
        assert failed.status >= 400
        await person.sent_to(await person.open("/account"), "Sign in")
    lines = (tmp_path / "audit.log").read_text().splitlines()
    assert 2 <= len(lines) <= 10
    assert {tag for tag in AuditTag if any(tag in line for line in lines)} == {
        AuditTag.GRANT_REFUSED,
        AuditTag.SIGN_IN_REFUSED,
    }
