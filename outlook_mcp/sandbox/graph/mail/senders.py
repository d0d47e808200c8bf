"""Who a message may be sent from, and who is named as its sender."""

from __future__ import annotations

from outlook_mcp.sandbox.graph.core.errors import access_denied
from outlook_mcp.sandbox.graph.mail.call import MailCall
from outlook_mcp.sandbox.graph.mail.drafting import owner
from outlook_mcp.sandbox.graph.mail.errors import send_as_denied
from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store import Mailbox
from outlook_mcp.sandbox.store.mail.grants import rights_in


def checked_sender(call: MailCall, message: Message) -> Address:
    """The sender of a message whose `from_` is another mailbox: that mailbox, or the caller on its behalf.

    With both rights the message is sent as the mailbox. Raises GraphFault without either, and where the token is not
    for shared mailboxes. See https://learn.microsoft.com/graph/outlook-send-mail-from-other-user.
    """
    own, author = call.stores.find_mailbox(call.caller.oid), message.from_ or owner(call.mailbox)
    if own is None:
        raise send_as_denied()
    if _is(own, author):
        if message.sender is not None and not _is(own, message.sender):
            raise send_as_denied()
        return author
    other = call.stores.mailbox_by_address(author.address)
    rights = frozenset() if other is None else rights_in(other, call.caller.oid)
    if other is None or rights.isdisjoint({"send_as", "send_on_behalf"}):
        raise send_as_denied()
    if not call.allows("Mail.Send.Shared"):
        raise access_denied()
    if message.sender is not None and not (_is(own, message.sender) or _is(other, message.sender)):
        raise send_as_denied()
    return owner(other) if "send_as" in rights else owner(own)


def _is(mailbox: Mailbox, person: Address) -> bool:
    return mailbox.account.has_address(person.address)
