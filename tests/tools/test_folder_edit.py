"""Folders are created, renamed, moved, deleted and emptied; nothing is erased, and what fails is told."""

from __future__ import annotations

import pytest

from outlook_mcp.sandbox.faults import Fault
from outlook_mcp.sandbox.message import Message
from tests.faults.office import Office
from tests.tools.asking import answer, code_in, failed, refusal, said

pytestmark = pytest.mark.asyncio(loop_scope="module")
FOLDERS = "/v1.0/me/mailFolders"


def names_below(office: Office, *path: str) -> list[str]:
    """The names right below a folder, which is told by its names from the top."""
    folders = office.alice.folders
    folder = folders.by_name("msgfolderroot")
    for name in path:
        found = folders.child(folder, name)
        assert found is not None, name
        folder = found
    return [child.name for child in folders.select("f.parent = ?", (folder.key,), "f.name", 100)]


async def test_a_folder_is_created_with_its_whole_path(office: Office) -> None:
    told = await answer(office, "folder_edit", action="create", folder="Clients/AC\\/DC/2026")
    assert told == "Created: Clients/AC/DC/2026. New folders: Clients, AC/DC, 2026."
    assert names_below(office, "Clients", "AC/DC") == ["2026"]
    assert await answer(office, "folder_edit", action="create", folder="clients/AC/DC/2027") == (
        "Created: Clients/AC/DC/2027."
    )
    again = await answer(office, "folder_edit", action="create", folder="Clients/ac/dc/2027")
    assert again == "Clients/AC/DC/2027 is there already. Nothing was changed."
    assert await answer(office, "folder_edit", action="create", folder="inbox/Later") == "Created: Inbox/Later."
    assert names_below(office, "Inbox") == ["Later"]


async def test_a_folder_is_renamed_and_moved(office: Office) -> None:
    for path in ("Plans/Old", "Plans/Taken", "Elsewhere"):
        office.alice.ensure_folder(path)
    assert await answer(office, "folder_edit", action="rename", folder="Plans/Old", to="New") == (
        "Renamed: Plans/Old, now Plans/New."
    )
    assert await answer(office, "folder_edit", action="rename", folder="Plans/New", to="Plans/Newer") == (
        "Renamed: Plans/New, now Plans/Newer."
    )
    assert await answer(office, "folder_edit", action="move", folder="Plans/Newer", to="Elsewhere") == (
        "Moved: Plans/Newer, now Elsewhere/Newer."
    )
    assert await answer(office, "folder_edit", action="move", folder="Elsewhere/Newer", to="/") == (
        "Moved: Elsewhere/Newer, now Newer."
    )
    assert "is there already" in await answer(office, "folder_edit", action="move", folder="Newer", to="/")
    assert (names_below(office, "Plans"), names_below(office, "Elsewhere")) == (["Taken"], [])


async def test_a_deleted_folder_is_in_deleted_items_and_is_never_erased(office: Office) -> None:
    office.alice.ensure_folder("Obsolete/Inner")
    assert await answer(office, "folder_edit", action="delete", folder="Obsolete") == (
        "Moved to Deleted Items: Obsolete, now Deleted Items/Obsolete."
    )
    told = await refusal(office, "folder_edit", action="delete", folder="Obsolete")
    assert "Deleted Items/Obsolete is in Deleted Items already, and no folder is erased for good here." in told
    assert names_below(office, "Deleted Items", "Obsolete") == ["Inner"]
    office.alice.ensure_folder("Obsolete")
    told = await refusal(office, "folder_edit", action="delete", folder="/Obsolete")
    assert "Several folders" not in told
    assert "There is a folder called 'Obsolete' in that place already" in told


async def test_a_folder_is_emptied_once_its_messages_were_shown_and_confirmed(office: Office) -> None:
    folder = office.alice.ensure_folder("Full")
    office.alice.ensure_folder("Full/Inner")
    for number in range(12):
        office.alice.insert_message(Message(subject=f"Note {number}", body="x"), folder=folder)
    shown = await answer(office, "folder_edit", action="empty", folder="Full")
    assert "Nothing was moved yet. 12 messages of Full would go to Deleted Items, newest first:" in shown
    assert "(no sender): Note 11\n" in shown
    assert "and 2 more.\n1 folder in it will stay." in shown
    office.alice.insert_message(Message(subject="Just came", body="x"), folder=folder)
    changed = await answer(office, "folder_edit", action="empty", folder="Full", confirm=code_in(shown))
    assert changed.startswith("The code does not fit: the folder has changed since")
    done = await answer(office, "folder_edit", action="empty", folder="Full", confirm=code_in(changed))
    assert done == "Moved 13 messages of Full to Deleted Items."
    assert await answer(office, "folder_edit", action="empty", folder="Full") == "Full has no messages."
    assert names_below(office, "Full") == ["Inner"]
    code = await refusal(office, "folder_edit", action="empty", folder="trash")
    assert "Deleted Items cannot be deleted or emptied, and no folder is erased for good here." in code


async def test_a_folder_with_more_than_one_call_moves_is_emptied_in_several(office: Office) -> None:
    folder = office.alice.ensure_folder("Vast")
    for number in range(16):
        office.alice.insert_message(Message(subject=f"Note {number}", body="x"), folder=folder)
    shown = await answer(office, "folder_edit", action="empty", folder="Vast")
    assert "The newest 15 messages of Vast would go to Deleted Items" in shown
    done = await answer(office, "folder_edit", action="empty", folder="Vast", confirm=code_in(shown))
    assert done.startswith("Moved 15 messages of Vast to Deleted Items.\nIt held more than one call moves")
    assert "1 message of Vast would go" in await answer(office, "folder_edit", action="empty", folder="Vast")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"action": "rename", "folder": "inbox", "to": "Post"}, "Inbox is a folder that Outlook itself needs (inbox)"),
        ({"action": "delete", "folder": "Conversation History"}, "itself needs (conversationhistory): it cannot be de"),
        ({"action": "move", "folder": "archive", "to": "inbox"}, "itself needs (archive): it cannot be moved"),
        ({"action": "rename", "folder": "Nowhere", "to": "x"}, "There is no folder 'Nowhere'."),
        ({"action": "move", "folder": "Solid", "to": "Nowhere"}, "There is no folder 'Nowhere'."),
        ({"action": "move", "folder": "Solid", "to": "Solid/Core"}, "cannot be moved into itself"),
        ({"action": "move", "folder": "Solid"}, "move needs `to`: the folder to move into, or / for the top"),
        ({"action": "rename", "folder": "Solid", "to": " "}, "rename needs `to`: the new name"),
        ({"action": "rename", "folder": "Solid", "to": "a/b"}, "A slash within a name is written \\/."),
        ({"action": "create", "folder": "x", "to": "y"}, "create takes no `to`. Its place is told by the path"),
        ({"action": "create", "folder": " / "}, "The folder has no name. Give a path such as Projects/Aurora."),
        ({"action": "create", "folder": "x" * 256}, "A folder's name has 1 to 255 characters"),
        ({"action": "create", "folder": "a\nb"}, "no line break among them"),
        ({"action": "erase", "folder": "Solid"}, "folder_edit: `action`"),
        ({"action": "create", "folder": "Solid/Secret"}, "'Secret' in that place already, perhaps a hidden one"),
        ({"action": "rename", "folder": "Solid/Core", "to": "Secret"}, "Choose another name, or rename the folder"),
        ({"action": "delete", "folder": "Solid", "account": "nobody"}, "You have connected no mailbox of that name"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_the_reason(
    office: Office, arguments: dict[str, str], told: str
) -> None:
    office.alice.ensure_folder("Solid/Core")
    solid = office.alice.folders.child(office.alice.folders.by_name("msgfolderroot"), "Solid")
    assert solid is not None
    if office.alice.folders.child(solid, "Secret") is None:
        office.alice.folders.create_folder("Secret", solid, hidden=True)
    assert told in await refusal(office, "folder_edit", **arguments)


async def test_a_folder_of_another_mailbox_is_not_found(office: Office) -> None:
    theirs = office.bob.ensure_folder("Secrets")
    told = await refusal(office, "folder_edit", action="delete", folder=theirs.id)
    assert "There is no folder" in told
    assert office.bob.folders.by_id(theirs.id).parent == theirs.parent


CREATE = {"action": "create", "folder": "Faulty/New"}, "POST", f"{FOLDERS}/*/childFolders"
RENAME = {"action": "rename", "folder": "Faulty/Old", "to": "New"}, "PATCH", f"{FOLDERS}/*"
DELETE = {"action": "delete", "folder": "Faulty/Old"}, "POST", f"{FOLDERS}/*/move"
DENIED = {"status": 403, "body": said("ErrorAccessDenied")}
NOT_MADE = "A look afterwards shows that nothing was changed. Try again in a minute."


@pytest.mark.parametrize(
    ("operation", "fault", "told"),
    [
        (CREATE, DENIED, "The permission Mail.ReadWrite was granted"),
        (RENAME, {"status": 429, "headers": {"Retry-After": "120"}}, "Nothing was changed. Try again later"),
        (DELETE, {"status": 409, "body": said("ErrorIrresolvableConflict")}, "Read it again and repeat."),
        (RENAME, {"status": 404}, "It was not found in this mailbox."),
        (CREATE, {"status": 503}, NOT_MADE),
        (RENAME, {"status": 503}, NOT_MADE),
        (DELETE, {"status": 503}, NOT_MADE),
    ],
)
async def test_a_refusal_of_graph_is_told_and_nothing_is_changed(
    office: Office, operation: tuple[dict[str, str], str, str], fault: dict[str, object], told: str
) -> None:
    office.alice.ensure_folder("Faulty/Old")
    arguments, method, route = operation
    rule = Fault(route=route, method=method, **fault)  # type: ignore[arg-type]
    assert told in await failed(office, rule, "folder_edit", **arguments)
    assert names_below(office, "Faulty") == ["Old"]


async def test_a_change_whose_answer_was_lost_is_looked_for(office: Office) -> None:
    office.alice.ensure_folder("Lost/Old")
    office.alice.ensure_folder("Lost/Gone")
    faults = office.sandbox.faults
    faults.replace_rules([Fault(route=f"{FOLDERS}/*", method=method, cut="after") for method in ("POST", "PATCH")])
    try:
        assert await answer(office, "folder_edit", action="create", folder="Lost/New") == "Created: Lost/New."
        assert "now Lost/Renamed." in await answer(
            office, "folder_edit", action="rename", folder="Lost/Old", to="Renamed"
        )
        assert "now Deleted Items/Gone." in await answer(office, "folder_edit", action="delete", folder="Lost/Gone")
        assert faults.applied == 3
    finally:
        faults.replace_rules([])
    assert names_below(office, "Lost") == ["New", "Renamed"]


async def test_a_path_that_was_made_in_part_says_which_part(office: Office) -> None:
    rule = Fault(route=f"{FOLDERS}/*/childFolders", method="POST", skip=1, status=403)
    told = await failed(office, rule, "folder_edit", action="create", folder="Half/Way/There")
    assert told.startswith("Half/Way was created, and 'There' below it was not. Microsoft Graph refused (403")
    assert names_below(office, "Half", "Way") == []
