"""A person with a browser that knows cookies, links and forms, and no script."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode

from outlook_mcp.web.pages.rendering import CONTENT_SECURITY_POLICY
from tests.web.pages.site import Site

MOST_STEPS = 12


@dataclass(frozen=True)
class Form:
    """As it stands in the page; `buttons` are its named buttons by what they say, unnamed ones have no name."""

    action: str
    fields: Mapping[str, str]
    buttons: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Shown:
    """The page that the browser shows, if it is one of ours or of Microsoft."""

    url: str
    status: int = 0
    text: str = ""
    headers: httpx.Headers = field(default_factory=httpx.Headers)

    @property
    def words(self) -> str:
        """What a person reads."""
        # What only stresses a part of a word is no space in it.
        body = LexborHTMLParser(re.sub(r"</?(?:strong|bdi)\b[^>]*>", "", self.text)).body
        return "" if body is None else " ".join(body.text(separator=" ").split())

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    @property
    def forms(self) -> list[Form]:
        return [_form(node, self.url) for node in LexborHTMLParser(self.text).css("form")]

    def form(self, button: str) -> Form:
        """The first with a button of these words."""
        return next(form for form in self.forms if button in form.buttons)


def link_of(answer: httpx.Response) -> str:
    """Where the only button of this page leads that is a link; "" without one."""
    link = LexborHTMLParser(answer.text).css_first("a.button")
    return "" if link is None else link.attributes["href"] or ""


# Of every answer, beside the policy for its content.
SECURITY_HEADERS = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class PageUser:
    """Follows redirects and refreshes as long as they lead to our pages or Microsoft's."""

    def __init__(self, public_url: str, entra_url: str, http: httpx.AsyncClient) -> None:
        self.public_url = public_url
        self._origins = (public_url, entra_url)
        self.http = http
        self.steps: list[str] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def open(self, url: str) -> Shown:
        return await self._arrive(await self.http.get(urljoin(self.public_url, url)))

    async def press(self, page: Shown, button: str, **typed: str) -> Shown:
        form = page.form(button)
        named = dict([form.buttons[button]]) if form.buttons[button][0] else {}
        return await self.send(form.action, {**form.fields, **named, **typed})

    async def sent_to(self, page: Shown, button: str) -> str:
        """The address that a form redirects to, without opening it."""
        form = page.form(button)
        named = dict([form.buttons[button]]) if form.buttons[button][0] else {}
        response = await self.http.post(form.action, data={**form.fields, **named})
        return response.headers["refresh"].partition("url=")[2]

    async def send(self, action: str, fields: Mapping[str, str]) -> Shown:
        return await self._arrive(await self.http.post(urljoin(self.public_url, action), data=fields))

    async def choose(self, page: Shown, upn: str) -> Shown:
        """Picks the account at Microsoft."""
        form = next(form for form in page.forms if any(upn in words for words in form.buttons))
        return await self.send(form.action, {**form.fields, "user": upn})

    async def sign_in(self, upn: str) -> Shown:
        """At the account page."""
        return await self.choose(await self.press(await self.open("/account"), "Sign in"), upn)

    async def _arrive(self, response: httpx.Response) -> Shown:
        for _ in range(MOST_STEPS):
            self.steps.append(str(response.url))
            self._check(response)
            onward = response.headers.get("location") or response.headers.get("refresh", "").partition("url=")[2]
            if not onward:
                return Shown(str(response.url), response.status_code, response.text, response.headers)
            target = urljoin(str(response.url), onward)
            if not target.startswith(self._origins):
                return Shown(target)
            response = await self.http.get(target)
        raise AssertionError("the browser goes round in circles")

    def _check(self, response: httpx.Response) -> None:
        """Every answer of ours, whatever it is."""
        if not str(response.url).startswith(self.public_url):
            return
        # They would send what a form holds to the next address (RFC 9700, 4.12).
        assert response.status_code not in (307, 308)
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert set(SECURITY_HEADERS.items()) <= set(response.headers.items())
        assert "<script" not in response.text


class Person(PageUser):
    """A user of pages that are not served on a socket."""

    def __init__(self, site: Site) -> None:
        public_url = site.settings.public_url
        ours = httpx.ASGITransport(site.application, client=("192.0.2.9", 1))
        http = httpx.AsyncClient(mounts={public_url: ours}, trust_env=False)
        super().__init__(public_url, site.sandbox.http_url, http)

    def _check(self, response: httpx.Response) -> None:
        super()._check(response)
        if str(response.url).startswith(self.public_url):
            assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def _form(node: LexborNode, base: str) -> Form:
    fields = {
        field.attributes["name"] or "": field.attributes.get("value") or ""
        for field in node.css("input")
        if field.attributes.get("name")
    }
    buttons = {
        button.text(separator=" ").strip(): (button.attributes.get("name") or "", button.attributes.get("value") or "")
        for button in node.css("button")
    }
    return Form(urljoin(base, node.attributes.get("action") or ""), fields, buttons)
