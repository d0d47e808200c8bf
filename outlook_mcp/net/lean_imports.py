"""Leaves out what libraries load or build at import for features that this process does not use."""

from __future__ import annotations

import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel


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


@contextmanager
def models_built_on_use() -> Iterator[None]:
    """Pydantic models that are defined inside it build their validators when they are first used (`defer_build`).

    The MCP SDK defines hundreds, of which a server uses a few dozen. What a class says of itself comes first.
    """
    BaseModel.model_config["defer_build"] = True
    try:
        yield
    finally:
        del BaseModel.model_config["defer_build"]


@contextmanager
def without_system_certificates() -> Iterator[None]:
    """Inside it, a TLS context that this thread makes by default trusts nobody, so that no certificates are read.

    For libraries that make contexts for themselves at import, where every connection is given one of ours.
    """
    usual, thread = ssl.SSLContext.set_default_verify_paths, threading.get_ident()

    def set_paths(context: ssl.SSLContext) -> None:
        if threading.get_ident() != thread:
            usual(context)

    ssl.SSLContext.set_default_verify_paths = set_paths  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        # It was inherited.
        del ssl.SSLContext.set_default_verify_paths
