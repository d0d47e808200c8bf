"""Where the links of an attachment go, and what they were before they were rewritten."""

from __future__ import annotations

from outlook_mcp.graph.ids import AttachmentId
from outlook_mcp.mail.answers.attachment import attachment_answer
from outlook_mcp.mail.attachments import ReadAttachment
from outlook_mcp.mail.models import Attachment
from outlook_mcp.text.html import ConvertedText
from outlook_mcp.text.html.document import html_to_text
from tests.mail.shown import CONTEXT, unframed


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
