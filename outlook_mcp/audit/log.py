"""The audit log as the rest of the program uses it: one method that puts an event on record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import anyio.to_thread

from outlook_mcp.audit import personal as personal_fields
from outlook_mcp.audit.chain import Detail, checked_fields
from outlook_mcp.audit.last_link import LastLinkKeeper
from outlook_mcp.audit.personal import Personal, PersonalKeys
from outlook_mcp.audit.tags import ANNOUNCEMENTS, AuditTag
from outlook_mcp.audit.writer import Entry, LogWriter
from outlook_mcp.errors import AuditUnavailable, VaultError
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.request_id import current_request_id
from outlook_mcp.telemetry.events import observers

_REFRESHES = (AuditTag.TOKEN_REFRESHED, AuditTag.TOKEN_REFRESH_FAILED)


class Record(Protocol):
    """`AuditLog.record`, for what needs no more of the log."""

    async def __call__(
        self,
        tag: AuditTag,
        user: UserKey | None = None,
        details: Mapping[str, Detail] | None = None,
        *,
        personal: Personal | None = None,
    ) -> None: ...


class AuditLog:
    """Records go to `writer`; their personal fields are sealed with `keys`. `last_link` keeps the end of the log."""

    def __init__(self, writer: LogWriter, keys: PersonalKeys, last_link: LastLinkKeeper | None = None) -> None:
        self._writer = writer
        self._keys = keys
        self._last_link = last_link

    @property
    def path(self) -> Path:
        return self._writer.path

    async def record(
        self,
        tag: AuditTag,
        user: UserKey | None = None,
        details: Mapping[str, Detail] | None = None,
        *,
        personal: Personal | None = None,
    ) -> None:
        """Writes one record without holding up the event loop.

        `details` are ids, counts and words that anybody who can read the file may see; the id of the request that is
        being answered is written beside them. `personal` is what identifies a person, sealed for `user`. Where it
        cannot be sealed, a record of what was done already is written without and says so; an announcement of a change
        is refused.

        Raises AuditUnavailable when the record cannot be written: what it announces must then not be done. Raises
        ValueError or TypeError for fields that no record can hold, and for personal fields without a user.
        """
        fields = checked_fields(details or {})
        if tag in _REFRESHES and user is not None:
            for observer in observers():
                observer.token_refreshed(tag.rpartition(":")[2], user.tid)
        seal = None
        if personal:
            if user is None:
                raise ValueError("personal fields of an audit record are sealed for a user, and there is none")
            text = personal_fields.encode_fields(personal)
            try:
                seal = personal_fields.sealing(await self._keys.sealing_key(user), text)
            except VaultError as error:
                if tag in ANNOUNCEMENTS:
                    raise AuditUnavailable(f"The audit log cannot seal personal fields: {error.message}") from error
                fields["personal"] = f"left out: {error.code}"
        await self._write_entry(Entry(tag, user, fields, seal, current_request_id()))

    async def read_ahead(self, user: UserKey) -> None:
        """Reads what the next record about this user needs of the store, and writes none. Raises VaultError."""
        await self._keys.sealing_key(user)
        if self._last_link is not None:
            await self._last_link.expect_link()

    async def open_personal(self, record: Mapping[str, object]) -> dict[str, object] | None:
        """The personal fields of a record as `tail` returns it; {} when it has none, None when the user was erased.

        Raises RecordBroken when they were altered, and StoreUnavailable.
        """
        return await personal_fields.open_fields(self._keys, record)

    async def _write_entry(self, entry: Entry) -> None:
        """Writes at once where it need not wait: a thread costs three times the CPU of the record itself."""
        if self._last_link is not None:
            await self._last_link.expect_link()
        if entry.is_forced_to_disk or not self._writer.append_without_waiting(entry):
            await anyio.to_thread.run_sync(self._writer.append_entry, entry)
        if self._last_link is not None:
            self._last_link.note_record()
