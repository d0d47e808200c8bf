"""Changes of many messages: those that the caller names, or exactly those that a search has shown before."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import anyio

from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.batch import MOST_PARTS
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.bulk.listing import FoundIds, IdSearch
from outlook_mcp.mail.bulk.running import SILENT, Change, ChangeObserver, Run
from outlook_mcp.mail.bulk.selections import HELD_S, Selection, Selections
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.message_requests import MessageRequests
from outlook_mcp.mail.models import Message
from outlook_mcp.mail.search.mail_query import MailQuery

_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The caller has seen the messages of this code, and repeats the `query` that found them or leaves it out."""

    code: str
    query: MailQuery | None = None


# Messages by their ids, or those of a code.
Targets = Sequence[Handle] | Confirmation


@dataclass(frozen=True, slots=True)
class ChosenMessages:
    """What a change by `tool` would reach; nothing is changed yet. `shown` are the first ten.

    `code` is None when there are no messages.
    """

    tool: str
    found: FoundIds
    shown: list[Message]
    code: str | None


@dataclass(frozen=True, slots=True)
class Rest:
    """`left` messages are still to be changed: by the code, or by the same call again where that is None.

    Earlier calls have `changed` so many, and of `unclear` messages it is not known whether they did.
    """

    left: int = 0
    changed: int = 0
    unclear: int = 0
    code: str | None = None


NO_REST = Rest()


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of each message in this call, and what earlier and later calls are about."""

    results: list[MessageResult]
    rest: Rest = NO_REST


class BulkChanges:
    """Changes messages of one mailbox. A change is stopped after `seconds`, and goes on when the call is repeated."""

    def __init__(
        self, search: IdSearch, requests: MessageRequests, selections: Selections, handles: Handles, *, seconds: float
    ) -> None:
        self._search = search
        self._requests = requests
        self._selections = selections
        self._handles = handles
        self._seconds = seconds

    async def choose_messages(self, query: MailQuery, change: Change) -> ChosenMessages:
        """Seals the list of all messages that match now. Raises InvalidInput for what cannot be answered exactly."""
        found = await self._search.find_ids(query)
        if not found.ids:
            return ChosenMessages(change.terms.tool, found, [], None)
        first = await self._requests.fetch_messages(found.ids[:_MOST_SHOWN], "summary")
        code = await self._selections.seal_selection(change.terms, Selection(found.ids, query))
        shown = [result.message for result in first if result.message]
        return ChosenMessages(change.terms.tool, found, shown, code)

    async def change_messages(self, targets: Targets, change: Change, observer: ChangeObserver = SILENT) -> Outcomes:
        """Changes what is left of the targets after earlier calls. When it is cancelled, the rest is kept, too.

        Raises InvalidInput for a code that is not one of this change.
        """
        if isinstance(targets, Confirmation):
            code = targets.code.strip().lower()
            selection = await self._selections.take_selection(code, change.terms, targets.query)
            return await self._run(selection, change, observer, code, shown_code=code)
        ids = list(dict.fromkeys(self._handles.full_ids(targets)))
        if len(ids) <= MOST_PARTS:
            run = Run(change, observer, ids, self._seconds)
            await run.to_its_end()
            return Outcomes(run.results)
        code = self._selections.code_for_ids(change.terms, ids)
        selection = await self._selections.take_rest(code, change.terms) or Selection(ids)
        return await self._run(selection, change, observer, code, shown_code=None)

    async def _run(
        self, selection: Selection, change: Change, observer: ChangeObserver, code: str, *, shown_code: str | None
    ) -> Outcomes:
        async def keep(run: Run) -> None:
            await self._selections.keep_rest(code, change.terms, _rest_of(run, selection), held_s=HELD_S)

        run = Run(change, observer, list(selection.ids), self._seconds, keep)
        try:
            await run.to_its_end()
        finally:
            # Also when the call was cancelled: what it has not done yet is what a repeated call does.
            with anyio.CancelScope(shield=True):
                rest = _rest_of(run, selection)
                await self._settle(code, change, rest)
        return Outcomes(run.all_results(), Rest(len(rest.ids), selection.changed, selection.unclear, shown_code))

    async def _settle(self, code: str, change: Change, rest: Selection) -> None:
        """Where the store fails, what was kept before the last batch goes on: what it did is done again at most."""
        with suppress(OutlookError):
            if rest.ids:
                await self._selections.keep_rest(code, change.terms, rest)
            else:
                await self._selections.forget_selection(code)


def _rest_of(run: Run, selection: Selection) -> Selection:
    """What another call may still change, should this one end now."""
    done = sum(result.is_done for result in run.results)
    lost = 0 if run.change.is_repeatable else len(run.under_way)
    return Selection(run.to_repeat(), selection.query, selection.changed + done, selection.unclear + lost)
