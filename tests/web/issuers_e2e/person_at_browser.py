"""A person with a browser, over real sockets: follows links, redirects and forms."""

from __future__ import annotations

from typing import Self
from urllib.parse import urljoin

import httpx

from tests.web.pages.person import Shown

MOST_STEPS = 12


class Person:
    """`hint` is the account they choose wherever Microsoft asks; `went` is where the browser was, in order."""

    def __init__(self, hint: str) -> None:
        self.hint = hint
        self.went: list[httpx.URL] = []
        self._http = httpx.AsyncClient(timeout=15, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def open(self, url: str) -> Shown:
        return await self._arrive(self._http.build_request("GET", url))

    async def press(self, page: Shown, button: str) -> Shown:
        """A button by its words."""
        form = page.form(button)
        name, value = form.buttons[button]
        fields = {**form.fields, **({name: value} if name else {})}
        return await self._arrive(self._http.build_request("POST", form.action, data=fields))

    async def _arrive(self, request: httpx.Request) -> Shown:
        for _ in range(MOST_STEPS):
            self.went.append(request.url)
            response = await self._http.send(request)
            onward = response.headers.get("location") or response.headers.get("refresh", "").partition("url=")[2]
            page = Shown(str(response.url), response.status_code, response.text, response.headers)
            if onward:
                request = self._http.build_request("GET", urljoin(page.url, onward))
            elif (choice := self._choice(page)) is not None:
                request = choice
            else:
                return page
        raise AssertionError("the browser goes round in circles")

    def _choice(self, page: Shown) -> httpx.Request | None:
        """Picks the account at Microsoft, where a page offers it."""
        for form in page.forms:
            if "/oauth2/v2.0/authorize" in form.action and any(self.hint in words for words in form.buttons):
                return self._http.build_request("POST", form.action, data={**form.fields, "user": self.hint})
        return None


async def connects(link: str, hint: str) -> Shown:
    """Opens the link of a tool's answer, signs in there and goes on to Microsoft; the last page."""
    async with Person(hint) as person:
        page = await person.press(await person.open(link), "Sign in")
        return await person.press(page, "Go on to Microsoft")
