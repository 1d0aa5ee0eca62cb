"""The one thing every store is: something that carries out operations (``angarium.engine.operations``)."""

from typing import Any, Protocol

from angarium.engine.operations import Operation


class Store(Protocol):
    """Carries out operations; safe to call from several threads at once."""

    def execute(self, operation: Operation) -> Any:
        """Carry out ``operation`` and return what its docstring names, or raise a ``StoreError``; may block."""

    def is_quick(self, operation: Operation) -> bool:
        """Say whether ``execute`` would answer from memory at once, so that an event loop may call it directly."""
