"""Messages made to cost much time or memory. Each begins with text that is seen and one that a plain style hides."""

from __future__ import annotations

import base64
from collections.abc import Callable

_HEAD = '<style>.gone{display:none}</style><p>seen</p><p class=gone>unseen</p><p style="display:none">unseen</p>'
_STYLES = {
    "has": (
        "".join(f"div:has(.a{n} .b){{color:red}}" for n in range(400)),
        "<div><p class=a><b class=b>x</b></p></div>",
    ),
    "has of siblings": ("".join(f"*:has(~ p:nth-child({n})){{color:red}}" for n in range(1, 300)), "<p>x</p>"),
    "every sibling": ("".join(f"* ~ * ~ * ~ .c{n}{{color:red}}" for n in range(300)), "<p>x</p>"),
    "next and siblings": ("".join(f"* + * ~ * + .c{n}{{color:red}}" for n in range(1_000)), "<b>x</b>"),
    "not of not": ("".join(f":not(:is(.a{n} *, p ~ *)){{left:1px}}" for n in range(500)), "<p><i>x</i></p>"),
    "every element": ("*{color:red}" * 30_000, "<p>x</p>"),
    "counted": ("".join(f"p:nth-last-child({n}n+1){{color:red}}" for n in range(1, 400)), "<p>x</p>"),
    "attributes": ("".join(f'[class*="{n}"]{{color:red}}' for n in range(4_000)), '<p class="x y z">x</p>'),
    "100,000 rules": ("".join(f".r{n}{{color:red}}" for n in range(100_000)), "<p class=r1>x</p>"),
    "100,000 selectors": (",".join(f".s{n}" for n in range(100_000)) + "{color:red}", "<p class=s1>x</p>"),
    "media": ("".join(f"@media (max-width:{n}px){{p{{color:red}}}}" for n in range(20_000)), "<p>x</p>"),
    "nested media": ("@media all{" * 20_000 + "p{color:red}", "<p>x</p>"),
    "imports": ("@import url(http://x.example/a.css);" * 50_000, "<p>x</p>"),
    "imported data": ('@import "data:text/css,p%7Bcolor:red%7D";' * 20_000, "<p>x</p>"),
    "nested rules": ("p{&" * 10_000 + "{color:red}", "<p>x</p>"),
    "layers": ("".join(f"@layer a{n}{{p{{color:red}}}}" for n in range(10_000)), "<p>x</p>"),
    "variables": (
        ":root{--a:1;"
        + "".join(f"--a{n}:var(--a{n - 1}) var(--a{n - 1});" for n in range(1, 100))
        + "}p{color:var(--a99)}",
        "<p>x</p>",
    ),
    "variables of themselves": (":root{--a:var(--b);--b:var(--a)}p{color:var(--a)}", "<p style='--a:var(--b)'>x</p>"),
    "long calculations": ("p{height:calc(" + "1px + " * 100_000 + "1px)}", "<p>x</p>"),
    "escapes": ("\\70" * 100_000 + "{color:red}", "<p>x</p>"),
    "unclosed strings": ('p{content:"' * 50_000, "<p>x</p>"),
    "deep selectors": (" ".join(f"div:nth-child(n+{n})" for n in range(1, 400)) + "{color:red}", "<div><p>x</p></div>"),
    "chains of has": ("".join(f"div:has(> p:has(+ p:has(~ b.c{n}))){{left:1px}}" for n in range(300)), "<p>x</p>"),
    "every part of where": ("".join(f":where(:is(*,p,b) > *):not(.w{n}){{color:red}}" for n in range(800)), "<b>x</b>"),
    "5 MB of one rule": ("p{" + "color:red;" * 500_000 + "}", "<p>x</p>"),
    "5 MB of containers": ("".join(f"@container (width>{n}px){{p{{opacity:0}}}}" for n in range(120_000)), "<p>x</p>"),
    "supports of supports": ("@supports (a:b) or " * 60_000 + "(c:d){p{color:red}}", "<p>x</p>"),
    "comments": ("/*" * 100_000 + "*/" + "p{}/**/" * 50_000, "<p>x</p>"),
}
_HEADERS = (
    "From:",
    "Von:",
    "De:",
    "Da:",
    "Van:",
    "От:",
    "差出人:",
    "发件人:",
    "보낸 사람:",
    "מאת:",
    "Kimden:",
    "Lähettäjä:",
    "Od:",
)
_BODIES: dict[str, Callable[[], str]] = {
    "200,000 attributes": lambda: "<a " + " ".join(f"a{n}" for n in range(200_000)) + ">x</a>",
    "attributes of many": lambda: ("<a " + " ".join(f"a{n}=1" for n in range(400)) + ">x</a>") * 800,
    "1,501 divs": lambda: "<p>x</p>" + "<div>" * 1_501,
    "nesting": lambda: "<div><b><i>" * 400_000,
    "nested formatting": lambda: "".join(f"<b a={n}><p>" for n in range(1_400)) + "x" * 100_000,
    "reopened fonts": lambda: "".join(f"<font size={n}>" for n in range(1_400)) + "<p>x</p>" * 20_000,
    "nested tables": lambda: "<table><tr><td>" * 1_400 + "x",
    "5 MB of text": lambda: "word " * 1_000_000,
    "5 MB of paragraphs": lambda: "<p>x</p>" * 600_000,
    "5 MB of styles": lambda: "".join(f'<p style="color:#{n:06x};left:{n}px">x' for n in range(120_000)),
    "colspans": lambda: "<table>" + "<tr><td colspan=100000>x" * 40_000,
    "rowspans": lambda: "<table><tr>" + "<td rowspan=65534 colspan=1000>x" * 300 + "<tr><td>y" * 30_000,
    "columns": lambda: "<table><colgroup span=100000><tr>" + "<td>x" * 60_000,
    "foster parents": lambda: "<table>" * 200 + "<p>x" * 60_000,
    "entities": lambda: "&amp;&#120;&CounterClockwiseContourIntegral;" * 120_000,
    "nameless entities": lambda: "&" * 2_000_000,
    "pictures": lambda: f'<img src="data:image/png;base64,{base64.b64encode(bytes(3_000_000)).decode()}" alt=x>',
    "many pictures": lambda: '<img src="data:,x" alt="x">' * 60_000,
    "links": lambda: '<a href="http://x.example/?a=1&b=2">q</a>' * 70_000,
    "links in links": lambda: "".join(f'<a href="http://x{n}.example/">x' for n in range(50_000)),
    "one long link": lambda: f'<a href="http://x.example/{"a/../" * 300_000}">x</a>',
    "lists": lambda: "<ol><li>x" * 1_400 + "<ol reversed start=1>" + "<li>x" * 60_000,
    "reversed lists": lambda: "<ol reversed>" * 700 + "<li>x" * 50_000,
    "blocks below a bullet": lambda: "<ul><li>x</ul>" + "<div>x</div>" * 60_000,
    "selects": lambda: "<select>" + "<option>x" * 60_000,
    "select after select": lambda: "<select><option>x</select>" * 30_000,
    "quotes": lambda: "<blockquote>" * 1_400 + "a<br>" * 50_000,
    "hidden trees": lambda: "<div style=display:none>" * 1_400 + "<p>unseen" * 20_000,
    "drawings": lambda: "<svg>" + "<g><text>x</text></g>" * 30_000,
    "templates": lambda: "<template>" * 1_400 + "unseen",
    "comments": lambda: "<!--" * 500_000,
    "broken comments": lambda: "<![=" * 200_000 + "<!-->" * 100_000,
    "styles without end": lambda: "<style " * 300_000,
    "many sheets": lambda: "<style>p{color:red}</style>" * 30_000 + "<p>x",
    "stray ends": lambda: "<span>" * 1_400 + "</i>" * 500_000,
    "null characters": lambda: "\0" * 3_000_000,
    "invisible characters": lambda: "x\u200b\U000e0041" * 500_000,
    "brackets": lambda: "<" * 3_000_000,
    "long words": lambda: "x" * 3_000_000,
    "lines": lambda: "a<br>" * 60_000,
    "spaces": lambda: "<pre>" + " \t\n" * 1_000_000,
    "ornaments": lambda: "-" * 3_000_000 + "=-" * 500_000,
    "bars": lambda: "<table>" + "<tr>" + "<td>|</td>" * 60_000,
    "100,000 attributes of a style": lambda: (
        "<p " + " ".join(f"data-{n}=1" for n in range(100_000)) + " style=left:0>x"
    ),
    "nested flexible boxes": lambda: (
        "<div style='display:flex;width:90px'><p style='flex:none'>x</p>" * 700 + "x" * 99_999
    ),
    "flexible boxes": lambda: "<div style=display:flex>" + "<p style='min-width:0;overflow:hidden'>x</p>" * 40_000,
    "boxes that cut off": lambda: (
        "<div style='height:99px;overflow:hidden;align-items:end'><b>x</b>" * 700 + "x" * 99_999
    ),
    "many boxes that cut off": lambda: "<div style='height:99px;width:99px;overflow:hidden'><b>x</b></div>" * 30_000,
    "wide cells": lambda: "<table>" + "<tr><td rowspan=65534 colspan=65534>x" * 20_000,
    "tables in tables": lambda: "<table><tr><td>a<td>" * 700 + "<table><tr><td rowspan=9>x" * 300,
    "data in styles": lambda: f"<p style='background:url(data:image/png;base64,{'A' * 90_000})'>x</p>" * 50,
    "quoted headers": lambda: "".join(f"<p>{name} x@x.example<br>" for name in _HEADERS) * 2_000,
    "quoted lines": lambda: (
        "<div>On Mon, 1 Jan 2024 at 10:00, A &lt;a@b.example&gt; wrote:</div><p>&gt; x</p>" * 20_000
    ),
    "numeric entities": lambda: "&#x1F600;&#0;&#xD800;&#x110000;&notit;&ampamp;" * 100_000,
    "links to all": lambda: "".join(
        f"<a href='https://h{n}.example/?u=https%3A%2F%2Fx{n}.example'>h</a>" for n in range(30_000)
    ),
    "may be hidden": lambda: '<b style="mso-hide:all">x</b> ' * 60_000,
}


def bomb(name: str) -> str:
    """The HTML of a bomb."""
    if name in _BODIES:
        return _HEAD + _BODIES[name]()
    css, element = _STYLES[name.removeprefix("css ")]
    return _HEAD + f"<style>{css}</style>" + element * 6_000


NAMES = [*(f"css {name}" for name in _STYLES), *_BODIES]
