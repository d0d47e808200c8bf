"""The table of rules: every row has a configuration that breaks it, and an error that says all there is to know."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from outlook_mcp.config import PREFIX, Configuration, GivenConfiguration
from outlook_mcp.config.rule import Rule, Stage
from outlook_mcp.config.rules import RULES
from outlook_mcp.config.settings import Settings
from outlook_mcp.errors import ConfigurationError

GUID = "11111111-2222-3333-4444-555555555555"
ISSUER, LOGIN = "https://id.corp.example", "https://login.microsoftonline.com"
TENANT_ISSUER = f"{LOGIN}/{GUID}/v2.0"
HTTP = {"public_url": "http://127.0.0.1:8080"}
OIDC = HTTP | {"auth": "oidc", "oidc_issuer": ISSUER, "oidc_client_id": "outlook"}
ENTRA = HTTP | {"auth": "entra", "client_secret": "hush", "tenant": GUID}
SECRET = {"client_secret": "hush"}
AGENT = {"client_id": "agent", "name": "Agent"}
NOTHING = "nothing was read"
BESIDE_THE_LOG = os.path.join(tempfile.gettempdir(), "audit.log")

# Settings that break a rule, the setting that its error names, and what was read of it.
EXAMPLES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "CLIENT_ID", NOTHING),
    ({"client_proof": "certificate"}, "CLIENT_CERTIFICATE", NOTHING),
    ({"client_certificate": "PAIR"}, "CLIENT_CERTIFICATE", "read 'PAIR'"),
    ({"managed_identity": GUID}, "MANAGED_IDENTITY", f"read '{GUID}'"),
    ({"client_proof": "workload-identity"}, "FEDERATED_TOKEN_FILE", NOTHING),
    ({"client_proof": "managed-identity", "client_secret": "hush"}, "CLIENT_SECRET", "read a secret"),
    ({"toolsets": "mail-send", "read_only": True}, "TOOLSETS", "read 'mail-send'"),
    ({"toolsets": "mail-read mail-send", "read_only": True}, "TOOLSETS", "read 'mail-read mail-send'"),
    ({"directory": True, "tenant": "consumers"}, "DIRECTORY", "read 'true'"),
    ({"key_source": "environment"}, "MASTER_KEY", NOTHING),
    ({"master_key": "A" * 43 + "="}, "MASTER_KEY", "read a secret"),
    (
        {"data_dir": tempfile.gettempdir(), "audit_checkpoint": BESIDE_THE_LOG},
        "AUDIT_CHECKPOINT",
        f"read {BESIDE_THE_LOG!r}",
    ),
    (HTTP | {"audit_store": True, "store": "rediss://:hush@store"}, "AUDIT_KEPT_FILES", NOTHING),
    ({}, "PUBLIC_URL", NOTHING),
    (HTTP | {"host": "0.0.0.0"}, "HOST", "read '0.0.0.0'"),
    ({"public_url": "https://mail.example.com"}, "PUBLIC_URL", "read 'https://mail.example.com'"),
    (HTTP | {"behind_tls_proxy": True, "host": "::"}, "PUBLIC_URL", "read 'http://127.0.0.1:8080'"),
    ({"public_url": "http://[::1]:8080"}, "PUBLIC_URL", "read 'http://[::1]:8080'"),
    ({"public_url": "http://127.0.0.1:9000"}, "PUBLIC_URL", "read 'http://127.0.0.1:9000'"),
    (HTTP | {"behind_tls_proxy": True}, "TRUSTED_PROXIES", NOTHING),
    ({"auth": "oidc"}, "OIDC_ISSUER", NOTHING),
    ({"oidc_client_id": "outlook"}, "OIDC_ISSUER", NOTHING),
    ({"oidc_client_secret": "hush"}, "OIDC_ISSUER", NOTHING),
    ({"oidc_issuer": ISSUER}, "OIDC_CLIENT_ID", NOTHING),
    (HTTP | {"audience": "api://x"}, "AUDIENCE", "read 'api://x'"),
    (OIDC | {"assertion_issuers": ISSUER}, "ASSERTION_ISSUERS", f"read '{ISSUER}'"),
    (OIDC | {"change_notifications": True}, "CHANGE_NOTIFICATIONS", "read 'true'"),
    (OIDC | {"clients": [AGENT]}, "CLIENTS", "read 'agent'"),
    (HTTP | {"clients": [AGENT, AGENT]}, "CLIENTS", "read 'agent'"),
    *(
        (
            HTTP | {"clients": [AGENT | {"redirect_uris": ["https://a.example/", uri]}]},
            "CLIENTS",
            f"read {uri!r} of the client 'agent'",
        )
        for uri in ("javascript:alert(1)", "http://evil.example/", "https://a.example/#x", "x")
    ),
    (HTTP | {"assertion_issuers": f"{TENANT_ISSUER} {LOGIN}/common"}, "ASSERTION_ISSUERS", f"read '{LOGIN}/common'"),
    (HTTP | {"assertion_issuers": f"{TENANT_ISSUER} {ISSUER}"}, "ASSERTION_ISSUERS", f"read '{ISSUER}'"),
    (OIDC | {"auth": "own"}, "OIDC_ISSUER", f"read '{ISSUER}'"),
    (ENTRA | {"oidc_issuer": ISSUER, "oidc_client_id": "outlook"}, "OIDC_ISSUER", f"read '{ISSUER}'"),
    (ENTRA | {"client_secret": ""}, "CLIENT_SECRET", NOTHING),
    (HTTP, "CLIENT_SECRET", NOTHING),
    (ENTRA | {"tenant": "contoso.example"}, "TENANT", "read 'contoso.example'"),
    (ENTRA | {"tenant": "organizations"}, "TENANT", "read 'organizations'"),
    (HTTP | {"dynamic_registration": False, "client_documents": False}, "CLIENTS", NOTHING),
    *(
        (HTTP | {"tenant": GUID, f"{which}_{whom}": value}, f"{which}_{whom}".upper(), f"read '{value}'")
        for which in ("allowed", "denied")
        for whom, value in (("domains", "contoso.example"), ("users", "bob@contoso.example"))
    ),
    (HTTP, "TENANT", "read 'common'"),
    (HTTP | {"tenant": "consumers"}, "TENANT", "read 'consumers'"),
]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    trustme.CA().issue_cert("mail.example").private_key_and_cert_chain_pem.write_to_path("PAIR")


def breaking(rule: Rule) -> Iterator[tuple[ConfigurationError, str]]:
    """The errors of a rule for its examples, and what each must say was read."""
    for given, setting, read in EXAMPLES:
        error = rule.violation(Settings.load(given)) if setting == rule.setting else None
        if error is not None and f"{setting}: {read};" in error.message:
            yield error, read


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.setting} when {rule.only_when}")
def test_a_broken_rule_names_setting_value_expectation_and_the_setting_that_asks_for_it(rule: Rule) -> None:
    errors = list(breaking(rule))
    assert errors, "no example breaks this rule"
    others = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} - {f"{PREFIX}{rule.setting}"}
    for error, read in errors:
        start, _, because = error.message.partition(", because ")
        assert start.startswith(f"{PREFIX}{rule.setting}: {read}; expected ")
        # Only the client id is needed whatever else is set.
        assert any(other in error.message for other in others) == (rule.setting != "CLIENT_ID")
        assert because.endswith(".")
        assert "{" not in str(error)
        assert "hush" not in str(error)


@pytest.mark.parametrize(("given", "setting", "read"), EXAMPLES)
def test_every_example_breaks_a_rule(given: dict[str, Any], setting: str, read: str) -> None:
    settings = Settings.load(given)
    errors = [error for rule in RULES if (error := rule.violation(settings)) is not None]
    assert any(f"{PREFIX}{setting}: {read}; " in error.message for error in errors)


@pytest.mark.parametrize(
    "given",
    [
        HTTP | {"tenant": GUID, "authority": "http://127.0.0.1:8765"},
        SECRET
        | HTTP
        | {"tenant": GUID, "clients": [AGENT, {**AGENT, "client_id": "b", "redirect_uris": ["cursor://a/b"]}]},
        SECRET | OIDC,
        ENTRA,
        SECRET | OIDC | {"auth": "own", "assertion_issuers": f"{TENANT_ISSUER} {ISSUER}", "allowed_tenants": GUID},
        SECRET
        | {"public_url": "https://mail.example.com", "tls_certificate": "PAIR", "host": "0.0.0.0", "tenant": GUID},
        SECRET
        | HTTP
        | {"port": 9000, "trusted_proxies": "127.0.0.1", "tenant": GUID, "denied_users": f"{GUID}:{GUID}"},
        SECRET | OIDC | {"allowed_domains": "contoso.example", "denied_users": "bob@contoso.example"},
        {"client_proof": "certificate", "client_certificate": "PAIR", **HTTP, "allowed_users": f"{GUID}:{GUID}"},
        SECRET | HTTP | {"tenant": GUID, "audit_store": True},
        SECRET | HTTP | {"tenant": GUID, "audit_store": True, "store": "rediss://store", "audit_kept_files": 20},
    ],
)
def test_a_configuration_that_can_work_breaks_none_and_is_not_warned_of(given: dict[str, Any]) -> None:
    configuration = Configuration.load({"client_id": GUID, **given})
    for stage in Stage:
        configuration.check_rules(stage)
        assert configuration.warnings(stage) == ()


def test_a_rule_between_settings_is_checked_wherever_they_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="OUTLOOK_MCP_OIDC_ISSUER: nothing was read"):
        GivenConfiguration.model_validate({"auth": "oidc"})
    monkeypatch.setenv("OUTLOOK_MCP_AUTH", "oidc")
    with pytest.raises(ConfigurationError, match="OUTLOOK_MCP_OIDC_ISSUER: nothing was read"):
        Configuration.load()


def test_a_rule_of_one_command_stops_no_other() -> None:
    configuration = Configuration.load({"audience": "api://x", "key_source": "environment"})
    configuration.check_rules(Stage.LOADED)
    with pytest.raises(ConfigurationError, match="MASTER_KEY: nothing was read"):
        configuration.require_master_key()
    with pytest.raises(ConfigurationError, match="PUBLIC_URL: nothing was read"):
        configuration.require_web()


def test_all_broken_rules_of_a_server_are_told_at_once() -> None:
    configuration = Configuration.load({"audience": "api://x", "key_source": "environment", "host": "0.0.0.0"})
    with pytest.raises(ConfigurationError) as told:
        configuration.require_web()
    lines = str(told.value).splitlines()
    for name in ("CLIENT_ID", "MASTER_KEY", "PUBLIC_URL", "HOST", "AUDIENCE", "CLIENT_SECRET"):
        assert len([line for line in lines if line.startswith(f"{PREFIX}{name}: ")]) == 1
