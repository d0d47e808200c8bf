"""A browser for one person who says yes: follows redirects, allows what is asked, and keeps its cookies to itself."""

from __future__ import annotations

from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode

from outlook_mcp.errors import SignInRefused

DEADLINE_S = 15.0
MOST_STEPS = 20


class UnattendedBrowser:
    """For demos and tests against the sandbox; `login_hint` in the address tells Entra who signs in."""

    def __init__(self) -> None:
        self._http = httpx.AsyncClient(timeout=DEADLINE_S, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def until(self, url: str, redirect_uri: str) -> dict[str, str]:
        """Opens `url` and goes on until it is sent to `redirect_uri`; the parameters that came along.

        Raises SignInRefused when it ends on a page instead.
        """
        request = self._http.build_request("GET", url)
        for _ in range(MOST_STEPS):
            response = await self._http.send(request)
            target = _sent_to(response)
            if target is not None and target.partition("?")[0] == redirect_uri:
                return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
            request = self._http.build_request("GET", target) if target is not None else self._allowing(response)
        raise SignInRefused(f"The sign-in took more than {MOST_STEPS} steps.")

    def _allowing(self, response: httpx.Response) -> httpx.Request:
        page = LexborHTMLParser(response.text)
        form = page.css_first("main form, form")
        if form is None:
            raise SignInRefused(f"The sign-in ended with status {response.status_code}: {_text(page)}")
        action = urljoin(str(response.url), form.attributes.get("action") or "")
        return self._http.build_request("POST", action, data=_pressed(form))


def _sent_to(response: httpx.Response) -> str | None:
    """Where the answer sends the browser, by redirect or by `Refresh`."""
    location = response.headers.get("location") if response.is_redirect else None
    target = location or response.headers.get("refresh", "").partition("url=")[2]
    return urljoin(str(response.url), target) if target else None


def _pressed(form: LexborNode) -> dict[str, str]:
    """What the form says when its first button is pressed: on every page here, the one that agrees."""
    pressed = (*form.css("input[name]"), *form.css("button[name]")[:1])
    return {str(field.attributes["name"]): field.attributes.get("value") or "" for field in pressed}


def _text(page: LexborHTMLParser) -> str:
    main = page.css_first("main") or page.body
    return " ".join(main.text(separator=" ").split())[:300] if main is not None else ""
