"""What a mailbox says of itself when it is opened for the first time: address, name, time zone, GUID."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from outlook_mcp.errors import AccessDenied, GraphError, MailboxUnavailable, NotFound, OutlookError
from outlook_mcp.graph.area import GraphArea
from outlook_mcp.graph.client import GraphClient
from outlook_mcp.graph.handles import mailbox_guid_of, mailbox_guid_of_folder
from outlook_mcp.graph.ids import FolderId, Handle, MessageId
from outlook_mcp.graph.models import Item, Page
from outlook_mcp.identity.email_config import UserEmailConfig
from outlook_mcp.workspace.models import PROFILE, MailboxSettings, Profile

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation

from outlook_mcp.graph.batch import BatchAnswer
from outlook_mcp.graph.id_starts import learned_starts
from outlook_mcp.mail.lazy import discovery_requests, mailbox_guid

# So many items of each kind are looked at for what their ids begin with.
_LEARNED_FROM = 100
ACCOUNT = GraphArea(
    read_permission="User.Read",
    write_permission="User.ReadWrite",
    builders=(
        "mail_folders.mail_folders_request_builder",
        "mail_folders.item.mail_folder_item_request_builder",
        "mailbox_settings.mailbox_settings_request_builder",
        "messages.messages_request_builder",
    ),
)
_NOT_OF_MAIL = replace(
    ACCOUNT,
    builders=(
        "calendar.calendar_request_builder",
        "contacts.contacts_request_builder",
        "events.events_request_builder",
    ),
)


async def discover(graph: GraphClient, kept: UserEmailConfig | None) -> UserEmailConfig:
    """`kept` completed by the answers of one batch. `graph` is a client for ACCOUNT.

    Raises MailboxUnavailable when there is no mailbox. What may not be read is refused when it is read.
    """
    known = kept or UserEmailConfig(address="")
    inbox, newest, profile, settings = await graph.answers_to(
        [
            *discovery_requests(graph),
            graph.request(graph.me, query={"$select": PROFILE}),
            _zone_request(graph),
        ]
    )
    try:
        guid = mailbox_guid(inbox, newest)
    except AccessDenied:
        # The user may have signed in for the calendar or for contacts alone.
        guid = await _guid_without_mail(graph)
    found = _with_profile(known, profile)
    found = _with_time_zone(found, settings)
    if not found.address:
        raise MailboxUnavailable("This account has no mail address.")
    starts = known.id_starts if guid else await _id_starts(graph, known.id_starts)
    return found.model_copy(update={"mailbox_guid": guid.hex() if guid else known.mailbox_guid, "id_starts": starts})


async def _guid_without_mail(graph: GraphClient) -> bytes | None:
    """The GUID in the id of the calendar or of a contact; None when neither may be read."""
    graph = graph.for_area(_NOT_OF_MAIL)
    calendar, contacts = await graph.answers_to(
        [
            graph.request(graph.me.calendar, query={"$select": ("id",)}),
            graph.request(graph.me.contacts, query={"$top": 1, "$select": ("id",)}),
        ]
    )
    if calendar.is_success:
        return mailbox_guid_of_folder(FolderId(calendar.decode(Item).id))
    found = contacts.decode(Page[Item]).value if contacts.is_success else []
    return mailbox_guid_of(MessageId(Handle(found[0].id))) if found else None


async def _id_starts(graph: GraphClient, known: Sequence[str]) -> tuple[str, ...]:
    """The `known` starts of ids, and those that events, contacts and messages of the mailbox have; see `id_starts`.

    Ids of what may not be read are shown whole.
    """
    query = {"$top": _LEARNED_FROM, "$select": ("id",)}
    graph = graph.for_area(_NOT_OF_MAIL)
    me = graph.me
    try:
        answers = await graph.answers_to(
            [graph.request(collection, query=query) for collection in (me.events, me.contacts, me.messages)]
        )
    except GraphError:
        return tuple(known)
    starts = tuple(known)
    for answer in answers:
        items = answer.decode(Page[Item]).value if answer.is_success else []
        starts = learned_starts([item.id for item in items], starts)
    return starts


async def current_time_zone(graph: GraphClient) -> str:
    """The time zone that the mailbox has now; "" where that cannot be read. `graph` is a client for ACCOUNT."""
    try:
        return (await graph.answer_to(_zone_request(graph), MailboxSettings)).time_zone or ""
    except OutlookError:
        # What is known will do until it is asked for again.
        return ""


def _zone_request(graph: GraphClient) -> RequestInformation:
    return graph.request(graph.me.mailbox_settings, query={"$select": ("timeZone",)})


async def discover_shared(graph: GraphClient, address: str, own: UserEmailConfig) -> UserEmailConfig:
    """The mailbox at `address` that `graph` reads with the rights of its user, whose own mailbox is `own`.

    Raises AccessDenied when the user has no rights in it or there is none: Exchange does not tell which.
    """
    inbox, newest, profile = await graph.answers_to(
        [*discovery_requests(graph), graph.request(graph.me, query={"$select": PROFILE})]
    )
    try:
        guid = mailbox_guid(inbox, newest)
    except (AccessDenied, NotFound, MailboxUnavailable) as refused:
        raise _not_shared(address, own.address, refused) from None
    known = UserEmailConfig(
        address=address,
        time_zone=own.time_zone,
        mailbox_guid=guid.hex() if guid else None,
        id_starts=() if guid else await _id_starts(graph, ()),
    )
    # Reading the profiles of others is a permission of its own, User.ReadBasic.All.
    return _with_profile(known, profile)


def _not_shared(address: str, user: str, refused: GraphError) -> AccessDenied:
    return AccessDenied(
        f"{user} may not open the mailbox of {address}, or there is none. ({refused.message})",
        status=refused.status,
        graph_code=refused.graph_code,
        request_id=refused.request_id,
        next_step="Check the address, or let its owner or an administrator share the mailbox with the user. A calendar "
        "that is shared alone is named by `calendar`, not by `account`.",
    )


def _with_profile(known: UserEmailConfig, answer: BatchAnswer) -> UserEmailConfig:
    """Without the permission User.Read the known address stays."""
    if answer.is_success:
        profile = answer.decode(Profile)
        address = profile.mail or profile.user_principal_name or known.address
        return known.model_copy(update={"address": address, "display_name": profile.display_name or ""})
    if not known.address:
        raise answer.error()
    return known


def _with_time_zone(known: UserEmailConfig, answer: BatchAnswer) -> UserEmailConfig:
    """Without the permission MailboxSettings.Read the known zone stays, which is UTC at first."""
    if answer.is_success:
        zone = answer.decode(MailboxSettings).time_zone
        return known.model_copy(update={"time_zone": zone or known.time_zone})
    if answer.error().retryable:
        # Empty counts as UTC, and the zone is asked for again when the mailbox is opened the next time.
        return known.model_copy(update={"time_zone": ""})
    return known
