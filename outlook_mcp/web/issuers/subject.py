"""The user whom the verified claims of a token name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from outlook_mcp.identity.user import Identity, UserKey
from outlook_mcp.oauth.entra.identity_claims import displayable
from outlook_mcp.web.issuers.issuer import Issuer
from outlook_mcp.web.issuers.signed_token import TokenRefused

# OpenID Connect Core, 2: at most 255 ASCII characters.
_SUBJECT = re.compile(r"[!-~]{1,255}")


def subject_of(issuer: Issuer, claims: Mapping[str, Any], *, vouches_for_email: bool = False) -> Identity:
    """The user, with mail address and name. Raises TokenRefused when the claims name no user.

    `vouches_for_email` accepts an `email` without `email_verified`, for issuers that vouch for every address.
    """
    name = displayable(claims.get("name"))
    if issuer.is_entra:
        return Identity(_entra_user(claims), displayable(claims.get("preferred_username")), name)
    # An unverified address must not count: its domain may decide whether the user is admitted.
    is_verified = claims.get("email_verified", vouches_for_email) is True
    address = displayable(claims.get("email")) if is_verified else ""
    return Identity(_oidc_user(issuer, claims), address, name or displayable(claims.get("preferred_username")))


def _entra_user(claims: Mapping[str, Any]) -> UserKey:
    user = UserKey.of_entra(claims.get("tid"), claims.get("oid"))
    if user is None:
        raise TokenRefused("it names no user of Entra ID")
    if f"/{claims['tid']}/" not in str(claims["iss"]):
        raise TokenRefused("it names another tenant than its issuer")
    return user


def _oidc_user(issuer: Issuer, claims: Mapping[str, Any]) -> UserKey:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise TokenRefused("it names no subject")
    # Where one issuer serves several tenants, a subject is unique only within its tenant.
    realm = issuer.address if "tenant" not in claims else f"{issuer.address}\n{claims['tenant']}"
    return UserKey.of_issuer(realm, subject)
