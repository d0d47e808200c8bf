"""The rules on who may use a server of many users; a part of the table in `rules`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from outlook_mcp.config.conditions import admits_everybody
from outlook_mcp.config.rule import Rule, limited
from outlook_mcp.config.settings import Settings


def _open_tenant(tenant: str, admitted: str) -> Rule:
    return limited(
        "TENANT",
        when="AUTH is not oidc, and ALLOWED_TENANTS, ALLOWED_DOMAINS and ALLOWED_USERS are empty",
        needs="the id of one tenant, or ALLOWED_TENANTS or ALLOWED_USERS besides",
        because=f"anybody with {admitted} is let in",
        is_broken=lambda s: s.tenant == tenant and admits_everybody(s),
        warns=True,
    )


def _unverified_addresses(setting: str, instead: str, addresses: Callable[[Settings], Sequence[str]]) -> Rule:
    """The address in a token of Entra ID, `preferred_username`, can change and is no more than what its tenant writes.

    https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
    """
    return limited(
        setting,
        when="OIDC_ISSUER is not set",
        needs=instead,
        because="addresses count only where OIDC_ISSUER has verified them: the one in a token of Entra ID can change, "
        "and its tenant can write any",
        is_broken=lambda s: s.oidc_issuer is None and bool(addresses(s)),
    )


def _written_as_address(users: Sequence[str]) -> list[str]:
    return [user for user in users if ":" not in user]


_BY_KEY = "each user as tenant:object id, both of which the Entra admin center shows"
ADMISSION: tuple[Rule, ...] = (
    _unverified_addresses("ALLOWED_DOMAINS", "ALLOWED_TENANTS in its place", lambda s: s.allowed_domains),
    _unverified_addresses("ALLOWED_USERS", _BY_KEY, lambda s: _written_as_address(s.allowed_users)),
    _unverified_addresses("DENIED_DOMAINS", "DENIED_TENANTS in its place", lambda s: s.denied_domains),
    _unverified_addresses("DENIED_USERS", _BY_KEY, lambda s: _written_as_address(s.denied_users)),
    _open_tenant("common", "any Microsoft account"),
    _open_tenant("organizations", "a Microsoft account of any organization"),
    _open_tenant("consumers", "a personal Microsoft account"),
)
