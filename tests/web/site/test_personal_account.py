"""A person without an organization, whose mailbox is at outlook.com: their own session, their own mail."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from outlook_mcp.sandbox.directory import CONSUMERS
from tests.e2e.office import draft_of
from tests.sending import terms_in
from tests.web.site.conversation import LEGACY, MODERN
from tests.web.site.served import BOB, Served
from tests.web.site.site_user import SiteUser

pytestmark = pytest.mark.asyncio(loop_scope="module")
FRIDA = "frida.falk@freemail.example"


@pytest_asyncio.fixture(loop_scope="module")
async def frida(shared_site: Served) -> AsyncIterator[SiteUser]:
    async with SiteUser(shared_site, FRIDA) as frida:
        yield frida


@pytest.mark.parametrize("version", [MODERN, LEGACY])
async def test_a_personal_account_signs_in_as_itself_lists_and_sends(
    shared_site: Served, frida: SiteUser, bob: SiteUser, version: str
) -> None:
    client = await frida.converse(version, scope="mail.read mail.write mail.send")
    assert frida.key.tid == CONSUMERS.tid
    sessions = await shared_site.site.sessions.sessions_of(frida.key)
    assert {(session.user, session.account) for session in sessions} == {(frida.key, FRIDA)}
    (mailbox,) = await shared_site.site.components.connections.connections_of(frida.key)
    assert (mailbox.mailbox, mailbox.is_own) == (frida.key, True)
    assert "For Frida" in await client.text("mail_search")
    subject = f"From outlook.com in {version}"
    saved = await client.text("draft_save", to=[BOB], subject=subject, body="Hello Bob.")
    assert "Sent" in await client.text("mail_send", draft=draft_of(saved), **terms_in(saved))
    await shared_site.sandbox.store.outbox.settled()
    assert subject in await client.text("mail_search", folder="sent")
    received = await (await bob.converse(version)).text("mail_search")
    assert subject in received
    assert "Frida Falk" in received
