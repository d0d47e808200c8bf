"""The part of a body by which people join online stays, whatever is edited."""

from __future__ import annotations

import random

import pytest

from outlook_mcp.calendar.online_block import online_block, with_block_of, without_block
from outlook_mcp.text.written_body import written_body
from tests.effort import usually

URL = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_Zm9v%40thread.v2/0?context=%7b%22Tid%22%3a%22t%22%7d"
RULE = f'<div><span style="white-space:nowrap; color:#5F5F5F; opacity:.36">{"_" * 80}</span></div>'
INNER = (
    '<div class="me-email-text" lang="en-US" style="color:#252424">\n<div style="margin-top:24px">'
    f'<span>Microsoft Teams meeting</span></div>\n<a class="me-email-headline" href="{URL}" target="_blank">'
    "Join&nbsp;the meeting</a><br>\n<p>Meeting ID: <span>243 &amp; 11</span></p></div>"
)
BLOCKS = {
    "between lines": f'{RULE}\n<br>\n{INNER}\n<div style="font-size:14px"></div>\n{RULE}',
    "one element": INNER,
    "several elements": (
        '<div class="me-email-text"><b>Microsoft Teams</b></div>\n<div class="me-email-text">'
        f'<a id="meet_invite_block.action.join_link" href="{URL}">Join now</a></div><p></p>'
        '<div class="me-email-text">Passcode: x1</div>'
    ),
    "link alone": f'<a href="{URL}">Join</a>',
    "behind a protected link": (
        '<a href="https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fteams.microsoft.com%2Fl%2F'
        'meetup-join%2F19">Join</a>'
    ),
    "personal": '<div class="me-email-text"><a href="https://teams.live.com/meet/9312?p=a">Join</a></div>',
}
PAGES = (
    "{0}{1}",
    '<html><head>\n<meta name="Generator" content="Exchange"></head><body>\n{0}{1}</body></html>',
    '<html><body><div class="WordSection1"><div>{0}</div>{1}</div></body></html>',
    "<div><div><div>{0}{1}<br></div></div></div>",
)
PIECES = (
    "<p>Agenda</p>",
    "<div>Numbers &amp; plans<br>\n<ul><li>One<li>Two</ul></div>",
    "<table><tr><td>unclosed",
    "plain text\r\n",
    "<p>See <a href='https://contoso.example/x?teams=1'>this</a></p>",
    "<!-- a comment --><hr>",
    "",
)
EDITS = ("New agenda", "**Bold** and [link](https://x.example)", "<p>One</p><p>Two</p>", "- a\n- b", "___\n\nText", " ")


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
@pytest.mark.parametrize("page", PAGES)
def test_the_block_is_found_letter_by_letter(block: str, page: str) -> None:
    body = page.format("<p>Agenda</p>", block)
    assert online_block(body) == block
    assert without_block(body) == page.format("<p>Agenda</p>", "")


def test_the_block_survives_generated_edits() -> None:
    rng = random.Random(3)
    pages = usually(60, thoroughly=500)
    for _ in range(pages):
        block = rng.choice(list(BLOCKS.values()))
        body = rng.choice(PAGES).format(rng.choice(PIECES).replace("unclosed", "closed</td></tr></table>"), block)
        for _ in range(5 if pages == 60 else 20):
            edit = rng.choice(EDITS)
            body = with_block_of(body, written_body(edit))
            assert body.count(block) == 1, edit
            assert online_block(body) == block, edit
            if rng.random() < 0.5:
                # As Exchange keeps it.
                body = f"<html><head></head><body>{body}</body></html>"


def test_a_body_that_was_made_of_plain_text_keeps_its_address() -> None:
    rule = "_" * 80
    body = f"Agenda\r\n\r\n{rule}\r\nMicrosoft Teams\r\nJoin: {URL}\r\nMeeting ID: 243\r\n{rule}\r\n"
    block = online_block(body, is_html=False)
    assert block.startswith(rule)
    assert block.rstrip().endswith(rule)
    edited = with_block_of(body, "<div>New</div>", is_html=False)
    assert URL.replace("&", "&amp;") in edited
    assert "Agenda" not in edited
    assert with_block_of(f"Join {URL}", "<div>New</div>", is_html=False).count("Join") == 1


def test_an_address_of_another_service_is_found_as_the_one_to_join_by() -> None:
    body = '<p>Hello</p><p><a href="https://meet.contoso.example/j/1">Join</a></p>'
    assert online_block(body) == ""
    assert with_block_of(body, "<div>New</div>") == "<div>New</div>"
    found = online_block(body, join_url="https://meet.contoso.example/j/1")
    assert found == '<a href="https://meet.contoso.example/j/1">Join</a>'


def test_a_body_that_is_no_html_at_all_has_no_block() -> None:
    for body in ("", "<", "</div></p>", "<a href=", "<div" * 50, "&#x;" * 20):
        assert online_block(body) == ""
