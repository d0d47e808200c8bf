"""Shared by the forms of the account page: whose account it is, and where a form returns to."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from outlook_mcp.identity.user import UserKey
from outlook_mcp.web.pages.page import PageRequest, Refusal
from outlook_mcp.web.pages.rendering import redirect

ACCOUNT_PATH = "/account"
ACCOUNT_LINK = (ACCOUNT_PATH, "Go to your account")


def signed_in_user(request: PageRequest) -> UserKey:
    """The user of the browser session, never one that a form names. Raises Refusal when nobody is signed in."""
    if request.browser.account is None:
        raise Refusal(
            HTTPStatus.FORBIDDEN, "You are signed out", "Nothing was changed.", next_step="Sign in.", link=ACCOUNT_LINK
        )
    return request.browser.account.user


def redirect_to_account() -> Response:
    """After a form: shows the account page with the change."""
    return redirect(ACCOUNT_PATH, status=303)
