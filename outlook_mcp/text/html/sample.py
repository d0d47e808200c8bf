"""A made-up mail with what most mails have, for a process to get ready with before it reads a real one."""

from __future__ import annotations

_SHEET = """
body { margin: 0; padding: 0; width: 100%; background-color: #f4f4f7; color: #333333; font-family: Arial; }
p.MsoNormal, li.MsoNormal { margin: 0cm; margin-bottom: .0001pt; font-size: 11.0pt; font-family: "Calibri"; }
a:link { color: #0563C1; text-decoration: underline; }
table { border-collapse: collapse; } td { padding: 10px 0; vertical-align: top; word-break: break-word; }
.preheader { display: none !important; visibility: hidden; font-size: 1px; line-height: 1px; max-height: 0; opacity: 0;
  overflow: hidden; }
.button { background: #3869D4; color: #FFF; display: inline-block; padding: 8px 16px; border-radius: 3px; }
h1, h2, h3 { margin-top: 0; color: #000000; font-size: 22px; font-weight: bold; text-align: left; }
.content > tr + tr td:first-child { border-top: 1px solid #EAEAEC; }
@media only screen and (max-width: 600px) { .content { width: 100% !important; } .button { display: block; } }
@media (prefers-color-scheme: dark) { body, .content { background-color: #333333 !important; color: #FFF !important; } }
"""
_ROW = (
    '<tr><td width="70%" style="padding:0cm 5.4pt 0cm 5.4pt;font-size:14px"><p class="MsoNormal"><b>Item</b></p></td>'
    '<td align="right" style="color:rgb(34,34,34);background-color:#ffffff"><span style="font-size:12pt">4</span></td>'
    '<td style="width:90.0pt;margin:0 auto;line-height:1.5"><a href="https://example.com/" class="button">A</a></td>'
    "</tr>"
)
SAMPLE = (
    f'<!doctype html><html><head><style>{_SHEET}</style></head><body lang="EN-US" link="#0563C1">'
    '<span class="preheader">Before</span><div style="font-family:arial,sans-serif;font-size:small" dir="ltr">'
    f'<h1>Title</h1><table class="content" role="presentation" width="570" cellpadding="0">{_ROW * 3}</table>'
    '<ul><li>one</li></ul><ol><li>two</li></ol><img src="cid:a" alt="A picture"><br>'
    '<blockquote style="margin:0 0 0 .8ex;border-left:1px solid #ccc">Quoted</blockquote></div></body></html>'
)
