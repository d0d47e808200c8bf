"""Finds out before a person is sent to a browser whether Entra ID lets the app sign people in.

Entra ID shows most mistakes in an app registration on a page of its own and sends nobody back, so a program that waits
for the browser would wait in vain. The device code endpoint names wrong client ids, tenants and account types; the
authorization endpoint with `prompt=none` names wrong redirect addresses and needs no person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from outlook_mcp.errors import SignInError
from outlook_mcp.net.json_answer import PageAnswer
from outlook_mcp.oauth.entra.errors import aadsts_number, sign_in_error

# What no sign-in in a browser can get past, whoever signs in. Everything else may be about this request alone: a
# public client flow that is switched off, for example, stops device codes but no browser.
HOPELESS = frozenset(
    {
        *(50011, 50059, 50194, 500113, 90002, 900023, 700016, 700038, 700054, 7000112),
        *(70011, 500011, 650053, 9002326, 9002331, 9002332, 9002346),
    }
)
_IN_PAGE = re.compile(r"AADSTS(\d{4,8}):")


def refusal_of_request(
    body: Mapping[str, object], *, scopes: tuple[str, ...], is_server: bool = False
) -> SignInError | None:
    """The error for an answer of the device code endpoint that no sign-in would get past, else None."""
    return sign_in_error(body, scopes=scopes, is_server=is_server) if aadsts_number(body) in HOPELESS else None


def refusal_of_page(
    answer: PageAnswer, redirect_uri: str, *, scopes: tuple[str, ...], is_server: bool = False
) -> SignInError | None:
    """The error for an answer of the authorization endpoint that no sign-in would get past, else None.

    With `prompt=none` a right request is sent back to `redirect_uri`, with an error that asks for a person.

    >>> page = PageAnswer(200, "", "AADSTS50011: The redirect URI does not match")
    >>> str(refusal_of_page(page, "http://localhost/callback", scopes=()))[:60]
    'The redirect address is not registered (AADSTS50011). Add ht'
    >>> refusal_of_page(PageAnswer(200, "", "Pick an account"), "http://localhost/callback", scopes=()) is None
    True
    """
    if answer.location.partition("?")[0] == redirect_uri:
        body = dict(parse_qsl(urlsplit(answer.location).query))
        return refusal_of_request(body, scopes=scopes, is_server=is_server)
    numbers = [int(number) for number in _IN_PAGE.findall(answer.text)]
    hopeless = next((number for number in numbers if number in HOPELESS), None)
    if hopeless is None:
        return None
    return sign_in_error({"error_description": f"AADSTS{hopeless}"}, scopes=scopes, is_server=is_server)
