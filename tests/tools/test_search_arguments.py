"""Arguments of mail_search as clients give them."""

from __future__ import annotations

import re

import pytest

from tests.e2e.office import with_file
from tests.faults.office import Office
from tests.tools.asking import answer, refusal

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_arguments_are_taken_by_the_names_that_clients_see(office: Office) -> None:
    stored = office.alice.insert_message(with_file("Figures", "harvest.txt", b"Figures."))
    found = await answer(office, "mail_search", text="harvest", **{"in": "attachments"})
    assert "1 message in Inbox" in found
    assert "Files are looked up by their names" in found
    handle = re.search(r"^(\d+) \d\d:\d\d .*Figures$", found, re.MULTILINE)
    assert handle
    assert "Figures [harvest.txt]" in await answer(office, "mail_search", has_file="*.TXT", oldest_first=True)
    for thread_of in (handle[1], stored.immutable_id):
        assert "1 message in the whole mailbox" in await answer(office, "mail_search", thread_of=thread_of)
    source = await answer(office, "mail_read", ids=[handle[1]], view="original")
    assert "Subject: Figures" in source
    assert "Use `has_file`" in await refusal(office, "mail_search", filename="x")
    assert "Use `oldest_first`" in await refusal(office, "mail_search", sort="oldest")
    assert "`in`" in await refusal(office, "mail_search", text="x", **{"in": "bodies"})


async def test_a_question_of_which_no_message_has_every_word_is_answered_with_what_to_do(office: Office) -> None:
    found = await answer(office, "mail_search", text="where is the figure for harvest", folder="all")
    assert found.endswith(" All 6 words must be in a message; fewer words find more.")
    assert "fewer words" not in await answer(office, "mail_search", text="no such", folder="all")
