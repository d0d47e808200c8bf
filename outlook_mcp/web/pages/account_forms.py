"""What all forms of the account page have in common."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from outlook_mcp.identity.user import UserKey
from outlook_mcp.web.pages.page import Refusal, Visit
from outlook_mcp.web.pages.rendering import redirect

ACCOUNT_PATH = "/account"
TO_ACCOUNT = (ACCOUNT_PATH, "Go to your account")


def signed_in_user(visit: Visit) -> UserKey:
    """Whose account it is; never taken from a form."""
    if visit.browser.account is None:
        raise Refusal(
            HTTPStatus.FORBIDDEN, "You are signed out", "Nothing was changed.", next_step="Sign in.", link=TO_ACCOUNT
        )
    return visit.browser.account.user


def done() -> Response:
    """Back to the page, which shows the change."""
    return redirect(ACCOUNT_PATH, status=303)
