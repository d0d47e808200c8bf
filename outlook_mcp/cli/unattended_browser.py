"""A browser without a person: follows redirects, presses the button that allows, and has cookies of its own."""

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
    """For demos and tests against the sandbox, whose Entra ID signs in the user of `login_hint` without a password."""

    def __init__(self) -> None:
        self._http = httpx.AsyncClient(timeout=DEADLINE_S, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def follow_until(self, url: str, redirect_uri: str) -> dict[str, str]:
        """Opens `url` and goes on until it is redirected to `redirect_uri`; the parameters of that redirect.

        Raises SignInRefused when it ends on a page without a form.
        """
        request = self._http.build_request("GET", url)
        for _ in range(MOST_STEPS):
            response = await self._http.send(request)
            target = _redirect_target(response)
            if target is not None and target.partition("?")[0] == redirect_uri:
                return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
            request = self._http.build_request("GET", target) if target is not None else self._submit_form(response)
        raise SignInRefused(f"The sign-in took more than {MOST_STEPS} steps.")

    def _submit_form(self, response: httpx.Response) -> httpx.Request:
        page = LexborHTMLParser(response.text)
        form = page.css_first("main form, form")
        if form is None:
            raise SignInRefused(f"The sign-in ended with status {response.status_code}: {_text(page)}")
        action = urljoin(str(response.url), form.attributes.get("action") or "")
        return self._http.build_request("POST", action, data=_form_data(form))


def _redirect_target(response: httpx.Response) -> str | None:
    """Where the response sends the browser, by redirect or `Refresh`; None when it stays."""
    location = response.headers.get("location") if response.is_redirect else None
    target = location or response.headers.get("refresh", "").partition("url=")[2]
    return urljoin(str(response.url), target) if target else None


def _form_data(form: LexborNode) -> dict[str, str]:
    """The fields of the form with its first button, which is the one that allows on every page here."""
    fields = (*form.css("input[name]"), *form.css("button[name]")[:1])
    return {str(field.attributes["name"]): field.attributes.get("value") or "" for field in fields}


def _text(page: LexborHTMLParser) -> str:
    main = page.css_first("main") or page.body
    return " ".join(main.text(separator=" ").split())[:300] if main is not None else ""
