"""What is read from the claims of an id token without verifying it again."""

from __future__ import annotations

import base64
import json

from pydantic import SecretStr

from outlook_mcp.errors import SignInRefused
from outlook_mcp.identity.user import UserKey

# The longest mail address (RFC 5321, 4.5.3.1).
LONGEST_TEXT = 320


def displayable(claim: object) -> str:
    """The printable characters of a text claim, at most 320 of them; "" for anything but a text.

    >>> displayable("Alice\\n Archer")
    'Alice Archer'
    >>> displayable(["Alice"])
    ''
    """
    return "".join(letter for letter in claim if letter.isprintable())[:LONGEST_TEXT] if isinstance(claim, str) else ""


def require_same_person(id_token: SecretStr | None, user: UserKey) -> None:
    """Raises SignInRefused when the id token of a refresh names another user than `user`.

    The token came directly from Entra over TLS, which OpenID Connect Core 3.1.3.7 (6) accepts instead of checking its
    signature.
    """
    if id_token is not None and _user_of(id_token.get_secret_value()) != user:
        raise SignInRefused("Entra ID answered for another person; nothing was stored.")


def _user_of(id_token: str) -> UserKey | None:
    """The user whom the claims name, None when they name no user of Entra ID."""
    try:
        payload = id_token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return UserKey.of_entra(claims["tid"], claims["oid"])
    except (IndexError, KeyError, TypeError, ValueError):
        return None
