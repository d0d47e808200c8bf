"""What client programs and the MCP registry install from is complete, valid and of this version."""

from __future__ import annotations

import json
import tomllib
import zipfile
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from outlook_mcp import __distribution__, __version__
from outlook_mcp.config import Configuration
from outlook_mcp.identity.scopes import DEFAULT_TOOLSETS
from outlook_mcp.tools import EmailTools
from tests.bundles import formats
from tests.bundles.building import MANIFEST, MARKETPLACE, PLUGIN, ROOT, SERVER, build_bundles, read

FILES = {SERVER: formats.SERVER, MANIFEST: formats.MANIFEST, PLUGIN: formats.PLUGIN, MARKETPLACE: formats.MARKETPLACE}


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_each_file_follows_its_format(path: Path) -> None:
    assert [error.message for error in Draft202012Validator(FILES[path]).iter_errors(read(path))] == []


def test_every_version_is_that_of_the_package() -> None:
    server, plugins = read(SERVER), read(MARKETPLACE)["plugins"]
    shown = [server["version"], *(package["version"] for package in server["packages"])]
    shown += [read(MANIFEST)["version"], read(PLUGIN)["version"], *(plugin["version"] for plugin in plugins)]
    assert set(shown) == {__version__}


def test_what_is_installed_is_this_distribution_and_one_of_its_commands() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    commands = set(project["scripts"])
    (package,) = read(SERVER)["packages"]
    assert package["identifier"] == read(MANIFEST)["name"] == project["name"] == __distribution__
    assert package["identifier"] in commands
    assert read(MANIFEST)["server"]["mcp_config"]["args"][-2] in commands
    assert read(PLUGIN)["mcpServers"]["outlook"]["command"] in commands
    assert read(MANIFEST)["compatibility"]["runtimes"]["python"] == project["requires-python"]


def test_every_variable_is_a_setting_and_every_question_is_used() -> None:
    (package,) = read(SERVER)["packages"]
    manifest = read(MANIFEST)
    given = manifest["server"]["mcp_config"]["env"]
    named = {variable["name"] for variable in package["environmentVariables"]} | set(given)
    assert {name.removeprefix("OUTLOOK_MCP_").lower() for name in named} <= set(Configuration.model_fields)
    assert set(given.values()) == {f"${{user_config.{name}}}" for name in manifest["user_config"]}


def test_the_plugin_is_where_the_marketplace_says() -> None:
    (plugin,) = read(MARKETPLACE)["plugins"]
    assert ROOT / plugin["source"] == PLUGIN.parents[1]
    assert plugin["name"] == read(PLUGIN)["name"]


def test_the_bundle_names_the_tools_that_are_offered_by_default() -> None:
    shown = [tool["name"] for tool in read(MANIFEST)["tools"]]
    assert shown == [tool.name for tool in EmailTools(DEFAULT_TOOLSETS, read_only=False).offered]


def test_the_built_files_hold_the_project_and_the_namespace_of_the_publisher(tmp_path: Path) -> None:
    bundle, server = build_bundles(tmp_path, "io.github.somebody")
    assert json.loads(server.read_text())["name"] == "io.github.somebody/outlook-mcp"
    with zipfile.ZipFile(bundle) as archive:
        names = set(archive.namelist())
        assert json.loads(archive.read("manifest.json")) == read(MANIFEST)
    assert {"pyproject.toml", "README.md", "LICENSE", "outlook_mcp/__main__.py", "outlook_mcp/py.typed"} <= names
    assert read(MANIFEST)["server"]["entry_point"] in names
    assert not [name for name in names if name.endswith(".pyc")]
