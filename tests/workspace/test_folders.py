"""Folders are found by every name people use for them."""

from __future__ import annotations

from typing import Any

import pytest

from outlook_mcp.errors import InvalidInput, NotFound
from outlook_mcp.mail.folders import MailFolders
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.workspace.conftest import World


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("inbox", "Inbox"),
        ("INBOX", "Inbox"),
        (" Inbox/ ", "Inbox"),
        ("sent", "Sent Items"),
        ("Sent Items", "Sent Items"),
        ("sent_items", "Sent Items"),
        ("trash", "Deleted Items"),
        ("Deleted", "Deleted Items"),
        ("spam", "Junk Email"),
        ("Junk", "Junk Email"),
        ("drafts", "Drafts"),
        ("archive", "Archive"),
        ("projects", "Projects"),
        ("Projects/Aurora", "Aurora"),
        ("projects/aurora", "Aurora"),
        ("aurora", "Aurora"),
        ("Conversation History", "Conversation History"),
    ],
)
async def test_a_folder_is_found_by_alias_name_or_path(alice: EmailWorkspace, name: str, expected: str) -> None:
    assert (await alice.folders.find_folder(name)).name == expected


async def test_a_folder_that_is_called_like_a_nickname_is_meant_by_it(world: World) -> None:
    mailbox = world.sandbox.store.mailbox(world.user("alice").oid)
    mailbox.ensure_folder("Trash")
    mailbox.ensure_folder("Projects/Spam")
    alice = await world.mailbox()
    assert (await alice.folders.find_folder("trash")).path == "Trash"
    assert (await alice.folders.find_folder("deleted items")).name == "Deleted Items"
    assert (await alice.folders.find_folder("spam")).name == "Junk Email"


async def test_a_folder_is_found_by_the_name_that_answers_show_of_it(world: World) -> None:
    mailbox = world.sandbox.store.mailbox(world.user("alice").oid)
    top = mailbox.folders.by_name("msgfolderroot")
    for name in ("\u202eHidden\u200b", "AC/DC", "Plain", "Pla\u200bin"):
        mailbox.folders.create_folder(name, top)
    alice = await world.mailbox()
    assert (await alice.folders.find_folder("hidden")).name == "\u202eHidden\u200b"
    assert (await alice.folders.find_folder("ac\\/dc")).name == "AC/DC"
    # One that is called so is not taken for another that only looks so.
    assert (await alice.folders.find_folder("Plain")).name == "Plain"


async def test_a_place_that_could_not_be_read_is_asked_for_again(world: World, alice: EmailWorkspace) -> None:
    route = "/v1.0/me/mailFolders/junkemail*"
    world.faults({"route": route, "status": 503, "headers": {"Retry-After": "0"}})
    assert sorted((await alice.folders.special_places()).values()) == ["Deleted", "Sent"]
    world.faults()
    assert sorted((await alice.folders.special_places()).values()) == ["Deleted", "Junk", "Sent"]
    world.faults({"route": route, "status": 503})
    assert len(await alice.folders.special_places()) == 3


async def test_a_mailbox_without_a_junk_folder_is_not_asked_for_it_again(world: World, alice: EmailWorkspace) -> None:
    body = {"error": {"code": "ErrorItemNotFound", "message": "The specified object was not found in the store."}}
    world.faults({"route": "/v1.0/me/mailFolders/junkemail*", "status": 404, "body": body})
    assert sorted((await alice.folders.special_places()).values()) == ["Deleted", "Sent"]
    before = len(world.sandbox.log.records)
    await alice.folders.special_places()
    assert len(world.sandbox.log.records) == before


async def test_a_folder_is_found_by_its_id(alice: EmailWorkspace) -> None:
    inbox = await alice.folders.find_folder("inbox")
    assert (await alice.folders.find_folder(inbox.id)).id == inbox.id


async def test_the_tree_has_paths_marks_and_counts_parents_first(alice: EmailWorkspace) -> None:
    tree = (await alice.folders.folder_tree()).folders
    paths = [folder.path for folder in tree]
    assert paths.index("Projects") < paths.index("Projects/Aurora")
    marks = {folder.well_known: folder.path for folder in tree if folder.well_known}
    assert marks["inbox"] == "Inbox"
    assert marks["sentitems"] == "Sent Items"
    inbox = tree[paths.index("Inbox")]
    assert inbox.total_item_count
    assert inbox.unread_item_count


async def test_a_tree_under_a_folder_holds_that_folder_and_its_children(alice: EmailWorkspace) -> None:
    paths = [folder.path for folder in (await alice.folders.folder_tree("projects")).folders]
    assert paths == ["Projects", "Projects/Aurora", "Projects/Aurora/Suppliers", "Projects/Borealis"]


async def test_an_unknown_folder_is_answered_with_close_names(alice: EmailWorkspace) -> None:
    with pytest.raises(NotFound) as caught:
        await alice.folders.find_folder("Projets")
    assert "Did you mean" in caught.value.next_step
    assert "Projects" in caught.value.next_step
    with pytest.raises(NotFound) as caught:
        await alice.folders.find_folder("zzzzzz")
    assert "Inbox" in caught.value.next_step


async def test_a_mailbox_without_an_archive_says_so(world: World, alice: EmailWorkspace) -> None:
    rename(world, "archive", "Ablage")
    world.faults({"route": "/v1.0/me/mailFolders/archive", "status": 404})
    with pytest.raises(NotFound, match="no archive folder"):
        await alice.folders.find_folder("archive")
    assert "" in {folder.well_known for folder in (await alice.folders.folder_tree("ablage")).folders}


async def test_localized_names_and_english_ones_mean_the_same_folder(world: World, alice: EmailWorkspace) -> None:
    rename(world, "inbox", "Posteingang")
    make_folder(world, "Posteingang/Belege")
    assert (await alice.folders.find_folder("inbox")).id == (await alice.folders.find_folder("posteingang")).id
    assert (await alice.folders.find_folder("inbox/belege")).name == "Belege"


async def test_a_folder_made_after_the_names_were_read_is_found(world: World, alice: EmailWorkspace) -> None:
    await alice.folders.folder_tree()
    make_folder(world, "Räksmörgås")
    assert (await alice.folders.find_folder("räksmörgås")).name == "Räksmörgås"


async def test_two_folders_of_one_name_need_a_path(world: World, alice: EmailWorkspace) -> None:
    aurora = await alice.folders.find_folder("Projects/Aurora")
    make_folder(world, "Projects/Aurora/Minutes")
    make_folder(world, "Projects/Minutes")
    with pytest.raises(InvalidInput) as caught:
        await alice.folders.find_folder("minutes")
    assert "Projects/Aurora/Minutes" in caught.value.next_step
    assert (await alice.folders.find_folder("aurora/minutes")).parent_folder_id == aurora.id


async def test_a_path_may_begin_with_a_well_known_name(world: World, alice: EmailWorkspace) -> None:
    inbox = await alice.folders.find_folder("inbox")
    make_folder(world, "Inbox/Receipts")
    assert (await alice.folders.find_folder("INBOX/receipts")).parent_folder_id == inbox.id


async def test_many_folders_are_read_page_by_page(world: World, alice: EmailWorkspace) -> None:
    for number in range(120):
        make_folder(world, f"Client {number}")
    tree = await alice.folders.folder_tree()
    assert sum(folder.name.startswith("Client ") for folder in tree.folders) == 120
    assert tree.is_whole


@pytest.mark.parametrize("limit", [{"most": 5}, {"most": 40}, {"deepest": 3}])
async def test_folders_beyond_what_is_read_are_known_to_be_missing(
    world: World, alice: EmailWorkspace, limit: dict[str, Any]
) -> None:
    make_folder(world, "Projects/A/B/C/D")
    for number in range(120):
        make_folder(world, f"Projects/Client {number}")
    folders = MailFolders(alice.folders._graph, **limit)
    tree = await folders.folder_tree()
    assert not tree.is_whole
    assert not (await folders.folder_tree("projects")).is_whole
    with pytest.raises(NotFound, match=f"among the first {len(tree.folders)}, and no more were read"):
        await folders.find_folder("Nowhere")


async def test_a_tree_just_as_deep_as_is_read_is_whole(world: World, alice: EmailWorkspace) -> None:
    make_folder(world, "A/B/C/D")
    assert (await MailFolders(alice.folders._graph, deepest=3).folder_tree()).is_whole
    make_folder(world, "A/B/C/D/E")
    assert not (await MailFolders(alice.folders._graph, deepest=3).folder_tree()).is_whole


@pytest.mark.parametrize("name", ["", "  ", "/"])
async def test_a_folder_without_a_name_is_refused(alice: EmailWorkspace, name: str) -> None:
    with pytest.raises(InvalidInput):
        await alice.folders.find_folder(name)


def make_folder(world: World, path: str) -> None:
    world.sandbox.store.mailbox(world.user("alice").oid).ensure_folder(path)


def rename(world: World, well_known: str, name: str) -> None:
    folders = world.sandbox.store.mailbox(world.user("alice").oid).folders
    folders.rename_folder(folders.by_name(well_known), name)
