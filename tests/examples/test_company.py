"""The company example fits the server: its settings are taken, its addresses agree with each other."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from outlook_mcp.config import Configuration
from outlook_mcp.config.rule import Stage
from outlook_mcp.web.http.health import LIVE_PATH, READY_PATH
from outlook_mcp.web.http.serving import DRAIN_S
from tests.lock import EXTRAS, LOCK, ROOT

COMPANY = Path(__file__).parents[2] / "examples" / "company"
COMPOSE = (COMPANY / "compose.yaml").read_text()
DOCKERFILE = (COMPANY / "Dockerfile").read_text()
FILLED_IN = {
    "PUBLIC_NAME": "mail.example.com",
    "CLIENT_ID": "6f1c1b52-0c3e-4f1e-9a55-3b1d3f0c7a01",
    "CLIENT_SECRET": "secret",
    "TENANT": "2f1f6c3e-8a7b-4d55-9c0e-1b7d5a3e9001",
    "STORE_PASSWORD": "password",
    "MASTER_KEY": base64.b64encode(bytes(32)).decode(),
    "METRICS_TOKEN": "0" * 64,
}
KUBERNETES = json.loads((COMPANY / "kubernetes.json").read_text())["items"]


def settings(folder: Path) -> dict[str, str]:
    given = dict(re.findall(r"^    (OUTLOOK_MCP_\w+): \"?([^\"\n]+)\"?$", COMPOSE, re.MULTILINE))
    filled = {name: re.sub(r"\$\{(\w+)\}", lambda found: FILLED_IN[found[1]], value) for name, value in given.items()}
    return filled | {"OUTLOOK_MCP_DATA_DIR": str(folder)}


@pytest.fixture
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configuration:
    monkeypatch.setenv("OUTLOOK_MCP_CONFIG", "/dev/null")
    for name, value in settings(tmp_path).items():
        monkeypatch.setenv(name, value)
    return Configuration.load()


def test_its_settings_are_those_of_a_server_with_replicas(configuration: Configuration) -> None:
    assert configuration.require_web().resource == "https://mail.example.com/mcp"
    assert configuration.require_master_key()
    assert configuration.is_store_shared
    assert configuration.is_stateless
    assert configuration.warnings(Stage.HTTP) == ()
    assert configuration.allowed_tenants == (configuration.tenant,)


def test_the_proxy_is_the_one_whose_headers_are_believed(configuration: Configuration) -> None:
    assert f"ipv4_address: {configuration.trusted_proxies[0].removesuffix('/32')}\n" in COMPOSE


def test_the_address_of_the_proxy_is_given_to_nobody_else(configuration: Configuration) -> None:
    found = re.search(r"subnet: ([\d./]+), ip_range: ([\d./]+)", COMPOSE)
    assert found is not None
    subnet, given_away = map(ip_network, found.groups())
    proxy = ip_address(configuration.trusted_proxies[0].removesuffix("/32"))
    assert proxy in subnet
    assert proxy not in given_away


def test_the_image_holds_the_program_and_no_secret() -> None:
    copied = [word for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE) for word in line.split()[:-1]]
    assert set(copied) == {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "examples/company/requirements.lock",
        "outlook_mcp",
    }


def test_the_user_of_the_image_may_write_where_its_volume_is_mounted() -> None:
    (folder,) = set(re.findall(r"OUTLOOK_MCP_DATA_DIR: (\S+)", COMPOSE))
    assert set(re.findall(r"audit-\d:(/[^\"]+)", COMPOSE)) == {folder}
    assert f"RUN mkdir {folder}\n" in DOCKERFILE.partition("\nUSER 1000\n")[2]


def test_the_proxy_knows_both_replicas_and_when_they_are_ready() -> None:
    caddy = (COMPANY / "Caddyfile").read_text()
    replicas = re.findall(r"^  (outlook-\d):$", COMPOSE, re.MULTILINE)
    assert f"reverse_proxy {' '.join(f'{name}:8080' for name in replicas)} " in caddy
    assert f"health_uri {READY_PATH}\n" in caddy


def test_a_replica_is_given_the_time_it_needs_to_finish() -> None:
    found = re.search(r"stop_grace_period: (\d+)s", COMPOSE)
    assert found is not None
    assert int(found[1]) > DRAIN_S


def test_the_store_never_drops_what_it_holds() -> None:
    assert "--maxmemory-policy noeviction" in COMPOSE
    assert "--appendonly yes" in COMPOSE


def test_every_value_to_fill_in_is_in_the_example_of_its_file() -> None:
    asked = set(re.findall(r"\$\{(\w+)\}", COMPOSE))
    assert asked == set(FILLED_IN)
    example = (COMPANY / ".env.example").read_text()
    assert set(re.findall(r"^(\w+)=", example, re.MULTILINE)) == asked
    for name in ("MASTER_KEY", "CLIENT_SECRET", "STORE_PASSWORD", "METRICS_TOKEN"):
        assert f"\n{name}=\n" in example


def test_the_image_takes_only_dependencies_whose_hash_fits() -> None:
    assert "--require-hashes --requirement /source/requirements.lock" in DOCKERFILE
    assert "--no-deps --no-build-isolation /source" in DOCKERFILE


def test_the_image_holds_what_its_documented_settings_need_and_what_builds_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = [*project["build-system"]["requires"]]
    for extra in EXTRAS:
        needed += project["project"]["optional-dependencies"][extra]
    locked = set(re.findall(r"^([\w.-]+)==", LOCK.read_text(), re.M))
    assert {re.match(r"[\w.-]+", requirement)[0].lower() for requirement in needed} <= locked  # type: ignore[index]


def test_every_image_of_others_is_named_with_its_digest() -> None:
    named = [
        *re.findall(r"^ARG PYTHON_IMAGE=(.+)$", DOCKERFILE, re.M),
        *re.findall(r"^    image: (.+)$", COMPOSE, re.M),
    ]
    assert [name.partition("@")[0] for name in named] == ["python:3.13-slim", "valkey/valkey:9", "caddy:2"]
    assert all(re.fullmatch(r"[\w:/.-]+@sha256:[0-9a-f]{64}", name) for name in named)
    assert re.findall("^FROM (.+)$", DOCKERFILE, re.M) == ["${PYTHON_IMAGE}"]


def test_every_limit_that_is_documented_has_its_setting() -> None:
    named = set(re.findall(r"OUTLOOK_MCP_(\w+)", (COMPANY / "README.md").read_text()))
    assert named <= {name.upper() for name in Configuration.model_fields}


class TestKubernetes:
    @staticmethod
    def pod() -> Any:
        (workload,) = [item for item in KUBERNETES if item["kind"] == "StatefulSet"]
        return workload["spec"]["template"]["spec"]

    def test_its_parts_select_the_same_pods(self) -> None:
        service, workload, budget = KUBERNETES
        labels = workload["spec"]["template"]["metadata"]["labels"]
        assert labels == service["spec"]["selector"] == budget["spec"]["selector"]["matchLabels"]
        assert labels == workload["spec"]["selector"]["matchLabels"]
        assert workload["spec"]["serviceName"] == service["metadata"]["name"]
        kinds = [(item["apiVersion"], item["kind"]) for item in KUBERNETES]
        assert kinds == [("v1", "Service"), ("apps/v1", "StatefulSet"), ("policy/v1", "PodDisruptionBudget")]

    def test_its_settings_are_those_of_a_server_with_replicas(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OUTLOOK_MCP_CONFIG", "/dev/null")
        secrets = {
            "OUTLOOK_MCP_STORE": "rediss://:password@store",
            "OUTLOOK_MCP_MASTER_KEY": FILLED_IN["MASTER_KEY"],
            "OUTLOOK_MCP_CLIENT_SECRET": "secret",
            "OUTLOOK_MCP_METRICS_TOKEN": "0" * 64,
        }
        (container,) = self.pod()["containers"]
        for variable in container["env"]:
            monkeypatch.setenv(variable["name"], variable.get("value") or secrets.pop(variable["name"]))
        monkeypatch.setenv("OUTLOOK_MCP_DATA_DIR", str(tmp_path))
        configuration = Configuration.load()
        assert configuration.require_web().resource == "https://mail.example.com/mcp"
        assert configuration.is_stateless
        assert configuration.warnings(Stage.HTTP) == ()
        assert not secrets

    def test_no_service_of_the_cluster_sets_variables_that_are_taken_for_settings(self) -> None:
        assert self.pod()["enableServiceLinks"] is False

    def test_a_pod_may_do_little_and_is_given_time_to_finish(self) -> None:
        pod = self.pod()
        (container,) = pod["containers"]
        assert pod["terminationGracePeriodSeconds"] > DRAIN_S
        assert pod["securityContext"]["runAsNonRoot"] is True
        # The user to whom the folders of the image belong.
        assert f"\nUSER {pod['securityContext']['runAsUser']}\n" in DOCKERFILE
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["readinessProbe"]["httpGet"]["path"] == READY_PATH
        assert container["livenessProbe"]["httpGet"]["path"] == LIVE_PATH
        assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/home/outlook/data", "/tmp"}
