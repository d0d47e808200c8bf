"""/places: the rooms of the caller's organisation, and the lists that they are in.

https://learn.microsoft.com/graph/api/place-list
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from starlette.responses import PlainTextResponse, Response

from outlook_mcp.sandbox.directory import CONSUMERS
from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.collections import page_answer, selected
from outlook_mcp.sandbox.graph.core.errors import access_denied, bad_request, item_not_found
from outlook_mcp.sandbox.query.odata import Comparison, TextMatch, parse_filter
from outlook_mcp.sandbox.store.core.rooms import Room, Rooms

_PAGE = 100
_NAMESPACE = UUID("4b7d0f0a-6b0e-4f0e-9a53-0c4f6f2f7d21")
_ROOM, _ROOM_LIST = "microsoft.graph.room", "microsoft.graph.roomList"
# What every place has, then what rooms have besides.
_OF_PLACES: dict[str, Any] = {
    **dict.fromkeys(("address", "geoCoordinates", "isWheelChairAccessible", "label", "parentId", "phone")),
    "tags": [],
}
_OF_ROOMS: dict[str, Any] = {
    **dict.fromkeys(("audioDeviceName", "building", "capacity", "displayDeviceName", "floorLabel", "floorNumber")),
    **dict.fromkeys(("nickname", "videoDeviceName")),
    "bookingType": "standard",
}
_NAMES = ("id", "displayName", "emailAddress", *_OF_PLACES)
_FILTERED = frozenset({"displayname", "emailaddress", "nickname", "building", "label"})


@dataclass(frozen=True, slots=True)
class Places:
    """The handlers of all paths below /places."""

    rooms: Rooms

    async def list_rooms(self, call: Call) -> Response:
        return _collection(call, f"places/{_ROOM}", self._rooms(call), (*_NAMES, *_OF_ROOMS))

    async def list_room_lists(self, call: Call) -> Response:
        return _collection(call, f"places/{_ROOM_LIST}", self._lists(call), _NAMES)

    async def count_rooms(self, call: Call) -> Response:
        return PlainTextResponse(str(len(self._rooms(call))))

    async def count_room_lists(self, call: Call) -> Response:
        return PlainTextResponse(str(len(self._lists(call))))

    async def list_rooms_in(self, call: Call) -> Response:
        """A room list is named by its address, not by its id."""
        address = call.arguments["place"]
        inside = [_room_json(room) for room in self._found(call) if room.list_address.lower() == address.lower()]
        if not inside:
            raise item_not_found()
        path = f"places('{quote(address, safe='')}')/{_ROOM_LIST}/rooms"
        return _collection(call, path, inside, (*_NAMES, *_OF_ROOMS))

    async def get_place(self, call: Call) -> Response:
        """A room or a room list, by its id or its address."""
        asked = call.arguments["place"].lower()
        kinds: Sequence[tuple[str, list[dict[str, Any]], Mapping[str, Any]]] = (
            (_ROOM, self._rooms(call), _OF_ROOMS),
            (_ROOM_LIST, self._lists(call), {}),
        )
        for kind, places, more in kinds:
            for place in places:
                if asked in (place["id"].lower(), place["emailAddress"].lower()):
                    select = call.options.selected((*_NAMES, *more), "place")
                    body = {"@odata.type": f"#{kind}", **selected(place, select)}
                    return call.json_answer({"@odata.context": call.type_context("places/$entity"), **body})
        raise item_not_found()

    def _found(self, call: Call) -> Sequence[Room]:
        """Personal accounts have none and may not ask."""
        if call.caller.tid == CONSUMERS.tid:
            raise access_denied()
        return self.rooms.rooms_of(call.caller.tid)

    def _rooms(self, call: Call) -> list[dict[str, Any]]:
        return [_room_json(room) for room in self._found(call)]

    def _lists(self, call: Call) -> list[dict[str, Any]]:
        """Each once."""
        lists = {room.list_address.lower(): room for room in self._found(call)}
        return [_place_json(room.list_address, room.list_name) for room in lists.values()]


def _place_json(address: str, name: str) -> dict[str, Any]:
    place_id = str(uuid5(_NAMESPACE, address.lower()))
    return {"id": place_id, "displayName": name, "emailAddress": address, **_OF_PLACES}


def _room_json(room: Room) -> dict[str, Any]:
    return {**_place_json(room.account.upn, room.account.display_name), **_OF_ROOMS, **room.fields}


def _collection(call: Call, path: str, places: list[dict[str, Any]], names: Sequence[str]) -> Response:
    if call.options.orderby or call.options.search:
        raise bad_request("The query option is not supported for places.", "ErrorInvalidUrlQuery")
    if call.options.filter:
        places = [place for place in places if _is_chosen(place, call.options.filter)]
    return page_answer(call, path, places, names, "place", page=_PAGE)


def _is_chosen(place: Mapping[str, Any], text: str) -> bool:
    """startswith and eq of texts."""
    texts = {name.lower(): str(value or "").casefold() for name, value in place.items()}
    match parse_filter(text):
        case TextMatch("startswith", path, start) if path.lower() in _FILTERED:
            return texts.get(path.lower(), "").startswith(start.casefold())
        case Comparison(path, "=", (value,)) if path.lower() in _FILTERED:
            return texts.get(path.lower(), "") == value.text.casefold()
    raise bad_request("Unsupported or invalid query filter clause specified.", "ErrorInvalidUrlQueryFilter")
