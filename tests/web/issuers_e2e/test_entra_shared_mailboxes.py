"""With tokens of Entra ID a caller opens the mailboxes that others share with them, where that is consented to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from outlook_mcp.sandbox import Sandbox
from outlook_mcp.sandbox.directory import CONTOSO, App
from outlook_mcp.sandbox.store import Mailbox
from outlook_mcp.sandbox.store.mail.grants import grant_rights
from tests.e2e.office import draft_of, letter, listed_ids
from tests.one_task import in_one_task
from tests.people import key_of, user_of
from tests.sending import terms_in
from tests.web.issuers_e2e.entra import consented, grants_asked, registered, token_for, told
from tests.web.issuers_e2e.opened_site import ListeningPort, opened
from tests.web.site.served import ALICE, Served

SECRET = SecretStr("server-secret")
TEAM = "team@contoso.example"
SHARED = ("Mail.Read.Shared", "Mail.ReadWrite.Shared", "Mail.Send.Shared")
HEADING = f"Shared mailbox of {TEAM}, opened with the rights of {ALICE}."


@pytest.fixture
def app(sandbox: Sandbox, port: ListeningPort) -> App:
    app = registered(sandbox, port, secret=SECRET)
    consented(sandbox, app, ALICE)
    return app


@pytest.fixture
def team(sandbox: Sandbox) -> Mailbox:
    alice = user_of(sandbox, ALICE)
    team = sandbox.store.add_mailbox(alice.tid, "dddddddd-0000-4000-8000-000000000004", TEAM, "Team")
    grant_rights(team, alice.oid, ("full_access", "send_as"))
    team.insert_message(letter("For the team"))
    return team


@pytest.fixture
async def site(sandbox: Sandbox, port: ListeningPort, app: App, tmp_path: Path) -> AsyncIterator[Served]:
    settings = {"auth": "entra", "client_id": app.client_id, "client_secret": SECRET, "tenant": CONTOSO.tid}
    async with in_one_task(opened(port, sandbox, tmp_path, shared_mailboxes=True, **settings)) as site:
        yield site


async def test_a_shared_mailbox_is_read_changed_and_sent_from_with_the_callers_token(
    site: Served, app: App, team: Mailbox
) -> None:
    consented(site.sandbox, app, ALICE, permissions=SHARED)
    token = await token_for(site.sandbox, app, ALICE)
    found = told(await site.call(token, "mail_search", account=TEAM))
    assert found.startswith(HEADING)
    # Entra ID may grant all that was consented to, whatever was asked for; a refresh promises what was.
    alice, connections = key_of(site.sandbox, ALICE), site.site.components.connections
    assert "Mail.Read.Shared" in await connections.requested_permissions(alice, alice)
    (message,) = listed_ids(found)
    wide = await token_for(site.sandbox, app, ALICE, "mail.read", "mail.write", "mail.send")
    moved = told(await site.call(wide, "mail_move", ids=[message], folder="archive", account=TEAM))
    assert moved.startswith(HEADING)
    assert team.folders.by_name("archive").total == 1
    given: dict[str, Any] = {"to": [ALICE], "subject": "Ours", "body": "Hi", "account": TEAM}
    draft = draft_of(told(await site.call(wide, "draft_save", **given)))
    shown = told(await site.call(wide, "mail_send", draft=draft, account=TEAM))
    sent = told(await site.call(wide, "mail_send", draft=draft, account=TEAM, **terms_in(shown)))
    assert sent.startswith(HEADING)


async def test_without_consent_for_shared_mailboxes_the_own_one_is_served_and_the_refusal_says_why(
    site: Served, app: App, team: Mailbox
) -> None:
    token = await token_for(site.sandbox, app, ALICE)
    assert "Inbox" in told(await site.call(token, "mail_folders"))
    asked = grants_asked(site.sandbox)
    refused = told(await site.call(token, "mail_search", account=TEAM))
    assert "Mail.Read.Shared, which was not granted" in refused
    assert "see to the consent in Entra ID" in refused
    assert "Inbox" in told(await site.call(token, "mail_folders"))
    # What Microsoft refused is not asked for with each call.
    assert grants_asked(site.sandbox) == asked
    consented(site.sandbox, app, ALICE, permissions=SHARED)
    # Another token is tried at once, this one after a minute.
    wide = await token_for(site.sandbox, app, ALICE, "mail.read", "mail.write")
    assert told(await site.call(wide, "mail_search", account=TEAM)).startswith(HEADING)
