"""Text in the colour of what is behind it, or without a colour."""

from __future__ import annotations

from tests.text.hidden.snippet import Snippet, inline, sheet

COLOURS = [
    inline(f"white as {value}", f"color:{value}")
    for value in [
        "#fff",
        "#FFFFFF",
        "#ffff",
        "white",
        "#fefefe",
        "rgb(255,255,255)",
        "rgb(255 255 255)",
        "rgb(100%,100%,100%)",
        "rgba(255,255,255,1)",
        "rgb(300,300,300)",
        "rgb(calc(255), 255, 255)",
        "hsl(0,0%,100%)",
        "hsl(120deg 100% 100%)",
        "hwb(0 100% 0%)",
        "lab(100% 0 0)",
        "lch(100% 0 0)",
        "oklab(1 0 0)",
        "oklch(100% 0 0)",
        "color(srgb 1 1 1)",
        "color(display-p3 1 1 1)",
        "color-mix(in srgb, white, white)",
        "color-mix(in oklab, white 99%, black 1%)",
        "rgb(from white r g b)",
        "transparent",
        "#0000",
        "#ffffff00",
        "rgba(0,0,0,0)",
        "rgb(0 0 0 / 0%)",
        "hsla(0,0%,0%,0)",
        "color(srgb 0 0 0 / 0)",
        "snow",
    ]
]

PAINT = [
    inline("black on black", "background:#000;color:#000"),
    inline("black on black by name", "background-color:black;color:black"),
    inline("grey on grey", "background:hsl(0,0%,50%);color:rgb(128,128,128)"),
    inline("colour of the background itself", "background:currentcolor"),
    inline("background of layers", "background:linear-gradient(red,red) , #123456;background:#123456;color:#123456"),
    inline("gradient of one colour", "background:linear-gradient(#000,#000);color:#000"),
    inline("half transparent white", "background:rgba(0,0,0,.0);color:#ffffff80"),
    inline("opacity 0", "opacity:0"),
    inline("opacity in percent", "opacity:0%"),
    inline("opacity by calc", "opacity:calc(1 - 1)"),
    inline("opacity of a hundredth", "opacity:.01"),
    inline("opacity filter", "filter:opacity(0)"),
    inline("opacity filter in percent", "filter:opacity(0%)"),
    inline("brightness", "color:#888;filter:brightness(100)"),
    inline("inverted", "filter:invert(1)"),
    inline("fill colour", "-webkit-text-fill-color:transparent"),
    inline("fill colour white", "-webkit-text-fill-color:#fff"),
    inline("blended away", "mix-blend-mode:screen;color:#fff"),
    Snippet("multiplied opacity", '<div style="opacity:.1"><p style="opacity:.1">{W}</p></div>'),
    Snippet(
        "opacity around a background", '<div style="opacity:0"><p style="background:#000;color:#fff">{W}</p></div>'
    ),
    Snippet("white font", "<font color=white>{W}</font>"),
    Snippet("white font in hexadecimal", '<font color="#FFFFFF">{W}</font>'),
    Snippet("white font without a hash", '<font color="ffffff">{W}</font>'),
    Snippet("white font by style", '<font color=black style="color:white">{W}</font>'),
    Snippet("text of the body", "<body text=white>{W}</body>"),
    Snippet("body and its background", '<body text="#000000" bgcolor="#000000">{W}</body>'),
    Snippet("white links", '<body link=white><a href="https://a.example">{W}</a></body>'),
    Snippet("cell and its background", '<table bgcolor="#123456"><tr><td style="color:#123456">{W}</table>'),
    Snippet("row and its background", '<table><tr bgcolor=navy><td><font color="#000080">{W}</font></table>'),
    Snippet("style beats the attribute", '<div bgcolor=black style="background:#fff;color:#fff">{W}</div>'),
    Snippet("inherited white", '<div style="color:#fff"><div><p>{W}</p></div></div>'),
    Snippet("white over a missing picture", '<div style="background:url(x.png);color:#fff">{W}</div>'),
    Snippet(
        "behind a painted parent", '<div style="background:#fff"><p style="position:relative;z-index:-1">{W}</p></div>'
    ),
    Snippet(
        "covered by a box",
        '<p>{W}</p><div style="position:absolute;top:0;left:0;width:900px;height:200px;background:#fff"></div>',
    ),
    Snippet(
        "covered by the next paragraph",
        '<p>{W}</p><p style="margin-top:-60px;height:90px;background:#fff;position:relative">x</p>',
    ),
    Snippet("secured text", '<p style="-webkit-text-security:disc">{W}</p>'),
]

VARIABLES = [
    inline("variable", "--x:none;display:var(--x)"),
    inline("variable with a fallback", "display:var(--unset,none)"),
    inline("variable of a variable", "--a:0;--b:var(--a);opacity:var(--b)"),
    inline("colour variable", "--ink:#fff;color:var(--ink)"),
    inline("variable in a function", "--c:255;color:rgb(var(--c),var(--c),var(--c))"),
    inline("variable in a shorthand", "--b:#000;background:var(--b);color:#000"),
    inline("variable in a calculation", "--h:0;height:calc(var(--h) * 1px);overflow:hidden"),
    sheet("inherited variable", ":root{--v:hidden}p{visibility:var(--v)}", "<p>{W}</p>"),
]
