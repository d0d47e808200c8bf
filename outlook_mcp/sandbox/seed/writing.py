"""How mail programs write a letter: paragraphs, signatures and the quoted letter below."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import datetime

from outlook_mcp.sandbox.message import Message
from outlook_mcp.sandbox.mime import html_to_text
from outlook_mcp.sandbox.seed.letter import Letter

_OUTLOOK_FONT = "font-family:Aptos,Calibri,Helvetica,sans-serif;font-size:11pt;color:rgb(0,0,0)"


@dataclass(frozen=True, slots=True)
class Written:
    """A letter with its final body, which an answer may quote."""

    letter: Letter
    message: Message
    moment: datetime


def body(letter: Letter, parent: Written | None) -> tuple[str, str]:
    """The body type and the body, quote included."""
    if letter.style == "html":
        return "html", letter.text
    if letter.style == "outlook":
        return "html", _outlook(letter, parent)
    if letter.style == "gmail":
        return "html", _gmail(letter, parent)
    return "text", letter.text + (_text_quote(parent) if parent else "")


def _outlook(letter: Letter, parent: Written | None) -> str:
    own = "".join(
        f'<div class="elementToProof" style="{_OUTLOOK_FONT}">{each}</div><br>' for each in _paragraphs(letter)
    )
    return (
        f'<html><head><style>p {{margin:0}}</style></head><body dir="ltr">{own}{_outlook_quote(parent)}</body></html>'
    )


def _outlook_quote(parent: Written | None) -> str:
    if parent is None:
        return ""
    letter = parent.letter
    people = "; ".join(_person(each.name, each.address) for each in letter.to)
    cc = "".join(f"<b>Cc:</b> {_person(each.name, each.address)}<br>" for each in letter.cc)
    return (
        '<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">'
        f'<font face="Calibri, sans-serif" style="font-size:11pt"><b>From:</b> '
        f"{_person(letter.author.name, letter.author.address)}<br>"
        f"<b>Sent:</b> {parent.moment:%A, %d %B %Y %H:%M}<br><b>To:</b> {people}<br>{cc}"
        f"<b>Subject:</b> {html.escape(letter.subject)}</font><div>&nbsp;</div></div>{_inside(parent)}"
    )


def _gmail(letter: Letter, parent: Written | None) -> str:
    own = "<div><br></div>".join(f"<div>{each}</div>" for each in _paragraphs(letter))
    if parent is None:
        return f'<div dir="ltr">{own}</div>'
    author = parent.letter.author
    return (
        f'<div dir="ltr">{own}</div><br><div class="gmail_quote gmail_quote_container">'
        '<div dir="ltr" class="gmail_attr">'
        f"On {parent.moment:%a, %d %b %Y at %H:%M}, {_person(author.name, author.address)} wrote:<br></div>"
        '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);'
        f'padding-left:1ex">{_inside(parent)}</blockquote></div>'
    )


def _text_quote(parent: Written) -> str:
    message = parent.message
    quoted = html_to_text(message.body) if message.body_type == "html" else message.body
    lines = "\n".join(f"> {line}".rstrip() for line in quoted.rstrip().split("\n"))
    return f"\n\nOn {parent.moment:%d %B %Y at %H:%M}, {parent.letter.author.name} wrote:\n{lines}\n"


def _inside(parent: Written) -> str:
    """The quoted body without the frame of a whole document."""
    message = parent.message
    if message.body_type == "text":
        return html.escape(message.body).replace("\n", "<br>\n")
    return message.body.partition('<body dir="ltr">')[2].partition("</body>")[0] or message.body


def _paragraphs(letter: Letter) -> list[str]:
    return [html.escape(each.strip()).replace("\n", "<br>") for each in letter.text.strip().split("\n\n")]


def _person(name: str, address: str) -> str:
    return f'{html.escape(name)} &lt;<a href="mailto:{address}">{address}</a>&gt;'
