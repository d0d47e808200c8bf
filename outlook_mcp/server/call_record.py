"""What one call concerned, for the audit log: counts, and as personal fields the message ids and recipient domains."""

from __future__ import annotations

from collections.abc import Iterable

from outlook_mcp.audit.chain import MAX_TEXT
from outlook_mcp.graph.handles import Handles
from outlook_mcp.graph.ids import Handle, MessageId, is_short_or_full_id

# The letters in which two long ids of one mailbox differ stand at their end.
_KEPT_LETTERS = 32
_LONGEST_DOMAIN = 80


class CallRecord:
    """One for each call: its handler fills it, and the pipeline puts it on record.

    `message_ids` are those that the request names, short or full, and not checked yet. `changed` is how many messages
    were changed, `unclear` of how many it is not known, as when a call is cancelled while a request is under way.
    """

    def __init__(self, message_ids: Iterable[str] = ()) -> None:
        self._named = tuple(dict.fromkeys(message_ids))
        self._shown: dict[str, None] = {}
        self._domains: dict[str, None] = {}
        self._handles = Handles(None)
        self.recipients = 0
        self._effects = ""
        self.changed = 0
        self.unclear = 0
        # Of a resource whose bytes are not those of a text.
        self.media_type = ""
        # The first line of the answer, where the mailbox is not the user's own.
        self.heading = ""
        self.shared_mailbox = ""

    def mailbox_opened(self, handles: Handles, *, shared: str = "") -> None:
        """Notes in which mailbox the ids are valid: its full ids are recorded as short ones from now on.

        `shared` is the address of a mailbox that somebody else shares with the user.
        """
        self._handles = handles
        self.shared_mailbox = shared

    def shown(self, handle: str) -> None:
        """Notes a message that the answer shows, by the id that stands there."""
        self._shown[handle] = None

    def message_ids(self) -> list[str]:
        """The messages that were named or shown, each once.

        A full id that is not of the open mailbox, or whose mailbox was not opened, is recorded by its last 32 letters.
        What cannot be an id of Graph is left out: no request is made with it.

        >>> full_id = "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AAAAAAAAAAAAAAAAAAAAAAAAAAAASZwAA"
        >>> record = CallRecord(["4711", full_id, "../me"])
        >>> record.message_ids()
        ['4711', '…AAAAAAAAAAAAAAAAAAAAAAAAAAASZwAA']
        >>> record.mailbox_opened(Handles(bytes(16)))
        >>> record.shown("4712")
        >>> record.message_ids()
        ['4711', '4712']
        >>> CallRecord(["4711@261130", "4712:bob@contoso.example"]).message_ids()
        ['4711@261130', '4712']
        """
        named = (self._handles.short(MessageId(Handle(message_id.strip()))) for message_id in self._named)
        # The address of the mailbox that an event is in is none of its id.
        handles = (handle.partition(":")[0] for handle in (*named, *self._shown))
        return list(dict.fromkeys(_bounded(handle) for handle in handles if is_short_or_full_id(handle)))

    def sent(self, addresses: Iterable[str]) -> None:
        """Notes the addresses that a message went to, or may have gone to.

        >>> record = CallRecord()
        >>> record.sent(["bob@Contoso.example", "carol@contoso.example", "erin@fabrikam.example"])
        >>> record.fields()
        ({'recipients': 3}, {'recipient_domains': 'contoso.example fabrikam.example'})
        """
        addresses = list(addresses)
        self.recipients += len(addresses)
        self._note_domains(addresses)

    def rule_saved(self, effects: Iterable[str], addresses: Iterable[str]) -> None:
        """Notes what a saved rule does that sends mail to others, at these addresses, or loses it.

        >>> record = CallRecord()
        >>> record.rule_saved(("forwards", "deletes"), ["eve@fabrikam.example"])
        >>> record.fields()
        ({'effects': 'forwards, deletes'}, {'recipient_domains': 'fabrikam.example'})
        """
        self._effects = ", ".join(effects)
        self._note_domains(addresses)

    def replies_set(self) -> None:
        """Notes that whoever writes to the user gets a text, if the call succeeds."""
        self._effects = "replies automatically"

    def unsubscribed(self, host: str, addresses: Iterable[str]) -> None:
        """Notes where the user was unsubscribed: the host of a site, or the addresses that a message went to."""
        self._effects = "unsubscribes"
        self._note_domains([host] if host else [])
        self.sent(addresses)

    def fields(self) -> tuple[dict[str, int | str], dict[str, str]]:
        """The numbers of messages and recipients, and its effects on others; and the personal fields.

        Those are the shared mailbox, the ids and the domains: of each list the first that a record has room for, joined
        by spaces. What is zero or empty is left out.
        """
        message_ids = self.message_ids()
        counts: dict[str, int | str] = {
            "messages": len(message_ids),
            "recipients": self.recipients,
            "effects": self._effects,
            "changed": self.changed,
            "unclear": self.unclear,
        }
        lists = {
            "shared_mailbox": self.shared_mailbox,
            "message_ids": _joined(message_ids),
            "recipient_domains": _joined(self._domains),
        }
        return (
            {name: count for name, count in counts.items() if count},
            {name: text for name, text in lists.items() if text},
        )

    def _note_domains(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            domain = "".join(address.rpartition("@")[2].split()).lower()
            self._domains[domain[:_LONGEST_DOMAIN]] = None


def _bounded(message_id: str) -> str:
    return message_id if len(message_id) <= _KEPT_LETTERS else f"…{message_id[-_KEPT_LETTERS:]}"


def _joined(values: Iterable[str]) -> str:
    joined = ""
    for value in values:
        longer = f"{joined} {value}".strip()
        if len(longer) > MAX_TEXT:
            break
        joined = longer
    return joined
