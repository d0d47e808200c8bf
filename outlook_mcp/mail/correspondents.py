"""The people to whom the user has written lately, and addresses that look like theirs."""

from __future__ import annotations

from collections.abc import Iterable

from outlook_mcp.answers.people import address_words
from outlook_mcp.errors import InvalidInput
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.models import Page
from outlook_mcp.mail.models import Message
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.net.public_suffixes import registrable_domain
from outlook_mcp.text.look_alikes import deception, decoded, may_imitate, mixed_label, skeleton

# As many of the newest sent messages as Graph gives on one page in reasonable time, and of their recipients.
_MOST_MESSAGES = 250
_MOST_ADDRESSES = 2000
_KEPT_S = 600.0
_SELECT = ("toRecipients", "ccRecipients", "bccRecipients")


class Correspondents:
    """The people to whom the user of one mailbox has written, whose own address is `own_address`.

    They are read from Sent Items, at most every ten minutes.
    """

    def __init__(self, graph: GraphClient, own_address: str) -> None:
        self._graph = graph
        self._own_address = own_address.lower()
        self._read_at: float | None = None
        # Addresses and their domains, as people read them; and each by its skeleton.
        self._known: frozenset[str] = frozenset()
        self._by_skeleton: dict[str, str] = {}

    async def check_recipients(self, addresses: Iterable[str]) -> None:
        """Raises InvalidInput for one that a person takes for the address of somebody to whom the user has written.

        One in `xn--` form is taken as it is, since nobody reads it as another. Plain letters at the user's own domain
        are no imitation, and Sent Items are not read for them.
        """
        for address in addresses:
            if why := deception(address):
                raise _refused(address, why)
            if (label := mixed_label(address)) and not await self.has_written_to(address):
                part = repr(label) if label.isalnum() else "a part of it"
                raise _refused(address, f"{part} has letters of several scripts, which look alike")
            if not may_imitate(address) and _domain(address) == _domain(self._own_address):
                continue
            if imitated := await self._imitated_by(address):
                is_own = imitated in (self._own_address, _domain(self._own_address))
                whose = "the user's own" if is_own else "which the user has written to"
                raise _refused(address, f"it looks like {imitated}, {whose}, and is another one")

    async def imitated_by(self, sender: str) -> str:
        """The known address or domain that a sender's address looks like without being it; "" if there is none."""
        return await self._imitated_by(decoded(sender))

    async def has_written_to(self, address: str) -> bool:
        """Whether the user has lately written to this address, or it is the user's own."""
        await self._read_when_old()
        return decoded(address).lower() in self._known

    async def _imitated_by(self, address: str) -> str:
        await self._read_when_old()
        name, _, domain = address.rpartition("@")
        # What follows a plus sign is a mark of the sender's own, for the same mailbox, and what stands before a
        # registered domain is its owner's choice.
        for text in (address, f"{name.partition('+')[0]}@{domain}", domain, _registered(domain)):
            if text.lower() in self._known:
                return ""
            # A capital I is drawn as a small l, and is a small i to every mail server.
            for drawn in (text, text.replace("I", "l")):
                if imitated := self._by_skeleton.get(skeleton(drawn)):
                    return imitated
        return ""

    async def _read_when_old(self) -> None:
        if self._read_at is not None and seconds_since_boot() < self._read_at + _KEPT_S:
            return
        sent = self._graph.me.mail_folders.by_mail_folder_id("sentitems").messages
        query = {"$orderby": "receivedDateTime desc", "$select": _SELECT, "$top": _MOST_MESSAGES}
        page = await self._graph.answer_to(self._graph.request(sent, query=query), Page[Message])
        sent_to = [recipient.email_address.address for message in page.value for recipient in message.recipients]
        addresses = [self._own_address, *(decoded(address.lower()) for address in sent_to if address)]
        known = list(dict.fromkeys(addresses))[:_MOST_ADDRESSES]
        domains = {_domain(address) for address in known}
        self._known = frozenset([*known, *domains, *map(_registered, domains)])
        self._by_skeleton = {skeleton(text): text for text in self._known}
        self._read_at = seconds_since_boot()


def _domain(address: str) -> str:
    return address.lower().rpartition("@")[2]


def _registered(domain: str) -> str:
    """The part of a domain that tells whose it is."""
    return registrable_domain(domain) or domain


def _refused(address: str, why: str) -> InvalidInput:
    # The part before the @ has no other form.
    other_form = (
        "" if mixed_label(address.partition("@")[0]) else "write its domain in the form that begins with xn--, or "
    )
    return InvalidInput(
        f"{address_words(address)} cannot be a recipient: {why}.",
        next_step=(
            f"Ask the user who is meant. If it is this one, {other_form}let the user write to it once in Outlook; "
            "that is noticed after ten minutes at the latest."
        ),
    )
