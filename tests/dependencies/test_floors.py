"""The lowest versions that are allowed, and those of the image, have no published advisory that we know of."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.lock import LOCK, ROOT

# A package, the first version without the advisory, and its id.
ADVISORIES = [
    ("aiohttp", "3.12.14", "CVE-2025-53643"),
    ("aiohttp", "3.13.3", "CVE-2025-69223"),
    ("aiohttp", "3.13.4", "CVE-2026-34525"),
    ("aiohttp", "3.14.1", "CVE-2026-54274"),
    ("aiohttp", "3.14.3", "CVE-2026-69244"),
    ("aiohttp", "3.14.4", "PYSEC-2026-4369"),
    ("anyio", "4.14.2", "CVE-2026-63374"),
    ("azure-core", "1.38", "CVE-2026-21226"),
    ("azure-identity", "1.16.1", "CVE-2024-35255"),
    ("click", "8.3.3", "CVE-2026-7246"),
    ("cryptography", "44.0.1", "CVE-2024-12797"),
    ("cryptography", "46.0.5", "CVE-2026-26007"),
    ("cryptography", "46.0.6", "CVE-2026-34073"),
    ("cryptography", "46.0.7", "CVE-2026-39892"),
    ("cryptography", "48.0.1", "GHSA-537c-gmf6-5ccf"),
    ("cryptography", "50", "CVE-2026-69247"),
    ("h11", "0.16", "CVE-2025-43859"),
    ("h2", "4.4.1", "CVE-2026-71554"),
    ("httpx2", "2.10", "CVE-2026-84378"),
    ("httpx2", "2.11", "CVE-2026-84379"),
    ("httpx2", "2.12", "GHSA-8xx6-hgc6-gc2m"),
    ("icalendar", "7.1.3", "GHSA-cv84-9p8j-fj68"),
    ("icalendar", "7.2.1", "GHSA-qjcq-q7h7-r74v"),
    ("idna", "3.15", "CVE-2026-45409"),
    ("jaraco-context", "6.1", "CVE-2026-23949"),
    ("jinja2", "3.1.6", "CVE-2025-27516"),
    ("markdown-it-py", "2.2", "CVE-2023-26302"),
    ("mcp", "2.2", "CVE-2026-59951"),
    ("mcp", "2.2", "CVE-2026-116686"),
    ("microsoft-kiota-http", "1.9.9", "CVE-2026-44503"),
    ("opentelemetry-exporter-otlp-proto-http", "1.45", "CVE-2026-112006"),
    ("pillow", "12.1.1", "CVE-2026-25990"),
    ("pillow", "12.3", "CVE-2026-59199"),
    ("pillow", "13", "CVE-2026-96639"),
    ("protobuf", "6.33.5", "CVE-2026-0994"),
    ("pydantic-settings", "2.14.2", "GHSA-4xgf-cpjx-pc3j"),
    ("pyjwt", "2.10.1", "CVE-2024-53861"),
    ("pyjwt", "2.12", "CVE-2026-32597"),
    ("pyjwt", "2.13", "CVE-2026-48523"),
    ("pyjwt", "2.15", "CVE-2026-101918"),
    # CVE-2026-4455 of PDFium; the first version of these bindings without it is not published as such.
    ("pypdfium2", "5.15", "CVE-2026-4455"),
    ("python-dotenv", "1.2.2", "CVE-2026-28684"),
    ("python-multipart", "0.0.26", "CVE-2026-40347"),
    ("python-multipart", "0.0.27", "CVE-2026-42561"),
    ("python-multipart", "0.0.30", "CVE-2026-53538"),
    ("python-multipart", "0.0.31", "CVE-2026-53540"),
    ("redis", "4.5.4", "CVE-2023-28858"),
    ("requests", "2.32.4", "CVE-2024-47081"),
    ("requests", "2.33", "CVE-2026-25645"),
    ("starlette", "0.47.2", "CVE-2025-54121"),
    ("starlette", "0.49.1", "CVE-2025-62727"),
    ("starlette", "1.0.1", "CVE-2026-48710"),
    ("starlette", "1.1", "CVE-2026-48818"),
    ("starlette", "1.3", "PYSEC-2026-248"),
    ("starlette", "1.3.1", "PYSEC-2026-249"),
    ("urllib3", "2.7", "CVE-2026-44431"),
    ("urllib3", "2.8", "CVE-2026-97689"),
    ("uvicorn", "0.11.7", "CVE-2020-7695"),
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"].values()
# The extra of the tests names other extras of this package.
DECLARED = [
    *PROJECT["dependencies"],
    *(word for extra in EXTRAS for word in extra if not word.startswith(f"{PROJECT['name']}[")),
]
NAMED = [re.match(r"([\w.-]+)(?:\[\w+\])?>=([\d.]+)", text) for text in DECLARED]
FLOORS = {found[1].lower(): found[2] for found in NAMED if found}
LOCKED = dict(re.findall(r"^([\w.-]+)(?:\[\w+\])?==([\d.]+)", LOCK.read_text(), re.MULTILINE))


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.strip(".").split(".")))


def test_every_dependency_has_a_floor() -> None:
    assert None not in NAMED


@pytest.mark.parametrize(("package", "fixed", "advisory"), ADVISORIES)
def test_no_version_with_a_known_advisory_is_allowed(package: str, fixed: str, advisory: str) -> None:
    assert version(FLOORS[package]) >= version(fixed), advisory
    assert package not in LOCKED or version(LOCKED[package]) >= version(fixed), advisory


def test_the_lock_file_holds_every_dependency_with_hashes_and_no_address_of_an_index() -> None:
    text = LOCK.read_text()
    own = {re.split(r"[>\[]", word)[0].lower() for word in PROJECT["dependencies"]}
    assert own <= set(LOCKED)
    assert "://" not in text
    assert len(
        re.findall(r"^[\w.-]+(?:\[\w+\])?==[^\n]+ \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    ) == len(LOCKED)
    assert all(version(LOCKED[name]) >= version(FLOORS[name]) for name in own)
