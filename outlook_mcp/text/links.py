"""Where a link goes: without the redirectors around it and without tracking parameters; only web, mail and phone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_LONGEST_URL = 2_000
_MOST_WRAPPERS = 5
_TRACKING = re.compile(
    r"(utm_|mc_|mkt_|_hs|hsa_|fbclid|gclid|dclid|msclkid|yclid|igshid|vero_|oly_|trk|s_cid|ck_|wickedid|elq)", re.I
)
_LOOKS_LIKE_HOST = re.compile(r"(?:https?://)?((?:[\w-]+\.)+[a-z]{2,})(?:[/:?#]\S*)?", re.I)
_NOT_IN_URL = re.compile(r"[\s\x00-\x1f\x7f-\x9f<>\"]+")
# Host, path and query parameter of services that carry the real address in plain sight.
_WRAPPERS = (
    (re.compile(r"(?:.+\.)?safelinks\.protection\.(?:outlook|office365)\.(?:com|us|cn)"), "", "url"),
    (re.compile(r"(?:www\.)?google\.[a-z.]{2,6}"), "/url", "q"),
    (re.compile(r"(?:www\.)?google\.[a-z.]{2,6}"), "/url", "url"),
    (re.compile(r"l\.(?:facebook|instagram)\.com"), "", "u"),
    (re.compile(r"(?:www\.)?linkedin\.com"), "/safety/go", "url"),
    (re.compile(r"linkprotect\.cudasvc\.com"), "/url", "a"),
    (re.compile(r"slack-redir\.net"), "/link", "url"),
)
_PROOFPOINT_2 = re.compile(r"urldefense\.(?:proofpoint\.)?com")
_PROOFPOINT_3 = re.compile(r"https?://urldefense\.com/v3/__(.+?)__;[^!]*!.*", re.I)


@dataclass(frozen=True, slots=True)
class Link:
    """A numbered link of a message. `text` is what the message shows, `host` where it goes."""

    number: int
    text: str
    url: str
    host: str

    @property
    def is_misleading(self) -> bool:
        """The text names one host and the link goes to another."""
        shown = _LOOKS_LIKE_HOST.fullmatch(self.text.strip())
        if shown is None or not self.host:
            return False
        shown_host = shown[1].lower().removeprefix("www.")
        return not (
            shown_host == self.host or self.host.endswith("." + shown_host) or shown_host.endswith("." + self.host)
        )


@lru_cache(maxsize=2048)
def real_url(href: str) -> str:
    """The address behind `href` without tracking parameters; empty for anything but web, mail and phone links.

    >>> real_url("https://www.google.com/url?q=https%3A%2F%2Fcontoso.com%2F%3Fid%3D7&sa=D")
    'https://contoso.com/?id=7'
    >>> real_url("javascript:alert(1)")
    ''
    """
    url = _NOT_IN_URL.sub("", href)[: 4 * _LONGEST_URL]
    for _ in range(_MOST_WRAPPERS):
        inner = _unwrapped(url)
        if inner is None:
            break
        url = _NOT_IN_URL.sub("", inner)
    parts = _split(url)
    if parts is None or parts.scheme.lower() not in _SCHEMES:
        return ""
    return _without_tracking(url)[:_LONGEST_URL]


def host_of(url: str) -> str:
    """The host in lower case without `www.`, in ASCII (`xn--`) form; empty if there is none.

    >>> host_of("https://www.Contoso.com/report")
    'contoso.com'
    """
    parts = _split(url)
    if parts is None:
        return ""
    try:
        host = parts.hostname or ""
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except (UnicodeError, ValueError):
        return ""
    return host.removeprefix("www.")


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _unwrapped(url: str) -> str | None:
    parts = _split(url)
    if parts is None or not parts.netloc:
        return None
    host = (parts.hostname or "").lower()
    if proofpoint := _PROOFPOINT_3.fullmatch(url):
        return proofpoint[1]
    if _PROOFPOINT_2.fullmatch(host) and (values := _parameter(parts, "u")):
        return unquote(values.replace("-", "%").replace("_", "/"))
    for wrapper, path, parameter in _WRAPPERS:
        if wrapper.fullmatch(host) and parts.path.startswith(path) and (inner := _parameter(parts, parameter)):
            return inner
    return None


def _parameter(parts: SplitResult, name: str) -> str:
    try:
        return parse_qs(parts.query, max_num_fields=100).get(name, [""])[0]
    except ValueError:
        return ""


def _without_tracking(url: str) -> str:
    base, question, rest = url.partition("?")
    if not question or base.lower().startswith("mailto:"):
        return base
    query, hash_sign, fragment = rest.partition("#")
    kept = [pair for pair in query.split("&") if pair and not _TRACKING.match(pair)]
    return base + ("?" + "&".join(kept) if kept else "") + hash_sign + fragment
