"""What cannot be read is told by its place, and what may hold a secret is never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlook_mcp.config import Configuration, GivenConfiguration
from outlook_mcp.config.file import write_settings
from outlook_mcp.config.reading import overridden_in_file, similar_variables
from outlook_mcp.config.rule import Stage
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.identity.scopes import TOOLSETS


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def refused(monkeypatch: pytest.MonkeyPatch, file: Path, content: bytes) -> str:
    file.write_bytes(content)
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", str(file))
    with pytest.raises(ConfigurationError) as no:
        Configuration.load()
    return str(no.value)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("STORE", "tape:hunter2", "sqlite:, sqlite:PATH, redis://"),
        ("STORE", "redis://x:hunter2@store:99999", "a port in it is not 1 to 65535"),
        ("CLIENTS", '[{"secret": "hunter2"', "a list of clients, in a variable as JSON"),
        ("CLIENTS", '{"secret": "hunter2"}', "a list: in the file a table headed [[clients]] for each"),
    ],
)
def test_a_value_that_may_hold_a_secret_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(f"OUTLOOK_MCP_{name}", value)
    with pytest.raises(ConfigurationError) as no:
        Configuration.load()
    assert str(no.value).startswith(f"OUTLOOK_MCP_{name}: read a secret; expected ")
    assert expected in str(no.value)
    assert "hunter2" not in str(no.value)


def test_one_table_in_the_place_of_a_list_of_clients_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "settings.toml"
    said = refused(monkeypatch, path, b'[clients]\nclient_id = "x"\nsecret = "hunter2"')
    assert (
        said == f"clients in {path}: read a secret; expected a list: in the file a table headed [[clients]] for each."
    )


def test_clients_are_read_from_a_variable_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTLOOK_MCP_CLIENTS", '[{"client_id": "x", "name": "X"}]')
    assert [client.name for client in Configuration.load().clients] == ["X"]


def test_a_file_that_is_no_text_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    assert refused(monkeypatch, path, b'tenant = "\xff"').startswith(f"{path}: not UTF-8.")


def test_a_file_with_a_byte_order_mark_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b'\xef\xbb\xbftenant = "consumers"\r\n')
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", str(path))
    assert Configuration.load().tenant == "consumers"


def test_spaces_around_a_value_and_its_case_where_none_matters_are_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TENANT", " Common"), ("READ_ONLY", "true "), ("TOOLSETS", "Mail_Read")):
        monkeypatch.setenv(f"OUTLOOK_MCP_{name}", value)
    read = Configuration.load()
    assert (read.tenant, read.read_only, read.toolsets) == ("common", True, ("mail-read",))


def test_all_toolsets_have_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTLOOK_MCP_TOOLSETS", "all")
    assert Configuration.load().toolsets == TOOLSETS


def test_the_password_of_an_address_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTLOOK_MCP_PUBLIC_URL", "https://me:hunter2@mail.example.com")
    with pytest.raises(ConfigurationError, match=r"read 'https://\[redacted\]@mail.example.com'") as told:
        Configuration.load()
    assert "hunter2" not in str(told.value)


def test_a_default_that_cannot_be_used_is_told_as_it_would_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", __file__)
    with pytest.raises(ConfigurationError, match=f"OUTLOOK_MCP_DATA_DIR: read '{__file__}/outlook-mcp'"):
        Configuration.load()


def test_a_folder_in_the_place_of_the_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OUTLOOK_MCP_CONFIG", raising=False)
    (tmp_path / "outlook-mcp" / "config.toml").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="config.toml: cannot be read: "):
        Configuration.load()


@pytest.mark.parametrize(
    ("client", "said"),
    [
        ('client_id = "x"', "clients.0.name in {path}: nothing was read; expected a value."),
        (
            'client_id = "x"\nname = "X"\nsecrets = "hunter2"',
            "clients.0.secrets in {path}: read a secret; expected no setting of this name.",
        ),
        (
            'client_id = "x"\nname = "X"\ngrant_types = ["jwt-bearer"]',
            "clients.0.grant_types.0 in {path}: read a secret; expected 'authorization_code', 'refresh_token' or "
            "'urn:ietf:params:oauth:grant-type:jwt-bearer'.",
        ),
    ],
)
def test_a_wrong_client_is_told_by_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, client: str, said: str
) -> None:
    path = tmp_path / "settings.toml"
    assert refused(monkeypatch, path, f"[[clients]]\n{client}".encode()) == said.format(path=path)


def test_domains_of_redirects_are_a_list_or_the_word_none() -> None:
    def read(value: str) -> tuple[str, ...] | None:
        return GivenConfiguration.model_validate({"redirect_domains": value}).redirect_domains

    assert (read("Claude.ai, vscode.dev"), read("none")) == (("claude.ai", "vscode.dev"), ())
    assert GivenConfiguration.model_validate({}).redirect_domains is None
    for wrong in ("none claude.ai", "*.claude.ai", "@claude.ai", "https://claude.ai"):
        with pytest.raises(ValueError, match="or the word none"):
            read(wrong)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OUTLOOK_MCP_PORT", "tcp://10.96.0.7:8080"),
        ("OUTLOOK_MCP_SERVICE_HOST", "10.96.0.7"),
        ("OUTLOOK_MCP_STORE_SERVICE_PORT_REDIS", "6379"),
        ("OUTLOOK_MCP_STORE_PORT_6379_TCP_ADDR", "10.96.0.7"),
    ],
)
def test_variables_that_kubernetes_sets_for_a_service_are_told_as_such(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=rf"^{name}: .*enableServiceLinks: false in the spec of the pod"):
        Configuration.load()


def test_a_secret_that_is_too_short_is_told_in_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTLOOK_MCP_METRICS_TOKEN", "hunter2")
    with pytest.raises(ConfigurationError, match=r"TOKEN: read a secret; expected at least 16 characters\.$"):
        Configuration.load()


def test_wrong_values_and_broken_rules_of_every_stage_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written = {
        "PORT": "many",
        "MANAGED_IDENTITY": "0d3a6f5e-1111-4222-8333-444455556666",
        "KEY_SOURCE": "environment",
        "BEHIND_TLS_PROXY": "maybe",
    }
    for name, value in written.items():
        monkeypatch.setenv(f"OUTLOOK_MCP_{name}", value)
    with pytest.raises(ConfigurationError) as told:
        Configuration.load({"host": "0.0.0.0"}, Stage.SIGN_IN, Stage.VAULT, Stage.HTTP)
    lines = str(told.value).splitlines()
    assert [line.partition(":")[0].removeprefix("OUTLOOK_MCP_") for line in lines] == [
        *("PORT", "BEHIND_TLS_PROXY"),
        *("CLIENT_ID", "MANAGED_IDENTITY", "MASTER_KEY", "PUBLIC_URL", "CLIENT_SECRET"),
    ]
    # That HOST is wrong cannot be known before BEHIND_TLS_PROXY can be read.
    monkeypatch.setenv("OUTLOOK_MCP_BEHIND_TLS_PROXY", "false")
    with pytest.raises(ConfigurationError, match="OUTLOOK_MCP_HOST: read '0.0.0.0'"):
        Configuration.load({"host": "0.0.0.0"}, Stage.SIGN_IN, Stage.VAULT, Stage.HTTP)


def test_unknown_names_and_wrong_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PROT", "80"), ("STOER", "sqlite:"), ("PORT", "many"), ("TENANT", "x y")):
        monkeypatch.setenv(f"OUTLOOK_MCP_{name}", value)
    with pytest.raises(ConfigurationError) as told:
        Configuration.load()
    lines = str(told.value).splitlines()
    assert [line.partition(":")[0].removeprefix("OUTLOOK_MCP_") for line in lines] == [
        "PROT",
        "STOER",
        "TENANT",
        "PORT",
    ]


def test_a_variable_in_small_letters_is_refused_since_only_part_of_the_program_would_read_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("outlook_mcp_read_only", "true")
    with pytest.raises(ConfigurationError) as no:
        Configuration.load()
    assert str(no.value) == "outlook_mcp_read_only: no such setting. Did you mean OUTLOOK_MCP_READ_ONLY?"


def test_a_name_that_a_program_gave_is_not_looked_for_in_the_file() -> None:
    with pytest.raises(ConfigurationError) as no:
        Configuration.load({"tennant": "common"})
    assert str(no.value) == "tennant: no such setting. Did you mean tenant?"


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("OUTLOOK_CLIENT_ID", "OUTLOOK_MCP_CLIENT_ID"),
        ("OUTLOOK_MPC_TENANT", "OUTLOOK_MCP_TENANT"),
        ("OUTLOOKMCP_TENANT", "OUTLOOK_MCP_TENANT"),
        ("OULTOOK_MCP_OIDC_CLIENT_ID", "OUTLOOK_MCP_OIDC_CLIENT_ID"),
    ],
)
def test_a_variable_whose_beginning_is_misspelt_is_asked_back(
    monkeypatch: pytest.MonkeyPatch, name: str, asked: str
) -> None:
    for other in ("MAIL_CLIENT_ID", "MCP_PORT", "AZURE_TENANT", "OUTLOOK_HOME", "OUTLOOK_MCP_PROFILE"):
        monkeypatch.setenv(other, "x")
    monkeypatch.setenv(name, "x")
    said = f"{name} is not read, since its name does not begin with OUTLOOK_MCP_. Did you mean {asked}?"
    assert list(similar_variables(Configuration)) == [said]


def test_variables_that_override_another_value_of_the_file_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('tenant = "a.example"\nread_only = true\ntoolsets = ["mail-read", "mail-write"]\nport = 9000\n')
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", str(path))
    for name, value in {"TENANT": "b.example", "READ_ONLY": "true", "TOOLSETS": "mail-read mail-write"}.items():
        monkeypatch.setenv(f"OUTLOOK_MCP_{name}", value)
    assert overridden_in_file() == ["OUTLOOK_MCP_TENANT"]


def test_a_setting_that_stands_in_the_file_twice_is_told_as_that(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = refused(monkeypatch, tmp_path / "settings.toml", b'tenant = "common"\ntenant = "a.example"\n')
    assert "A setting of that name stands above already: remove one of the two." in said


def test_a_path_may_begin_with_the_home_folder_in_variables_and_files_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "mine.toml").write_text('data_dir = "~/data"\nfederated_token_file = "~/mine.toml"\n')
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", "~/mine.toml")
    settings = Configuration.load()
    assert settings.data_dir == tmp_path / "data"
    assert settings.federated_token_file == tmp_path / "mine.toml"
    monkeypatch.setenv("OUTLOOK_MCP_DATA_DIR", "~nobody-of-this-name/data")
    with pytest.raises(ConfigurationError, match="~nobody-of-this-name is the home of no user of this machine"):
        Configuration.load()


def test_settings_are_written_where_a_link_leads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As those keep their files who have them in a repository of their own."""
    kept, link = tmp_path / "kept.toml", tmp_path / "config.toml"
    kept.write_text('client_id = "old"\n')
    link.symlink_to(kept)
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", str(link))
    write_settings({"client_id": "new"})
    assert (link.is_symlink(), kept.read_text()) == (True, 'client_id = "new"\n')


KEY = f"-----BEGIN PRIVATE KEY-----\n{'hunter2' * 100}/\n-----END PRIVATE KEY-----\n"
FLAT_KEY, TOKEN = "-----BEGIN PRIVATE KEY-----hunter2/hunter2-----END PRIVATE KEY-----", "hunter2" * 200


@pytest.mark.parametrize("content", [KEY, FLAT_KEY, TOKEN], ids=["several lines", "lines made one", "one long line"])
@pytest.mark.parametrize(
    "name",
    [
        *("CLIENT_CERTIFICATE", "CA_FILE", "TLS_CERTIFICATE", "FEDERATED_TOKEN_FILE", "AUDIT_CHECKPOINT", "DATA_DIR"),
        *("FILE_FOLDERS", "CONFIG"),
    ],
)
def test_the_content_of_a_file_in_the_place_of_its_path_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, content: str
) -> None:
    monkeypatch.setenv(f"OUTLOOK_MCP_{name}", content)
    with pytest.raises(ConfigurationError) as no:
        Configuration.load({"client_id": "11111111-2222-3333-4444-555555555555"})
    assert f"OUTLOOK_MCP_{name}: read a secret; expected " in str(no.value)
    assert "path" in str(no.value)
    assert "hunter2" not in str(no.value)
