"""Carries out one change of many messages, 20 at a time, and keeps account of what became of each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import msgspec

from outlook_mcp.errors import (
    AccessDenied,
    AccessTokenRejected,
    GraphUnavailable,
    MailboxUnavailable,
    NotFound,
    OutlookError,
    SignInError,
    Throttled,
)
from outlook_mcp.graph.batch import MOST_PARTS, NOT_SENT
from outlook_mcp.graph.ids import MessageId
from outlook_mcp.mail.bulk.selections import Terms
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.net.clock import MonotonicClock, seconds_since_boot

# Whoever meets one of these meets it with every other message, too.
_OF_ALL = (SignInError, AccessTokenRejected, AccessDenied, MailboxUnavailable)
_OUT_OF_TIME = "Not tried: the call stopped before its time was over, so that it could say what was done."


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is done to each message. `apply` returns an outcome for each id and never more than a batch at a time.

    `is_repeatable`: to do it twice is as good as once. A copy is not.
    """

    terms: Terms
    apply: Callable[[Sequence[MessageId]], Awaitable[list[MessageResult]]]
    is_repeatable: bool = True


class ChangeObserver(Protocol):
    """Is told of a change while it is made."""

    def batch_began(self, ids: Sequence[MessageId]) -> None:
        """The messages are about to be changed; until `batch_ended` their outcome is open."""

    async def batch_ended(self, results: Sequence[MessageResult], done: int, total: int) -> None:
        """`done` of `total` messages have an outcome now."""


class SilentObserver:
    """Tells nobody."""

    def batch_began(self, ids: Sequence[MessageId]) -> None:
        return

    async def batch_ended(self, results: Sequence[MessageResult], done: int, total: int) -> None:
        return


SILENT = SilentObserver()


async def _keep_nothing(_: Run) -> None:
    """For changes that are soon over."""


@dataclass(slots=True)
class Run:
    """One attempt. `results` and `left` together are the messages, in order; those under way are in neither.

    It stops when Graph is throttled or answers nothing, when every other message would fail in the same way, and after
    `seconds`. `keep` is awaited before each batch: what it stores is all that is known when the server is killed.
    """

    change: Change
    observer: ChangeObserver
    left: Sequence[MessageId]
    seconds: float
    keep: Callable[[Run], Awaitable[None]] = _keep_nothing
    clock: MonotonicClock = seconds_since_boot
    results: list[MessageResult] = field(default_factory=list)
    under_way: Sequence[MessageId] = ()
    reason: OutlookError | None = None

    async def to_its_end(self) -> None:
        """Changes what is left until it stops. Raises what `apply` raises for the first messages."""
        total, until = len(self.left), self.clock() + self.seconds
        while self.left and self.reason is None:
            self.under_way, self.left = self.left[:MOST_PARTS], self.left[MOST_PARTS:]
            if not await self._is_kept():
                break
            self.observer.batch_began(self.under_way)
            results = await self._apply(self.under_way)
            self.under_way = ()
            self.results += results
            await self.observer.batch_ended(results, len(self.results), total)
            self.reason = _reason_to_stop(results)
            if self.reason is None and self.left and self.clock() >= until:
                self.reason = GraphUnavailable(_OUT_OF_TIME)

    async def _is_kept(self) -> bool:
        """False when it cannot be: then no further batch begins. Raises that error before the first one."""
        try:
            await self.keep(self)
        except OutlookError as error:
            self.left, self.under_way, self.reason = [*self.under_way, *self.left], (), error
            if not self.results:
                raise
            return False
        return True

    async def _apply(self, ids: Sequence[MessageId]) -> list[MessageResult]:
        try:
            return [_trimmed(result) for result in await self.change.apply(ids)]
        except OutlookError as error:
            # What was done before must not be lost with it.
            if not self.results:
                raise
            return [MessageResult(message_id, error=error) for message_id in ids]

    def all_results(self) -> list[MessageResult]:
        """One for each message; those that were not tried carry the reason."""
        return [*self.results, *(MessageResult(message_id, error=self.reason) for message_id in self.left)]

    def to_repeat(self) -> list[MessageId]:
        """What another call may still do: all that was not tried, and what failed for a reason that passes."""
        failed = [result.id for result in self.results if result.error is not None and self._may_repeat(result)]
        under_way = self.under_way if self.change.is_repeatable else ()
        return [*failed, *under_way, *self.left]

    def _may_repeat(self, result: MessageResult) -> bool:
        if result.is_open and not self.change.is_repeatable:
            return False
        return isinstance(result.error, SignInError | AccessTokenRejected) or (
            result.error is not None and result.error.retryable
        )


def _reason_to_stop(results: Sequence[MessageResult]) -> OutlookError | None:
    """The error for those that are not tried any more."""
    throttled = next((result.error for result in results if isinstance(result.error, Throttled)), None)
    if throttled is not None:
        return GraphUnavailable(NOT_SENT)
    errors = [result.error for result in results if result.error is not None]
    if len(errors) == len(results) and isinstance(errors[0], _OF_ALL):
        return errors[0]
    has_answer = any(
        isinstance(result.error, NotFound) or (result.is_done and not result.is_verified) for result in results
    )
    return None if has_answer else GraphUnavailable(NOT_SENT)


def _trimmed(result: MessageResult) -> MessageResult:
    """Without the text of the message, which Graph answers with and a thousand of which would fill the memory."""
    if result.message is None:
        return result
    message = msgspec.structs.replace(
        result.message,
        body=None,
        unique_body=None,
        body_preview=None,
        internet_message_headers=[],
        to_recipients=[],
        cc_recipients=[],
        bcc_recipients=[],
        reply_to=[],
    )
    return replace(result, message=message)
