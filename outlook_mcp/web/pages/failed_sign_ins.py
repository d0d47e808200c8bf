"""What the log says of a sign-in that failed, so that an administrator can help whoever saw the page."""

from __future__ import annotations

import logging

from outlook_mcp.errors import OutlookError
from outlook_mcp.web.pages.wording import display_text

_log = logging.getLogger(__name__)


def log_failed_sign_in(error: OutlookError, *, person: str, client: str) -> None:
    """A warning with who may be meant, for which client, and the error with Entra's code and trace id.

    Nobody has proved to be `person`: it is who is signed in at the browser, or whom the client suggested. Both names
    may come from outside, so they are logged as pages show them.
    """
    names = display_text(person) or "unknown", display_text(client) or "unknown"
    _log.warning("A sign-in failed. Person, not verified: %s. Client: %s. %s", *names, error.message)
