"""Has Microsoft Graph tell of new mail in inboxes that somebody listens to, and takes what it tells.

What is told is only that something came: it is then looked for as without it, so a notice that is forged, repeated or
lost changes nothing but when that happens.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from outlook_mcp.errors import NotFound, OutlookError
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.lazy import InboxSubscriptions
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.oauth.connections.mailbox_choice import Mailboxes
from outlook_mcp.vault.records import RecordKey
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.workspace.manager import EmailWorkspaceManager

_log = logging.getLogger(__name__)
_PURPOSE = "inbox notice"
_MOST_NOTICES = 100
# Each is looked up in the vault, so a stranger may not name many.
_MOST_UNKNOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettings:
    """In seconds: how long a subscription lasts, when it is renewed, and after how long a refused one is tried again.

    Graph itself allows seven days; one that nobody listens to any more ends by itself within the hour.
    """

    lasts_s: float = 3600.0
    renewed_before_s: float = 1800.0
    tried_again_s: float = 600.0


class MailNotices:
    """Subscribes for users and knows them again by the secret in what Graph tells. `url` is where Graph posts it."""

    def __init__(
        self,
        url: str,
        mailboxes: Mailboxes,
        workspaces: EmailWorkspaceManager,
        vault: CredentialVault,
        tickets: Tickets,
        *,
        settings: NoticeSettings = NoticeSettings(),
        clock: UnixClock = unix_time,
    ) -> None:
        self._url = url
        self._mailboxes = mailboxes
        self._workspaces = workspaces
        self._vault = vault
        self._tickets = tickets
        self._settings = settings
        self._clock = clock

    async def keep_subscribed(self, user: UserKey) -> None:
        """Creates or renews the user's subscription where it is due; one for all servers.

        Raises nothing of Graph: without a subscription the inbox is looked at all the same.
        """
        key = RecordKey(user, "inbox_subscription", "mailbox")
        record = await self._vault.get_record(key)
        state: dict[str, Any] = {} if record is None else json.loads(record.value)
        if state.get("due_at", 0.0) > self._clock():
            return
        try:
            state = await self._renewed(user, state)
        except OutlookError as error:
            _log.warning("Microsoft Graph does not tell of new mail; it is looked for instead: %s", error.message)
            state = {"due_at": self._clock() + self._settings.tried_again_s}
        await self._vault.replace_record(
            key, json.dumps(state).encode(), expires_at=self._clock() + self._settings.lasts_s
        )

    async def users_told(self, body: object) -> set[UserKey]:
        """The users whose inbox a notice is about; what has no secret of ours is left out.

        A subscription that Graph wants to be renewed, or has ended, is due at once.
        """
        users: set[UserKey] = set()
        unknown = 0
        for client_state, lifecycle in _notices_in(body):
            value = await self._tickets.read_ticket(_PURPOSE, SecretStr(client_state))
            if value is None:
                unknown += 1
                if unknown == _MOST_UNKNOWN:
                    break
                continue
            user = UserKey(*json.loads(value))
            users.add(user)
            if lifecycle in ("reauthorizationRequired", "subscriptionRemoved"):
                await self._make_due(user, is_gone=lifecycle == "subscriptionRemoved")
        return users

    async def _renewed(self, user: UserKey, state: dict[str, Any]) -> dict[str, Any]:
        now = self._clock()
        until = datetime.fromtimestamp(now + self._settings.lasts_s, UTC)
        connection = await self._mailboxes.choose(user, None)
        workspace = await self._workspaces.open_workspace(user, connection.id)
        subscriptions = InboxSubscriptions(workspace.mail)
        due_at = now + self._settings.lasts_s - self._settings.renewed_before_s
        if subscription := state.get("id"):
            secret = SecretStr(state["secret"])
            try:
                await subscriptions.renew_subscription(subscription, until)
                await self._keep_secret(user, secret)
                return {**state, "due_at": due_at}
            except NotFound:
                await self._tickets.discard_ticket(_PURPOSE, secret)
        secret = SecretStr(secrets.token_urlsafe(32))
        # Before the subscription: its first notice may come while the answer is on its way.
        await self._keep_secret(user, secret)
        made = await subscriptions.create_subscription(self._url, secret.get_secret_value(), until)
        return {"id": made, "secret": secret.get_secret_value(), "due_at": due_at}

    async def _keep_secret(self, user: UserKey, secret: SecretStr) -> None:
        value = json.dumps([user.tid, user.oid]).encode()
        await self._tickets.put_ticket(_PURPOSE, secret, value, lifetime_s=self._settings.lasts_s)

    async def _make_due(self, user: UserKey, *, is_gone: bool) -> None:
        key = RecordKey(user, "inbox_subscription", "mailbox")
        record = await self._vault.get_record(key)
        if record is None:
            return
        state = {} if is_gone else {**json.loads(record.value), "due_at": 0.0}
        await self._vault.replace_record(
            key, json.dumps(state).encode(), expires_at=self._clock() + self._settings.lasts_s
        )


def _notices_in(body: object) -> Iterator[tuple[str, str]]:
    """The client state and the lifecycle event, "" without one, of each notice."""
    listed = body.get("value") if isinstance(body, dict) else None
    for notice in listed[:_MOST_NOTICES] if isinstance(listed, list) else []:
        state = notice.get("clientState") if isinstance(notice, dict) else None
        if isinstance(state, str) and state.isascii() and 0 < len(state) <= 128:
            yield state, str(notice.get("lifecycleEvent") or "")
