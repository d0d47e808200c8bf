"""The steps of `outlook-mcp demo` in mailboxes of other content."""

from __future__ import annotations

import pytest

from outlook_mcp.cli.tour import DemoUser, take_tour
from tests.e2e.office import Office, letter


@pytest.mark.parametrize(
    ("subject", "searched"),
    [("Re: The letter!", "text='letter', "), ("", ""), ("😀😀", "")],
    ids=["a word", "no subject", "no word"],
)
async def test_the_tour_searches_for_a_word_of_the_subjects_where_they_have_one(
    office: Office, capsys: pytest.CaptureFixture[str], subject: str, searched: str
) -> None:
    office.mailbox(office.alice).insert_message(letter(subject))
    private = office.mailbox(office.bob).insert_message(letter("For Bob alone"))
    mine = DemoUser(office.alice.upn, lambda: office.client(office.alice))
    theirs = DemoUser(office.bob.upn, lambda: office.client(office.bob))
    assert await take_tour(mine, theirs, private.id)
    assert f"=== A search: mail_search({searched}folder='all'" in capsys.readouterr().out
