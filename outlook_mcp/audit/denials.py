"""Puts refused requests on record. Anybody can cause them, so their number is limited, or they could fill the disk."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio

from outlook_mcp.audit.chain import Detail
from outlook_mcp.audit.log import Record
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import AuditUnavailable
from outlook_mcp.identity.user import SERVER, UserKey
from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot
from outlook_mcp.telemetry.events import tell_of_refusal

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialLimits:
    """How many denials are recorded in a window of `window_s` seconds: of one tag and network address, and in all."""

    per_source: int = 5
    in_all: int = 60
    window_s: float = 60.0


class Denials:
    """Records denials within limits; for those beyond, one record at the end of the window says how many there were.

    Memory is bounded: no more sources are counted than denials are recorded, and the rest is one number for each tag.
    The request is refused also when the log cannot be written, so nothing is raised then.
    """

    def __init__(
        self,
        record: Record,
        limits: DenialLimits | None = None,
        *,
        clock: MonotonicClock = seconds_since_boot,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._record = record
        self._limits = limits or DenialLimits()
        self._clock = clock
        self._sleep = sleep
        self._ends_at = 0.0
        self._recorded: Counter[tuple[AuditTag, str]] = Counter()
        self._omitted: Counter[AuditTag] = Counter()
        self._has_omitted = anyio.Event()

    async def record_denial(
        self, tag: AuditTag, address: str, details: Mapping[str, Detail], *, user: UserKey | None = None
    ) -> None:
        """Puts a denial on record. `address` is the network address of the caller, "" when it is unknown.

        The address is sealed for `user`, who must be authenticated, and without one for the server itself.
        """
        tell_of_refusal(str(tag))
        if self._clock() >= self._ends_at:
            await self._begin_window()
        source = (tag, address)
        if self._recorded[source] >= self._limits.per_source or self._recorded.total() >= self._limits.in_all:
            self._omitted[tag] += 1
            self._has_omitted.set()
            return
        self._recorded[source] += 1
        personal = {"address": address} if address else None
        await self._write_record(tag, user or SERVER, details, personal)

    @asynccontextmanager
    async def reporting(self) -> AsyncIterator[None]:
        """While it is open, omitted denials are put on record at the end of a window also when none follows."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._report_for_ever)
            try:
                yield
            finally:
                tasks.cancel_scope.cancel()
                with anyio.CancelScope(shield=True):
                    await self._report_omitted()

    async def _begin_window(self) -> None:
        self._ends_at = self._clock() + self._limits.window_s
        self._recorded.clear()
        await self._report_omitted()

    async def _report_for_ever(self) -> None:
        while True:
            await self._has_omitted.wait()
            await self._sleep(max(0.0, self._ends_at - self._clock()))
            await self._report_omitted()

    async def _report_omitted(self) -> None:
        if omitted := self._omitted:
            self._omitted, self._has_omitted = Counter(), anyio.Event()
            details: dict[str, Detail] = {"denied_more": omitted.total()}
            await self._write_record(
                AuditTag.DENIED_MORE, None, details | {str(tag): omitted[tag] for tag in omitted}, None
            )

    async def _write_record(
        self,
        tag: AuditTag,
        user: UserKey | None,
        details: Mapping[str, Detail],
        personal: Mapping[str, Detail] | None,
    ) -> None:
        try:
            await self._record(tag, user, details, personal=personal)
        except AuditUnavailable as error:
            _log.warning("A denial is not on record: %s", error.message)
