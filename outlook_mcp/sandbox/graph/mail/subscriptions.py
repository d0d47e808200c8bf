"""/subscriptions: who is notified of changes of messages, and until when."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from outlook_mcp.sandbox.graph.core.call import no_content
from outlook_mcp.sandbox.graph.core.errors import (
    GraphFault,
    access_denied,
    bad_request,
    invalid_body,
    not_imitated_value,
    read_only,
)
from outlook_mcp.sandbox.graph.core.paths import read_path
from outlook_mcp.sandbox.graph.core.shapes import Shape, read_body
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.notifications import is_loopback, is_validated, write_moment
from outlook_mcp.sandbox.graph.mail.paths import IN_FOLDER, leave_folders
from outlook_mcp.sandbox.graph.mail.scopes import READ_BASIC, shared
from outlook_mcp.sandbox.store import Mailbox
from outlook_mcp.sandbox.store.mail.grants import may_open
from outlook_mcp.sandbox.store.mail.subscriptions import Subscription

_CHANGE_TYPES = ("created", "updated", "deleted")
# Of subscriptions to messages (https://learn.microsoft.com/graph/api/resources/subscription).
_LONGEST, _SHORTEST = timedelta(minutes=10_080), timedelta(minutes=45)
_CLIENT_STATE_LIMIT = 128
_WRITABLE = ("changeType", "clientState", "lifecycleNotificationUrl", "notificationUrl", "resource")
_RICH = ("encryptionCertificate", "encryptionCertificateId", "notificationUrlAppId", "notificationQueryOptions")
_SUBSCRIPTION = Shape(
    "subscription",
    {
        **dict.fromkeys((*_WRITABLE, "expirationDateTime", "latestSupportedTlsVersion"), str),
        **dict.fromkeys((*_RICH, "id", "applicationId", "creatorId"), object),
        "includeResourceData": bool,
    },
)


async def list_subscriptions(call: MailCall) -> Response:
    """The subscriptions that the same application made for the same user."""
    values = [_subscription_json(subscription) for subscription in _own_subscriptions(call)]
    return call.json_answer({"@odata.context": call.type_context("subscriptions"), "value": values})


async def get_subscription(call: MailCall) -> Response:
    return _subscription_answer(call, _subscription(call))


async def create_subscription(call: MailCall) -> Response:
    """Both addresses are asked for the validation token first."""
    fields = read_body(_SUBSCRIPTION, await call.json())
    for name in ("changeType", "expirationDateTime", "notificationUrl", "resource"):
        if not fields.get(name):
            raise invalid_body(f"The property '{name}' is missing.")
    _refuse_rich(fields)
    if len(fields.get("clientState") or "") > _CLIENT_STATE_LIMIT:
        raise bad_request(f"The property 'clientState' has more than {_CLIENT_STATE_LIMIT} characters.")
    mailbox, folder = _place(call, fields["resource"])
    subscription = Subscription(
        id=str(uuid.uuid4()),
        owner=call.caller.oid,
        app=call.caller.app,
        mailbox=mailbox.account.oid,
        folder=folder,
        resource=fields["resource"],
        change_types=_change_types(fields["changeType"]),
        notification_url=fields["notificationUrl"],
        lifecycle_url=fields.get("lifecycleNotificationUrl"),
        client_state=fields.get("clientState"),
        immutable=call.prefer.immutable_ids,
        expires=_expiry(call, fields["expirationDateTime"]),
        position=0,
    )
    for url in (subscription.notification_url, subscription.lifecycle_url):
        await _validate(url)
    position = mailbox.changes.position()
    call.stores.subscriptions.put_subscription(replace(subscription, position=position))
    return _subscription_answer(call, subscription, 201)


async def update_subscription(call: MailCall) -> Response:
    """Renews it; the address can be changed too."""
    _subscription(call)
    fields = read_body(_SUBSCRIPTION, await call.json())
    for name in fields:
        if name not in ("expirationDateTime", "notificationUrl"):
            raise read_only(name)
    if fields.get("notificationUrl"):
        await _validate(fields["notificationUrl"])
    # Read after the validation, during which notifications may have been sent.
    subscription = _subscription(call)
    if fields.get("notificationUrl"):
        subscription = replace(subscription, notification_url=fields["notificationUrl"])
    if fields.get("expirationDateTime"):
        subscription = replace(subscription, expires=_expiry(call, fields["expirationDateTime"]))
    call.stores.subscriptions.put_subscription(subscription)
    return _subscription_answer(call, subscription)


async def delete_subscription(call: MailCall) -> Response:
    call.stores.subscriptions.remove_subscription(_subscription(call))
    return no_content()


async def reauthorize(call: MailCall) -> Response:
    """The sandbox asks for it only by the control API, and goes on without it."""
    _subscription(call)
    return no_content()


def _own_subscriptions(call: MailCall) -> list[Subscription]:
    now = call.outbox.utc()
    return [
        subscription
        for subscription in call.stores.subscriptions.of_user(call.caller.oid)
        if subscription.app == call.caller.app and subscription.expires > now
    ]


def _subscription(call: MailCall) -> Subscription:
    wanted = call.arguments["subscription"].lower()
    for subscription in _own_subscriptions(call):
        if subscription.id == wanted:
            return subscription
    raise GraphFault(404, "ResourceNotFound", "The object was not found.")


def _refuse_rich(fields: dict[str, Any]) -> None:
    for name in ("includeResourceData", *_RICH):
        if fields.get(name):
            raise not_imitated_value(f"property '{name}' of a subscription")


def _place(call: MailCall, resource: str) -> tuple[Mailbox, str | None]:
    """The mailbox, and the id of the folder where the resource names one. Raises GraphFault."""
    path, _, query = resource.strip("/").partition("?")
    if query:
        raise not_imitated_value("query of the resource of a subscription")
    read = read_path(path)
    segments, found = leave_folders(read.segments)
    if [segment.lower() for segment in segments] != ["messages"]:
        raise not_imitated_value(f"subscription to '{resource}'")
    mailbox = call.mailbox
    if read.user is not None and read.user.lower() not in (call.caller.oid.lower(), call.caller.upn.lower()):
        other = call.stores.find_mailbox(read.user) or call.stores.mailbox_by_address(read.user)
        may_read = other is not None and may_open(other, call.caller.oid, to_write=False)
        if other is None or not may_read or not call.allows(*shared(READ_BASIC)):
            raise access_denied()
        mailbox = other
    if IN_FOLDER not in found:
        return mailbox, None
    folder = replace(call, mailbox=mailbox).folder(found[IN_FOLDER])
    if folder.search is not None:
        raise not_imitated_value("subscription to a search folder")
    return mailbox, folder.id


def _change_types(text: str) -> tuple[str, ...]:
    kinds = tuple(dict.fromkeys(kind.strip().lower() for kind in text.split(",")))
    if not set(kinds) <= set(_CHANGE_TYPES):
        raise bad_request(f"The value '{text}' of the property 'changeType' is not supported.", "InvalidRequest")
    return kinds


def _expiry(call: MailCall, text: str) -> datetime:
    """Less than 45 minutes are raised to that, more than seven days refused."""
    now = call.outbox.utc()
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise invalid_body("The value of the property 'expirationDateTime' is no time.") from error
    if moment <= now:
        raise bad_request("Subscription expiration must be in the future.", "InvalidRequest")
    if moment - now > _LONGEST:
        minutes = int(_LONGEST.total_seconds() // 60)
        message = f"Subscription expiration can only be {minutes} minutes in the future."
        raise bad_request(message, "InvalidRequest")
    return max(moment, now + _SHORTEST)


async def _validate(url: str | None) -> None:
    """Raises GraphFault. Graph wants HTTPS on the internet; the sandbox posts to this machine only."""
    if url is None:
        return
    if not is_loopback(url):
        raise bad_request("The sandbox posts notifications to addresses of this machine only.", "ValidationError")
    if not await is_validated(url, f"Validation: Testing client application reachability. {uuid.uuid4()}"):
        raise bad_request(
            "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation"
            " request.",
            "ValidationError",
        )


def _subscription_answer(call: MailCall, subscription: Subscription, status: int = 200) -> Response:
    body = {"@odata.context": call.type_context("subscriptions/$entity"), **_subscription_json(subscription)}
    if status == 201:
        # Told to the one who sent it, and never again.
        body["clientState"] = subscription.client_state
    return call.json_answer(body, status)


def _subscription_json(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "resource": subscription.resource,
        "applicationId": subscription.app,
        "changeType": ",".join(subscription.change_types),
        "clientState": None,
        "notificationUrl": subscription.notification_url,
        "notificationQueryOptions": None,
        "lifecycleNotificationUrl": subscription.lifecycle_url,
        "expirationDateTime": write_moment(subscription.expires),
        "creatorId": subscription.owner,
        "includeResourceData": None,
        "latestSupportedTlsVersion": "v1_2",
        "encryptionCertificate": None,
        "encryptionCertificateId": None,
        "notificationUrlAppId": None,
    }
