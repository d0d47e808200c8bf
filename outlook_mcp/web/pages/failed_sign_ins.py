"""What the log says of a sign-in that failed, so that an administrator can help whoever saw the page."""

from __future__ import annotations

import json
import logging

from outlook_mcp.errors import OutlookError
from outlook_mcp.web.pages.wording import display_text

# Of an https address that is the id of a client.
_LONGEST_ID = 512
_log = logging.getLogger(__name__)


def log_failed_sign_in(error: OutlookError, *, person: str, client: str, client_id: str = "") -> None:
    """A warning with who may be meant, for which client, and the error with Entra's code and trace id.

    Nobody has proved to be `person`: it is who is signed in at the browser, or whom the client suggested. What others
    may have chosen stands in quotes, without what pages would not show, and the id of the client beside its name, so
    that no name can say more than that it is one.
    """
    called = json.dumps(display_text(client), ensure_ascii=False) if client else "unknown"
    if client_id:
        called = f"{called} with the id {json.dumps(display_text(client_id, _LONGEST_ID), ensure_ascii=False)}"
    suggested = json.dumps(display_text(person), ensure_ascii=False) if person else "unknown"
    _log.warning("A sign-in failed: %s Person, not verified: %s. Client: %s.", error.message, suggested, called)
