"""Where a link goes: without the redirectors around it and without tracking parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from outlook_mcp.errors.counting import counted
from outlook_mcp.text.redirectors import unwrapped

# Followed by no mail program, or no more than a sign that a program found a date or a number in the text.
_SCRIPTS = frozenset({"javascript", "vbscript", "livescript", "data"})
_PARTS = frozenset({"file", "cid", "mid", "about", "blob", "filesystem", "view-source"})
_FOUND_BY_PROGRAMS = frozenset({"x-apple-data-detectors", "applewebdata", "x-webdoc", "webkit-fake-url"})
_NO_LINKS = _SCRIPTS | _PARTS | _FOUND_BY_PROGRAMS
_SCHEME = re.compile(r"[a-z][a-z\d+-]+")
_LONGEST_URL = 16_000
_SHOWN_OF_A_LONGER_ONE = 2_000
_MOST_WRAPPERS = 5
# Only whole names that mean nothing else: a parcel's number may stand in a parameter called trknbr.
_TRACKING = frozenset(
    [
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "utm_term",
        "utm_content",
        "utm_id",
        "utm_name",
        "utm_reader",
        "utm_brand",
        "utm_social",
        "utm_swu",
        "utm_source_platform",
        "utm_creative_format",
        "utm_marketing_tactic",
        "utm_campaignid",
        "utm_pubreferrer",
        "utm_viz_id",
        "fbclid",
        "gclid",
        "gclsrc",
        "dclid",
        "gbraid",
        "wbraid",
        "msclkid",
        "yclid",
        "twclid",
        "ttclid",
        "li_fat_id",
        "igshid",
        "igsh",
        "mc_cid",
        "mc_eid",
        "mkt_tok",
        "_hsenc",
        "_hsmi",
        "__hssc",
        "__hstc",
        "__hsfp",
        "hsctatracking",
        "hsa_acc",
        "hsa_cam",
        "hsa_grp",
        "hsa_ad",
        "hsa_src",
        "hsa_tgt",
        "hsa_kw",
        "hsa_mt",
        "hsa_net",
        "hsa_ver",
        "vero_id",
        "vero_conv",
        "oly_enc_id",
        "oly_anon_id",
        "wickedid",
        "elqtrackid",
        "elqtrack",
        "elqaid",
        "elqat",
        "elqcampaignid",
        "ck_subscriber_id",
        "rb_clickid",
        "_openstat",
        "ml_subscriber",
        "ml_subscriber_hash",
        "trk_contact",
        "trk_msg",
        "trk_module",
        "trk_sid",
    ]
)
# Who changes a signed address breaks it, so names that only contain one of these count as well.
_SIGNATURE = re.compile(
    r"sig|hmac|mac|md5|sha|digest|hash|check|crc|token|auth|jwt|key|seal|secret|secur|verif|valid|proof|ticket|nonce|otp"
    r"|expir|hdn(?:ts|ea|tl)"
)
# Whole names, which are too short to be looked for in others.
_SIGNATURES = frozenset({"s", "h", "k", "t", "st", "sg", "cs", "vc", "exp", "code"})
# What may be a digest or a key in any parameter: hexadecimal or Base64 digits of 64 bits or more.
_DIGEST = re.compile(r"[0-9a-f]{16,}|(?=\D*\d)(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])(?:[\w~.+/=-]|%2[bBfF]|%3[dD]){20,}")
# A text that is a host or address as a whole, and an address within a text.
_HOST = r"((?:[\w-]+\.)+(?:xn--[a-z\d-]+|[^\W\d_]{2,}))"
_LOOKS_LIKE_HOST = re.compile(rf"{_HOST}(?:[/:?#]\S*)?", re.I)
_ADDRESS_IN_TEXT = re.compile(rf"(?:https?://|\bwww\.)(?:[^\s/?#@]*@)?{_HOST}", re.I)
_FILE_NAME = re.compile(
    r".+\.(?:pdf|docx?|xlsx?|pptx?|zip|jpe?g|png|gif|txt|csv|html?|md|json|xml|ics|eml|msg|exe|mov)", re.I
)
_NEVER_IN_URL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
# What browsers write for these in an address.
_ESCAPED = {" ": "%20", "<": "%3C", ">": "%3E", '"': "%22"}
_TO_ESCAPE = re.compile(r"[\s<>\"]")
_WRITTEN_WHOLE = re.compile(r"(?:https?://|www\.)[^/\\]", re.I)
# A name of a host as the user before `@`, a number, and letters and dots that browsers take for those of ASCII.
_ODD_HOST = re.compile(
    r"https?://(?:(?=[^/?#@]*@)[^/?#@.]*\.|(?:[^/?#@]*@)?(?:0x[\da-f]+|\d+)(?=[:/?#]|\Z)|[^/?#]*[\uff01-\uff5e\u3002])",
    re.I,
)
_SPECIAL = re.compile(r"(https?):[\\/]*", re.I)


@dataclass(frozen=True, slots=True)
class Link:
    """A numbered link of a message. `text` is what the message shows, `host` where it goes.

    `original` is the address as the message has it, cut when it is long; empty when it is `url` itself.
    """

    number: int
    text: str
    url: str
    host: str
    original: str = ""

    @property
    def is_disguised(self) -> bool:
        """The message writes a web address so that its host cannot be read in it: with backslashes, as a part, behind
        the name of another host and `@`, as one number, or in letters and dots that browsers take for others.
        """
        if _ODD_HOST.match(self.url):
            return True
        return bool(self.original) and self.url.startswith("http") and not _WRITTEN_WHOLE.match(self.original)

    @property
    def is_misleading(self) -> bool:
        """The text names one host and the link goes to another."""
        text = self.text.strip()
        shown = _ADDRESS_IN_TEXT.search(text)
        if shown is None and not _FILE_NAME.fullmatch(text):
            shown = _LOOKS_LIKE_HOST.fullmatch(text)
        if shown is None or not self.host:
            return False
        host = _ascii_host(shown[1].lower()).removeprefix("www.")
        return not (host == self.host or self.host.endswith("." + host) or host.endswith("." + self.host))


@lru_cache(maxsize=2048)
def real_url(href: str, base: str = "") -> str:
    """The address behind `href` without tracking parameters; empty for what is no link to anywhere, such as a script.

    A relative address counts from `base`, if there is one. An address too long to be shown is cut and says so.

    >>> real_url("https://www.google.com/url?q=https%3A%2F%2Fcontoso.com%2F%3Fid%3D7&sa=D")
    'https://contoso.com/?id=7'
    >>> real_url("javascript:alert(1)")
    ''
    """
    url = _resolved(_cleaned(href), base)
    for _ in range(_MOST_WRAPPERS):
        inner = unwrapped(url)
        if inner is None:
            break
        url = _resolved(_cleaned(inner), "")
    parts = _split(url)
    scheme = parts.scheme.lower() if parts is not None else ""
    if scheme in _NO_LINKS or not _SCHEME.fullmatch(scheme):
        return ""
    url = _without_tracking(scheme + url[len(scheme) :])
    return _cut(url) if len(url) > _LONGEST_URL else url


def original_url(href: str, url: str) -> str:
    """The address as the message has it, at most 2,000 characters and marked when cut; empty if it is `url`.

    >>> original_url("https://contoso.com/?id=7&utm_source=x", "https://contoso.com/?id=7")
    'https://contoso.com/?id=7&utm_source=x'
    """
    original = _cleaned(href)
    # An address that is too long stands cut in `url` already.
    if url in (original, _cut(original)):
        return ""
    return _cut(original) if len(original) > _SHOWN_OF_A_LONGER_ONE else original


def _cut(url: str) -> str:
    return f"{url[:_SHOWN_OF_A_LONGER_ONE]}[cut here, so it cannot be used: {counted(len(url), 'character')}]"


def _cleaned(href: str) -> str:
    """As browsers read it: without control characters and the spaces around it, others escaped."""
    return _TO_ESCAPE.sub(lambda found: _ESCAPED.get(found[0], ""), _NEVER_IN_URL.sub("", href.strip()))


def _resolved(url: str, base: str) -> str:
    """As browsers read it: backslashes are slashes, `//host` takes the scheme of the page, others count from `base`."""
    if found := _SPECIAL.match(url):
        rest, mark, behind = _before_query(url[found.end() :])
        return f"{found[1].lower()}://{rest.replace(chr(92), '/')}{mark}{behind}"
    if url[:2] in ("//", "\\\\", "/\\", "\\/"):
        scheme = "http" if base.lower().startswith("http:") else "https"
        return _resolved(f"{scheme}:{url}", "")
    if base and not re.match(r"[a-zA-Z][\w+.-]*:", url):
        return urljoin(_resolved(base, ""), url)
    return f"http://{url}" if url[:4].lower() == "www." else url


def _before_query(url: str) -> tuple[str, str, str]:
    found = re.search(r"[?#]", url)
    return (url[: found.start()], found[0], url[found.end() :]) if found else (url, "", "")


def host_of(url: str) -> str:
    """The host in lower case without `www.`, in ASCII (`xn--`) form; empty if there is none.

    >>> host_of("https://www.Contoso.com/report")
    'contoso.com'
    """
    parts = _split(url)
    if parts is None:
        return ""
    try:
        return _ascii_host(parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _ascii_host(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _without_tracking(url: str) -> str:
    base, question, rest = url.partition("?")
    if not question or "#" in base:
        return url
    query, hash_sign, fragment = rest.partition("#")
    pairs = query.split("&")
    names = [pair.partition("=")[0].lower() for pair in pairs]
    if _TRACKING.isdisjoint(names) or any(map(_is_signature, names, pairs)):
        return url
    kept = [pair for pair, name in zip(pairs, names, strict=True) if name not in _TRACKING]
    return base + ("?" + "&".join(kept) if kept else "") + hash_sign + fragment


def _is_signature(name: str, pair: str) -> bool:
    """Whether a parameter of this name, in lower case, may sign the others; those of trackers never do.

    >>> _is_signature("token_signature", ""), _is_signature("ml_subscriber_hash", "")
    (True, False)
    >>> _is_signature("x", "x=5d41402abc4b2a76b9719d911017c592"), _is_signature("x", "x=winter-sale-2026-last-days")
    (True, False)
    """
    if name in _TRACKING:
        return False
    is_named_so = name in _SIGNATURES or _SIGNATURE.search(unquote(name)) is not None
    return is_named_so or _DIGEST.fullmatch(pair.partition("=")[2]) is not None
