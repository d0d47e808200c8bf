"""Text hidden by newer means, or by what stands around it and is not moved itself."""

from __future__ import annotations

from tests.text.hidden.snippet import Snippet

NEWER = [
    Snippet("layer in a nested rule", "<style>p{@layer a{display:none}}</style><p>{W}</p>"),
    Snippet("if by a style", '<div style="--a:1;display:if(style(--a:1): none; else: block)">{W}</div>'),
    Snippet("opacity by an attribute", "<p data-o=0 style='opacity:attr(data-o number)'>{W}</p>"),
    Snippet("display by an attribute", "<p data-o=none style='display:attr(data-o type(<custom-ident>))'>{W}</p>"),
    Snippet("attribute with a fallback", "<p style='opacity:attr(data-o number,0)'>{W}</p>"),
    Snippet("opacity by place", '<div style="opacity:calc(sibling-index() - 1)">{W}</div>'),
    Snippet("opacity by number", '<div style="opacity:calc(sibling-count() - 1)">{W}</div>'),
    Snippet(
        "placeholder without a colour", "<style>input::placeholder{color:transparent}</style><input placeholder='{W}'>"
    ),
    Snippet("replaced by a gradient", '<div style="content:linear-gradient(#fff,#fff)">{W}</div>'),
    Snippet(
        "replaced by a set of images",
        "<div style=\"content:image-set('data:image/gif;base64,R0lGODdhAQABAIAAAP///////ywAAAAAAQAB"
        "AAACAkQBADs=' 1x)\">{W}</div>",
    ),
    Snippet("shadow tree without a slot", "<div><template shadowrootmode=open><p>x</p></template>{W}</div>"),
    Snippet(
        "shadow tree with another slot",
        "<div><template shadowrootmode=open><slot name=a></slot></template><p slot=b>{W}</p></div>",
    ),
    Snippet(
        "shadow tree with a style",
        "<div><template shadowrootmode=open><style>:host{display:none}</style><slot></slot></template>{W}</div>",
    ),
    Snippet(
        "lines behind the last that is shown",
        "<div style='display:-webkit-box;-webkit-line-clamp:1;-webkit-box-orient:vertical;overflow:"
        "hidden'>x<br>x<br>{W}</div>",
    ),
    Snippet("lines below a low box", "<div style='height:20px;overflow:hidden'>visible<br><br><br>{W}</div>"),
    Snippet(
        "paragraphs below a low box",
        "<div style='max-height:20px;overflow:hidden'><p>visible</p><p>x</p><p>{W}</p></div>",
    ),
    Snippet(
        "text beside a narrow box",
        "<div style='width:50px;overflow:hidden;white-space:nowrap'>xxxxxxxxxxxxxxxxxxxxxx {W}</div>",
    ),
    Snippet(
        "columns beside a low box",
        "<div style='height:20px;width:100px;columns:100px;overflow:hidden'>x<br>x<br>{W}</div>",
    ),
    Snippet("covered by a wide outline", "<p>{W}</p><span style='outline:400px solid #fff'>x</span>"),
    Snippet("covered by a wide shadow", "<p>{W}</p><p style='opacity:.99;box-shadow:0 0 0 900px #fff'>x</p>"),
    Snippet(
        "covered by a shadow in a line",
        "<p>{W}</p><p><b style='display:inline-block;box-shadow:0 0 0 900px #fff'>x</b></p>",
    ),
    Snippet("struck out with a thick line", "<p style='text-decoration:line-through 40px #fff'>{W}</p>"),
    Snippet(
        "struck out as thick as letters",
        "<p style='text-decoration-line:line-through;text-decoration-thickness:4em;text-decoration-color:#fff'>{W}</p>",
    ),
    Snippet(
        "covered by what is drawn up below it",
        "<p style='margin:0 0 -60px'>{W}</p><div style='position:relative;background:#fff;height:90px'>x</div>",
    ),
    Snippet(
        "flat and covered",
        "<div style='height:0'>{W}</div><div style='position:relative;background:#fff;height:50px'>x</div>",
    ),
    Snippet(
        "flat and covered by what is a little transparent",
        "<div style='height:0'>{W}</div><div style='opacity:.99;background:#fff;height:50px'>x</div>",
    ),
    Snippet(
        "floating and covered",
        "<div style='float:left'>{W}</div><div style='position:relative;background:#fff;height:50px'>x</div>",
    ),
    Snippet(
        "out of the flow and covered",
        "<div style='position:absolute'>{W}</div><div style='position:relative;background:#fff;height:90px'>x</div>",
    ),
    Snippet(
        "behind what follows",
        "<div style='position:absolute;z-index:-1'>{W}</div><div style='background:#fff;height:90px'>x</div>",
    ),
    Snippet("input of no width", "<input value='{W}' style='width:0;border:0;padding:0'>"),
    Snippet("nothing that is enabled", "<style>p:not(:enabled){display:none}</style><p>{W}</p>"),
    Snippet(
        "in a disabled fieldset",
        "<style>input:disabled+p{display:none}</style><fieldset disabled><input><p>{W}</p></fieldset>",
    ),
    Snippet(
        "first titled sheet",
        "<style>p{color:red}</style><style title=a>p{display:none}</style><style title=b>p{display:"
        "block}</style><p>{W}</p>",
    ),
    Snippet(
        "style of a beginning", "<style>p{transition:opacity 99999s}@starting-style{p{opacity:0}}</style><p>{W}</p>"
    ),
    Snippet("spoken text of an element", "<style>p::before{content:'x' / '{W}'}</style><p>x</p>"),
    Snippet("text before a select", "<style>select::before{content:'{W}'}</style><select><option>x</select>"),
    Snippet("text before a text area", "<style>textarea::before{content:'{W}'}</style><textarea>x</textarea>"),
    Snippet("option that cannot be chosen", "<select><option disabled>{W}<option>x</select>"),
    Snippet(
        "second form of a formula",
        "<math><maction actiontype=toggle selection=1><mi>a</mi><mi>{W}</mi></maction></math>",
    ),
    Snippet("white formula", "<math><mi mathcolor=white>{W}</mi></math>"),
    Snippet("formula of no size", "<math><mi mathsize=0>{W}</mi></math>"),
    Snippet("formula on its colour", "<math><mi mathbackground=black>{W}</mi></math>"),
    Snippet("text in a space of a formula", "<math><mspace>{W}</mspace></math>"),
    Snippet(
        "ground mixed of the text's colour",
        '<div style="background:color-mix(in srgb,currentcolor 100%,red 0%)">{W}</div>',
    ),
    Snippet("opacity by a remainder", '<div style="opacity:mod(4,2)">{W}</div>'),
    Snippet("opacity by a power", '<div style="opacity:pow(0,1)">{W}</div>'),
    Snippet("opacity by a logarithm", '<div style="opacity:log(1)">{W}</div>'),
    Snippet("opacity that is no number", '<div style="opacity:calc(NaN)">{W}</div>'),
    Snippet("opacity below all numbers", '<div style="opacity:calc(-infinity)">{W}</div>'),
    Snippet("size by a hypotenuse", '<div style="font-size:hypot(0px,0px)">{W}</div>'),
    Snippet("opacity by progress", '<div style="opacity:progress(0,0,10)">{W}</div>'),
    Snippet("height by calc-size", '<div style="height:calc-size(auto,0px);overflow:hidden">{W}</div>'),
    Snippet("height by a part of the size", '<div style="height:calc-size(auto,size*0);overflow:hidden">{W}</div>'),
    Snippet(
        "height by an anchor", '<div style="height:anchor-size(width,0px);overflow:hidden;position:absolute">{W}</div>'
    ),
    Snippet("opacity by chance", '<div style="opacity:random(0,0)">{W}</div>'),
    Snippet("clip path circle at a corner", '<div style="clip-path:circle(closest-side at 0 0)">{W}</div>'),
    Snippet(
        "mask by its oldest name",
        '<div style="-webkit-mask-box-image:linear-gradient(transparent,transparent)">{W}</div>',
    ),
    Snippet("stroke wider than letters", '<div style="-webkit-text-stroke:20px #fff">{W}</div>'),
    Snippet(
        "ground blended away",
        '<div style="background:#fff linear-gradient(#000,#000);background-blend-mode:screen;color:#fff">{W}</div>',
    ),
    Snippet(
        "gradient moved away",
        '<div style="background:linear-gradient(#000,#000) no-repeat -9999px 0/10px 10px;color:#fff">{W}</div>',
    ),
    Snippet("gradient of no size", '<div style="background:linear-gradient(#000,#000) 0 0/0 0;color:#fff">{W}</div>'),
    Snippet(
        "gradient of no size, in a property of its own",
        '<div style="background-image:linear-gradient(#000,#000);background-size:0 0;color:#fff">{W}</div>',
    ),
    Snippet(
        "ground in the border alone", '<div style="background:#000;background-clip:border-area;color:#fff">{W}</div>'
    ),
    Snippet(
        "gradient with the text's colour in one half",
        '<div style="background:linear-gradient(90deg,#fff 50%,#000 50%);color:#fff">{W}</div>',
    ),
    Snippet(
        "gradient with another colour at its end",
        '<div style="background:linear-gradient(180deg,#fff 99%,#000 99%);color:#fff">{W}</div>',
    ),
    Snippet(
        "gradient in a corner",
        '<div style="background:linear-gradient(#000,#000) no-repeat 100% 100%/1px 1px;color:#fff">{W}</div>',
    ),
    Snippet(
        "ground by a picture in the message",
        '<div style="background:url(data:image/gif;base64,R0lGODdhAQABAIAAAP///////ywAAAAAAQABAAACA'
        'kQBADs=) #000;color:#fff">{W}</div>',
    ),
    Snippet("wide shadow inside", '<div style="box-shadow:inset 0 0 0 100px #000">{W}</div>'),
    Snippet("outline drawn inwards", '<div style="outline:200px solid #fff;outline-offset:-200px">{W}</div>'),
    Snippet("fixed below the screen", '<div style="position:fixed;bottom:-100px">{W}</div>'),
    Snippet("fixed at the end of the screen", '<div style="position:fixed;top:100%">{W}</div>'),
    Snippet("above the page by its bottom", '<div style="position:absolute;bottom:100%">{W}</div>'),
    Snippet("beside the page by its right", '<div style="position:absolute;right:100%">{W}</div>'),
    Snippet("a line above the page", '<div style="position:absolute;top:-50px">{W}</div>'),
    Snippet("a word beside the page", '<div style="position:absolute;left:-100px">{W}</div>'),
    Snippet("a box beside the page", '<div style="position:absolute;left:-90px;width:80px">{W}</div>'),
    Snippet("drawn above the page", '<div style="margin-top:-50px">{W}</div>'),
    Snippet("a word indented away", '<div style="text-indent:-90px">{W}</div>'),
    Snippet("each line indented away", '<div style="text-indent:-9999px each-line">{W}</div>'),
]
NEWER_CONTROLS = [
    Snippet("a declaration behind a nested rule", "<style>p{&{display:none} display:block}</style><p>{W}</p>"),
    Snippet("a marker with text", "<style>li::marker{content:'{W}'}</style><ul><li>x</ul>"),
    Snippet("input of an unknown type", "<input type=foo value='{W}'>"),
    Snippet("a text before items", "<style>li{list-style:'{W}'}</style><ul><li>x</ul>"),
    Snippet("an attribute before an element", "<style>p::before{content:attr(data-x)}</style><p data-x='{W}'>x</p>"),
    Snippet("a variable before an element", "<style>p{--x:'{W}'}p::before{content:var(--x)}</style><p>x</p>"),
    Snippet("a system font after no size", '<div style="font-size:0;font:caption">{W}</div>'),
    Snippet("hanging indent", '<div style="text-indent:-9999px hanging">{W}</div>'),
    Snippet("a soft shadow", "<p>{W}</p><p style='box-shadow:0 10px 30px rgba(0,0,0,.1)'>x</p>"),
    Snippet(
        "a box with its own ground behind floating text",
        "<div style='float:left'>x</div><p style='clear:both;background:#eee'>{W}</p>",
    ),
    Snippet("indent into the margin", "<p style='margin-left:72pt;text-indent:-72pt'>{W}</p>"),
    Snippet("two lines in a box for two", "<div style='height:40px;overflow:hidden'>x<br>{W}</div>"),
    Snippet(
        "first of the lines that are shown",
        "<div style='display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:"
        "hidden'>{W}<br>x</div>",
    ),
    Snippet(
        "a badge a little above its box",
        "<div style='position:relative'><b style='position:absolute;top:-10px'>{W}</b>x</div>",
    ),
    Snippet(
        "gradient that covers its box",
        "<p style='color:#fff;background:linear-gradient(#005,#00f) no-repeat;background-size:100% 100%'>{W}</p>",
    ),
    Snippet("a value of a browser of long ago", "<p style='width:expression(0);overflow:hidden'>{W}</p>"),
    Snippet("named details", "<details name=a open><summary>s</summary>{W}</details>"),
    Snippet("enabled input", "<style>p:enabled{display:none}</style><p>{W}</p>"),
    Snippet("submit button", "<input type=submit value='{W}'>"),
    Snippet("first form of a formula", "<math><maction actiontype=toggle><mi>{W}</mi><mi>b</mi></maction></math>"),
]
