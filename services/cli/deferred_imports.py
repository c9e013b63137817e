"""Imports of modules at first use, so that a command, and its help above all, does not wait for what it does not need.

gRPC, protobuf and the readers of logs take most of a second to import. Python has no such imports of its own before 3.15 (PEP 810).
"""

import builtins
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any


class _DeferredModule(ModuleType):
    """Stand-in for a module; its first attribute that is asked for imports it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


@contextmanager
def deferred_imports() -> Iterator[None]:
    """Defer the imports of the modules that are imported inside: `from package import module`, `import package`.

    Type checkers and import rules read them as any import. A module stands for itself as soon as one of its attributes is used: so
    annotations that name one are quoted.
    """
    importer = sys._getframe(2).f_globals
    usual = builtins.__import__

    def deferred(
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if globals is not importer:
            return usual(name, globals, locals, fromlist or (), level)
        if not fromlist:
            return _DeferredModule(name)
        return SimpleNamespace(**{part: _DeferredModule(f"{name}.{part}") for part in fromlist})

    builtins.__import__ = deferred
    try:
        yield
    finally:
        builtins.__import__ = usual
