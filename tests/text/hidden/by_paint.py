"""Text in the colour of what is behind it, or without a colour."""

from __future__ import annotations

from tests.text.hidden.snippet import ALL, APPLE, MOST, Snippet, inline, sheet

COLOURS = [
    inline(f"white as {value}", f"color:{value}", honoured)
    for value, honoured in [
        ("#fff", ALL),
        ("#FFFFFF", ALL),
        ("#ffff", APPLE),
        ("white", ALL),
        ("#fefefe", ALL),
        ("rgb(255,255,255)", ALL),
        ("rgb(255 255 255)", APPLE),
        ("rgb(100%,100%,100%)", MOST),
        ("rgba(255,255,255,1)", MOST),
        ("rgb(300,300,300)", MOST),
        ("rgb(calc(255), 255, 255)", APPLE),
        ("hsl(0,0%,100%)", MOST),
        ("hsl(120deg 100% 100%)", APPLE),
        ("hwb(0 100% 0%)", APPLE),
        ("lab(100% 0 0)", APPLE),
        ("lch(100% 0 0)", APPLE),
        ("oklab(1 0 0)", APPLE),
        ("oklch(100% 0 0)", APPLE),
        ("color(srgb 1 1 1)", APPLE),
        ("color(display-p3 1 1 1)", APPLE),
        ("color-mix(in srgb, white, white)", APPLE),
        ("color-mix(in oklab, white 99%, black 1%)", APPLE),
        ("rgb(from white r g b)", APPLE),
        ("transparent", MOST),
        ("#0000", APPLE),
        ("#ffffff00", APPLE),
        ("rgba(0,0,0,0)", MOST),
        ("rgb(0 0 0 / 0%)", APPLE),
        ("hsla(0,0%,0%,0)", MOST),
        ("color(srgb 0 0 0 / 0)", APPLE),
        ("snow", ALL),
    ]
]

PAINT = [
    inline("black on black", "background:#000;color:#000", ALL),
    inline("black on black by name", "background-color:black;color:black", ALL),
    inline("grey on grey", "background:hsl(0,0%,50%);color:rgb(128,128,128)", MOST),
    inline("colour of the background itself", "background:currentcolor", MOST),
    inline("background of layers", "background:linear-gradient(red,red) , #123456;background:#123456;color:#123456"),
    inline("gradient of one colour", "background:linear-gradient(#000,#000);color:#000", APPLE),
    inline("half transparent white", "background:rgba(0,0,0,.0);color:#ffffff80", APPLE),
    inline("opacity 0", "opacity:0", MOST),
    inline("opacity in percent", "opacity:0%", APPLE),
    inline("opacity by calc", "opacity:calc(1 - 1)", APPLE),
    inline("opacity of a hundredth", "opacity:.01", MOST),
    inline("opacity filter", "filter:opacity(0)", APPLE),
    inline("opacity filter in percent", "filter:opacity(0%)", APPLE),
    inline("brightness", "color:#888;filter:brightness(100)", APPLE),
    inline("inverted", "filter:invert(1)", APPLE),
    inline("fill colour", "-webkit-text-fill-color:transparent", APPLE),
    inline("fill colour white", "-webkit-text-fill-color:#fff", APPLE),
    inline("blended away", "mix-blend-mode:screen;color:#fff", APPLE),
    Snippet("multiplied opacity", '<div style="opacity:.1"><p style="opacity:.1">{W}</p></div>', MOST),
    Snippet(
        "opacity around a background", '<div style="opacity:0"><p style="background:#000;color:#fff">{W}</p></div>'
    ),
    Snippet("white font", "<font color=white>{W}</font>", ALL),
    Snippet("white font in hexadecimal", '<font color="#FFFFFF">{W}</font>', ALL),
    Snippet("white font without a hash", '<font color="ffffff">{W}</font>', ALL),
    Snippet("white font by style", '<font color=black style="color:white">{W}</font>', ALL),
    Snippet("text of the body", "<body text=white>{W}</body>", ALL),
    Snippet("body and its background", '<body text="#000000" bgcolor="#000000">{W}</body>', ALL),
    Snippet("white links", '<body link=white><a href="https://a.example">{W}</a></body>', MOST),
    Snippet("cell and its background", '<table bgcolor="#123456"><tr><td style="color:#123456">{W}</table>', ALL),
    Snippet("row and its background", '<table><tr bgcolor=navy><td><font color="#000080">{W}</font></table>', ALL),
    Snippet("style beats the attribute", '<div bgcolor=black style="background:#fff;color:#fff">{W}</div>', ALL),
    Snippet("inherited white", '<div style="color:#fff"><div><p>{W}</p></div></div>', ALL),
    Snippet("white over a missing picture", '<div style="background:url(x.png);color:#fff">{W}</div>', MOST),
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
    Snippet("secured text", '<p style="-webkit-text-security:disc">{W}</p>', APPLE),
]

VARIABLES = [
    inline("variable", "--x:none;display:var(--x)", APPLE),
    inline("variable with a fallback", "display:var(--unset,none)", APPLE),
    inline("variable of a variable", "--a:0;--b:var(--a);opacity:var(--b)", APPLE),
    inline("colour variable", "--ink:#fff;color:var(--ink)", APPLE),
    inline("variable in a function", "--c:255;color:rgb(var(--c),var(--c),var(--c))", APPLE),
    inline("variable in a shorthand", "--b:#000;background:var(--b);color:#000", APPLE),
    inline("variable in a calculation", "--h:0;height:calc(var(--h) * 1px);overflow:hidden", APPLE),
    sheet("inherited variable", ":root{--v:hidden}p{visibility:var(--v)}", "<p>{W}</p>", APPLE),
]
