"""Photos of the user and of contacts."""

from __future__ import annotations

from starlette.responses import Response

from outlook_mcp.sandbox.graph.contacts.call import ContactCall
from outlook_mcp.sandbox.graph.core.call import no_content
from outlook_mcp.sandbox.graph.core.errors import GraphFault, bad_request
from outlook_mcp.sandbox.store.contacts.contacts import Photo, StoredContact

_TYPES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif"}


async def get_photo(call: ContactCall) -> Response:
    """What is known of it; sizes are not measured."""
    photo = _photo(call)
    body = {
        "@odata.context": call.context("photo/$entity"),
        "@odata.mediaContentType": photo.content_type,
        "id": "default",
        "height": 1,
        "width": 1,
    }
    return call.json_answer(body)


async def get_content(call: ContactCall) -> Response:
    photo = _photo(call)
    return Response(photo.content, media_type=photo.content_type)


async def set_photo(call: ContactCall) -> Response:
    content = await call.request.body()
    known = next((name for start, name in _TYPES.items() if content.startswith(start)), None)
    if known is None:
        raise bad_request("The image is in no format that is supported.", "ErrorInvalidImage")
    call.contacts.set_photo(Photo(known, content), _contact(call))
    return no_content()


def _photo(call: ContactCall) -> Photo:
    photo = call.contacts.photo(_contact(call))
    if photo is None:
        raise GraphFault(404, "ImageNotFound", "The photo wasn't found.")
    return photo


def _contact(call: ContactCall) -> StoredContact | None:
    return call.contact() if "contact" in call.arguments else None
