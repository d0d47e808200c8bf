"""HTML mails as common programs write them, made from parts: words of a person, a shop, a list of a service."""

from __future__ import annotations

import random

_WORDS: list[str] = str.split(
    """offer invoice meeting Tuesday budget the of for with please project travel customer delivery number price we you
    are is will can about until next week office report plan order team thanks contract draft question change account
    service update total quantity discount customers regards tomorrow morning review"""
)
_SHEET = """body{margin:0;padding:0;background:#f4f4f7;color:#333}p{font-size:16px;line-height:1.5;color:#51545e}
.wrap{width:100%;margin:0;padding:0}.box{width:570px;margin:0 auto;padding:0}.btn{background:#3869d4;color:#fff;
display:inline-block;padding:8px 16px;text-decoration:none}.pre{display:none!important;visibility:hidden;font-size:1px;
line-height:1px;max-height:0;opacity:0;overflow:hidden}.foot p{color:#a8aaaf;font-size:13px}
@media only screen and (max-width:600px){.box{width:100%!important}.wide{display:none}}
@media (prefers-color-scheme:dark){body{background:#333;color:#fff}p{color:#fff}}"""


class _Writer:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def words(self, least: int, most: int) -> str:
        return " ".join(self._random.choices(_WORDS, k=self._random.randint(least, most)))

    def price(self) -> str:
        return f"{self._random.randint(1, 999)}.{self._random.randint(10, 99)}"

    def count(self, least: int, most: int) -> range:
        return range(self._random.randint(least, most))

    def chance(self, share: float) -> bool:
        return self._random.random() < share


def word_mail(seed: int) -> str:
    """A letter as Outlook for Windows writes it, sometimes with a table and a quoted message."""
    writer = _Writer(seed)
    font = 'style="font-size:11.0pt;font-family:&quot;Calibri&quot;,sans-serif;color:#1F497D"'
    paragraphs = "".join(
        f'<p class="MsoNormal"><span {font}>{writer.words(8, 40)}.<o:p></o:p></span></p>'
        '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>'
        for _ in writer.count(2, 6)
    )
    cell = '<td width="120" valign="top" style="width:90pt;border:solid windowtext 1.0pt;padding:0cm 5.4pt 0cm 5.4pt">'
    rows = "".join(
        f'<tr>{cell}<p class="MsoNormal">{writer.words(1, 2)}</p></td>{cell}<p class="MsoNormal">'
        f"{'<o:p>&nbsp;</o:p>' if writer.chance(0.3) else len(row)}</p></td>{cell}"
        f'<p class="MsoNormal">{writer.price()}</p></td></tr>'
        for row in ("x" * (number + 2) for number in writer.count(2, 8))
    )
    table = f'<table class="MsoTableGrid" border="1" cellspacing="0" cellpadding="0">{rows}</table>'
    quoted = (
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>'
        f"From:</b> Megan &lt;megan@contoso.example&gt;<br><b>Subject:</b> {writer.words(2, 5)}</p></div>"
        f'<p class="MsoNormal">{writer.words(10, 60)}</p>'
    )
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta charset="utf-8"><style><!--'
        "p.MsoNormal,li.MsoNormal{margin:0cm;margin-bottom:.0001pt;font-size:11.0pt;font-family:Calibri,sans-serif}"
        "a:link{color:#0563C1;text-decoration:underline}div.WordSection1{page:WordSection1}--></style></head>"
        f'<body lang="EN-US" link="#0563C1" vlink="#954F72"><div class="WordSection1">{paragraphs}{table}'
        f"{quoted if writer.chance(0.5) else ''}</div></body></html>"
    )


def shop_mail(seed: int) -> str:
    """A confirmation of an order or a newsletter: nested tables, a style sheet, a hidden first line, a button."""
    writer = _Writer(seed)
    lines = "".join(
        f'<tr><td width="70%" style="padding:10px 0;color:#51545E">{writer.words(2, 6)}</td>'
        f'<td class="wide" align="right">{"" if writer.chance(0.2) else len(writer.words(1, 9))}</td>'
        f'<td align="right"><b>{writer.price()}</b></td></tr>'
        for _ in writer.count(2, 9)
    )
    stories = "".join(
        f'<tr><td style="padding:20px"><h2 style="color:#111;font-size:20px">{writer.words(3, 8)}</h2>'
        f'<p>{writer.words(15, 70)}</p><a href="https://shop.example/{number}" class="btn">'
        f"{writer.words(1, 3)}</a></td></tr>"
        for number in writer.count(1, 6)
    )
    return (
        f"<!doctype html><html><head><title>{writer.words(2, 4)}</title><style>{_SHEET}</style></head><body>"
        f'<span class="pre">{"hidden " * 8}</span><table class="wrap" role="presentation"><tr><td align="center">'
        f'<table class="box" role="presentation"><tr><td><h1 style="margin-top:0;color:#333">{writer.words(2, 5)}</h1>'
        f"<p>{writer.words(10, 40)}</p><table width=100%>{lines}</table></td></tr>{stories}"
        f'<tr><td class="foot"><p><small>{writer.words(8, 30)}</small></p></td></tr></table></td></tr></table>'
        "</body></html>"
    )


def letter_mail(seed: int) -> str:
    """A letter as web mail writes it: divs, spans, lists, struck words, sometimes quoted text."""
    writer = _Writer(seed)
    items = "".join(f"<li>{writer.words(2, 10)}</li>" for _ in writer.count(2, 6))
    parts = "".join(
        f'<div style="font-family:arial,sans-serif;font-size:small;color:rgb(34,34,34)">{writer.words(5, 40)} '
        f"<b>{writer.words(1, 3)}</b> <i>{writer.words(1, 2)}</i></div><div><br></div>"
        for _ in writer.count(2, 8)
    )
    quote = f'<blockquote style="margin:0 0 0 .8ex;border-left:1px #ccc solid">{writer.words(10, 50)}</blockquote>'
    return f'<div dir="ltr">{parts}<ol>{items}</ol><ul>{items}</ul>{quote if writer.chance(0.6) else ""}</div>'


def generated_mails(count: int) -> list[str]:
    """So many of each kind; the same at every call."""
    return [make(seed) for seed in range(count) for make in (word_mail, shop_mail, letter_mail)]
