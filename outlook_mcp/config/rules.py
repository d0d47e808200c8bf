"""The one table of rules between settings. Values of a single setting are checked by its type, in `values`."""

from __future__ import annotations

from collections.abc import Iterator

from outlook_mcp.config.admission_rules import ADMISSION
from outlook_mcp.config.app_rules import APP
from outlook_mcp.config.conditions import (
    is_other_host,
    is_other_port,
    is_reachable_from_elsewhere,
    issuer_without_sign_in,
    misnamed_entra_issuer,
    refused_redirect,
    repeated_client_id,
    serves_plain_http,
)
from outlook_mcp.config.rule import Rule, Stage, limited, needed, unused
from outlook_mcp.config.settings import Settings
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.net.addresses import is_loopback

_NO_TLS = "neither TLS_CERTIFICATE nor BEHIND_TLS_PROXY is set"
_HOW_TO_GET_TLS = "Set TLS_CERTIFICATE, or BEHIND_TLS_PROXY=true when a proxy terminates TLS."


def violations(settings: Settings, stage: Stage, *, warns: bool = False) -> Iterator[ConfigurationError]:
    """The errors of the broken rules of this stage, in the order of the table; with `warns`, of those that warn."""
    for rule in RULES:
        if rule.stage is stage and rule.warns is warns and (error := rule.violation(settings)) is not None:
            yield error


_ADDRESS: tuple[Rule, ...] = (
    needed(
        "PUBLIC_URL",
        when="`serve --http` starts",
        needs="the origin that clients reach",
        because="issuer, audience and redirect addresses are derived from it and not from HOST and PORT",
        applies=lambda s: True,
        stage=Stage.HTTP,
        next_step="On this machine alone, set PUBLIC_URL=http://127.0.0.1:{s.port}.",
    ),
    limited(
        "HOST",
        when=_NO_TLS,
        needs="an address of this machine only, such as 127.0.0.1",
        is_broken=lambda s: serves_plain_http(s) and is_reachable_from_elsewhere(s.host),
        next_step=_HOW_TO_GET_TLS,
    ),
    limited(
        "PUBLIC_URL",
        when=_NO_TLS,
        needs="an http:// address",
        is_broken=lambda s: serves_plain_http(s) and (s.public_url or "").startswith("https:"),
        next_step=_HOW_TO_GET_TLS,
    ),
    limited(
        "PUBLIC_URL",
        when="HOST can be reached from other machines",
        needs="an address that other machines reach",
        because="HOST is {s.host}",
        is_broken=lambda s: is_loopback(s.public_host) and is_reachable_from_elsewhere(s.host),
        next_step="Set PUBLIC_URL to the address that clients reach, or HOST=127.0.0.1.",
    ),
    limited(
        "PUBLIC_URL",
        when="it is an address of this machine, and neither BEHIND_TLS_PROXY nor TRUSTED_PROXIES is set",
        needs="the address that this server listens on",
        because="HOST is {s.host} and no proxy is named",
        is_broken=is_other_host,
        next_step="Set HOST={s.public_host}.",
    ),
    limited(
        "PUBLIC_URL",
        when="it is an address of this machine, and neither BEHIND_TLS_PROXY nor TRUSTED_PROXIES is set",
        needs="the port that this server listens on",
        because="PORT is {s.port} and no proxy is named",
        is_broken=is_other_port,
        next_step="Set PORT={s.public_port}, or TRUSTED_PROXIES=127.0.0.1 for a proxy on that port.",
    ),
    limited(
        "TRUSTED_PROXIES",
        when="BEHIND_TLS_PROXY is true",
        needs="the addresses of the proxy",
        because="BEHIND_TLS_PROXY is true, so all clients count as one address and can use up each other's limits",
        is_broken=lambda s: s.behind_tls_proxy and not s.trusted_proxies,
        warns=True,
    ),
)

_ISSUERS: tuple[Rule, ...] = (
    needed(
        "OIDC_ISSUER",
        when="AUTH is oidc",
        needs="the address of the issuer",
        applies=lambda s: s.auth == "oidc",
    ),
    needed(
        "OIDC_ISSUER",
        when="OIDC_CLIENT_ID is set",
        needs="the address of the issuer",
        applies=lambda s: bool(s.oidc_client_id),
    ),
    needed(
        "OIDC_ISSUER",
        when="OIDC_CLIENT_SECRET is set",
        needs="the address of the issuer",
        applies=lambda s: bool(s.oidc_client_secret),
    ),
    needed(
        "OIDC_CLIENT_ID",
        when="OIDC_ISSUER is set",
        needs="our client id at the issuer",
        applies=lambda s: s.oidc_issuer is not None,
    ),
    unused(
        "AUDIENCE",
        when="AUTH is own",
        used_by="AUTH=entra or AUTH=oidc",
        applies=lambda s: s.auth == "own",
        stage=Stage.HTTP,
    ),
    *(
        unused(
            setting,
            when="AUTH is not own",
            used_by="AUTH=own",
            applies=lambda s: s.auth != "own",
            stage=Stage.HTTP,
        )
        for setting in ("ASSERTION_ISSUERS", "CHANGE_NOTIFICATIONS", "CLIENTS")
    ),
    needed(
        "CLIENTS",
        when="AUTH is own, and DYNAMIC_REGISTRATION and CLIENT_DOCUMENTS are false",
        needs="the clients that may connect",
        because="no other client may while DYNAMIC_REGISTRATION and CLIENT_DOCUMENTS are false",
        applies=lambda s: s.auth == "own" and not (s.dynamic_registration or s.client_documents),
        stage=Stage.HTTP,
    ),
    Rule(
        "CLIENTS",
        only_when="AUTH is own",
        needs="another client_id for each client",
        because="AUTH is own, so this server finds clients by it",
        broken_value=repeated_client_id,
        stage=Stage.HTTP,
    ),
    Rule(
        "CLIENTS",
        only_when="AUTH is own",
        needs="redirect URIs with https, with http on this machine, or with a scheme of the client's own, and without"
        " fragment, user name and wildcard",
        because="AUTH is own, so this server sends browsers there with a code",
        broken_value=refused_redirect,
        stage=Stage.HTTP,
    ),
    Rule(
        "ASSERTION_ISSUERS",
        only_when="AUTH is own, and an issuer is at AUTHORITY",
        needs="{s.entra_authority}/<tenant id>/v2.0, as Entra ID names itself",
        because="AUTHORITY is {s.entra_authority}",
        broken_value=misnamed_entra_issuer,
        stage=Stage.HTTP,
    ),
    Rule(
        "ASSERTION_ISSUERS",
        only_when="AUTH is own, and an issuer is not at AUTHORITY",
        needs="issuers of Entra ID, or the one of OIDC_ISSUER",
        because="users of another issuer connect their mailboxes by signing in at OIDC_ISSUER",
        broken_value=issuer_without_sign_in,
        stage=Stage.HTTP,
        next_step="Set OIDC_ISSUER to that issuer and OIDC_CLIENT_ID, so that its users can sign in.",
    ),
    unused(
        "OIDC_ISSUER",
        when="AUTH is own, and ASSERTION_ISSUERS does not name it",
        used_by="AUTH=oidc, or an equal address in ASSERTION_ISSUERS,",
        applies=lambda s: s.auth == "own" and s.oidc_issuer not in s.assertion_issuers,
        stage=Stage.HTTP,
    ),
    unused(
        "OIDC_ISSUER", when="AUTH is entra", used_by="AUTH=oidc", applies=lambda s: s.auth == "entra", stage=Stage.HTTP
    ),
    needed(
        "CLIENT_SECRET",
        when="AUTH is entra, and CLIENT_PROOF is secret",
        needs="the app's secret",
        because="AUTH is entra",
        applies=lambda s: s.auth == "entra" and s.client_proof == "secret",
        stage=Stage.HTTP,
        next_step="Or let the app prove itself in another way: CLIENT_PROOF.",
    ),
    needed(
        "CLIENT_SECRET",
        when="AUTH is not entra, CLIENT_PROOF is secret, and AUTHORITY is not on this machine",
        needs="the app's secret",
        because="CLIENT_PROOF is secret, and Entra ID completes no sign-in of a web app without proof (AADSTS7000218)",
        applies=lambda s: s.auth != "entra" and s.client_proof == "secret" and not is_loopback(s.entra_host),
        stage=Stage.HTTP,
        next_step="Or let the app prove itself in another way: CLIENT_PROOF.",
    ),
    # Clients compare the issuer with its own metadata character by character.
    limited(
        "TENANT",
        when="AUTH is entra",
        needs="the tenant's id",
        is_broken=lambda s: s.auth == "entra" and (s.tenant == "consumers" or "." in s.tenant),
        next_step="The overview of the tenant in the Entra admin center shows it.",
    ),
    # The metadata that several tenants share names no issuer that a client could compare with ours (RFC 8414, 3.3).
    limited(
        "TENANT",
        when="AUTH is entra",
        needs="the tenant's id",
        because="AUTH is entra, and clients that look for Entra ID in our metadata can sign in only at one tenant",
        is_broken=lambda s: s.auth == "entra" and s.tenant in ("common", "organizations"),
        warns=True,
    ),
)

RULES: tuple[Rule, ...] = (*APP, *_ADDRESS, *_ISSUERS, *ADMISSION)
