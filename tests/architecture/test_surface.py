"""What others can import is small, listed and typed."""

from __future__ import annotations

import importlib
import subprocess
import sys
from importlib.resources import files

import pytest

import outlook_mcp


def test_the_package_offers_its_version_and_nothing_else() -> None:
    assert outlook_mcp.__all__ == ["__version__"]
    assert [name for name in vars(outlook_mcp) if not name.startswith("_") and name.isupper()] == []


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (
            "tools",
            "Call EmailTool Folder InvalidInput MailQuery Message OutlookError callers_mailbox email_tool framed",
        ),
        ("serving", "Configuration ConfigurationError OutlookError local_server open_asgi_app"),
    ],
)
def test_what_other_programs_import_is_listed_and_there(module: str, names: str) -> None:
    public = importlib.import_module(f"outlook_mcp.api.{module}")
    assert public.__all__ == names.split()
    assert [name for name in public.__all__ if not hasattr(public, name)] == []


def test_importing_the_package_loads_nothing_more_of_it() -> None:
    program = "import sys, outlook_mcp; print([name for name in sys.modules if name.startswith('outlook_mcp')])"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "['outlook_mcp']"


def test_the_package_is_marked_as_typed() -> None:
    assert files(outlook_mcp).joinpath("py.typed").is_file()
