"""Claims challenges of Continuous Access Evaluation, on their way from Graph to Entra."""

from __future__ import annotations

import base64
import json
from typing import Any

# Tells Entra that this client handles challenges; it then issues long-lived tokens.
# https://learn.microsoft.com/entra/identity-platform/claims-challenge
_CAPABILITIES: dict[str, Any] = {"xms_cc": {"values": ["cp1"]}}
_LONGEST = 4096


def claims_parameter(challenge: str | None) -> str:
    """The `claims` request parameter: our capabilities, and the challenge when there is one.

    `challenge` is JSON, or JSON in base64 of either alphabet, padded or not; anything else is left out.

    >>> claims_parameter(None)
    '{"access_token":{"xms_cc":{"values":["cp1"]}}}'
    """
    wanted = _parsed_claims(challenge) if challenge else {}
    access_token = wanted.get("access_token")
    wanted["access_token"] = {**(access_token if isinstance(access_token, dict) else {}), **_CAPABILITIES}
    return json.dumps(wanted, separators=(",", ":"))


def _parsed_claims(challenge: str) -> dict[str, Any]:
    text = challenge.strip().strip('"')
    if len(text) > _LONGEST:
        return {}
    try:
        if not text.startswith("{"):
            padded = text.rstrip("=").translate(str.maketrans("-_", "+/"))
            text = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True).decode()
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
