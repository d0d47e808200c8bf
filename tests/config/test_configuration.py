"""One configuration: flags over variables over the file, and every wrong value named."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError

CLIENT_ID = "11111111-2222-3333-4444-555555555555"


def write_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", str(path))
    return path


def test_a_flag_wins_over_a_variable_and_a_variable_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_file(monkeypatch, tmp_path, 'tenant = "file.example"\ncloud = "china"\nprofile = "work"\n')
    monkeypatch.setenv("OUTLOOK_MCP_TENANT", "variable.example")
    monkeypatch.setenv("OUTLOOK_MCP_CLOUD", "usgov")
    configuration = Configuration.load({"tenant": "flag.example"})
    assert (configuration.tenant, configuration.cloud, configuration.profile) == ("flag.example", "usgov", "work")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("CLIENT_ID", "my-app", "a GUID"),
        ("TENANT", "a tenant", "a tenant id, a domain"),
        ("CLOUD", "mars", "'global', 'usgov'"),
        ("GRAPH_URL", "http://graph.example/v1.0", "an https:// address"),
        ("AUTHORITY", "ftp://login.example", "an https:// address"),
        ("CA_FILE", "/nowhere/ca.pem", "a readable file"),
        ("PROFILE", "../other", "characters a-z, 0-9"),
        ("TOOLSETS", "mail-read calendar", "('calendar' is none; did you mean calendar-read?)"),
        ("READ_ONLY", "perhaps", "expected true or false."),
        ("STATELESS", "perhaps", "expected true or false."),
        ("SCOPES", "Mail.Read", "offline_access"),
        ("SCOPES", "Mail.Raed offline_access", "(Mail.Raed is none; did you mean Mail.Read?)."),
        ("SCOPES", "mail.send offline_access", "(mail.send is none; did you mean Mail.Send?)."),
        ("SCOPES", "read offline_access", "('read' is none)"),
        ("GRAPH_URL", "https://graph.example:99999/v1.0", "port"),
        ("AUTHORITY", "https://login.example:0", "port"),
        ("AUTHORITY", "https://login.microsoftonline.com/common", "without a path"),
        ("PUBLIC_URL", "https://mail.example:99999", "port"),
        ("PUBLIC_URL", "https://[mail.example", "the origin that clients reach"),
        ("PUBLIC_URL", "https://mail example.com", "the origin that clients reach"),
        ("PUBLIC_URL", "https://*.example.com", "the origin that clients reach"),
        ("PUBLIC_URL", "https://bücher.example", "an international name as xn--"),
        ("TRUSTED_PROXIES", "proxy.example", "addresses or networks"),
        ("TRUSTED_PROXIES", "10.0.0.5 0.0.0.0/0", "addresses or networks"),
        ("TRUSTED_PROXIES", "::/0", "addresses or networks"),
        ("ALLOWED_TENANTS", "contoso.onmicrosoft.com", "('contoso.onmicrosoft.com' is none)"),
        ("DENIED_TENANTS", "contoso", "tenant ids"),
        ("DENIED_DOMAINS", "*.example.com", "mail domains, such as example.com"),
        ("DENIED_DOMAINS", "mallory@example.com", "mail domains"),
        ("DENIED_USERS", "mallory", "mail addresses, or tenant:object"),
        ("DENIED_USERS", f"{CLIENT_ID}:mallory", "mail addresses, or tenant:object"),
        ("DENIED_USERS", "oidc-0123456789abcdef:uid=mallory,ou=people", "('ou=people' is none)"),
        ("CA_FILE", __file__, "a PEM file with one or more certificates"),
        ("TLS_CERTIFICATE", __file__, "a PEM file with a certificate and its private key"),
        ("CLIENT_CERTIFICATE", __file__, "a PEM file with a certificate and its private key"),
        ("DATA_DIR", f"{__file__}/data", f"{__file__} is none"),
        ("DATA_DIR", "", "a folder that can be written"),
        ("KEY_SOURCE", "pocket", "'file', 'environment' or 'keyring'"),
        ("LOG_LEVEL", "loud", "'debug'"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_what_was_read_and_what_is_expected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(f"OUTLOOK_MCP_{name}", value)
    with pytest.raises(ConfigurationError) as refused:
        Configuration.load()
    message = str(refused.value)
    assert message.startswith(f"OUTLOOK_MCP_{name}: read {value!r}; expected ")
    assert expected in message


def test_a_wrong_flag_is_named_as_the_flag() -> None:
    with pytest.raises(ConfigurationError, match="^--cloud: read 'mars'"):
        Configuration.load({"cloud": "mars"})


def test_a_wrong_value_in_the_file_names_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = write_file(monkeypatch, tmp_path, 'cloud = "mars"')
    with pytest.raises(ConfigurationError, match=f"^cloud in {path}: read 'mars'"):
        Configuration.load()


def test_an_unknown_name_is_refused_with_the_one_that_was_meant(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OUTLOOK_MCP_READONLY", "true")
    with pytest.raises(ConfigurationError, match="Did you mean OUTLOOK_MCP_READ_ONLY?"):
        Configuration.load()
    monkeypatch.delenv("OUTLOOK_MCP_READONLY")
    write_file(monkeypatch, tmp_path, "readonly = true")
    with pytest.raises(ConfigurationError, match="Did you mean read_only?"):
        Configuration.load()


def test_a_file_that_is_not_toml_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = write_file(monkeypatch, tmp_path, "cloud: global")
    with pytest.raises(ConfigurationError, match=f"^{path}: not valid TOML"):
        Configuration.load()


def test_a_named_file_that_is_missing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", "/nowhere/settings.toml")
    with pytest.raises(ConfigurationError, match="OUTLOOK_MCP_CONFIG: read '/nowhere/settings.toml'"):
        Configuration.load()


@pytest.mark.parametrize("address", ["http://127.0.0.1:8765/v1.0", "http://localhost:8765", "http://[::1]:8765"])
def test_plain_http_is_taken_for_this_machine_only(address: str) -> None:
    assert Configuration.load({"graph_url": address}).graph_url == address


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "https://graph.microsoft.com/v1.0"),
        ({"cloud": "usgov"}, "https://graph.microsoft.us/v1.0"),
        ({"graph_url": "https://graph.microsoft.us/"}, "https://graph.microsoft.us/v1.0"),
        ({"graph_url": "http://127.0.0.1:8765/v1.0"}, "http://127.0.0.1:8765/v1.0"),
        ({"graph_url": "https://proxy.example/graph/v1.0/"}, "https://proxy.example/graph/v1.0"),
    ],
)
def test_graph_is_asked_in_version_1_unless_the_address_says_otherwise(settings: dict[str, str], address: str) -> None:
    assert Configuration.load(settings).graph_base_url == address


def test_people_are_let_in_or_kept_out_by_names_they_can_have() -> None:
    given = {
        "allowed_tenants": (CLIENT_ID.upper(), "oidc-0123456789abcdef"),
        "denied_domains": ("example.com", "@xn--bcher-kva.example"),
        "denied_users": (f"{CLIENT_ID}:{CLIENT_ID}", "oidc-0123456789abcdef:auth0|Mallory", "m_y.com#EXT#@example.com"),
    }
    configuration = Configuration.load({name: " ".join(words) for name, words in given.items()})
    assert {name: getattr(configuration, name) for name in given} == given


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ("https://Mail.Example.com/", "https://mail.example.com"),
        ("https://mail.example.com:443", "https://mail.example.com"),
        ("https://mail.example.com:", "https://mail.example.com"),
        ("https://mail.example.com:08443", "https://mail.example.com:8443"),
        ("https://[2001:DB8::1]:443", "https://[2001:db8::1]"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
    ],
)
def test_the_public_address_is_spelled_as_clients_compare_it(given: str, means: str) -> None:
    assert Configuration.load({"public_url": given}).public_url == means


def test_files_with_certificates_are_taken(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("mail.example").private_key_and_cert_chain_pem.write_to_path(tmp_path / "pair.pem")
    given = {"ca_file": tmp_path / "ca.pem", "tls_certificate": tmp_path / "pair.pem"}
    configuration = Configuration.load(given)
    assert (configuration.ca_file, configuration.tls_certificate) == tuple(given.values())
    with pytest.raises(ConfigurationError, match="its private key"):
        Configuration.load({"tls_certificate": tmp_path / "ca.pem"})


def test_an_encrypted_key_is_refused_and_no_password_asked_for(tmp_path: Path) -> None:
    pair = trustme.CA().issue_cert("mail.example")
    key = load_pem_private_key(pair.private_key_pem.bytes(), None)
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hunter2"))
    (tmp_path / "pair.pem").write_bytes(sealed + pair.cert_chain_pems[0].bytes())
    with pytest.raises(ConfigurationError, match="not encrypted"):
        Configuration.load({"tls_certificate": tmp_path / "pair.pem"})


def test_a_proof_that_would_not_be_given_is_refused(tmp_path: Path) -> None:
    pair = tmp_path / "pair.pem"
    trustme.CA().issue_cert("mail.example").private_key_and_cert_chain_pem.write_to_path(pair)
    with pytest.raises(ConfigurationError) as refused:
        Configuration.load({"client_certificate": pair})
    told = f"OUTLOOK_MCP_CLIENT_CERTIFICATE: read '{pair}'; expected nothing, because only "
    assert refused.value.message == f"{told}OUTLOOK_MCP_CLIENT_PROOF=certificate uses it."
    with pytest.raises(ConfigurationError, match="only OUTLOOK_MCP_CLIENT_PROOF=managed-identity uses it"):
        Configuration.load({"managed_identity": CLIENT_ID, "client_proof": "secret"})
    for used in ({"client_certificate": pair, "client_proof": "certificate"}, {"client_proof": "managed-identity"}):
        assert Configuration.load(used).client_proof == used["client_proof"]


@pytest.mark.parametrize("name", ["Calendars.Read", "Mail.ReadWrite.Shared", "Files.ReadWrite.AppFolder"])
def test_any_permission_of_graph_may_be_asked_for(name: str) -> None:
    assert Configuration.load({"scopes": f"{name} offline_access"}).scopes == (name, "offline_access")


@pytest.mark.parametrize("value", ["hunter2", "aHVudGVyMg==", " ,,"])
def test_a_master_key_that_is_none_is_refused_at_once_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("OUTLOOK_MCP_MASTER_KEY", value)
    with pytest.raises(
        ConfigurationError, match="^OUTLOOK_MCP_MASTER_KEY: read a secret; expected one or more keys"
    ) as no:
        Configuration.load()
    assert value not in str(no.value).replace(", ", "")


def test_a_wrong_default_is_not_blamed_on_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    with pytest.raises(ConfigurationError, match="^OUTLOOK_MCP_DATA_DIR: read .*; expected a folder"):
        Configuration.load()


def test_secrets_are_neither_printed_nor_repeated_in_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTLOOK_MCP_CLIENT_SECRET", "hunter2-secret")
    key = "hunter2/" * 5 + "234="
    monkeypatch.setenv("OUTLOOK_MCP_MASTER_KEY", key)
    monkeypatch.setenv("OUTLOOK_MCP_KEY_SOURCE", "environment")
    configuration = Configuration.load()
    assert configuration.require_master_key().get_secret_value() == key
    assert "hunter2" not in repr(configuration)
    with pytest.raises(ConfigurationError) as refused:
        Configuration.load({"cloud": "mars"})
    assert "hunter2" not in str(refused.value)


def test_a_missing_client_id_says_where_to_get_one() -> None:
    assert Configuration.load({"client_id": CLIENT_ID}).require_client_id() == CLIENT_ID
    with pytest.raises(ConfigurationError, match="OUTLOOK_MCP_CLIENT_ID: nothing was read; expected the client id"):
        Configuration.load().require_client_id()


@pytest.mark.parametrize(
    ("settings", "mail"),
    [
        ({}, {"Mail.ReadWrite", "Mail.Send"}),
        ({"toolsets": "mail-read mail-write"}, {"Mail.ReadWrite"}),
        ({"toolsets": "mail-read"}, {"Mail.Read"}),
        ({"read_only": "true"}, {"Mail.Read"}),
        ({"scopes": "Mail.ReadBasic offline_access"}, {"Mail.ReadBasic"}),
    ],
)
def test_no_more_is_asked_for_than_the_offered_tools_need(settings: dict[str, str], mail: set[str]) -> None:
    asked = Configuration.load(settings).asked_permissions()
    assert {scope for scope in asked if scope.startswith("Mail.")} == mail
    assert "offline_access" in asked


@pytest.mark.parametrize(
    ("toolsets", "is_asked"), [("mail-read", False), ("contacts-write", False), ("contacts-read", True)]
)
def test_the_directory_is_asked_for_where_people_are_looked_for_and_the_setting_is_on(
    toolsets: str, is_asked: bool
) -> None:
    asked = Configuration.load({"toolsets": toolsets, "directory": "true"}).asked_permissions()
    assert ("User.ReadBasic.All" in asked) is is_asked
    assert "User.ReadBasic.All" not in Configuration.load({"toolsets": toolsets}).asked_permissions()
