"""Where the links of messages and attachments go, and what they were before they were rewritten."""

from __future__ import annotations

import pytest

from outlook_mcp.graph.ids import AttachmentId
from outlook_mcp.mail.answers.attachment import attachment_answer
from outlook_mcp.mail.attachments import ReadAttachment
from outlook_mcp.mail.models import Attachment
from outlook_mcp.mail.reading import ReadItem
from outlook_mcp.text.html import ConvertedText
from outlook_mcp.text.html.document import html_to_text
from tests.answers import read_answer
from tests.mail.shown import CONTEXT, message, unframed


def test_an_attachment_tells_the_originals_of_rewritten_links_when_it_is_asked() -> None:
    file = Attachment(id=AttachmentId("a"), name="a.htm", size=3)
    text = html_to_text('<a href="https://a.example/?utm_source=x">one</a> <a href="https://b.example/">two</a>')
    whole = unframed(attachment_answer(CONTEXT, ReadAttachment(file, text, "2/1")))
    assert whole.endswith(
        '\n\nLinks (n="2/1/links" gives the originals):\n[1] one: https://a.example/\n[2] two: https://b.example/'
    )
    asked = unframed(attachment_answer(CONTEXT, ReadAttachment(file, text, "2/1", only_links=True)))
    originals = "[1] one: https://a.example/\n  original: https://a.example/?utm_source=x\n[2] two: https://b.example/"
    assert asked == f"a.htm (unknown type, 3 B)\nLinks:\n{originals}"
    without = ReadAttachment(file, ConvertedText("x"), only_links=True)
    assert unframed(attachment_answer(CONTEXT, without)).endswith("Links:\nnone")


def test_links_are_listed_with_a_warning() -> None:
    text = html_to_text('<a href="https://evil.example/">paypal.com</a>')
    answer = read_answer(CONTEXT, [ReadItem(message(), text)], view="links")
    assert "[1] paypal.com: https://evil.example/ WARNING" in answer


def test_the_list_of_links_alone_gives_the_originals_of_addresses_that_were_shortened() -> None:
    text = html_to_text('<a href="https://a.example/?utm_source=x">one</a> <a href="https://b.example/">two</a>')
    item = ReadItem(message(), text, new_links=text.links[:1])
    shown = "[1] one: https://a.example/\n  original: https://a.example/?utm_source=x\n"
    answer = read_answer(CONTEXT, [item], view="links")
    assert answer.count(shown) == 2
    assert "[2] two: https://b.example/" in answer
    attached = attachment_answer(CONTEXT, ReadAttachment(Attachment(id=AttachmentId("a"), name="a.htm", size=3), text))
    assert "utm_source" not in attached + read_answer(CONTEXT, [item])


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("<p>See https://a.example/x.</p>", "Addresses stand written out in the text."),
        ('<a href="tel:+4930123">Call</a>', "Addresses stand written out in the text."),
        ('<a href="mailto:b@a.example">Write</a> <a href="https://a.example/">site</a>', "Others stand written out"),
        ("<p>Nothing 2 < 3</p>", "Links of 1:\nnone"),
    ],
)
def test_the_list_of_links_says_that_others_are_written_out_in_the_text(html: str, told: str) -> None:
    assert told in read_answer(CONTEXT, [ReadItem(message(), html_to_text(html))], view="links")
