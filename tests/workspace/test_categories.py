"""Categories that are set and that the mailbox does not list yet."""

from __future__ import annotations

import pytest

from outlook_mcp.answers.context import AnswerContext
from outlook_mcp.mail.categories import MadeCategory
from outlook_mcp.mail.lazy import updated_answer
from outlook_mcp.mail.message_changes import MessageChange
from outlook_mcp.mail.messages import UpdatedMessages
from outlook_mcp.net.clock import utc_now
from outlook_mcp.workspace.workspace import EmailWorkspace
from tests.mail.shown import unmarked
from tests.workspace.conftest import ALL_SCOPES, World

CATEGORIES = "/v1.0/me/outlook/masterCategories"


@pytest.fixture
def seeded() -> bool:
    return False


@pytest.fixture
async def alice(world: World) -> EmailWorkspace:
    world.tokens.scopes = (*ALL_SCOPES, "MailboxSettings.ReadWrite")
    return await world.mailbox("alice")


async def categorised(world: World, alice: EmailWorkspace, *names: str) -> UpdatedMessages:
    updated = await alice.messages.update_messages([world.deliver()], MessageChange(add_categories=names))
    (result,) = updated.results
    assert result.message
    assert result.message.categories == list(names)
    return updated


def told(alice: EmailWorkspace, updated: UpdatedMessages) -> str:
    context = AnswerContext(alice.handles, alice.config.zone(), utc_now(), alice.config.address)
    return unmarked(updated_answer(context, updated))


async def test_a_category_that_the_mailbox_lacks_is_made_once_with_an_unused_colour(
    world: World, alice: EmailWorkspace
) -> None:
    made = await categorised(world, alice, "Travel", "red category")
    assert made.category_list.made == [MadeCategory("Travel", "teal")]
    assert told(alice, made).endswith("New in the list of categories: Travel (teal).")
    again = await categorised(world, alice, "travel")
    assert (again.category_list.made, again.category_list.missing(["travel"])) == ((), [])
    assert len(world.requests("POST", "/mastercategories")) == 1


async def test_without_the_permission_the_message_has_the_category_and_the_answer_says_what_is_missing(
    world: World, alice: EmailWorkspace
) -> None:
    world.faults({"route": CATEGORIES, "method": "POST", "status": 403})
    refused = await categorised(world, alice, "Travel")
    assert "so without a colour: Travel." in told(alice, refused)
    assert told(alice, refused).endswith("To add it there needs the permission MailboxSettings.ReadWrite.")


async def test_a_category_that_somebody_else_makes_at_the_same_time_is_neither_new_nor_missing(
    world: World, alice: EmailWorkspace
) -> None:
    world.faults({"route": CATEGORIES, "method": "POST", "times": 1, "cut": "after"})
    found = await categorised(world, alice, "Travel")
    assert (found.category_list.made, found.category_list.missing(["Travel"])) == ([], [])
