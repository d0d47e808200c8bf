"""Who signed in: the id token of Entra, believed only after every check."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

from pydantic import SecretStr

from outlook_mcp.errors import SignInRefused
from outlook_mcp.identity.user import Identity, UserKey
from outlook_mcp.net.verification_keys import VerificationKey, VerificationKeys
from outlook_mcp.oauth.entra.metadata import TENANT_PLACEHOLDER

ALGORITHM = "RS256"
LEEWAY_S = 300
# The longest mail address (RFC 5321, 4.5.3.1).
LONGEST_TEXT = 320


async def validate_id_token(
    token: SecretStr, keys: VerificationKeys, *, client_id: str, issuer: str, nonce: SecretStr | None
) -> Identity:
    """Checks signature (RS256 only), audience, issuer, times (5 minutes of leeway) and nonce.

    `issuer` is the discovery document's; `{tenantid}` in it stands for the token's own tenant. `nonce` is None in the
    device code flow, which has none.

    Raises:
        SignInRefused: a check failed; the message says which, never what the token holds.
        SignInUnavailable: the signing keys could not be fetched.
    """
    import jwt  # 100 ms of start-up that only a sign-in should pay

    raw = token.get_secret_value()
    key = await _key_of(raw, keys)
    try:
        claims: dict[str, Any] = jwt.decode(
            raw,
            key.key,
            algorithms=[ALGORITHM],
            audience=client_id,
            leeway=LEEWAY_S,
            options={"require": ["exp", "iat", "iss", "aud", "tid", "oid"], "strict_aud": True},
        )
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError):
        raise SignInRefused(
            "The id token is not valid at this time.", next_step="Check the clock of this machine and sign in again."
        ) from None
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise SignInRefused(f"The id token failed a check ({type(error).__name__}).") from None
    _check_nonce(claims, nonce)
    return _identity(claims, issuer, key.issuer)


async def _key_of(token: str, keys: VerificationKeys) -> VerificationKey:
    import jwt

    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise SignInRefused("The id token cannot be read.") from None
    if header.get("alg") != ALGORITHM or not isinstance(header.get("kid"), str):
        raise SignInRefused("The id token is not signed the way Entra ID signs.")
    key = await keys.find(header["kid"])
    if key is None or ALGORITHM not in key.algorithms:
        raise SignInRefused("The id token is signed with a key that Entra ID does not publish.")
    return key


def _identity(claims: dict[str, Any], issuer: str, key_issuer: str | None) -> Identity:
    tid = claims["tid"]
    user = UserKey.of_entra(tid, claims["oid"])
    if user is None:
        raise SignInRefused("The id token names no person of Entra ID.")
    if f"/{tid}/" not in claims["iss"]:
        raise SignInRefused("The id token names another tenant than its issuer.")
    for expected in (issuer, key_issuer):
        if expected is not None and claims["iss"] != expected.replace(TENANT_PLACEHOLDER, tid):
            raise SignInRefused("The id token comes from another issuer.")
    return Identity(user, text_of(claims.get("preferred_username")), text_of(claims.get("name")))


def _check_nonce(claims: dict[str, Any], nonce: SecretStr | None) -> None:
    if nonce is None:
        return
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.get_secret_value().encode()):
        raise SignInRefused("The id token does not belong to this sign-in.")


def text_of(value: object) -> str:
    """A claim for showing: what of it can be printed, at most 320 characters."""
    return "".join(letter for letter in value if letter.isprintable())[:LONGEST_TEXT] if isinstance(value, str) else ""


def require_same_person(token: SecretStr | None, user: UserKey) -> None:
    """Raises SignInRefused when a refreshed id token is another person's.

    It came straight from Entra over TLS, which OpenID Connect Core 3.1.3.7 (6) accepts in place of its signature.
    """
    if token is not None and _person_of(token.get_secret_value()) != user:
        raise SignInRefused("Entra ID answered for another person; nothing was kept.")


def _person_of(token: str) -> UserKey | None:
    """By its claims alone; None when it names nobody."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return UserKey.of_entra(claims["tid"], claims["oid"])
    except (IndexError, KeyError, TypeError, ValueError):
        return None
