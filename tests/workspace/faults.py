"""Faults of Microsoft Graph and the operations they hit, for tests that judge whether an answer is true."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.answers.errors import error_text
from outlook_mcp.errors import OutlookError
from outlook_mcp.graph.ids import Handle
from outlook_mcp.mail.drafts.attach_references import AttachmentRef
from outlook_mcp.mail.drafts.content import DraftContent
from outlook_mcp.mail.lazy import (
    attachment_answer,
    deleted_answer,
    draft_answer,
    folders_answer,
    found_answer,
    messages_answer,
    moved_answer,
    sent_answer,
    updated_answer,
)
from outlook_mcp.mail.message_changes import MessageChange
from outlook_mcp.mail.search.mail_query import MailQuery
from outlook_mcp.net.clock import utc_now
from outlook_mcp.sandbox.store import ItemNotFound
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.sending import send
from tests.workspace.conftest import World


def refusal(status: int, code: str, message: str = "No.") -> dict[str, Any]:
    return {"status": status, "body": {"error": {"code": code, "message": message}}}


NOW = {"Retry-After": "0"}
LATER = {"Retry-After": "150"}
# Each is one answer; the request has an effect only where the connection is cut after it.
FAULTS: dict[str, dict[str, Any]] = {
    "400": refusal(400, "ErrorInvalidRequest"),
    "400 id": refusal(400, "ErrorInvalidIdMalformed"),
    "401": {"status": 401},
    "403": refusal(403, "ErrorAccessDenied"),
    "403 policy": refusal(403, "ErrorAccessDenied", "Access to OData is disabled: [RAOP] policy."),
    "403 send as": refusal(403, "ErrorSendAsDenied"),
    "404": refusal(404, "ErrorItemNotFound"),
    "404 mailbox": refusal(404, "MailboxNotEnabledForRESTAPI"),
    "405": refusal(405, "UnknownError"),
    "408": {"status": 408},
    "409": refusal(409, "ErrorFolderExists"),
    "410": refusal(410, "SyncStateNotFound"),
    "412": refusal(412, "ErrorIrresolvableConflict"),
    "413": refusal(413, "ErrorMessageSizeExceeded"),
    "423": refusal(423, "Locked"),
    "429": {"status": 429, "headers": NOW},
    "429 long": {"status": 429, "headers": LATER},
    "500": {"status": 500},
    "502 page": {"status": 502, "body": "<html>Bad gateway</html>"},
    "503": {"status": 503, "headers": NOW},
    "503 offline": refusal(503, "ErrorExchangeServerNotOnline"),
    "504": {"status": 504, "headers": NOW},
    "507 full": refusal(507, "ErrorQuotaExceeded"),
    "302": {"status": 302, "headers": {"Location": "https://x.example/"}},
    "200 page": {"status": 200, "body": "<html>Sign in to the network</html>"},
    "200 cut": {"cut": "body"},
    "cut before": {"cut": "before"},
    "cut after": {"cut": "after"},
}


MESSAGE, BATCH = "/v1.0/me/messages/*", "/v1.0/$batch"


async def deliver(world: World, _: EmailWorkspace, number: int) -> list[Handle]:
    """Messages with a file, each with a subject of its own."""
    files = [("note.txt", "text/plain", b"A note.")]
    return [Handle(world.deliver(subject=f"Fault {uuid4()}", attachments=files)) for _ in range(number)]


async def make_draft(world: World, alice: EmailWorkspace, number: int) -> list[Handle]:
    """A draft, and messages with a file so that there are `number` in all."""
    draft = await alice.drafts.save_draft(DraftContent(to=["erin@fabrikam.example"], subject="Before", body="x"))
    return [draft.message.id, *await deliver(world, alice, number - 1)]


@dataclass(frozen=True)
class Operation:
    """What a caller does with messages that `prepare` makes, and the request of it that is hit.

    `is_made` tells of one message whether the change was made, and is asked of the first `judged` messages; it is None
    for what only reads, whose answer holds `shows`.
    With `may_stay_open` a change that was made, or one that was not, cannot always be told.
    """

    run: Callable[[EmailWorkspace, list[Handle]], Awaitable[str]]
    route: str
    method: str
    is_made: Callable[[World, Handle], bool] | None = None
    prepare: Callable[[World, EmailWorkspace, int], Awaitable[list[Handle]]] = deliver
    messages: int = 1
    judged: int | None = None
    query: str | None = None
    may_stay_open: bool = False
    shows: str = ""

    def rule(self, fault: str) -> dict[str, Any]:
        """The rule for the sandbox: the first such request meets the fault."""
        return {"route": self.route, "method": self.method, "query": self.query, "times": 1, **FAULTS[fault]}

    async def answer(self, alice: EmailWorkspace, messages: list[Handle]) -> tuple[bool, str]:
        """Whether it is an error, and its text."""
        try:
            return False, await self.run(alice, messages)
        except OutlookError as error:
            return True, error_text(error)


async def _mark(alice: EmailWorkspace, ids: list[Handle]) -> str:
    return updated_answer(_context(alice), await alice.messages.update_messages(ids, MessageChange(read=True)))


async def _categorise(alice: EmailWorkspace, ids: list[Handle]) -> str:
    change = MessageChange(add_categories=("Red",))
    return updated_answer(_context(alice), await alice.messages.update_messages(ids, change))


async def _move(alice: EmailWorkspace, ids: list[Handle]) -> str:
    return moved_answer(_context(alice), await alice.messages.move_messages(ids, "Archive"))


async def _copy(alice: EmailWorkspace, ids: list[Handle]) -> str:
    return moved_answer(_context(alice), await alice.messages.move_messages(ids, "Archive", copy=True))


async def _delete(alice: EmailWorkspace, ids: list[Handle]) -> str:
    return deleted_answer(_context(alice), await alice.messages.delete_messages(ids))


async def _erase(alice: EmailWorkspace, ids: list[Handle]) -> str:
    return deleted_answer(_context(alice), await alice.messages.delete_messages(ids, permanent=True))


async def _new_draft(alice: EmailWorkspace, ids: list[Handle]) -> str:
    content = DraftContent(subject=f"New {ids[0]}"[:250], body="Hello")
    return draft_answer(_context(alice), await alice.drafts.save_draft(content))


async def _reply(alice: EmailWorkspace, ids: list[Handle]) -> str:
    content = DraftContent(subject=f"New {ids[0]}"[:250], body="Hello")
    return draft_answer(_context(alice), await alice.drafts.save_draft(content, kind="reply", of=ids[0]))


async def _change_draft(alice: EmailWorkspace, ids: list[Handle]) -> str:
    return draft_answer(_context(alice), await alice.drafts.save_draft(DraftContent(subject="Changed"), draft=ids[0]))


async def _attach(alice: EmailWorkspace, ids: list[Handle]) -> str:
    content = DraftContent(attach=[AttachmentRef(ids[1], 1)])
    return draft_answer(_context(alice), await alice.drafts.save_draft(content, draft=ids[0]))


async def _send(alice: EmailWorkspace, ids: list[Handle]) -> str:
    return sent_answer(_context(alice), await send(alice, ids[0]))


async def _search(alice: EmailWorkspace, _: list[Handle]) -> str:
    return found_answer(_context(alice), await alice.search.search_messages(MailQuery(folder="inbox"), None))


async def _read(alice: EmailWorkspace, ids: list[Handle]) -> str:
    return messages_answer(_context(alice), await alice.messages.read_messages(ids))


async def _read_file(alice: EmailWorkspace, ids: list[Handle]) -> str:
    return attachment_answer(_context(alice), await alice.attachments.read_attachment(ids[0], "1"))


async def _list_folders(alice: EmailWorkspace, _: list[Handle]) -> str:
    return folders_answer(await alice.folders.folder_tree())


def _context(alice: EmailWorkspace) -> AnswerContext:
    return AnswerContext(alice.handles, alice.config.zone(), utc_now(), alice.config.address)


def _stored(world: World, message: Handle) -> Any:
    """The message as the sandbox keeps it; None when it is gone."""
    box = world.sandbox.store.mailbox(world.user("alice").oid)
    try:
        return box.messages.load_message(box.messages.by_id(message))
    except ItemNotFound:
        return None


def _is_in(name: str) -> Callable[[World, Handle], bool]:
    def is_there(world: World, message: Handle) -> bool:
        box = world.sandbox.store.mailbox(world.user("alice").oid)
        return bool(box.messages.by_id(message).row["folder"] == box.folders.by_name(name).key)

    return is_there


def _has_in(name: str, prefix: str) -> Callable[[World, Handle], bool]:
    """Whether a message of this folder has the subject that was made of the message's id."""

    def is_there(world: World, message: Handle) -> bool:
        box = world.sandbox.store.mailbox(world.user("alice").oid)
        found = box.messages.select("m.folder = ?", [box.folders.by_name(name).key], "m.id", 1000)
        return f"{prefix}{message}"[:250] in [box.messages.load_message(stored).subject for stored in found]

    return is_there


def _has_file(world: World, message: Handle) -> bool:
    """Whether the file is attached; it never is twice."""
    attachments = _stored(world, message).attachments
    assert len(attachments) <= 1
    return bool(attachments)


def _was_copied(world: World, message: Handle) -> bool:
    return _has_in("archive", "")(world, Handle(_stored(world, message).subject))


CHANGES = {
    "mark": Operation(_mark, MESSAGE, "PATCH", lambda world, one: _stored(world, one).is_read),
    "mark several": Operation(_mark, BATCH, "POST", lambda world, one: _stored(world, one).is_read, messages=2),
    "categorise": Operation(_categorise, MESSAGE, "PATCH", lambda world, one: "Red" in _stored(world, one).categories),
    "move": Operation(_move, f"{MESSAGE}/move", "POST", _is_in("archive")),
    "move several": Operation(_move, BATCH, "POST", _is_in("archive"), messages=2),
    "copy": Operation(_copy, f"{MESSAGE}/copy", "POST", _was_copied, may_stay_open=True),
    "delete": Operation(_delete, f"{MESSAGE}/move", "POST", _is_in("deleteditems")),
    "erase": Operation(_erase, f"{MESSAGE}/permanentDelete", "POST", lambda world, one: _stored(world, one) is None),
    "erase several": Operation(_erase, BATCH, "POST", lambda world, one: _stored(world, one) is None, messages=2),
    "new draft": Operation(_new_draft, "/v1.0/me/messages", "POST", _has_in("drafts", "New "), may_stay_open=True),
    "new draft, read again": Operation(_new_draft, MESSAGE, "GET", _has_in("drafts", "New "), query="$expand="),
    "reply": Operation(_reply, MESSAGE, "PATCH", _has_in("drafts", "New ")),
    "reply, created": Operation(
        _reply, f"{MESSAGE}/createReply", "POST", _has_in("drafts", "New "), may_stay_open=True
    ),
    "change draft": Operation(
        _change_draft, MESSAGE, "PATCH", lambda world, one: _stored(world, one).subject == "Changed", make_draft
    ),
    "attach": Operation(_attach, f"{MESSAGE}/attachments", "POST", _has_file, make_draft, messages=2, judged=1),
    "send": Operation(_send, f"{MESSAGE}/send", "POST", _is_in("sentitems"), make_draft, may_stay_open=True),
}
READS = {
    "search": Operation(_search, "/v1.0/me/mailFolders/inbox/messages", "GET", shows="Fault"),
    "read": Operation(_read, MESSAGE, "GET", shows="Good morning"),
    "read several": Operation(_read, BATCH, "POST", messages=2, shows="Good morning"),
    "read file": Operation(_read_file, f"{MESSAGE}/attachments*", "GET", shows="note.txt"),
    "list folders": Operation(_list_folders, "/v1.0/me/mailFolders*", "GET", shows="Inbox"),
}
