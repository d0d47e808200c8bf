"""Verifies signed JWTs of an issuer: the checks that are the same for all kinds of tokens (RFC 8725)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from outlook_mcp.net.verification_keys import ALGORITHMS
from outlook_mcp.web.issuers.issuer import Issuer, of_tenant

# How far the clocks of two servers may differ.
LEEWAY_S = 60
LONGEST_TOKEN = 16_384
# Raised by some versions of PyJWT for malformed tokens: bytes that are no text, infinite times, deep nesting.
_UNREADABLE = (ValueError, TypeError, OverflowError, RecursionError)


class TokenRefused(Exception):
    """A check failed; the message says which one, without any content of the token."""


@dataclass(frozen=True, slots=True)
class TokenKind:
    """The `typ` headers that are accepted, in lower case without `application/` ("" for none), and required claims."""

    types: frozenset[str]
    required: tuple[str, ...]


def unverified_issuer(token: str) -> str:
    """The `iss` of a token, only to choose whose keys verify it. Raises TokenRefused."""
    _check_length(token)
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except (jwt.PyJWTError, *_UNREADABLE):
        issuer = None
    if not isinstance(issuer, str):
        raise TokenRefused("it names no issuer")
    return issuer


async def verified_claims(
    token: str, issuer: Issuer, *, kind: TokenKind, audiences: Collection[str]
) -> Mapping[str, Any]:
    """The claims, after checking type, algorithm, key, signature, issuer, audience and times.

    Raises:
        TokenRefused: a check failed.
        SignInUnavailable: the issuer's keys could not be fetched.
    """
    header = _checked_header(token, kind)
    key = await issuer.find_key(header["kid"])
    if key is None or header["alg"] not in key.algorithms:
        raise TokenRefused("it is signed with no key of the issuer")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[header["alg"]],
            audience=list(audiences),
            leeway=LEEWAY_S,
            options={"require": ["exp", "iat", "iss", "aud", *kind.required]},
        )
    except (jwt.PyJWTError, *_UNREADABLE) as error:
        raise TokenRefused(f"it failed a check ({type(error).__name__})") from None
    if "cnf" in claims:
        # Accepted as a bearer token it could be used without the key that it is bound to (RFC 9449, 7.1).
        raise TokenRefused("it is bound to a key of the client")
    _check_times(claims)
    for expected in ((await issuer.metadata()).issuer, key.issuer):
        if expected is not None and claims["iss"] != of_tenant(expected, claims.get("tid")):
            raise TokenRefused("it comes from another issuer")
    return claims


def _checked_header(token: str, kind: TokenKind) -> Mapping[str, Any]:
    _check_length(token)
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, *_UNREADABLE):
        raise TokenRefused("it cannot be read") from None
    if str(header.get("typ", "")).lower().removeprefix("application/") not in kind.types:
        raise TokenRefused("it has another type")
    if str(header.get("alg")) not in ALGORITHMS or not isinstance(header.get("kid"), str):
        raise TokenRefused("it is signed in a way that is not accepted")
    return header


def _check_length(token: str) -> None:
    if len(token) > LONGEST_TOKEN:
        raise TokenRefused("it is too long")


def _check_times(claims: Mapping[str, Any]) -> None:
    """PyJWT also accepts times that are not numbers, such as strings and booleans."""
    times = (claims["exp"], claims["iat"])
    if any(isinstance(time, bool) or not isinstance(time, int | float) or time < 0 for time in times):
        raise TokenRefused("its times are not valid")
