"""Which mail programs know what the techniques are made of.

The letters are those of caniemail.com (tested from 2019 to 2026), in the order of PROGRAMS: y yes, n no, a with
exceptions, u not tested. A technique is honoured by a program that knows all that it is made of. What no table tells
about, such as a comment, is not listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

PROGRAMS = (
    "Outlook for Windows",
    "Outlook on the web",
    "Outlook for Mac",
    "Outlook for iOS",
    "Outlook for Android",
    "Gmail on the web",
    "Gmail for Android",
    "Apple Mail for Mac",
    "Apple Mail for iOS",
)
# Feature of caniemail.com: what a snippet that uses it holds, and who knows it.
_FEATURES = {
    "css-style": (r"<style", "ayyyyaayy"),
    "css-display-none": (r"display\s*:\s*none", "ayyyyyyyy"),
    "css-visibility": (r"(?<!-)visibility\s*:", "nyyyynnyy"),
    "css-opacity": (r"opacity\s*:", "nyyyyyyyy"),
    "css-font-size": (r"font-size\s*:", "ayyyyyyyy"),
    "css-font": (r"font\s*:", "yyyyyyyyy"),
    "css-overflow": (r"overflow(?:-[xy])?\s*:", "naaaaaaaa"),
    "css-position": (r"position\s*:", "naanannaa"),
    "css-left-right-top-bottom": (r"[\s;\"'{](?:left|right|top|bottom)\s*:", "nyyyynnyy"),
    "css-inset": (r"inset\s*:", "nnnnnnnyy"),
    "css-transform": (r"transform\s*:|[;\"'{]\s*(?:scale|rotate|translate)\s*:", "nnnnnnnyy"),
    "css-clip-path": (r"clip-path\s*:", "nnnnnnnyy"),
    "css-text-indent": (r"text-indent\s*:", "yyyyyaayy"),
    "css-filter": (r"[;\"'{]\s*filter\s*:", "nnnnnnnyy"),
    "css-mask-image": (r"mask(?:-image)?\s*:", "nnynnnnyy"),
    "css-mix-blend-mode": (r"mix-blend-mode\s*:", "nyyyyyayy"),
    "css-background-color": (r"background-color\s*:", "yyyyyyyyy"),
    "css-background": (r"background\s*:", "ayyyyyyyy"),
    "css-background-clip": (r"background-clip\s*:", "nyyyyyayy"),
    "css-linear-gradient": (r"linear-gradient", "nnnnnyayy"),
    "css-max-height": (r"max-height\s*:", "nyyyyyyyy"),
    "css-max-width": (r"max-width\s*:", "ayyyyyyyy"),
    "css-height": (r"(?<![-\w])height\s*:", "ayyyyyyyy"),
    "css-width": (r"(?<![-\w])width\s*:", "ayyyyyyyy"),
    "css-block-inline-size": (r"(?:block|inline)-size\s*:", "nnnnnnnyy"),
    "css-margin": (r"margin", "aaaaaaayy"),
    "css-line-height": (r"line-height\s*:", "ayyyyyyyy"),
    "css-letter-spacing": (r"letter-spacing\s*:", "ayyyyyyyy"),
    "css-z-index": (r"z-index\s*:", "nyyyynnyy"),
    "css-display-flex": (r"display\s*:\s*(?:inline-)?flex", "nyyyyyayy"),
    "css-display-grid": (r"display\s*:\s*(?:inline-)?grid", "nyyyyyayy"),
    "css-important": (r"!\s*important", "ayyyyaayy"),
    "css-variables": (r"var\(", "nnnnnnnyy"),
    "css-unit-calc": (r"calc\(", "nnnnnyayy"),
    "css-function-clamp": (r"clamp\(", "nnnnnyayy"),
    "css-function-min": (r"[^-]min\(", "nnnnnyayy"),
    "css-function-max": (r"[^-]max\(", "nnnnnyayy"),
    "css-rgb": (r"rgb\(", "ayyyyaayy"),
    "css-rgba": (r"rgba\(", "nyyyyaayy"),
    "css-modern-color": (r"hwb\(|lab\(|lch\(|color\(|color-mix\(|rgb\([^,)]* [^,)]*\)", "nnnnnnnyy"),
    "css-function-light-dark": (r"light-dark\(", "nnnnunnyy"),
    "css-color-scheme": (r"color-scheme\s*:", "nnnnnnnyy"),
    "css-animation": (r"animation", "nnnnnnnyy"),
    "css-at-media": (r"@media", "naaaaaayy"),
    "css-at-media-prefers-color-scheme": (r"prefers-color-scheme", "nyyyynnyy"),
    "css-at-supports": (r"@supports", "nnnnnnnyy"),
    "css-at-import": (r"@import", "ynnnnnnyy"),
    "css-pseudo-class-has": (r":has\(", "nnnnnnnyy"),
    "css-pseudo-class-not": (r":not\(", "nnnnnnnyy"),
    "css-pseudo-class-first-child": (r":first-child", "naayynnyy"),
    "css-pseudo-class-nth-child": (r":nth-child", "nnnnnnnyy"),
    "css-pseudo-class-checked": (r":checked", "naaaannyy"),
    "css-pseudo-element-before": (r"::?before", "naaannnyy"),
    "css-selector-attribute": (r"[\w*>}]\[[\w-]+[~|^$*]?=?[^\]]*\]\s*\{", "naaaaaayy"),
    "css-selector-adjacent-sibling": (r"<style>[^<]*\w\s*\+\s*[\w.*][^<{(]*\{", "nyyyyyayy"),
    "css-selector-general-sibling": (r"<style>[^<]*\w\s*~\s*[\w.*]", "nyyyyyayy"),
    "css-selector-universal": (r"<style>\s*\*", "nyyyyyayy"),
    "html-hidden": (r"<\w+[^>]*\shidden", "nnnnnnnyy"),
    "html-dialog": (r"<dialog", "nnnnnnyyy"),
    "html-popover": (r"\spopover", "nnnnnnnyy"),
    "html-body": (r"<body\s", "yanaaaayy"),
    "html-input-hidden": (r"type=hidden", "nyyyyyyyy"),
    "html-select": (r"<select", "nyyyyyyya"),
    "html-svg": (r"<svg", "nnnnnnnay"),
    "html-rp": (r"<rp", "nyyyynayy"),
    "html-video": (r"<video", "nnynnnnya"),
    "html-audio": (r"<audio", "nnnnnnnyy"),
    "html-meter": (r"<meter", "nyyyynayy"),
    "html-progress": (r"<progress", "nnnnnnayy"),
}
_PATTERNS = {name: re.compile(pattern, re.I) for name, (pattern, _) in _FEATURES.items()}
# The least of several answers counts.
_LEAST_FIRST = "nuay"
_WORDS = {"y": "yes", "a": "with exceptions", "n": "no", "u": "unknown"}


def features_of(html: str) -> Iterator[str]:
    """What public tables know of the HTML."""
    return (name for name, pattern in _PATTERNS.items() if pattern.search(html))


def honoured(html: str) -> str:
    """For each mail program whether it knows all of it; empty where no table tells.

    >>> honoured('<p style="visibility:hidden">').split("; ")[0]
    'Outlook for Windows: no'
    """
    letters = [_FEATURES[name][1] for name in features_of(html)]
    if not letters:
        return ""
    least = (min(column, key=_LEAST_FIRST.index) for column in zip(*letters, strict=True))
    return "; ".join(f"{program}: {_WORDS[letter]}" for program, letter in zip(PROGRAMS, least, strict=True))
