"""Opening a mailbox: what is found out, what is kept, and what is said when there is none."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from outlook_mcp.calendar.event_ids import original_day
from outlook_mcp.errors import AccessDenied, ConfigurationError, GraphUnavailable, MailboxUnavailable, NotFound, Remedy
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.ids import is_short_or_full_id
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.identity.connection_id import ConnectionId
from outlook_mcp.identity.email_config import Signature, UserEmailConfig
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.message_changes import MessageChange
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.net.clock import unix_time
from outlook_mcp.sandbox.store.mail.settings import change_settings
from outlook_mcp.workspace.manager import EmailWorkspaceManager
from outlook_mcp.workspace.models import PeopleSources
from outlook_mcp.workspace.workspace import EmailWorkspace, graph_areas
from tests.workspace.conftest import ALL_SCOPES, KeptConfigs, World, attachments_of, requests_of, shared_in_memory


async def test_the_first_opening_finds_address_name_zone_and_guid_in_one_request(world: World) -> None:
    alice = await world.mailbox()
    assert alice.config.address == "alice@contoso.example"
    assert alice.config.display_name == "Alice Archer"
    assert alice.config.time_zone == "W. Europe Standard Time"
    assert alice.config.mailbox_guid
    assert len(bytes.fromhex(alice.config.mailbox_guid)) == 16
    assert world.configs.kept[world.key("alice"), None] == alice.config
    assert world.requests("POST") == ["POST /v1.0/$batch"]


async def test_a_known_mailbox_opens_without_any_request(world: World) -> None:
    known = UserEmailConfig(address="alice@contoso.example", mailbox_guid="0" * 32, zone_asked=int(unix_time()))
    world.configs.kept[world.key("alice"), None] = known
    assert (await world.mailbox()).config == known
    assert world.requests() == []


async def test_a_mailbox_is_opened_before_a_call_only_where_nobody_is_asked_about_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = world.key("alice")
    known = UserEmailConfig(address="alice@contoso.example", mailbox_guid="0" * 32)
    opened: list[UserKey] = []
    usual = world.manager.open_workspace

    async def open_workspace(user: UserKey, connection: ConnectionId | None = None) -> EmailWorkspace:
        opened.append(user)
        return await usual(user, connection)

    monkeypatch.setattr(world.manager, "open_workspace", open_workspace)
    await world.manager.open_known(alice)
    for unknown in ({"address": ""}, {"mailbox_guid": None}, {"time_zone": ""}, {"zone_asked": 0}):
        world.configs.kept[alice, None] = known.model_copy(update={"zone_asked": int(unix_time()), **unknown})
        await world.manager.open_known(alice)
    assert opened == []
    world.configs.kept[alice, None] = known.model_copy(update={"zone_asked": int(unix_time())})
    await world.manager.open_known(alice)
    assert opened == [alice]
    assert world.requests() == []


async def test_a_user_who_travels_sees_the_zone_of_their_mailbox_within_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = [unix_time()]
    monkeypatch.setattr(world.manager, "_clock", lambda: hours[0])
    alice = await world.mailbox()
    assert alice.config.time_zone == "W. Europe Standard Time"
    await alice.kept_settings.change_config(signature=Signature(content="A."))
    alice = await world.mailbox()
    mailbox = world.sandbox.store.mailbox(world.user("alice").oid)
    change_settings(mailbox, {"timeZone": "Tokyo Standard Time"})
    asked = len(world.requests("GET", "mailboxsettings"))
    hours[0] += 80_000
    assert await world.mailbox() is alice
    hours[0] += 10_000
    moved = await world.mailbox()
    assert (moved.config.time_zone, moved.config.signature) == ("Tokyo Standard Time", Signature(content="A."))
    assert await world.mailbox() is moved
    assert len(world.requests("GET", "mailboxsettings")) == asked + 1


async def test_a_zone_that_cannot_be_read_stays_as_it_was_and_is_not_asked_for_again_that_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = [unix_time()]
    monkeypatch.setattr(world.manager, "_clock", lambda: hours[0])
    alice = await world.mailbox()
    world.faults({"route": "*mailboxSettings", "status": 403})
    hours[0] += 90_000
    asked = len(world.requests("GET", "mailboxsettings"))
    assert await world.mailbox() is alice
    assert await world.mailbox() is alice
    assert len(world.requests("GET", "mailboxsettings")) == asked + 1


async def test_an_open_mailbox_stays_open_until_its_user_is_forgotten(world: World) -> None:
    alice = await world.mailbox()
    assert await world.mailbox() is alice
    assert await world.mailbox("bob") is not alice
    world.manager.forget(world.key("alice"))
    assert await world.mailbox() is not alice


async def test_another_connection_is_another_workspace_with_settings_of_its_own(world: World) -> None:
    own = await world.mailbox()
    other = await world.manager.open_workspace(world.key("alice"), ConnectionId("shared-1"))
    assert other is not own
    assert (own.connection, other.connection) == (None, "shared-1")
    assert set(world.configs.kept) == {(world.key("alice"), None), (world.key("alice"), "shared-1")}


async def test_a_shared_mailbox_that_one_user_has_open_stays_closed_to_another(world: World, team: str) -> None:
    connection = ConnectionId("own")
    opened = await world.manager.open_shared_mailbox(world.key("alice"), connection, team)
    assert (opened.config.display_name, opened.opened_by) == ("Team", "alice@contoso.example")
    assert opened.connection == "own:team@contoso.example"
    assert await world.manager.open_shared_mailbox(world.key("alice"), connection, team.title()) is opened
    with pytest.raises(AccessDenied, match="bob@contoso.example may not open"):
        await world.manager.open_shared_mailbox(world.key("bob"), connection, team)
    own = await world.manager.open_workspace(world.key("alice"), connection)
    code = opened._confirmations.code_for("emptying")
    assert opened._confirmations.confirms(code, "emptying")
    assert not own._confirmations.confirms(code, "emptying")
    assert set(world.configs.kept) == {(world.key("alice"), "own"), (world.key("bob"), "own")}


async def test_ids_of_another_layout_are_learned_once_and_known_to_every_server(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Exchange then answers with ids that have no counter known to us, as for personal accounts.
    monkeypatch.setattr("outlook_mcp.graph.requests.IMMUTABLE_ID", 'outlook.timezone="UTC"')
    monkeypatch.setattr("outlook_mcp.workspace.discovery.mailbox_guid", lambda inbox, newest: None)
    alice = await world.mailbox()
    assert alice.config.mailbox_guid is None
    assert alice.config.id_starts == world.configs.kept[world.key("alice"), None].id_starts != ()
    found = (await alice.search.search_messages(MailQuery(folder="inbox", limit=5))).messages
    shorts = [alice.handles.short(message.id) for message in found]
    assert all(len(short) == 21 for short in shorts)
    fetched = await requests_of(alice).fetch_messages(alice.handles.full_ids(shorts))
    assert [result.message.id for result in fetched if result.message] == [message.id for message in found]
    known = world.configs.kept[world.key("alice"), None]
    world.configs.kept[world.key("alice"), None] = known.model_copy(update={"id_starts": (*known.id_starts, "A" * 80)})
    assert (await world.mailbox()).config.id_starts == (*known.id_starts, "A" * 80)


async def test_ids_of_events_and_contacts_of_another_layout_are_learned_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outlook_mcp.graph.requests.IMMUTABLE_ID", 'outlook.timezone="UTC"')
    monkeypatch.setattr("outlook_mcp.workspace.discovery.mailbox_guid", lambda inbox, newest: None)
    world.tokens.scopes = (*ALL_SCOPES, "Calendars.Read", "Contacts.Read")
    alice = await world.mailbox()
    listed = await alice.calendar().list_events("today", "+60d")
    events = [item.event.id for item in listed.events]
    dates = [event for event in events if original_day(event)]
    assert 0 < len(dates) < len(events)
    shorts = [alice.event_ids.short(event) for event in events]
    assert {len(short) for short in shorts} == {21, 28}
    assert all(map(is_short_or_full_id, shorts))
    assert [alice.event_ids.full(short) for short in shorts] == events
    assert [alice.event_ids.full(event) for event in events] == events
    read = await alice.calendar().read_events([alice.event_ids.short(dates[0])])
    assert [item.event.id for item in read.items] == dates[:1]
    found = await alice.people_search(PeopleSources(contacts=True)).people_like("a")
    contacts = [person.contact.id for person in found.people if person.contact]
    shown = [alice.handles.short(contact) for contact in contacts]
    # A folder with a single contact has no start that several share.
    assert {len(short) for short in shown} == {21, 152}
    assert alice.handles.full_ids(shown) == contacts


async def test_short_ids_of_a_listing_lead_back_to_the_messages(world: World) -> None:
    alice = await world.mailbox()
    found = (await requests_of(alice).fetch_messages([world.deliver(subject="Short")]))[0].message
    assert found
    handle = alice.handles.short(found.id)
    assert handle.isdecimal()
    assert alice.handles.full(handle) == found.id


async def test_a_missing_permission_is_named_with_its_next_step(world: World) -> None:
    world.tokens.scopes = ("User.Read",)
    alice = await world.mailbox()
    with pytest.raises(AccessDenied) as caught:
        await alice.folders.folder_tree()
    assert "Mail.Read" in caught.value.next_step


@pytest.mark.parametrize("permission", ["Calendars.Read", "Contacts.Read"])
async def test_a_mailbox_is_opened_without_any_permission_for_mail(world: World, permission: str) -> None:
    world.tokens.scopes = (permission, "User.Read", "MailboxSettings.Read")
    guid = world.sandbox.store.mailbox(world.key("alice").oid).account.guid.hex()
    assert (await world.mailbox()).config.mailbox_guid == guid


async def test_without_mailbox_settings_the_zone_is_utc_and_mail_works(world: World) -> None:
    world.tokens.scopes = ("Mail.Read", "User.Read")
    alice = await world.mailbox()
    assert alice.config.time_zone == "UTC"
    assert (await alice.folders.folder_tree()).folders


async def test_a_zone_that_could_not_be_read_at_the_first_opening_is_asked_for_again(world: World) -> None:
    world.faults({"route": "/v1.0/me/mailboxSettings*", "status": 503, "headers": {"Retry-After": "0"}})
    assert (await world.mailbox()).config.zone() == ZoneInfo("UTC")
    world.faults()
    alice = await world.mailbox()
    assert alice.config.time_zone == "W. Europe Standard Time"
    assert world.configs.kept[world.key("alice"), None] == alice.config
    assert await world.mailbox() is alice


async def test_a_mailbox_whose_mail_could_not_be_listed_has_short_ids_nevertheless(world: World) -> None:
    world.faults({"route": "/v1.0/me/messages*", "status": 503, "headers": {"Retry-After": "0"}})
    assert (await world.mailbox()).config.mailbox_guid == world.sandbox.store.mailbox(
        world.key("alice").oid
    ).account.guid.hex()


async def test_without_user_read_the_address_of_the_sign_in_is_used(world: World) -> None:
    world.tokens.scopes = ("Mail.Read",)
    with pytest.raises(AccessDenied, match="User.Read"):
        await world.mailbox()
    world.configs.kept[world.key("alice"), None] = UserEmailConfig(
        address="alice@contoso.example", time_zone="Tokyo Standard Time"
    )
    alice = await world.mailbox()
    assert (alice.config.address, alice.config.time_zone) == ("alice@contoso.example", "Tokyo Standard Time")
    assert alice.config.mailbox_guid


async def test_a_user_without_a_mailbox_is_told_to_get_a_licence(world: World) -> None:
    body = {"error": {"code": "MailboxNotEnabledForRESTAPI", "message": "The mailbox is either inactive."}}
    world.faults({"route": "/v1.0/me/mailFolders/inbox*", "status": 404, "body": body})
    with pytest.raises(MailboxUnavailable) as caught:
        await world.mailbox()
    assert caught.value.remedy is Remedy.OBTAIN_MAILBOX


async def test_an_unreachable_graph_is_not_remembered(world: World) -> None:
    world.faults({"route": "/v1.0/$batch", "status": 500, "times": 1})
    with pytest.raises(GraphUnavailable):
        await world.mailbox()
    assert (await world.mailbox()).config.address


async def test_a_message_of_one_user_is_not_found_for_another(world: World) -> None:
    secret = world.deliver("alice", subject="Canary", text="canary-7f3")
    bob = await world.mailbox("bob")
    outcomes = [
        *await requests_of(bob).fetch_messages([secret]),
        *(await bob.messages.update_messages([secret], MessageChange(read=True))).results,
        *await requests_of(bob).delete_messages([secret]),
    ]
    assert all(isinstance(outcome.error, NotFound) and outcome.message is None for outcome in outcomes)
    assert "canary" not in repr(outcomes).lower()
    with pytest.raises(NotFound):
        await attachments_of(bob).list_attachments(secret)


async def test_a_mailbox_opens_over_tls_only_when_its_authority_is_trusted(world: World) -> None:
    trusted = GraphSettings(base_url=world.sandbox.https_graph_url, ca_file=world.sandbox.ca_file)
    untrusting = GraphSettings(base_url=world.sandbox.https_graph_url)
    for settings in (trusted, untrusting):
        factory = EmailClientFactory(settings, world.tokens, graph_areas)
        manager = EmailWorkspaceManager(factory, KeptConfigs(), shared=shared_in_memory())
        try:
            if settings is trusted:
                assert (await manager.open_workspace(world.key("alice"))).config.address == "alice@contoso.example"
            else:
                with pytest.raises(ConfigurationError, match="certificate of Microsoft Graph is not trusted"):
                    await manager.open_workspace(world.key("alice"))
        finally:
            await factory.aclose()
