"""Which conversation a message belongs to, in whatever order the messages of a thread arrive."""

from __future__ import annotations

import base64
from uuid import NAMESPACE_OID, UUID, uuid5

from outlook_mcp.sandbox.message import Message
from outlook_mcp.sandbox.store.core.accounts import Account
from outlook_mcp.sandbox.store.core.database import Database
from outlook_mcp.sandbox.store.mail import ids

# Beyond so many replies all are as deep.
_DEEPEST_INDEX = 40


class Threads:
    """Keeps the conversation of every Message-ID that a message of the mailbox has or refers to."""

    def __init__(self, database: Database, account: Account) -> None:
        self._database, self._mailbox, self._guid = database, account.key, account.guid

    def join(self, message: Message, conversation: UUID | None) -> str:
        """The conversation id of `message`, joining threads that it connects."""
        known = _message_ids(message)
        found = self._known_conversations(known)
        if conversation is not None:
            chosen = ids.conversation_id(self._guid, conversation)
        elif found:
            chosen = found[0]
        else:
            chosen = ids.conversation_id(self._guid, uuid5(NAMESPACE_OID, known[0]))
        for other in found:
            if other != chosen:
                self._merge(other, chosen)
        self._database.execute_many(
            "INSERT OR IGNORE INTO thread VALUES (?, ?, ?)", [(self._mailbox, known_id, chosen) for known_id in known]
        )
        return chosen

    def forget_empty_threads(self) -> None:
        """Drop the ids of conversations that have no message any more."""
        self._database.execute(
            "DELETE FROM thread WHERE mailbox = ? AND NOT EXISTS"
            " (SELECT 1 FROM message m WHERE m.mailbox = thread.mailbox AND m.conversation = thread.conversation)",
            (self._mailbox,),
        )

    def forget_thread_if_empty(self, conversation: str) -> None:
        """As `forget_empty_threads`, for one conversation."""
        self._database.execute(
            "DELETE FROM thread WHERE mailbox = ? AND conversation = ? AND NOT EXISTS"
            " (SELECT 1 FROM message m WHERE m.mailbox = thread.mailbox AND m.conversation = thread.conversation)",
            (self._mailbox, conversation),
        )

    def _known_conversations(self, message_ids: list[str]) -> list[str]:
        marks = ", ".join("?" * len(message_ids))
        rows = self._database.rows(
            f"SELECT internet_message_id, conversation FROM thread"  # noqa: S608
            f" WHERE mailbox = ? AND internet_message_id IN ({marks})",
            (self._mailbox, *message_ids),
        )
        of = {row["internet_message_id"]: row["conversation"] for row in rows}
        return list(dict.fromkeys(of[message_id] for message_id in message_ids if message_id in of))

    def _merge(self, old: str, new: str) -> None:
        for table in ("thread", "message"):
            self._database.execute(
                f"UPDATE {table} SET conversation = ? WHERE mailbox = ? AND conversation = ?",  # noqa: S608
                (new, self._mailbox, old),
            )


def conversation_index(conversation: str, message: Message) -> bytes:
    """22 bytes for the thread, then 5 for every reply from its first one to this message ([MS-OXOMSG] 2.2.1.3).

    So the index of an answer begins with that of the message that it answers.
    """
    guid = ids.conversation_guid(conversation).bytes
    earlier = message.references[1:_DEEPEST_INDEX]
    is_reply = bool(message.references or message.in_reply_to)
    steps = [*earlier, message.internet_message_id or ""] if is_reply else []
    return b"\x01" + guid[:5] + guid + b"".join(map(_index_step, steps))


def _index_step(message_id: str) -> bytes:
    written = base64.b64encode(message_id.encode("utf-8", "replace")).decode("ascii")
    return uuid5(NAMESPACE_OID, written).bytes[:5]


def _message_ids(message: Message) -> list[str]:
    """The ids of the thread, oldest first, with at most 200 references."""
    known = [*message.references[:200], message.in_reply_to, message.internet_message_id]
    return list(dict.fromkeys(message_id for message_id in known if message_id))
