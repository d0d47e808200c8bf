"""What callers ask for: what came into a folder, changed in it or left it since the last time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from msgspec.structs import replace

from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.ids import FolderId
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.mail.lost_answers import MessageResult
from outlook_mcp.mail.message_requests import MessageRequests
from outlook_mcp.mail.models import Folder, Message
from outlook_mcp.mail.sync.cursor import ChangesCursor, ChangesCursors
from outlook_mcp.mail.sync.delta import DeltaRounds, Position, Round, latest_of_each
from outlook_mcp.net.clock import utc_now

# Graph gives what is in the folder before it tells changes, so a bounded part of it is watched.
_WINDOW = timedelta(days=30)
_MOST_AT_FIRST = 4000
_MOST_CHANGES = 100
_MOST_LOOKED_UP = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderChanges:
    """`arrived` came since `since`; `changed` were read, marked or moved here; `gone` left the folder.

    `since` is None for a first call, which tells nothing but the cursor. Of `gone`, the first 20 have the message where
    it is now, or the error that it is nowhere; `more_gone` is how many others there are. `has_more` tells that the list
    goes on at once with `cursor`. `places` names folders by their ids. `watched_since` is when the mail that is watched
    arrived, at the earliest.
    """

    folder: Folder
    since: datetime | None
    watched_since: datetime
    cursor: str
    arrived: Sequence[Message] = ()
    changed: Sequence[Message] = ()
    gone: Sequence[MessageResult] = ()
    more_gone: int = 0
    has_more: bool = False
    places: Mapping[FolderId, str] = field(default_factory=dict)


class MailChanges:
    """The changes in the folders of one mailbox.

    One call tells about `most_changes`, and reads about `most_at_first` messages before changes can be told.
    """

    def __init__(
        self,
        rounds: DeltaRounds,
        messages: MessageRequests,
        folders: MailFolders,
        cursors: ChangesCursors,
        *,
        most_changes: int = _MOST_CHANGES,
        most_at_first: int = _MOST_AT_FIRST,
    ) -> None:
        self._rounds = rounds
        self._messages = messages
        self._folders = folders
        self._cursors = cursors
        self._most_changes = most_changes
        self._most_at_first = most_at_first

    async def changes_since(self, since: str | None, folder: str | None = None) -> FolderChanges:
        """What changed since the cursor `since` was given; without it, the first cursor of `folder` (the Inbox).

        Raises InvalidInput for a cursor of something else, and when Graph has forgotten what changed since then.
        """
        now = int(utc_now().timestamp())
        if since is None:
            found = await self._folders.find_folder(folder or "inbox")
            start = int((utc_now() - _WINDOW).timestamp())
            # A well-known name is shorter than the id, and means the same to Graph.
            named = FolderId(found.well_known) if found.well_known else found.id
            cursor = ChangesCursor(named, now, start, "", is_in_round=True, is_ready=False)
            return await self._begin(
                found, cursor, await self._rounds.first_round(found.id, start, self._most_at_first)
            )
        cursor = await self._cursors.find_cursor(since)
        found = await self._folder_of(cursor, folder)
        before, cursor = cursor.before, replace(cursor, before=since.strip().lower())
        position = Position(cursor.token, cursor.is_in_round)
        most = self._most_changes if cursor.is_ready else self._most_at_first
        read = await self._rounds.next_round(found.id, position, most)
        changes = await (self._told(found, cursor, now, read) if cursor.is_ready else self._begin(found, cursor, read))
        await self._cursors.forget_cursor(before)
        return changes

    async def _folder_of(self, cursor: ChangesCursor, folder: str | None) -> Folder:
        found = await self._folders.find_folder(cursor.folder)
        if folder is not None and (await self._folders.find_folder(folder)).id != found.id:
            raise InvalidInput(
                "`since` is a cursor of another folder.", next_step="Leave `folder` out, or `since` to begin anew."
            )
        return found

    async def _begin(self, folder: Folder, cursor: ChangesCursor, found: Round) -> FolderChanges:
        following = _moved_to(cursor, found.position, is_ready=not found.position.is_in_round)
        return FolderChanges(
            folder=folder,
            since=None,
            watched_since=datetime.fromtimestamp(cursor.window_start, UTC),
            cursor=await self._cursors.keep_cursor(following),
            has_more=found.position.is_in_round,
        )

    async def _told(self, folder: Folder, cursor: ChangesCursor, now: int, found: Round) -> FolderChanges:
        items = latest_of_each(found.items)
        present = sorted((item for item in items if item.removed is None), key=attrgetter("order"), reverse=True)
        gone = [item.id for item in items if item.removed is not None]
        looked_up = await self._messages.fetch_messages(gone[:_MOST_LOOKED_UP], "summary") if gone else []
        has_more = found.position.is_in_round
        # The changes of a round that goes on are told as those since its beginning.
        following = _moved_to(cursor, found.position, told_until=cursor.told_until if has_more else now)
        since = datetime.fromtimestamp(cursor.told_until, UTC)
        return FolderChanges(
            folder=folder,
            since=since,
            watched_since=datetime.fromtimestamp(cursor.window_start, UTC),
            cursor=await self._cursors.keep_cursor(following),
            arrived=[item for item in present if item.order >= since],
            changed=[item for item in present if item.order < since],
            gone=looked_up,
            more_gone=len(gone) - len(looked_up),
            has_more=has_more,
            places=await self._folders.folder_paths() if looked_up else {},
        )


def _moved_to(
    cursor: ChangesCursor, position: Position, *, told_until: int | None = None, is_ready: bool = True
) -> ChangesCursor:
    return replace(
        cursor,
        token=position.token,
        is_in_round=position.is_in_round,
        told_until=cursor.told_until if told_until is None else told_until,
        is_ready=is_ready,
    )
