"""Every operation on contacts and people: method, path below the user, permissions, handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response

from outlook_mcp.sandbox.graph.contacts import contacts, delta, folders, people, photos
from outlook_mcp.sandbox.graph.contacts.call import ContactCall, PeopleSources
from outlook_mcp.sandbox.graph.core.call import Call
from outlook_mcp.sandbox.graph.core.errors import nonexistent_mailbox
from outlook_mcp.sandbox.graph.core.operations import Area, Operation

_READ = ("Contacts.Read", "Contacts.ReadWrite")
_WRITE = ("Contacts.ReadWrite",)
_PEOPLE = ("People.Read", "People.Read.All")
_PHOTO = ("User.Read", "User.ReadWrite", "User.ReadBasic.All", "User.Read.All", "ProfilePhoto.Read.All")
_PHOTO_WRITE = ("User.ReadWrite", "User.ReadWrite.All", "ProfilePhoto.ReadWrite.All")
_FOLDER = "contactFolders/{folder}"
_CONTACT = "contacts/{contact}"

_CONTACTS: tuple[Operation[ContactCall], ...] = (
    Operation("GET", "contacts", _READ, contacts.list_contacts),
    Operation("POST", "contacts", _WRITE, contacts.create_contact),
    Operation("GET", "contacts/$count", _READ, contacts.count_contacts),
    Operation("GET", "contacts/delta", _READ, delta.contact_delta),
    Operation("GET", _CONTACT, _READ, contacts.get_contact),
    Operation("PATCH", _CONTACT, _WRITE, contacts.update_contact),
    Operation("DELETE", _CONTACT, _WRITE, contacts.delete_contact),
    Operation("GET", f"{_CONTACT}/photo", _READ, photos.get_photo),
    Operation("GET", f"{_CONTACT}/photo/$value", _READ, photos.get_content),
    Operation("PUT", f"{_CONTACT}/photo/$value", _WRITE, photos.set_photo),
    Operation("PATCH", f"{_CONTACT}/photo/$value", _WRITE, photos.set_photo),
)
# A fixed name comes before an {id} that would match it too.
OPERATIONS: tuple[Operation[ContactCall], ...] = (
    *_CONTACTS,
    Operation("GET", "contactFolders", _READ, folders.list_folders),
    Operation("POST", "contactFolders", _WRITE, folders.create_folder),
    Operation("GET", "contactFolders/$count", _READ, folders.count_folders),
    Operation("GET", "contactFolders/delta", _READ, delta.folder_delta),
    Operation("GET", _FOLDER, _READ, folders.get_folder),
    Operation("PATCH", _FOLDER, _WRITE, folders.update_folder),
    Operation("DELETE", _FOLDER, _WRITE, folders.delete_folder),
    Operation("GET", f"{_FOLDER}/childFolders", _READ, folders.list_folders),
    Operation("POST", f"{_FOLDER}/childFolders", _WRITE, folders.create_folder),
    Operation("GET", f"{_FOLDER}/childFolders/$count", _READ, folders.count_folders),
    *(
        Operation(operation.method, f"{_FOLDER}/{operation.pattern}", operation.scopes, operation.handler)
        for operation in _CONTACTS
    ),
    Operation("GET", "people", _PEOPLE, people.list_people),
    Operation("GET", "people/$count", _PEOPLE, people.count_people),
    Operation("GET", "people/{person}", _PEOPLE, people.get_person),
    *(
        Operation(method, path, scopes, handler, without_mailbox=nonexistent_mailbox)
        for method, path, scopes, handler in (
            ("GET", "photo", _PHOTO, photos.get_photo),
            ("GET", "photo/$value", _PHOTO, photos.get_content),
            ("PUT", "photo/$value", _PHOTO_WRITE, photos.set_photo),
            ("PATCH", "photo/$value", _PHOTO_WRITE, photos.set_photo),
            ("GET", "photos/{size}/$value", _PHOTO, photos.get_content),
        )
    ),
)


def contacts_area(sources: PeopleSources) -> Area:
    def bound(handler: Callable[[ContactCall], Awaitable[Response]]) -> Callable[[Call], Awaitable[Response]]:
        async def handle(call: Call) -> Response:
            return await handler(ContactCall.of(call, sources))

        return handle

    operations = [
        Operation(
            operation.method,
            operation.pattern,
            operation.scopes,
            bound(operation.handler),
            without_mailbox=operation.without_mailbox,
        )
        for operation in OPERATIONS
    ]
    return Area(operations, _leave_nesting)


def _leave_nesting(segments: tuple[str, ...]) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Nested folders are one: the ids are unique in the mailbox.

    >>> _leave_nesting(("contactFolders", "a", "childFolders", "b", "contacts"))
    (('contactFolders', 'b', 'contacts'), {})
    """
    names = [segment.lower() for segment in segments]
    if names[:1] != ["contactfolders"]:
        return segments, {}
    while len(names) > 3 and names[2] == "childfolders" and names[3] not in ("$count", "delta"):
        segments, names = ("contactFolders", *segments[3:]), ["contactfolders", *names[3:]]
    return segments, {}
