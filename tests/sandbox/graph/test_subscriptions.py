"""Subscriptions to changes of messages: validated, told, renewed, expired."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outlook_mcp.sandbox.graph.mail.notifications import Notifier
from outlook_mcp.sandbox.store import Mailbox, MailStore, open_database
from outlook_mcp.sandbox.store.mail.grants import grant_rights
from tests.sandbox.graph.conftest import ANNA, BEN, CARLA, EVERYTHING, OTHER_TENANT, TENANT, UPNS, Client, mail
from tests.sandbox.graph.receiver import Receiver, receiving

HOUR = 3600.0


class Time:
    """Seconds since 1970 that a test moves on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.now

    def text(self, **ahead: float) -> str:
        return (datetime.fromtimestamp(self.now, UTC) + timedelta(**ahead)).isoformat()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def store(time: Time) -> Any:
    store = MailStore(open_database(), send_delay_s=0, now=time)
    for tid, oid in ((TENANT, ANNA), (TENANT, BEN), (OTHER_TENANT, CARLA)):
        store.add_mailbox(tid, oid, UPNS[oid], oid[:4])
    yield store
    store.close()


@pytest.fixture
def notifier(store: MailStore) -> Notifier:
    return Notifier(store)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
def order(receiver: Receiver, time: Time) -> dict[str, Any]:
    return {
        "changeType": "created,updated,deleted",
        "notificationUrl": receiver.url,
        "resource": "/me/mailFolders('Inbox')/messages",
        "expirationDateTime": time.text(days=2),
        "clientState": "secret",
    }


async def test_created_updated_and_deleted_messages_are_told(
    anna: Client, mailbox: Mailbox, receiver: Receiver, notifier: Notifier, order: dict[str, Any]
) -> None:
    mailbox.insert_message(mail("Before"))
    made = await anna.post("/subscriptions", order)
    assert (made["clientState"], made["creatorId"], made["applicationId"]) == ("secret", ANNA, "test-app")
    stored = mailbox.insert_message(mail())
    await notifier.notify_all()
    (told,) = receiver.got
    resource = f"Users/{ANNA}/Messages/{stored.id}"
    assert told == {
        "subscriptionId": made["id"],
        "subscriptionExpirationDateTime": made["expirationDateTime"],
        "changeType": "created",
        "resource": resource,
        "clientState": "secret",
        "tenantId": TENANT,
        "resourceData": {
            "@odata.type": "#Microsoft.Graph.Message",
            "@odata.id": resource,
            "@odata.etag": f'W/"{stored.change_key}"',
            "id": stored.id,
        },
    }
    await anna.patch(f"/me/messages/{stored.id}", {"isRead": True})
    await notifier.notify_all()
    await anna.post(f"/me/messages/{stored.id}/move", {"destinationId": "archive"})
    await notifier.notify_all()
    await notifier.notify_all()
    assert [(found["changeType"], found["resourceData"]["id"]) for found in receiver.got[1:]] == [
        ("updated", stored.id),
        ("deleted", stored.id),
    ]


async def test_only_what_was_asked_for_is_told_with_the_ids_that_were_asked_for(
    anna: Client, mailbox: Mailbox, receiver: Receiver, notifier: Notifier, order: dict[str, Any]
) -> None:
    whole = {**order, "resource": "me/messages", "changeType": "created"}
    await anna.post("/subscriptions", whole, headers={"Prefer": 'IdType="ImmutableId"'})
    stored = mailbox.insert_message(mail(), "archive")
    mailbox.messages.update_columns(stored, {"is_read": 1})
    await notifier.notify_all()
    assert [(found["changeType"], found["resourceData"]["id"]) for found in receiver.got] == [
        ("created", stored.immutable_id)
    ]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"notificationUrl": "https://hook.example/"}, 400, "ValidationError"),
        ({"notificationUrl": "http://127.0.0.1:1/"}, 400, "ValidationError"),
        ({"lifecycleNotificationUrl": "ftp://localhost/"}, 400, "ValidationError"),
        ({"changeType": "read"}, 400, "InvalidRequest"),
        ({"changeType": None}, 400, "RequestBodyRead"),
        ({"expirationDateTime": "soon"}, 400, "RequestBodyRead"),
        ({"expirationDateTime": "2026-05-31T00:00:00Z"}, 400, "InvalidRequest"),
        ({"expirationDateTime": "2026-06-08T00:01:00Z"}, 400, "InvalidRequest"),
        ({"clientState": "x" * 129}, 400, "BadRequest"),
        ({"resource": "me/mailFolders/nowhere/messages"}, 400, "ErrorInvalidIdMalformed"),
        ({"resource": f"users/{BEN}/messages"}, 403, "ErrorAccessDenied"),
        ({"resource": "me/events"}, 501, "NotImitated"),
        ({"includeResourceData": True}, 501, "NotImitated"),
    ],
)
async def test_a_subscription_that_cannot_be_is_refused(
    anna: Client, order: dict[str, Any], changes: dict[str, Any], status: int, code: str
) -> None:
    assert await anna.fails("POST", "/subscriptions", status, json={**order, **changes}) == code
    assert (await anna.get("/subscriptions"))["value"] == []


async def test_a_receiver_that_does_not_return_the_token_is_refused(
    anna: Client, receiver: Receiver, order: dict[str, Any]
) -> None:
    receiver.token = "another"
    assert await anna.fails("POST", "/subscriptions", 400, json=order) == "ValidationError"


async def test_a_subscription_is_renewed_and_ends(
    anna: Client, mailbox: Mailbox, receiver: Receiver, notifier: Notifier, time: Time, order: dict[str, Any]
) -> None:
    made = await anna.post("/subscriptions", {**order, "expirationDateTime": time.text(minutes=1)})
    assert made["expirationDateTime"] == "2026-06-01T00:45:00.0000000Z"
    path = f"/subscriptions/{made['id']}"
    renewed = await anna.patch(path, {"expirationDateTime": time.text(hours=2)})
    assert (renewed["expirationDateTime"], renewed["clientState"]) == ("2026-06-01T02:00:00.0000000Z", None)
    await anna.post(f"{path}/reauthorize", status=204)
    time.now += HOUR
    mailbox.insert_message(mail())
    await notifier.notify_all()
    assert len(receiver.got) == 1
    time.now += HOUR
    mailbox.insert_message(mail())
    await notifier.notify_all()
    assert len(receiver.got) == 1
    assert await anna.fails("PATCH", path, 404, json={"expirationDateTime": time.text(hours=1)}) == "ResourceNotFound"


async def test_a_subscription_belongs_to_its_user(anna: Client, ben: Client, order: dict[str, Any]) -> None:
    path = f"/subscriptions/{(await anna.post('/subscriptions', order))['id']}"
    assert await ben.fails("GET", path, 404) == "ResourceNotFound"
    assert (await ben.get("/subscriptions"))["value"] == []
    assert [found["id"] for found in (await anna.get("/subscriptions"))["value"]] == [path.rpartition("/")[2]]
    await anna.delete(path)
    assert await anna.fails("DELETE", path, 404) == "ResourceNotFound"


async def test_what_a_receiver_does_not_accept_is_told_again_and_missed_after_four_hours(
    anna: Client, mailbox: Mailbox, receiver: Receiver, notifier: Notifier, time: Time, order: dict[str, Any]
) -> None:
    await anna.post("/subscriptions", {**order, "lifecycleNotificationUrl": receiver.url})
    receiver.status = 503
    mailbox.insert_message(mail())
    await notifier.notify_all()
    await notifier.notify_all()
    assert (receiver.posts, receiver.got) == (1, [])
    time.now, receiver.status = time.now + 2, 202
    await notifier.notify_all()
    assert [found["changeType"] for found in receiver.got] == ["created"]
    receiver.status = 503
    mailbox.insert_message(mail())
    await notifier.notify_all()
    time.now += 5 * HOUR
    await notifier.notify_all()
    receiver.status, time.now = 202, time.now + 2
    await notifier.notify_all()
    assert receiver.got[-1]["lifecycleEvent"] == "missed"


async def test_a_removed_subscription_is_told_to_the_receiver_of_lifecycle_notifications(
    anna: Client, receiver: Receiver, notifier: Notifier, store: MailStore, order: dict[str, Any]
) -> None:
    made = await anna.post("/subscriptions", {**order, "lifecycleNotificationUrl": receiver.url})
    (subscription,) = store.subscriptions.all_subscriptions()
    await notifier.notify_lifecycle(subscription, "reauthorizationRequired")
    await notifier.notify_lifecycle(subscription, "subscriptionRemoved")
    told = [(found["subscriptionId"], found["lifecycleEvent"], found["clientState"]) for found in receiver.got]
    events = ("reauthorizationRequired", "subscriptionRemoved")
    assert told == [(made["id"], event, "secret") for event in events]
    assert (await anna.get("/subscriptions"))["value"] == []


async def test_a_shared_mailbox_is_watched_by_those_who_may_read_it(
    anna: Client, store: MailStore, receiver: Receiver, notifier: Notifier, order: dict[str, Any]
) -> None:
    shared, ben = dataclasses.replace(anna, scopes=(*EVERYTHING, "Mail.Read.Shared")), store.mailbox(BEN)
    grant_rights(ben, ANNA, ["read"])
    resource = f"users/{UPNS[BEN]}/mailFolders/inbox/messages"
    assert await anna.fails("POST", "/subscriptions", 403, json={**order, "resource": resource}) == "ErrorAccessDenied"
    await shared.post("/subscriptions", {**order, "resource": resource})
    stored = ben.insert_message(mail())
    await notifier.notify_all()
    assert [found["resource"] for found in receiver.got] == [f"Users/{BEN}/Messages/{stored.id}"]


async def test_a_deferred_message_waits_in_the_outbox_and_can_be_taken_back(
    anna: Client, ben: Client, store: MailStore, mailbox: Mailbox, time: Time
) -> None:
    later = {"id": "SystemTime 0x3FEF", "value": time.text(hours=1)}
    message = {"subject": "Later", "toRecipients": [{"emailAddress": {"address": UPNS[BEN]}}]}
    for _ in range(2):
        draft = await anna.post("/me/messages", {**message, "singleValueExtendedProperties": [later]})
        await anna.post(f"/me/messages/{draft['id']}/send", status=202)
    waiting = (await anna.get("/me/mailFolders/outbox/messages"))["value"]
    assert len(waiting) == 2
    back = await anna.post(f"/me/messages/{waiting[0]['id']}/move", {"destinationId": "drafts"})
    assert back["isDraft"]
    time.now += HOUR + 1
    assert len((await ben.get("/me/messages"))["value"]) == 1
    assert mailbox.folders.by_name("drafts").total == mailbox.folders.by_name("sentitems").total == 1
