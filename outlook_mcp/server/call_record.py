"""What one call concerned, for the audit log: counts, and as personal fields the message ids and recipient domains."""

from __future__ import annotations

from collections.abc import Iterable

from outlook_mcp.audit.chain import MAX_TEXT

_LONGEST_HANDLE = 20
_LONGEST_DOMAIN = 80


class CallRecord:
    """One for each call: its handler fills it, and the pipeline puts it on record."""

    def __init__(self, message_ids: Iterable[str] = ()) -> None:
        self._handles: dict[str, None] = {}
        self._domains: dict[str, None] = {}
        self.recipients = 0
        for message_id in message_ids:
            self.touched(message_id)

    @property
    def messages(self) -> int:
        """How many messages were named or shown, each counted once."""
        return len(self._handles)

    def touched(self, handle: str) -> None:
        """Notes a message that the request named or the answer shows; anything but a short id is ignored.

        >>> record = CallRecord(["4711", "AAMkAGI2", "4711"])
        >>> record.messages, record.personal()
        (1, {'message_ids': '4711'})
        """
        if handle.isascii() and handle.isdecimal() and len(handle) <= _LONGEST_HANDLE:
            self._handles[handle] = None

    def sent(self, addresses: Iterable[str]) -> None:
        """Notes the addresses that a message went to, or may have gone to.

        >>> record = CallRecord()
        >>> record.sent(["bob@Contoso.example", "carol@contoso.example", "erin@fabrikam.example"])
        >>> record.recipients, record.personal()
        (3, {'recipient_domains': 'contoso.example fabrikam.example'})
        """
        for address in addresses:
            self.recipients += 1
            domain = "".join(address.rpartition("@")[2].split()).lower()
            self._domains[domain[:_LONGEST_DOMAIN]] = None

    def counts(self) -> dict[str, int]:
        """How many messages and recipients it concerned, without those that are zero."""
        counts = {"messages": self.messages, "recipients": self.recipients}
        return {name: count for name, count in counts.items() if count}

    def personal(self) -> dict[str, str]:
        """Ids of messages and domains of recipients: of each the first that a record has room for.

        Lists are joined by spaces, and left out when they are empty.
        """
        lists = {"message_ids": _joined(self._handles), "recipient_domains": _joined(self._domains)}
        return {name: text for name, text in lists.items() if text}


def _joined(values: Iterable[str]) -> str:
    joined = ""
    for value in values:
        longer = f"{joined} {value}".strip()
        if len(longer) > MAX_TEXT:
            break
        joined = longer
    return joined
