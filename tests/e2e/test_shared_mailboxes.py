"""A mailbox that somebody else shares with the user: opened by its address, with the user's own rights."""

from __future__ import annotations

import re
from base64 import b64decode

from mcp_types import BlobResourceContents

from outlook_mcp.app import open_app
from outlook_mcp.audit.tail import last_records
from outlook_mcp.sandbox.store import Mailbox
from outlook_mcp.sandbox.store.mail.grants import Right, grant_rights
from tests.e2e.office import Office, call, draft_of, letter, listed_ids, refusal
from tests.sending import terms_in

ADDRESS = "team@contoso.example"
HEADING = f"Shared mailbox of {ADDRESS}, opened with the rights of alice@contoso.example."


def team_of(office: Office, *rights: Right) -> Mailbox:
    """The mailbox of the team, with a message, which Alice may use so far."""
    tenant = office.alice.tid
    team = office.sandbox.store.add_mailbox(tenant, "dddddddd-0000-4000-8000-000000000004", ADDRESS, "Team")
    grant_rights(team, office.alice.oid, rights)
    team.insert_message(letter("For the team"))
    return team


async def test_a_shared_mailbox_is_read_and_changed_by_its_address_and_every_answer_says_so(office: Office) -> None:
    team = team_of(office, "full_access", "send_as")
    office.mailbox(office.alice).insert_message(letter("For Alice"))
    async with office.client(office.alice, shared_mailboxes=True, toolsets="all") as client:
        assert "shares with the user is opened by its address" in await call(client, "mail_folders")
        found = await call(client, "mail_search", account=ADDRESS.upper())
        assert found.startswith(HEADING)
        assert "For the team" in found
        assert "For Alice" not in found
        (message,) = listed_ids(found)
        assert "Hello Alice." in await call(client, "mail_read", ids=[message], account=ADDRESS)
        # An id of the team is none of Alice's own mailbox, whose message may have the same short one.
        (own,) = listed_ids(await call(client, "mail_search"))
        assert "For Alice" in await call(client, "mail_read", ids=[own])
        (address,) = re.findall(r"outlook://\S+", await call(client, "mail_export", ids=[message], account=ADDRESS))
        source, _heading = (await client.read_resource(address)).contents
        assert isinstance(source, BlobResourceContents)
        assert b"For the team" in b64decode(source.blob)
        moved = await call(client, "mail_move", ids=[message], folder="archive", account=ADDRESS)
        assert moved.startswith(HEADING)
        assert team.folders.by_name("archive").total == 1
        saved = await call(client, "draft_save", to=["bob@contoso.example"], subject="Ours", body="Hi", account=ADDRESS)
        assert saved.endswith(f'Calls named here need account="{ADDRESS}" too.')
        draft = draft_of(saved)
        shown = await call(client, "mail_send", draft=draft, account=ADDRESS)
        sent = await call(client, "mail_send", draft=draft, account=ADDRESS, **terms_in(shown))
        assert sent.startswith(HEADING)
    await office.sandbox.store.outbox.settled()
    (arrived,) = office.mailbox(office.bob).messages.select("m.subject = 'Ours'", (), "m.id", 10)
    author = office.mailbox(office.bob).messages.load_message(arrived).from_
    assert author is not None
    assert author.address == ADDRESS
    configuration = office.configuration(office.alice)
    records = last_records(configuration.data_dir / "audit.log", 10_000)
    async with open_app(configuration) as app:
        personal = [await app.components.audit.open_personal(record) for record in records if "sealed" in record]
    assert ADDRESS in [fields.get("shared_mailbox") for fields in personal if fields]


async def test_nobody_opens_a_mailbox_that_is_not_shared_with_them(office: Office) -> None:
    team = team_of(office, "read")
    office.mailbox(office.bob).insert_message(letter("For Bob"))
    async with office.client(office.alice, shared_mailboxes=True) as client:
        for address in ("bob@contoso.example", "nobody@contoso.example"):
            told = await refusal(client, "mail_search", account=address)
            assert f"alice@contoso.example may not open the mailbox of {address}" in told
        (message,) = listed_ids(await call(client, "mail_search", account=ADDRESS))
        told = await refusal(client, "mail_delete", ids=[message], account=ADDRESS)
        assert told.startswith(HEADING)
        assert "Mail.ReadWrite.Shared was granted" in told
        assert "owner of the mailbox forbids it" in told
        grant_rights(team, office.alice.oid, ())
        assert "Mail.Read.Shared was granted" in await refusal(client, "mail_read", ids=[message], account=ADDRESS)
    assert team.folders.by_name("inbox").total == 1


async def test_without_the_setting_only_mailboxes_are_opened_that_the_user_connected(office: Office) -> None:
    team_of(office, "full_access")
    async with office.client(office.alice) as client:
        told = await refusal(client, "mail_search", account=ADDRESS)
        assert "connected no mailbox of that name" in told
        assert "SHARED_MAILBOXES" in told
        assert "shares with the user" not in await call(client, "mail_folders")
    assert not [record for record in office.sandbox.log.records if "/users/" in record.path]


async def test_settings_and_rules_of_a_shared_mailbox_are_left_to_its_owner(office: Office) -> None:
    team_of(office, "full_access")
    async with office.client(office.alice, shared_mailboxes=True, toolsets="mail-settings") as client:
        for tool in ("settings", "rules"):
            assert "to its owner alone" in await refusal(client, tool, account=ADDRESS)
