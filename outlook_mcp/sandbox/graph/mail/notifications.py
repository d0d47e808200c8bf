"""Change notifications: posted to the addresses of subscriptions, which are on this machine only."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

import anyio
import httpx

from outlook_mcp.sandbox.store import ItemNotFound, MailStore
from outlook_mcp.sandbox.store.mail.subscriptions import ChangeEvent, Subscription

_LOGGER = logging.getLogger(__name__)
LifecycleEvent = Literal["reauthorizationRequired", "subscriptionRemoved", "missed"]
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# How long a receiver has to answer (https://learn.microsoft.com/graph/change-notifications-delivery-webhooks).
_VALIDATION_S, _ANSWER_S = 10.0, 3.0
_RETRY_FOR = timedelta(hours=4)
_FIRST_RETRY_S, _LONGEST_RETRY_S = 1.0, 300.0
_PAUSE_S = 0.05


def is_loopback(url: str) -> bool:
    """Whether the address is one that the sandbox posts to.

    >>> is_loopback("http://127.0.0.1:8000/hook"), is_loopback("https://hook.example/")
    (True, False)
    """
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and parts.hostname in _LOOPBACK and parts.port != 0
    except ValueError:
        return False


async def is_validated(url: str, token: str) -> bool:
    """Whether the receiver answers the validation request: 200, with the token as plain text, within ten seconds."""
    try:
        async with _client(_VALIDATION_S) as client:
            answer = await client.post(url, params={"validationToken": token}, headers={"Content-Type": "text/plain"})
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return answer.status_code == 200 and kind == "text/plain" and answer.text.strip() == token


@dataclass(frozen=True, slots=True)
class _PendingPost:
    """Notifications that wait to be posted; `first` is when they were made, `due` when they are posted next."""

    subscription: Subscription
    url: str
    values: list[dict[str, Any]]
    first: datetime
    due: datetime
    retry_s: float = _FIRST_RETRY_S


class Notifier:
    """Sees what changed in the mailboxes and posts it. What could not be posted yet is lost when the sandbox ends."""

    def __init__(self, store: MailStore) -> None:
        self._store = store
        self._waiting: list[_PendingPost] = []
        self._woken: anyio.Event | None = None
        store.subscriptions.when_put = self._wake

    async def run(self) -> None:
        """Deliver mail and notifications as they become due; for ever."""
        while True:
            if not self._store.subscriptions.all_subscriptions():
                self._woken = anyio.Event()
                await self._woken.wait()
            try:
                self._store.outbox.deliver_due()
                await self.notify_all()
            except Exception:
                # A mistake of the sandbox must not end the notifications of everybody.
                _LOGGER.exception("notifications could not be made")
            await anyio.sleep(_PAUSE_S)

    def _wake(self) -> None:
        if self._woken is not None:
            self._woken.set()

    async def notify_all(self) -> None:
        """Post what is due now."""
        now = self._store.outbox.utc()
        for subscription in self._store.subscriptions.all_subscriptions():
            if subscription.expires <= now:
                self._store.subscriptions.remove_subscription(subscription)
            else:
                self._collect(subscription, now)
        due = [delivery for delivery in self._waiting if delivery.due <= now]
        self._waiting = [delivery for delivery in self._waiting if delivery.due > now]
        async with anyio.create_task_group() as group:
            for delivery in due:
                group.start_soon(self._post, delivery)

    async def notify_lifecycle(self, subscription: Subscription, event: LifecycleEvent) -> None:
        """Tell the receiver of lifecycle notifications; a removed subscription is deleted first."""
        if event == "subscriptionRemoved":
            self._store.subscriptions.remove_subscription(subscription)
        if subscription.lifecycle_url is not None:
            value = {**self._common(subscription), "lifecycleEvent": event}
            now = self._store.outbox.utc()
            await self._post(_PendingPost(subscription, subscription.lifecycle_url, [value], now, now))

    def _collect(self, subscription: Subscription, now: datetime) -> None:
        try:
            change_events, newest = self._store.subscriptions.change_events(subscription)
        except ItemNotFound:
            # The mailbox or the folder is gone.
            self._store.subscriptions.remove_subscription(subscription)
            return
        if newest != subscription.position:
            self._store.subscriptions.put_subscription(replace(subscription, position=newest))
        if change_events:
            values = [self._value(subscription, event) for event in change_events]
            self._waiting.append(_PendingPost(subscription, subscription.notification_url, values, now, now))

    def _value(self, subscription: Subscription, event: ChangeEvent) -> dict[str, Any]:
        resource = f"Users/{subscription.mailbox}/Messages/{event.id}"
        data = {"@odata.type": "#Microsoft.Graph.Message", "@odata.id": resource, "id": event.id}
        if event.etag is not None:
            data["@odata.etag"] = event.etag
        common = self._common(subscription)
        return {**common, "changeType": event.change_type, "resource": resource, "resourceData": data}

    def _common(self, subscription: Subscription) -> dict[str, Any]:
        owner = self._store.mailbox(subscription.owner).account
        return {
            "subscriptionId": subscription.id,
            "subscriptionExpirationDateTime": write_moment(subscription.expires),
            "clientState": subscription.client_state,
            "tenantId": owner.tid,
        }

    async def _post(self, delivery: _PendingPost) -> None:
        """Once; what is not accepted is tried again later, and missed after four hours."""
        if await _is_accepted(delivery.url, delivery.values):
            return
        now = self._store.outbox.utc()
        if now - delivery.first < _RETRY_FOR:
            later = min(2 * delivery.retry_s, _LONGEST_RETRY_S)
            due = now + timedelta(seconds=delivery.retry_s)
            self._waiting.append(replace(delivery, due=due, retry_s=later))
        elif "lifecycleEvent" not in delivery.values[0]:
            await self.notify_lifecycle(delivery.subscription, "missed")


async def _is_accepted(url: str, values: Iterable[Mapping[str, Any]]) -> bool:
    try:
        async with _client(_ANSWER_S) as client:
            answer = await client.post(url, json={"value": list(values)})
    except httpx.HTTPError:
        return False
    return answer.is_success


def _client(timeout_s: float) -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False, timeout=timeout_s, follow_redirects=False)


def write_moment(moment: datetime) -> str:
    """With seven digits of seconds, as subscriptions have them."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
