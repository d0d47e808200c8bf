"""Services that carry the real address of a link in their own, undone only where that is exact."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from html import unescape
from urllib.parse import SplitResult, unquote, urlsplit

# Only Google's own endings: whoever has another one would choose what is shown.
_GOOGLE = re.compile(r"(?:www\.)?google\.(?:com|[a-z]{2}|com?\.[a-z]{2})")
# Host, path and query parameter of services that carry the real address in plain sight.
_IN_A_PARAMETER = (
    (re.compile(r"(?:.+\.)?safelinks\.protection\.(?:outlook|office365)\.(?:com|us|cn)"), "", "url"),
    (re.compile(r"statics\.teams\.cdn\.(?:office\.net|microsoft\.com)"), "", "url"),
    (_GOOGLE, "/url", "q"),
    (_GOOGLE, "/url", "url"),
    (re.compile(r"(?:www\.)?youtube\.com"), "/redirect", "q"),
    (re.compile(r"lm?\.(?:facebook|instagram|messenger)\.com"), "", "u"),
    (re.compile(r"clicktime\.symantec\.com"), "", "u"),
    (re.compile(r"urlsand\.esvalabs\.com"), "", "u"),
    (re.compile(r"(?:www\.)?linkedin\.com"), "/safety/go", "url"),
    (re.compile(r"linkprotect\.cudasvc\.com"), "/url", "a"),
    (re.compile(r"slack-redir\.net"), "/link", "url"),
)
_PROOFPOINT = re.compile(r"urldefense(?:\.proofpoint)?\.(?:com|us)")
_PROOFPOINT_3 = re.compile(r"https?://urldefense(?:\.proofpoint)?\.(?:com|us)/v3/__(.+?)__;([\w-]*)!", re.I)
_STARS = re.compile(r"\*(?:\*(.))?")
# `**A` stands for two replaced characters, `**B` for three and so on.
_RUN_LENGTHS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SINGLE_SLASH = re.compile(r"^(https?:)/(?=[^/])", re.I)
_WEB = re.compile(r"https?:|mailto:", re.I)


def unwrapped(url: str) -> str | None:
    """The address inside; None if there is none, or it cannot be told for sure.

    >>> unwrapped("https://urldefense.com/v3/__https://docs.example.com/guide*install__;Iw!!Abc!xyz$")
    'https://docs.example.com/guide#install'
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if not host:
        return None
    inner = _inner(url, parts, host)
    return inner if inner and _WEB.match(inner) else None


def _inner(url: str, parts: SplitResult, host: str) -> str | None:
    if _PROOFPOINT.fullmatch(host):
        if parts.path.startswith("/v3/"):
            return _proofpoint_3(url)
        value = _raw_parameter(parts.query, "u")
        if parts.path.startswith("/v2/"):
            value = value.replace("-", "%").replace("_", "/")
        elif parts.path != "/v1/url":
            return None
        # The rewritten address was taken from HTML as it stood there.
        return unescape(unquote(value))
    if host == "secure-web.cisco.com":
        return unquote(parts.path.rpartition("/")[2])
    for wrapper, path, name in _IN_A_PARAMETER:
        is_place = not path or parts.path.rstrip("/") == path
        if is_place and wrapper.fullmatch(host) and (value := _raw_parameter(parts.query, name)):
            return unquote(value)
    return None


def _raw_parameter(query: str, name: str) -> str:
    return next((value for key, _, value in (pair.partition("=") for pair in query.split("&")) if key == name), "")


def _proofpoint_3(url: str) -> str | None:
    """Stars stand for the characters that follow in base64; None unless both are as many."""
    found = _PROOFPOINT_3.match(url)
    if found is None:
        return None
    try:
        replaced = urlsafe_b64decode(found[2] + "=" * (-len(found[2]) % 4)).decode()
    except ValueError:
        return None
    pieces, position, used = [], 0, 0
    for star in _STARS.finditer(found[1]):
        length = 1 if star[1] is None else _RUN_LENGTHS.find(star[1]) + 2
        pieces += [found[1][position : star.start()], replaced[used : used + length]]
        position, used = star.end(), used + length
    if used != len(replaced):
        return None
    return _SINGLE_SLASH.sub(r"\1//", "".join(pieces) + found[1][position:])
