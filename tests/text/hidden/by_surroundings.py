"""Text hidden by the boxes around it, beside it or over it."""

from __future__ import annotations

from tests.text.hidden.snippet import Snippet

SURROUNDINGS = [
    Snippet("hidden parent, contents child", "<div style='display:none'><p style='display:contents'>{W}</p></div>"),
    Snippet(
        "clipped parent contents child",
        "<div style='height:0;overflow:hidden'><p style='display:contents'>{W}</p></div>",
    ),
    Snippet("visibility of contents parent", "<div style='visibility:hidden;display:contents'><p>{W}</p></div>"),
    Snippet(
        "opacity of contents child of none",
        "<div style='opacity:0'><div style='display:contents'><p>{W}</p></div></div>",
    ),
    Snippet(
        "scroll box scrolled away",
        "<div style='height:20px;overflow:hidden'><div style='height:500px'></div><p>{W}</p></div>",
    ),
    Snippet(
        "below a tall picture in a clipped box",
        "<div style='height:20px;overflow:hidden'><img style='display:block;height:900px;width:1px'><p>{W}</p></div>",
    ),
    Snippet(
        "padding pushes out", "<div style='height:10px;overflow:hidden'><p style='padding-top:300px'>{W}</p></div>"
    ),
    Snippet("margin pushes out", "<div style='height:10px;overflow:hidden'><p style='margin-top:300px'>{W}</p></div>"),
    Snippet(
        "left pushes out of a clipped box",
        "<div style='width:50px;height:20px;overflow:hidden;position:relative'><p style='"
        "position:absolute;left:200px'>{W}</p></div>",
    ),
    Snippet(
        "top pushes out of a clipped box",
        "<div style='width:50px;height:20px;overflow:hidden;position:relative'><p style='"
        "position:absolute;top:100px'>{W}</p></div>",
    ),
    Snippet(
        "negative top in clipped box",
        "<div style='width:50px;height:20px;overflow:hidden;position:relative'><p style='"
        "position:absolute;top:-100px'>{W}</p></div>",
    ),
    Snippet(
        "translate out of a clipped box",
        "<div style='width:200px;height:20px;overflow:hidden'><p style='transform:translateY(-50px)'>{W}</p></div>",
    ),
    Snippet(
        "indent out of a clipped box",
        "<div style='width:100px;overflow:hidden;white-space:nowrap;text-indent:100px'>{W}</div>",
    ),
    Snippet(
        "flex item shrunk",
        "<div style='display:flex;width:0'><p style='overflow:hidden;min-width:0;white-space:nowrap'>{W}</p></div>",
    ),
    Snippet(
        "percentage of a flat parent", "<div style='height:0'><p style='height:100%;overflow:hidden'>{W}</p></div>"
    ),
    Snippet(
        "percentage width of a narrow parent",
        "<div style='width:0'><p style='width:100%;overflow:hidden;white-space:nowrap'>{W}</p></div>",
    ),
    Snippet(
        "width inherited from a narrow parent",
        "<div style='width:0'><p style='overflow:hidden;white-space:nowrap'>{W}</p></div>",
    ),
    Snippet(
        "width of a narrow grandparent",
        "<div style='width:0'><div><p style='overflow:hidden;white-space:nowrap'>{W}</p></div></div>",
    ),
    Snippet(
        "max-width of a parent", "<div style='max-width:0'><p style='overflow:hidden;white-space:nowrap'>{W}</p></div>"
    ),
    Snippet(
        "em of a parent without size",
        "<div style='font-size:0'><p style='height:1em;overflow:hidden;font-size:1em'>{W}</p></div>",
    ),
    Snippet("height in em of nothing", "<p style='font-size:0;height:9em'>{W}</p>"),
    Snippet(
        "covered by a transformed box",
        "<p>{W}</p><div style='transform:translateY(-90px);height:200px;background:#fff'></div>",
    ),
    Snippet(
        "covered by a translated box", "<p>{W}</p><div style='translate:0 -90px;height:200px;background:#fff'></div>"
    ),
    Snippet(
        "covered by a relative box",
        "<p>{W}</p><div style='position:relative;top:-60px;height:100px;background:#fff'></div>",
    ),
    Snippet(
        "covered by a float",
        "<div style='float:left;width:100%;height:60px;background:#fff;margin-bottom:-60p"
        "x;position:relative'></div><p>{W}</p>",
    ),
    Snippet(
        "covered by a table",
        "<p>{W}</p><table style='position:absolute;top:0;left:0' width=900 height=200 bgcolor=white><tr><td></table>",
    ),
    Snippet(
        "covered by an outline", "<p>{W}</p><b style='position:absolute;top:0;left:0;border:200px solid #fff'></b>"
    ),
    Snippet(
        "covered by a shadow",
        "<p>{W}</p><b style='position:absolute;top:20px;left:20px;width:1px;height:1px;bo"
        "x-shadow:0 0 0 900px #fff'></b>",
    ),
    Snippet(
        "covered by an image",
        "<p>{W}</p><img style='position:absolute;top:0;left:0;width:900px;height:200px' s"
        "rc='data:image/gif;base64,R0lGODdhAQABAIAAAP///////ywAAAAAAQABAAACAkQBADs='>",
    ),
    Snippet(
        "covered in a grid",
        "<div style='display:grid'><p style='grid-area:1/1'>{W}</p><div style='grid-area:"
        "1/1;background:#fff;height:80px'></div></div>",
    ),
    Snippet(
        "behind by z-index",
        "<div style='position:relative;background:#fff;z-index:0'><p style='position:abso"
        "lute;z-index:-1;color:#fff'>{W}</p></div>",
    ),
    Snippet(
        "white on white in black",
        "<div style='background:#000'><div style='background:#fff'><span style='color:#fff'>{W}</span></div></div>",
    ),
    Snippet(
        "white under a transparent background",
        "<div style='background:#fff'><div style='background:transparent'><span style='co"
        "lor:#fff'>{W}</span></div></div>",
    ),
    Snippet("body text in a short form", "<body text='#fff'>{W}"),
    Snippet("font colour chucknorris", "<body bgcolor=chucknorris><font color=chucknorris>{W}</font>"),
    Snippet("bgcolor without hash", "<table bgcolor=000000><tr><td><font color=000000>{W}</font></table>"),
    Snippet("tbody bgcolor", "<table><tbody bgcolor=black><tr><td style='color:#000'>{W}</table>"),
    Snippet("th bgcolor", "<table><tr><th bgcolor=black style='color:#000'>{W}</table>"),
    Snippet("marks in their colour", "<mark style='color:yellow'>{W}</mark>"),
    Snippet("hr colours", "<div style='background:#808080'><hr><font color=gray>{W}</font></div>"),
    Snippet(
        "opacity three times",
        "<div style='opacity:.3'><div style='opacity:.3'><p style='opacity:.3;color:#777'>{W}</p></div></div>",
    ),
    Snippet("filter around", "<div style='filter:opacity(0)'><p>{W}</p></div>"),
    Snippet("clip path around", "<div style='clip-path:inset(100%)'><p>{W}</p></div>"),
    Snippet("scale around", "<div style='transform:scale(0)'><p style='transform:scale(9)'>{W}</p></div>"),
    Snippet(
        "content visibility around",
        "<div style='content-visibility:hidden'><p style='content-visibility:visible'>{W}</p></div>",
    ),
    Snippet("table in a hidden table cell", "<table><tr><td style='display:none'><table><tr><td>{W}</table></table>"),
    Snippet("hidden row", "<table><tr style='display:none'><td>{W}</table>"),
    Snippet("hidden row height", "<table><tr height=0><td style='line-height:0;font-size:0'>{W}</table>"),
    Snippet("spacer table", "<table style='max-height:0;overflow:hidden;display:block'><tr><td>{W}</table>"),
    Snippet(
        "table display block of no height", "<table style='display:block;height:0;overflow:hidden'><tr><td>{W}</table>"
    ),
    Snippet("cell with a flat block", "<table><tr><td><div style='max-height:0;overflow:hidden'>{W}</div></table>"),
    Snippet("list item without a size", "<ul style='font-size:0'><li>{W}</ul>"),
    Snippet("preformatted hidden", "<pre style='display:none'>{W}</pre>"),
    Snippet("xmp hidden", "<xmp style='display:none'>{W}</xmp>"),
    Snippet("plaintext hidden", "<div hidden><plaintext>{W}"),
    Snippet("listing hidden", "<listing style='visibility:hidden'>{W}</listing>"),
    Snippet("picture with a hidden alt", "<img alt='{W}' style='font-size:0'>"),
    Snippet("alt in white", "<img alt='{W}' style='color:#fff'>"),
    Snippet("alt of no opacity", "<img alt='{W}' style='opacity:0'>"),
]
