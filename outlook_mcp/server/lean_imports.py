"""Leaves libraries out that other libraries load where they can, for features that this process does not use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_modules(*names: str) -> Iterator[None]:
    """Inside it, an import of these modules raises ImportError, unless they are loaded already."""
    missing = [name for name in names if name not in sys.modules]
    for name in missing:
        # None tells the import system that there is no such module.
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]
