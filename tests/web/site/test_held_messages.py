"""Messages that the server holds for a while, over HTTP: sent by themselves, taken back, stopped with the access."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.audit.tail import last_records
from outlook_mcp.graph.ids import Handle
from outlook_mcp.vault.held_sends import VaultHeldSends
from tests.e2e.office import draft_of
from tests.e2e.test_sending_on_record import facts
from tests.sending import terms_in
from tests.waiting import patience, pause
from tests.web.site.conversation import result_of, text_of
from tests.web.site.grant import Grant
from tests.web.site.served import BOB, Served
from tests.web.site.site_user import SiteUser

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def called(site: Served, grant: Grant, tool: str, **arguments: Any) -> str:
    return text_of(result_of(await site.call(grant.access_token, tool, **arguments)))


async def held(site: Served, grant: Grant, subject: str, *, undo_s: int) -> str:
    """A draft to Bob that is held for so long; its id."""
    saved = await called(site, grant, "draft_save", to=[BOB], subject=subject, body="Hello.")
    answer = await called(site, grant, "mail_send", draft=draft_of(saved), **terms_in(saved), undo_s=undo_s)
    assert f"Held '{subject}' to" in answer, answer
    return draft_of(saved)


async def at_bobs(site: Served, bob: SiteUser, subject: str) -> int:
    mailbox = site.sandbox.store.mailbox(bob.user.oid)
    await site.sandbox.store.outbox.settled()
    return len(mailbox.messages.select("m.subject = ?", (subject,), "m.id", 10))


async def test_a_held_message_goes_out_once_by_itself_and_is_on_record(
    shared_site: Served, alice: SiteUser, bob: SiteUser
) -> None:
    grant = await alice.grant("mail.read mail.write mail.send")
    draft = await held(shared_site, grant, "By itself", undo_s=1)
    again = await called(shared_site, grant, "mail_send", draft=draft)
    assert "held and will be sent by itself" in again
    store = VaultHeldSends(shared_site.site.components.vault)
    async with patience():
        while await store.of_user(alice.key):
            await pause()
    assert await at_bobs(shared_site, bob, "By itself") == 1
    sent = last_records(shared_site.site.components.audit.path, 1)[0]
    assert sent["tag"] == "mail:message:sent"
    assert facts(sent) >= {("tool", "mail_send"), ("outcome", "ok"), ("recipients", 1)}
    late = await called(shared_site, grant, "mail_send", draft=draft, at="cancel")
    assert "sent already" in late


async def test_a_held_message_is_taken_back_by_the_same_tool(
    shared_site: Served, alice: SiteUser, bob: SiteUser
) -> None:
    grant = await alice.grant("mail.read mail.write mail.send")
    draft = await held(shared_site, grant, "Taken back", undo_s=3600)
    taken = await called(shared_site, grant, "mail_send", draft=draft, at="cancel")
    assert taken == f"The message was taken back and will not be sent. Draft {draft} is kept as it was."
    # Another user takes back nothing of hers.
    draft = await held(shared_site, grant, "Taken back", undo_s=3600)
    theirs = await bob.grant("mail.read mail.write mail.send")
    assert "taken back and" not in await called(shared_site, theirs, "mail_send", draft=Handle(draft), at="cancel")
    assert "taken back and" in await called(shared_site, grant, "mail_send", draft=draft, at="cancel")
    assert await at_bobs(shared_site, bob, "Taken back") == 0


async def test_after_a_revocation_nothing_goes_out_and_the_account_page_says_so(
    shared_site: Served, alice: SiteUser, bob: SiteUser
) -> None:
    grant = await alice.grant("mail.read mail.write mail.send")
    await held(shared_site, grant, "Revoked", undo_s=1)
    page = await alice.press(await alice.open("/account"), "End access of all clients")
    assert "The access of the app that asked for it was ended" in page.words
    store = VaultHeldSends(shared_site.site.components.vault)
    async with patience():
        while [row.state for row in await store.of_user(alice.key)] != ["stopped"]:
            await pause()
    assert await at_bobs(shared_site, bob, "Revoked") == 0
    assert "Not sent, was due" in (await alice.open("/account")).words
