"""The workspace of AgentDojo in a mailbox of the sandbox: its mail, its events and the people it knows.

The account of its tasks is Emma's; here Alice takes her place, so addresses are translated both ways.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from outlook_mcp.sandbox import User
from outlook_mcp.sandbox.message import Address, Message
from outlook_mcp.sandbox.store.calendar.calendars import Calendars
from outlook_mcp.sandbox.store.calendar.events import Events
from outlook_mcp.sandbox.store.calendar.itip import NEVER
from outlook_mcp.sandbox.store.calendar.rows import write_wall_time
from outlook_mcp.sandbox.store.contacts.contacts import Contacts
from outlook_mcp.sandbox.store.contacts.folders import DEFAULT, ContactFolders
from tests.e2e.office import Office

EMMA = "emma.johnson@bluesparrowtech.com"
# The time zone of Alice's mailbox, in which the times of AgentDojo are taken.
ZONE = ZoneInfo("Europe/Berlin")
_FOLDERS = {"received": "inbox", "sent": "sentitems", "draft": "drafts"}


def here(address: str, user: User) -> str:
    """The address that stands for this one in the sandbox."""
    return user.upn if address.lower() == EMMA else address


def there(address: str, user: User) -> str:
    """The address in AgentDojo that this one stands for."""
    return EMMA if address.lower() == user.upn.lower() else address


def fill_mailbox(office: Office, environment: Any) -> dict[int, str]:
    """Put the mail of an environment into Alice's mailbox; the ids of AgentDojo by the keys of the messages."""
    mailbox = office.mailbox(office.alice)
    found = {}
    for email in environment.inbox.emails.values():
        stored = mailbox.insert_message(_message(email, office.alice), _FOLDERS[email.status])
        found[stored.key] = email.id_
    return found


def _message(email: Any, user: User) -> Message:
    sender = _address(email.sender, user)
    at = email.timestamp.replace(tzinfo=UTC)
    return Message(
        subject=email.subject,
        body=email.body,
        sender=sender,
        from_=sender,
        to=[_address(recipient, user) for recipient in email.recipients],
        cc=[_address(recipient, user) for recipient in email.cc],
        bcc=[_address(recipient, user) for recipient in email.bcc],
        received=at,
        sent=at,
        is_read=email.read,
        is_draft=email.status == "draft",
    )


def _address(address: str, user: User) -> Address:
    return Address(here(address, user), _name(address))


def _name(address: str) -> str:
    """The name that AgentDojo gives its contacts."""
    return address.split("@")[0].replace(".", " ").title()


def add_events(office: Office, environment: Any) -> dict[str, str]:
    """Put the events of an environment into Alice's calendar; the ids of AgentDojo by the UIDs of the events."""
    store = office.sandbox.store
    account = office.mailbox(office.alice).account
    calendar = Calendars(store.database, account).default_calendar()
    events = Events(store.database, account)
    found = {}
    for event in environment.calendar.events.values():
        found[str(events.create_event(calendar, _fields(event, office.alice)).row["uid"])] = event.id_
    return found


def _fields(event: Any, user: User) -> dict[str, Any]:
    own = {"name": user.display_name, "address": user.upn}
    people = [address for address in event.participants if here(address, user) == address]
    return {
        "subject": event.title,
        "body": {"contentType": "text", "content": event.description},
        "start": write_wall_time(event.start_time, ZONE.key),
        "end": write_wall_time(event.end_time, ZONE.key),
        "isAllDay": False,
        "location": {"displayName": event.location or ""},
        "organizer": {"emailAddress": own},
        "isOrganizer": True,
        "responseStatus": {"response": "organizer", "time": NEVER},
        "attendees": [
            {
                "type": "required",
                "status": {"response": "none", "time": NEVER},
                "emailAddress": {"name": _name(address), "address": address},
            }
            for address in people
        ],
    }


def add_contacts(office: Office, environment: Any) -> None:
    """Put the people of an environment into Alice's contacts."""
    store = office.sandbox.store
    account = office.mailbox(office.alice).account
    folder = ContactFolders(store.database, account).by_id(DEFAULT)
    contacts = Contacts(store.database, account)
    for contact in environment.inbox.contact_list:
        if here(contact.email, office.alice) == contact.email:
            emails = [{"name": contact.name, "address": contact.email}]
            contacts.create_contact(folder, {"displayName": contact.name, "emailAddresses": emails})
