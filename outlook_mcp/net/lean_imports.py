"""Leaves out, or puts off, what is loaded or built at import for features that this process may never use."""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import ssl
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any, TypeVar

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


class _LazyPackage(ModuleType):
    """A package whose own code has not run yet; its submodules are imported as usual."""

    def __getattr__(self, name: str) -> Any:
        # Its code may look for the same name.
        self.__class__ = ModuleType  # type: ignore[assignment]
        if self.__spec__ and self.__spec__.loader:
            self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def run_on_use(package: str) -> None:
    """Runs the code of this package when something of it is used first, unless it is loaded already.

    For packages that import much in their `__init__` while what is needed stands in their submodules.
    """
    if package in sys.modules:
        return
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    module = importlib.util.module_from_spec(spec)
    module.__class__ = _LazyPackage
    sys.modules[package] = module


Named = TypeVar("Named")


class _LazyName:
    """Stands for a function or class of a module that is imported when it is first used."""

    __slots__ = ("_found", "_module", "_name")

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name
        self._found: Any = None

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._import()(*arguments, **named)

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, self._import())

    def _import(self) -> Any:
        if self._found is None:
            self._found = getattr(_imported(self._module), self._name)
        return self._found

    def __repr__(self) -> str:
        return f"<{self._module}.{self._name}, imported when it is used>"


class _LazyModule:
    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> _LazyName:
        return _LazyName(self._module, name)


# The modules that were put off, each once and in that order.
_lazy: dict[str, None] = {}


@contextmanager
def lazy_imports(*only: str) -> Iterator[None]:
    """Inside it, `from module import name` imports the module when `name` is first used, unless it is loaded already.

    For functions and classes that are called or tested for with `isinstance`, and for annotations that nothing
    evaluates. `lazy from` of Python 3.15 (PEP 810) does the same. Type checkers and import-linter see a usual import.
    Where modules are named, `only` these are put off, such as what other packages import from them.
    """
    inside = (threading.get_ident(), only)
    with _changing_import:
        if not _threads_inside:
            builtins.__import__ = _put_off  # type: ignore[assignment]
        _threads_inside.append(inside)
    try:
        yield
    finally:
        with _changing_import:
            _threads_inside.remove(inside)
            if not _threads_inside:
                builtins.__import__ = _usual_import


_usual_import = builtins.__import__
_changing_import = threading.Lock()
# Several may be inside at once, since modules are also loaded in the background.
_threads_inside: list[tuple[int, tuple[str, ...]]] = []


def _put_off(
    name: str,
    globals_: Mapping[str, Any] | None = None,
    locals_: Mapping[str, Any] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> Any:
    if not fromlist or level or name in sys.modules or not _is_put_off(name):
        return _usual_import(name, globals_, locals_, fromlist or (), level)
    _lazy[name] = None
    return _LazyModule(name)


def _is_put_off(name: str) -> bool:
    here = threading.get_ident()
    return any(thread == here and (not only or name in only) for thread, only in tuple(_threads_inside))


def loaded(name: Named) -> Named:
    """The function or class for which a name stands that may have been put off."""
    found: Named = name._import() if isinstance(name, _LazyName) else name
    return found


def import_lazy_modules(*packages: str, besides: str = " ") -> None:
    """Imports what was put off of these packages, such as in the background before it is called.

    So is what those modules put off in turn. Modules with `besides` in their names are left for their first use.
    """
    imported: set[str] = set()
    while wanted := [
        name for name in tuple(_lazy) if name.startswith(packages) and besides not in name and name not in imported
    ]:
        for name in wanted:
            _imported(name)
        imported.update(wanted)


def _imported(name: str) -> ModuleType:
    # Here and not at the top: it is the import that was put off.
    return importlib.import_module(name)


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
