"""What the installed command runs first: it makes sure that the package `outlook_mcp` is this one.

Another distribution, such as the one called `outlook-mcp`, may have a package of the same name, which stands before
this one on the path or has overwritten its files. Only code outside the package can say so, so this file is installed a
second time, as the module `outlook_mailbox_mcp`, and the command starts that one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

DISTRIBUTION = "outlook-mailbox-mcp"
_PACKAGE = "outlook_mcp"
# A line of the package's first file that no other package has.
_MARK = f'__distribution__ = "{DISTRIBUTION}"'


def main(find: Callable[[str], ModuleSpec | None] = find_spec) -> int:
    """Runs the command line; returns its exit status, 1 where the package that `find` finds is another one."""
    found = find(_PACKAGE)
    if not is_own(found):
        print(f"outlook-mcp: {_explanation(found)}", file=sys.stderr)
        return 1
    # Not loaded before the check: the other package would run.
    return int(import_module(f"{_PACKAGE}.cli").main())


def is_own(package: ModuleSpec | None) -> bool:
    """Whether it is the package of this distribution. Its code is read, not run."""
    if package is None or package.origin is None:
        return False
    try:
        return _MARK in Path(package.origin).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False


def _explanation(package: ModuleSpec | None) -> str:
    if package is None:
        return f"The package {_PACKAGE} is missing. Install {DISTRIBUTION} again."
    others = sorted(set(packages_distributions().get(_PACKAGE, ())) - {DISTRIBUTION})
    owner = f" It is of {' and '.join(others)}." if others else ""
    place = package.origin or ", ".join(package.submodule_search_locations or ())
    return (
        f"{place} is the package {_PACKAGE} of another project, which hides the one of {DISTRIBUTION}.{owner}"
        f" Install {DISTRIBUTION} in an environment of its own, for example with pipx, or remove the other one and"
        " install this one again."
    )
