"""The two counters of a mailbox: of items, for ids, and of changes, for etags and delta tokens."""

from __future__ import annotations

from outlook_mcp.sandbox.store.core.database import Database


class Counters:
    """Both start at 0 and never go back; `mailbox` is the row of the account."""

    def __init__(self, database: Database, mailbox: int) -> None:
        self._database, self._mailbox = database, mailbox

    def next_item(self) -> int:
        return self._next("counter")

    def next_items(self, number: int) -> range:
        last = self._next("counter", number)
        return range(last - number + 1, last + 1)

    def next_change(self) -> int:
        return self._next("change")

    def newest_change(self) -> int:
        return int(self._database.value("SELECT change FROM mailbox WHERE id = ?", (self._mailbox,)))

    def _next(self, column: str, step: int = 1) -> int:
        return int(
            self._database.value(
                f"UPDATE mailbox SET {column} = {column} + ? WHERE id = ? RETURNING {column}",  # noqa: S608
                (step, self._mailbox),
            )
        )
