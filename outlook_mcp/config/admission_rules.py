"""The rules on who may use a server of many users; a part of the table in `rules`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from outlook_mcp.config.conditions import admits_everybody, admits_several_tenants
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


def _addresses_of_any_tenant(setting: str, instead: str, addresses: Callable[[Settings], Sequence[str]]) -> Rule:
    """The address in a token of Entra ID, `preferred_username`, is no more than what the account's tenant writes there.

    https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
    """
    return limited(
        setting,
        when="TENANT is not one tenant",
        needs=f"one tenant in TENANT besides, or {instead}",
        because="every tenant of TENANT can write any address into its tokens",
        is_broken=lambda s: admits_several_tenants(s) and bool(addresses(s)),
    )


ADMISSION: tuple[Rule, ...] = (
    _addresses_of_any_tenant("ALLOWED_DOMAINS", "ALLOWED_TENANTS in its place", lambda s: s.allowed_domains),
    _addresses_of_any_tenant(
        "ALLOWED_USERS", "each user as tenant:object id", lambda s: [user for user in s.allowed_users if "@" in user]
    ),
    _open_tenant("common", "any Microsoft account"),
    _open_tenant("organizations", "a Microsoft account of any organization"),
    _open_tenant("consumers", "a personal Microsoft account"),
)
