"""Makes the bundles of `.github/bundles` complete."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from outlook_mcp import __distribution__, __version__

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / ".github" / "bundles"
SERVER = SOURCES / "server.json"
MANIFEST = SOURCES / "mcpb" / "manifest.json"
PLUGIN = SOURCES / "claude-code" / ".claude-plugin" / "plugin.json"
MARKETPLACE = ROOT / ".claude-plugin" / "marketplace.json"
# Beside the manifest: what `uv run` needs to install the project.
_PROJECT_FILES = ("pyproject.toml", "README.md", "LICENSE")
# The least that a zip archive can say: equal files make equal archives.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def build_bundles(folder: Path, namespace: str) -> list[Path]:
    """The `.mcpb` bundle and the `server.json` of the registry, in `folder`; `namespace` is its publisher's there."""
    folder.mkdir(parents=True, exist_ok=True)
    bundle, server = folder / f"{__distribution__}-{__version__}.mcpb", folder / "server.json"
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(bundled_files()):
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), path.read_bytes(), zipfile.ZIP_DEFLATED)
    content = read(SERVER)
    content["name"] = f"{namespace}/{content['name'].partition('/')[2]}"
    server.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    return [bundle, server]


def bundled_files() -> Iterator[tuple[str, Path]]:
    """The files of the `.mcpb` bundle, each with its name there."""
    yield "manifest.json", MANIFEST
    for name in _PROJECT_FILES:
        yield name, ROOT / name
    for path in (ROOT / "outlook_mcp").rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            yield path.relative_to(ROOT).as_posix(), path
