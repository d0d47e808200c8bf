"""Keeps the last link of the log in the store, out of reach of those who can write only files.

Somebody who replaces log and checkpoint by older copies, or deletes both, leaves a link in the store that the log no
longer holds: the next record and `audit verify` tell of it. Whoever restores the store as well leaves no trace.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

import anyio

from outlook_mcp.audit.chain import Link
from outlook_mcp.audit.line_copier import LineCopier
from outlook_mcp.audit.writer import LogWriter
from outlook_mcp.errors import OutlookError, RecordBroken

_log = logging.getLogger(__name__)
PAUSE_S = 5.0
_CLOSING_S = 5.0


class LastLinks(Protocol):
    """The row of one log in the store. Every error is a VaultError."""

    async def load_link(self) -> Link | None:
        """The link that was saved last, None when there is none. Raises RecordBroken when it was altered."""

    async def save_link(self, link: Link) -> None:
        """Saves the link unless a later one was saved already."""


class LastLinkKeeper:
    """Saves the link of new records at most every `pause_s` seconds, so that a burst of calls costs one write.

    With a `copier` the records themselves are copied to the store before.
    """

    def __init__(
        self,
        writer: LogWriter,
        links: LastLinks,
        *,
        copier: LineCopier | None = None,
        pause_s: float = PAUSE_S,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._writer = writer
        self._links = links
        self._copier = copier
        self._pause_s = pause_s
        self._sleep = sleep
        self._is_expected = False
        self._saved: Link | None = None
        self._has_new = anyio.Event()

    async def expect_link(self) -> None:
        """Tells the writer, before its first record, which record the log must hold. Does nothing after that.

        While the store cannot be reached records are written without, and the store is asked again for the next one.
        """
        if self._is_expected:
            return
        try:
            self._writer.expect_link(await self._links.load_link())
        except RecordBroken:
            _log.warning("The last link of the audit log in the store was altered. Run `outlook-mcp audit verify`.")
        except OutlookError as error:
            _log.warning("The last link of the audit log could not be read: %s", error.message)
            return
        self._is_expected = True

    def note_record(self) -> None:
        """Called after each record."""
        self._has_new.set()

    async def save_links(self) -> None:
        """Saves links of new records until it is cancelled. It waits for a record, so an idle server does nothing."""
        while True:
            await self._has_new.wait()
            await self._sleep(self._pause_s)
            self._has_new = anyio.Event()
            await self.save_last_link()

    async def save_last_link(self) -> None:
        """Saves the link of the last record of this process; a store that cannot be reached is logged."""
        link = self._writer.last_link
        if link is None or link == self._saved or not self._is_expected:
            return
        try:
            if self._copier is not None:
                await self._copier.copy_lines(link.seq)
            await self._links.save_link(link)
            self._saved = link
        except (OutlookError, OSError) as error:
            _log.warning("New records of the audit log did not reach the store: %s", error)

    async def finish(self) -> None:
        """Saves the last link when the program ends, within 5 seconds and also when it is being cancelled."""
        with anyio.CancelScope(shield=True), anyio.move_on_after(_CLOSING_S):
            await self.save_last_link()
