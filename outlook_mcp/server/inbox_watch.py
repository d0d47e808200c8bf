"""Looks for new mail while clients listen to the inbox: once for each mailbox, however many clients and servers."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, astuple, dataclass, field, fields, replace
from typing import Any

import anyio
from anyio.abc import TaskGroup
from mcp.server.subscriptions import ResourceUpdated

from outlook_mcp.errors import GenerationConflict, OutlookError
from outlook_mcp.identity.user import UserKey
from outlook_mcp.mail.lazy import InboxChanges, Position
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.oauth.connections.mailbox_choice import Mailboxes
from outlook_mcp.server.mail_notices import MailNotices
from outlook_mcp.server.subscription_bus import INBOX, UserSubscriptionBus
from outlook_mcp.vault.records import OpenRecord, RecordKey
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.workspace.manager import EmailWorkspaceManager

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """In seconds: how often an inbox is looked at, after how long another server takes over, how long it is known.

    A mailbox may make 10,000 requests in ten minutes; one look a minute is one of them.
    """

    every_s: float = 60.0
    take_over_after_s: float = 150.0
    remembered_s: float = 86_400.0


@dataclass(slots=True)
class _Watch:
    listeners: int = 0
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """Which server looks, and where its next look begins, None when no look has ended yet.

    `news` counts the looks that found something. With `is_shared` it told other servers of them.
    """

    server: str = ""
    looked_at: float = 0.0
    position: Sequence[Any] | None = None
    news: int = 0
    is_shared: bool = False


class InboxWatch:
    """Tells the streams of a user, on every server, that mail has come."""

    def __init__(
        self,
        mailboxes: Mailboxes,
        workspaces: EmailWorkspaceManager,
        vault: CredentialVault,
        bus: UserSubscriptionBus,
        *,
        notices: MailNotices | None = None,
        settings: WatchSettings = WatchSettings(),
        clock: UnixClock = unix_time,
    ) -> None:
        """With `notices` Microsoft Graph tells of new mail, and what it may have missed is looked for all the same."""
        self._mailboxes = mailboxes
        self._workspaces = workspaces
        self._vault = vault
        self._bus = bus
        self._notices = notices
        self._settings = settings
        self._clock = clock
        self._server = secrets.token_hex(8)
        self._watches: dict[UserKey, _Watch] = {}
        # How much news of each user this server has told its own streams, by the count that stands in the record.
        self._told: dict[UserKey, int] = {}
        self._tasks: TaskGroup | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While it is open, inboxes that somebody listens to are looked at."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            try:
                yield
            finally:
                self._tasks = None
                tasks.cancel_scope.cancel()

    @contextmanager
    def heard_by(self, user: UserKey) -> Iterator[None]:
        """While it is open, one more stream of the user listens to the inbox."""
        watch = self._watches.get(user)
        if watch is None:
            watch = self._watches[user] = _Watch()
            if self._tasks is not None:
                self._tasks.start_soon(self._watch, user, watch.scope)
        watch.listeners += 1
        try:
            yield
        finally:
            watch.listeners -= 1
            if not watch.listeners:
                watch.scope.cancel()
                del self._watches[user]
                self._told.pop(user, None)

    async def take_notices(self, body: object) -> None:
        """Looks at the inboxes that Microsoft Graph tells of, in the background. Raises nothing."""
        if self._notices is None or self._tasks is None:
            return
        try:
            for user in await self._notices.users_told(body):
                self._tasks.start_soon(self._look_at_once, user)
        except OutlookError as error:
            _log.warning("A notice of new mail was not taken: %s", error.message)

    async def _look_at_once(self, user: UserKey) -> None:
        try:
            await self.look(user, is_told=True)
        except OutlookError as error:
            _log.warning("New mail could not be looked for: %s", error.message)

    async def look(self, user: UserKey, *, is_told: bool = False) -> None:
        """Looks at the user's inbox once, unless another server does; tells the streams of what came.

        `is_told`: Microsoft Graph told this server of something, so it looks whoever else does.
        """
        key = RecordKey(user, "inbox_watch", "mailbox")
        record = await self._vault.get_record(key)
        state = None if record is None else _state_in(record)
        if record is not None and state is not None and self._is_of_another_server(state) and not is_told:
            self._tell_what_others_found(user, state)
            return
        state = replace(state or _State(), server=self._server, looked_at=self._clock())
        try:
            generation = await self._save_state(key, state, record.generation if record else None)
            connection = await self._mailboxes.choose(user, None)
            workspace = await self._workspaces.open_workspace(user, connection.id)
            position, has_changed = await InboxChanges(workspace.mail).look(
                None if state.position is None else Position(*state.position)
            )
            news = state.news + has_changed
            state = replace(state, looked_at=self._clock(), position=astuple(position), news=news)
            await self._save_state(key, replace(state, is_shared=self._bus.is_shared), generation)
        except GenerationConflict:
            # Another server was quicker, and tells the streams of this one too.
            return
        self._told[user] = news
        if has_changed:
            await self._bus.publish_for(user, ResourceUpdated(uri=INBOX))

    def _tell_what_others_found(self, user: UserKey, state: _State) -> None:
        """Where another server looks whose events do not come here, such as one over stdio beside this one."""
        has_news = self._told.get(user, state.news) != state.news
        self._told[user] = state.news
        if has_news and not (state.is_shared and self._bus.is_shared):
            self._bus.deliver_here(user, ResourceUpdated(uri=INBOX))

    async def _watch(self, user: UserKey, scope: anyio.CancelScope) -> None:
        with scope:
            while True:
                try:
                    if self._notices is not None:
                        await self._notices.keep_subscribed(user)
                    await self.look(user)
                except OutlookError as error:
                    _log.warning("New mail could not be looked for: %s", error.message)
                await anyio.sleep(self._settings.every_s)

    def _is_of_another_server(self, state: _State) -> bool:
        is_old = self._clock() - state.looked_at > self._settings.take_over_after_s
        return state.server != self._server and not is_old

    async def _save_state(self, key: RecordKey, state: _State, expected: int | None) -> int:
        expires_at = self._clock() + self._settings.remembered_s
        value = json.dumps(asdict(state)).encode()
        return await self._vault.put_record(key, value, expected_generation=expected, expires_at=expires_at)


def _state_in(record: OpenRecord) -> _State:
    """Records of earlier versions lack what was added since, and those of newer ones hold what is not known here."""
    known = {known.name for known in fields(_State)}
    return _State(**{name: value for name, value in json.loads(record.value).items() if name in known})
