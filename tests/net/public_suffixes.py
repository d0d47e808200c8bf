"""Rewrites the bundled rules from a copy of the Public Suffix List: `python -m tests.net.public_suffixes FILE`.

The list is published at https://publicsuffix.org/list/public_suffix_list.dat under the Mozilla Public License 2.0.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from outlook_mcp.net import public_suffixes

RULES = Path(public_suffixes.__file__).with_name(public_suffixes.FILE)


def rules_of(lines: Iterable[str]) -> list[str]:
    """Licence and version, then the rules as browsers send names (`xn--`), without comments."""
    lines = tuple(lines)
    kept = [line for line in lines if line.startswith(("// VERSION:", "// COMMIT:"))]
    rules = [line.split()[0] for line in lines if line.strip() and not line.startswith("//")]
    return [*lines[:3], *kept, *(_in_ascii(rule) for rule in rules)]


def _in_ascii(rule: str) -> str:
    mark = "!" if rule.startswith("!") else ""
    return mark + ".".join(
        label if label == "*" else label.encode("idna").decode() for label in rule.lstrip("!").split(".")
    )


if __name__ == "__main__":
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    RULES.write_text("".join(f"{line}\n" for line in rules_of(text.splitlines())), encoding="ascii")
