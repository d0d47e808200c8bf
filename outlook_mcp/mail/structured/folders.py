"""Folders, what was done with them and what changed in them as fields."""

from __future__ import annotations

from datetime import datetime

import msgspec

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.fields import Failure, Fields, Untrusted, all_words, local_time, words
from outlook_mcp.answers.mailboxes import AboutMailbox, ConnectedMailbox
from outlook_mcp.mail.answers.place import place_of
from outlook_mcp.mail.folder_edits.editor import EditedFolder
from outlook_mcp.mail.folder_edits.emptying import EmptiedFolder, FullFolder
from outlook_mcp.mail.folders import FolderTree
from outlook_mcp.mail.models import Folder
from outlook_mcp.mail.structured.changes import ChangedMessage, changed_messages, failed_messages
from outlook_mcp.mail.structured.listing import ListedMessage, folder_words, listed_message
from outlook_mcp.mail.sync.changes import FolderChanges


class FolderWords(Untrusted, frozen=True, kw_only=True):
    """The path of a folder, which is also what tools take as `folder`; whoever made it chose its name."""

    path: str


class FolderFields(Fields, frozen=True, kw_only=True):
    """`id` is that of Graph, and `well_known` the name of a folder that every mailbox has; tools take either."""

    id: str
    well_known: str = ""
    unread: int = 0
    total: int = 0
    hidden: bool = False
    untrusted: FolderWords


class MailboxWords(Untrusted, frozen=True, kw_only=True):
    """A mailbox of the user: its name is what tools take as `account`."""

    name: str = ""
    address: str = ""


class MailboxFields(Fields, frozen=True, kw_only=True):
    """A mailbox of the user. With it come the `others` that they connected."""

    time_zone: str = ""
    default: bool = False
    others: list[MailboxFields] = []
    untrusted: MailboxWords


class FoldersListed(Fields, frozen=True, kw_only=True):
    """Parents before children. `complete` is false where the mailbox has more folders than are read.

    `mailbox` is told where the whole tree was asked for.
    """

    folders: list[FolderFields]
    complete: bool
    mailbox: MailboxFields | None = None


class EditWords(Untrusted, frozen=True, kw_only=True):
    """The path of the folder, the one it had before, and the names of folders that were made."""

    folder: str = ""
    before: str = ""
    made: list[str] = []


class FolderEdited(Fields, frozen=True, kw_only=True):
    """`done` says what was done. Emptying is asked for first: `confirm` moves the messages, of which some are shown;
    then they are `moved`. `more`: the folder holds more than one call moves."""

    done: str = ""
    already_so: bool = False
    would_move: int = 0
    shown: list[ListedMessage] = []
    confirm: str = ""
    moved: list[ChangedMessage] = []
    failed: list[Failure] = []
    more: bool = False
    untrusted: EditWords


class GoneWords(Untrusted, frozen=True, kw_only=True):
    """The folder where it is now, and its subject."""

    folder: str = ""
    subject: str = ""


class GoneMessage(Fields, frozen=True, kw_only=True):
    """`error` tells why it is not known where it is now."""

    id: str
    error: str = ""
    untrusted: GoneWords = GoneWords()


class ChangesListed(Fields, frozen=True, kw_only=True):
    """What came, changed and left since `since`, which a first call has not. `since` of the next call is `cursor`, at
    once where there is `more`. Of many that left, `more_gone` are only counted."""

    cursor: str
    since: datetime | None = None
    arrived: list[ListedMessage] = []
    changed: list[ListedMessage] = []
    gone: list[GoneMessage] = []
    more_gone: int = 0
    more: bool = False
    untrusted: EditWords


_MOST_SHOWN = 10


def folders_fields(tree: FolderTree, about: AboutMailbox | None = None) -> FoldersListed:
    """The folder tree, and whose mailbox it is."""
    return FoldersListed(
        folders=[_folder(folder) for folder in tree.folders],
        complete=tree.is_whole,
        mailbox=_mailbox(about) if about else None,
    )


def _folder(folder: Folder) -> FolderFields:
    return FolderFields(
        id=folder.id,
        well_known=folder.well_known,
        unread=folder.unread_item_count or 0,
        total=folder.total_item_count or 0,
        hidden=bool(folder.is_hidden),
        untrusted=FolderWords(path=folder_words(folder)),
    )


def _mailbox(about: AboutMailbox) -> MailboxFields:
    own = _connected(about.owner)
    return msgspec.structs.replace(own, time_zone=about.zone, others=[_connected(other) for other in about.others])


def _connected(mailbox: ConnectedMailbox) -> MailboxFields:
    named = MailboxWords(name=words(mailbox.name), address=words(mailbox.address))
    return MailboxFields(default=mailbox.is_default, untrusted=named)


def edited_folder_fields(context: AnswerContext, edited: EditedFolder | FullFolder | EmptiedFolder) -> FolderEdited:
    """What was done with a folder, or what emptying it would do."""
    named = EditWords(folder=folder_words(edited.folder))
    if isinstance(edited, FullFolder):
        return FolderEdited(
            would_move=len(edited.messages),
            shown=[listed_message(context, message) for message in edited.messages[:_MOST_SHOWN]],
            confirm=edited.code,
            more=edited.has_more,
            untrusted=named,
        )
    if isinstance(edited, EmptiedFolder):
        return FolderEdited(
            done="Emptied",
            moved=changed_messages(context, edited.results),
            failed=failed_messages(context, edited.results),
            more=edited.has_more,
            untrusted=named,
        )
    return FolderEdited(
        done="" if edited.was_there else edited.done,
        already_so=edited.was_there,
        untrusted=EditWords(
            folder=named.folder,
            before=folder_words(edited.before),
            made=all_words(edited.made),
        ),
    )


def changes_fields(context: AnswerContext, found: FolderChanges) -> ChangesListed:
    """What came into a folder, changed in it or left it, and with which cursor to ask again."""
    return ChangesListed(
        cursor=found.cursor,
        since=local_time(context, found.since),
        arrived=[listed_message(context, message) for message in found.arrived],
        changed=[listed_message(context, message) for message in found.changed],
        gone=_gone(context, found),
        more_gone=found.more_gone,
        more=found.has_more,
        untrusted=EditWords(folder=folder_words(found.folder)),
    )


def _gone(context: AnswerContext, found: FolderChanges) -> list[GoneMessage]:
    gone: list[GoneMessage] = []
    for result in found.gone:
        message = result.message
        gone.append(
            GoneMessage(
                id=context.handle(message.id if message else result.id),
                error=context.error_text(result.error) if result.error else "",
                untrusted=GoneWords(
                    folder=words(place_of(message, found.places)) if message else "",
                    subject=words(message.subject) if message else "",
                ),
            )
        )
    return gone
