"""Every operation on places that the sandbox has."""

from __future__ import annotations

from outlook_mcp.sandbox.graph.core.operations import Area, Operation
from outlook_mcp.sandbox.graph.places.places import Places
from outlook_mcp.sandbox.store.core.rooms import Rooms

_READ = ("Place.Read.All", "Place.ReadWrite.All")
# The prefix `microsoft.` of a type may be left out.
_ROOM, _ROOM_LIST = ("room", "graph.room"), ("roomList", "graph.roomList")


def places_area(rooms: Rooms) -> Area:
    """A type comes before an {id} that would match it too."""
    places = Places(rooms)
    kinds = (
        *((name, places.list_rooms, places.count_rooms) for name in _ROOM),
        *((name, places.list_room_lists, places.count_room_lists) for name in _ROOM_LIST),
    )
    operations = [
        *(Operation("GET", f"/places/{name}", _READ, listed) for name, listed, _ in kinds),
        *(Operation("GET", f"/places/{name}/$count", _READ, counted) for name, _, counted in kinds),
        *(Operation("GET", f"/places/{{place}}/{name}/rooms", _READ, places.list_rooms_in) for name in _ROOM_LIST),
        Operation("GET", "/places/{place}", _READ, places.get_place),
    ]
    return Area(operations)
