"""Whether there is a mailbox that may be read, and its GUID; asked when a mailbox is opened for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outlook_mcp.graph.batch import BatchAnswer
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import mailbox_guid_of, mailbox_guid_of_folder
from outlook_mcp.graph.ids import Handle, MessageId
from outlook_mcp.graph.models import Item, Page
from outlook_mcp.mail.area import MAIL
from outlook_mcp.mail.models import Folder

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation


def discovery_requests(graph: GraphClient) -> tuple[RequestInformation, RequestInformation]:
    """The requests whose answers `mailbox_guid` takes: for the inbox and for the newest message."""
    inbox = graph.me.mail_folders.by_mail_folder_id("inbox")
    return (
        graph.request(inbox, query={"$select": ("id",)}),
        graph.request(graph.me.messages, query={"$top": 1, "$select": ("id",)}),
    )


def mailbox_guid(inbox: BatchAnswer, newest: BatchAnswer) -> bytes | None:
    """The GUID of the mailbox, which its message and folder ids contain; None when they have another layout.

    Raises MailboxUnavailable, AccessDenied or another GraphError when the inbox cannot be read.
    """
    folder = inbox.decode(Folder, permission=MAIL.read_permission)
    messages = newest.decode(Page[Item]).value if newest.is_success else []
    from_messages = next(filter(None, (mailbox_guid_of(MessageId(Handle(message.id))) for message in messages)), None)
    return from_messages or mailbox_guid_of_folder(folder.id)
