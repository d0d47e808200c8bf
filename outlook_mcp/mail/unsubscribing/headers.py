"""What the header of a message says of unsubscribing, and whether a signature vouches for it (RFC 2369, RFC 8058)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from outlook_mcp.mail.models import Header
from outlook_mcp.net.addresses import has_only_url_characters

_URI = re.compile(r"<\s*([^<>]*?)\s*>")
_COMMENT = re.compile(r"\([^()]*\)")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@(?:[\w-]+\.)+[\w-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")
_DKIM_PASS = re.compile(r"dkim\s*=\s*(\w+)(.*)", re.IGNORECASE | re.DOTALL)
_SIGNING_DOMAIN = re.compile(r"header\.(?:d|i)\s*=\s*([^\s;]+)", re.IGNORECASE)
_ONE_CLICK = "list-unsubscribe=one-click"
_COVERED = {"list-unsubscribe", "list-unsubscribe-post"}
_LONGEST_URL = 2_000
_LONGEST_SUBJECT = 255
_LONGEST_BODY = 2_000
_MOST_URIS = 20

# Whether a valid signature covers both headers, as RFC 8058 wants; unknown where no server has told what it found.
Vouched = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class UnsubscribeMail:
    """The message that a `mailto` address asks for."""

    to: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribeWays:
    """How to unsubscribe: by one request to `one_click`, by `mail`, or at `pages` that a person opens.

    `refused` says why an address in the header is not used.
    """

    one_click: str | None = None
    mail: UnsubscribeMail | None = None
    pages: Sequence[str] = ()
    vouched: Vouched = "unknown"
    refused: Sequence[str] = ()
    has_header: bool = False


def unsubscribe_ways(headers: Sequence[Header]) -> UnsubscribeWays:
    """Read from all headers of a message.

    >>> ways = unsubscribe_ways([
    ...     Header(name="List-Unsubscribe", value="<https://l.example/u?x=1>, <mailto:u@l.example?subject=out>"),
    ...     Header(name="List-Unsubscribe-Post", value="List-Unsubscribe=One-Click"),
    ... ])
    >>> ways.one_click, ways.mail, ways.vouched
    ('https://l.example/u?x=1', UnsubscribeMail(to='u@l.example', subject='out', body=''), 'unknown')
    """
    written = _values(headers, "list-unsubscribe")
    posts = _values(headers, "list-unsubscribe-post")
    # RFC 8058 wants one of each; of several nobody knows which one a signature covers.
    has_post = len(posts) == 1 and "".join(posts[0].split()).lower() == _ONE_CLICK
    uris = _URI.findall(" ".join(written))[:_MOST_URIS] if len(written) == 1 else []
    refused = ["the header List-Unsubscribe is there more than once"] if len(written) > 1 else []
    one_click, pages = None, []
    for uri in uris:
        scheme = uri.partition(":")[0].lower()
        if scheme == "mailto":
            continue
        reason = _refusal(uri, scheme)
        if reason:
            refused.append(reason)
        elif has_post and one_click is None:
            one_click = uri
        else:
            pages.append(uri)
    mails = [mail for uri in uris if (mail := _mail_of(uri)) is not None]
    return UnsubscribeWays(
        one_click=one_click,
        mail=mails[0] if mails else None,
        pages=pages,
        vouched=_vouched(headers),
        refused=refused,
        has_header=bool(written),
    )


def _values(headers: Sequence[Header], name: str) -> list[str]:
    return [" ".join((header.value or "").split()) for header in headers if header.name.lower() == name]


def _refusal(uri: str, scheme: str) -> str:
    """Why a web address is not used; "" for one that may be."""
    if scheme == "http":
        return "an http address, which anybody on the way can read"
    if scheme != "https" or len(uri) > _LONGEST_URL or not has_only_url_characters(uri):
        return "an address that is not https"
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "an address that cannot be read"
    if not host or "." not in host or parts.username is not None or port not in (None, 443) or _is_number(host):
        return "an https address with a password, a port or no host name"
    return ""


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.rpartition(".")[2].isdecimal()
    return True


def _mail_of(uri: str) -> UnsubscribeMail | None:
    """A `mailto` address (RFC 6068). Other recipients and headers that it names are left out."""
    scheme, _, rest = uri.partition(":")
    if scheme.lower() != "mailto":
        return None
    to, _, query = rest.partition("?")
    address = unquote(to).strip()
    if not _ADDRESS.fullmatch(address):
        return None
    # In a mailto address a plus is a plus.
    fields = {name.lower(): value for name, value in reversed(parse_qsl(query.replace("+", "%2B"), max_num_fields=20))}
    subject = " ".join(_CONTROL.sub(" ", fields.get("subject", "")).split())[:_LONGEST_SUBJECT]
    return UnsubscribeMail(address, subject, _CONTROL.sub(" ", fields.get("body", ""))[:_LONGEST_BODY])


def _vouched(headers: Sequence[Header]) -> Vouched:
    results = _values(headers, "authentication-results")
    if not results:
        return "unknown"
    # Only the first: the receiving server puts its own above those that a sender wrote.
    domains = set()
    for part in _COMMENT.sub("", results[0]).split(";"):
        found = _DKIM_PASS.match(part.strip())
        if found and found[1].lower() == "pass":
            domains |= {domain.rpartition("@")[2].lower() for domain in _SIGNING_DOMAIN.findall(found[2])}
    covers = any(
        tags.get("d", "").lower() in domains
        and {name.strip().lower() for name in tags.get("h", "").split(":")} >= _COVERED
        for tags in map(_tags, _values(headers, "dkim-signature"))
    )
    return "yes" if covers else "no"


def _tags(signature: str) -> dict[str, str]:
    """The tags of a DKIM-Signature header (RFC 6376)."""
    pairs = (part.partition("=") for part in signature.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs}
