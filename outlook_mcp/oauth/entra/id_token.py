"""Validates the id tokens of Entra ID. Loads PyJWT, so it is imported at the first request to Entra."""

from __future__ import annotations

import hmac
from typing import Any

import jwt
from pydantic import SecretStr

from outlook_mcp.errors import SignInRefused
from outlook_mcp.identity.user import Identity, UserKey
from outlook_mcp.net.verification_keys import VerificationKey, VerificationKeys
from outlook_mcp.oauth.entra.identity_claims import displayable
from outlook_mcp.oauth.entra.metadata import TENANT_PLACEHOLDER

ALGORITHM = "RS256"
# How far the clock of this machine may differ from that of Entra ID.
LEEWAY_S = 300


async def validate_id_token(
    token: SecretStr, keys: VerificationKeys, *, client_id: str, issuer: str, nonce: SecretStr | None
) -> Identity:
    """The person of the token, after its signature (RS256 only), audience, issuer, times and nonce were checked.

    `issuer` is that of the discovery document; `{tenantid}` in it stands for the token's own tenant. `nonce` is None in
    the device code flow, which has none. Times have 5 minutes of leeway.

    Raises:
        SignInRefused: a check failed; the message says which, and nothing that the token contains.
        SignInUnavailable: the signing keys could not be fetched.
    """
    raw = token.get_secret_value()
    key = await _verification_key(raw, keys)
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


async def _verification_key(token: str, keys: VerificationKeys) -> VerificationKey:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise SignInRefused("The id token cannot be read.") from None
    if header.get("alg") != ALGORITHM or not isinstance(header.get("kid"), str):
        raise SignInRefused("The id token is not signed with RS256 and a named key.")
    key = await keys.find_key(header["kid"])
    if key is None or ALGORITHM not in key.algorithms:
        raise SignInRefused("The id token is signed with a key that Entra ID does not publish.")
    return key


def _identity(claims: dict[str, Any], issuer: str, key_issuer: str | None) -> Identity:
    tid = claims["tid"]
    user = UserKey.of_entra(tid, claims["oid"])
    if user is None:
        raise SignInRefused("The id token names no user of Entra ID.")
    if f"/{tid}/" not in claims["iss"]:
        raise SignInRefused("The id token names another tenant than its issuer.")
    for expected in (issuer, key_issuer):
        if expected is not None and claims["iss"] != expected.replace(TENANT_PLACEHOLDER, tid):
            raise SignInRefused("The id token comes from another issuer.")
    return Identity(user, displayable(claims.get("preferred_username")), displayable(claims.get("name")))


def _check_nonce(claims: dict[str, Any], nonce: SecretStr | None) -> None:
    if nonce is None:
        return
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.get_secret_value().encode()):
        raise SignInRefused("The id token does not belong to this sign-in.")
