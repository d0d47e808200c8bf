"""Which settings have an effect in one way of serving only, and which of those were given where they have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from outlook_mcp.config.reading import where_read
from outlook_mcp.config.settings import Settings

# The commands of an administrator use some of these too.
OVER_HTTP = (
    *("public_url", "host", "port", "tls_certificate", "behind_tls_proxy", "trusted_proxies", "stateless", "auth"),
    *("audience", "oidc_issuer", "oidc_client_id", "oidc_client_secret", "assertion_issuers", "dynamic_registration"),
    *("client_documents", "redirect_domains", "clients", "token_minutes", "session_days", "requests_per_minute"),
    *("requests_at_once", "change_notifications", "metrics_token"),
)
OVER_STDIO = ("profile", "scopes", "file_folders")


def without_effect(settings: Settings, flags: Mapping[str, Any], *, over_http: bool) -> Iterator[str]:
    """A sentence with the fix for each setting that was given, and that this way of serving does not use."""
    if over_http:
        used_by, fix = "serving over stdio", "Remove it, or serve without --http."
    else:
        used_by, fix = "`serve --http`", "Remove it, or serve with --http."
    for name in OVER_STDIO if over_http else OVER_HTTP:
        if name in settings.model_fields_set:
            yield f"{where_read(name, flags)}: only {used_by} uses it, so it has no effect here. {fix}"
