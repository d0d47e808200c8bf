"""Bodies as mail programs write them: paragraphs, and the quoted message below."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import datetime

from outlook_mcp.sandbox.message import Message
from outlook_mcp.sandbox.mime import html_to_text
from outlook_mcp.sandbox.seed.seed_message import SeedMessage

_OUTLOOK_FONT = "font-family:Aptos,Calibri,Helvetica,sans-serif;font-size:11pt;color:rgb(0,0,0)"


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A demo message with its final body, which a reply may quote."""

    source: SeedMessage
    message: Message
    moment: datetime


def render_body(message: SeedMessage, parent: RenderedMessage | None) -> tuple[str, str]:
    """The body type and the body, including the quoted parent."""
    if message.style == "html":
        return "html", message.text
    if message.style == "outlook":
        return "html", _outlook(message, parent)
    if message.style == "gmail":
        return "html", _gmail(message, parent)
    return "text", message.text + (_text_quote(parent) if parent else "")


def _outlook(message: SeedMessage, parent: RenderedMessage | None) -> str:
    own = "".join(
        f'<div class="elementToProof" style="{_OUTLOOK_FONT}">{paragraph}</div><br>'
        for paragraph in _paragraphs(message)
    )
    return (
        f'<html><head><style>p {{margin:0}}</style></head><body dir="ltr">{own}{_outlook_quote(parent)}</body></html>'
    )


def _outlook_quote(parent: RenderedMessage | None) -> str:
    if parent is None:
        return ""
    message = parent.source
    people = "; ".join(_person(person.name, person.address) for person in message.to)
    cc = "".join(f"<b>Cc:</b> {_person(person.name, person.address)}<br>" for person in message.cc)
    return (
        '<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">'
        f'<font face="Calibri, sans-serif" style="font-size:11pt"><b>From:</b> '
        f"{_person(message.author.name, message.author.address)}<br>"
        f"<b>Sent:</b> {parent.moment:%A, %d %B %Y %H:%M}<br><b>To:</b> {people}<br>{cc}"
        f"<b>Subject:</b> {html.escape(message.subject)}</font><div>&nbsp;</div></div>{_inside(parent)}"
    )


def _gmail(message: SeedMessage, parent: RenderedMessage | None) -> str:
    own = "<div><br></div>".join(f"<div>{paragraph}</div>" for paragraph in _paragraphs(message))
    if parent is None:
        return f'<div dir="ltr">{own}</div>'
    author = parent.source.author
    return (
        f'<div dir="ltr">{own}</div><br><div class="gmail_quote gmail_quote_container">'
        '<div dir="ltr" class="gmail_attr">'
        f"On {parent.moment:%a, %d %b %Y at %H:%M}, {_person(author.name, author.address)} wrote:<br></div>"
        '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);'
        f'padding-left:1ex">{_inside(parent)}</blockquote></div>'
    )


def _text_quote(parent: RenderedMessage) -> str:
    message = parent.message
    quoted = html_to_text(message.body) if message.body_type == "html" else message.body
    lines = "\n".join(f"> {line}".rstrip() for line in quoted.rstrip().split("\n"))
    return f"\n\nOn {parent.moment:%d %B %Y at %H:%M}, {parent.source.author.name} wrote:\n{lines}\n"


def _inside(parent: RenderedMessage) -> str:
    """What is inside <body> of the quoted message."""
    message = parent.message
    if message.body_type == "text":
        return html.escape(message.body).replace("\n", "<br>\n")
    return message.body.partition('<body dir="ltr">')[2].partition("</body>")[0] or message.body


def _paragraphs(message: SeedMessage) -> list[str]:
    return [html.escape(paragraph.strip()).replace("\n", "<br>") for paragraph in message.text.strip().split("\n\n")]


def _person(name: str, address: str) -> str:
    return f'{html.escape(name)} &lt;<a href="mailto:{address}">{address}</a>&gt;'
