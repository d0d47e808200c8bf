"""The meeting rooms of Contoso: two floors, one room list."""

from __future__ import annotations

from uuid import UUID, uuid5

from outlook_mcp.sandbox.directory import CONTOSO
from outlook_mcp.sandbox.message import Address
from outlook_mcp.sandbox.store import Mailbox, MailStore
from outlook_mcp.sandbox.store.core.rooms import Rooms
from outlook_mcp.sandbox.store.mail.settings import change_settings

_NAMESPACE = UUID("8d6b1f5e-5a0f-4a39-8a0c-7f5a2a1e9c33")
_LIST = (f"rooms@{CONTOSO.domain}", "Contoso, head office")
PINE = Address(f"pine@{CONTOSO.domain}", "Room Pine")
BIRCH = Address(f"birch@{CONTOSO.domain}", "Room Birch")
OAK = Address(f"oak@{CONTOSO.domain}", "Room Oak")
# Floor, seats and what is in it.
_ROOMS = ((PINE, 3, 8, "Screen"), (BIRCH, 2, 14, "Projector"), (OAK, 2, 4, None))


def add_rooms(store: MailStore) -> dict[str, Mailbox]:
    """The mailboxes of the rooms by address. Nobody signs in to them."""
    return {room.address: _add_room(store, room, *more) for room, *more in _ROOMS}


def _add_room(store: MailStore, room: Address, floor: int, seats: int, display: str | None) -> Mailbox:
    oid = str(uuid5(_NAMESPACE, room.address))
    mailbox = store.add_mailbox(CONTOSO.tid, oid, room.address, room.name)
    change_settings(mailbox, {"userPurpose": "room"})
    Rooms(store.database).add_room(
        mailbox.account,
        *_LIST,
        nickname=room.name.removeprefix("Room "),
        building="1",
        floorNumber=floor,
        floorLabel=str(floor),
        capacity=seats,
        displayDeviceName=display,
    )
    return mailbox
