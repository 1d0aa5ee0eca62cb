"""The stores that mod-sequences are tried on: the model, and SQLite, which has to remember them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from angarium.engine.operations import Operation, VerifyPassword
from angarium.spec.model_store import ModelStore
from angarium.store.sqlite.store import SqliteStore

USERS = {"tim": "secret"}


class QuickLogin(SqliteStore):
    """Has the model check passwords: SQLite's accounts are slow at it by design."""

    passwords = USERS

    def execute(self, operation: Operation) -> Any:
        if isinstance(operation, VerifyPassword):
            return ModelStore(self.passwords).execute(operation)
        return super().execute(operation)


def model_store(folder: Path) -> Iterator[ModelStore]:
    """The meaning of the store."""
    yield ModelStore(USERS)


def sqlite_store(folder: Path) -> Iterator[SqliteStore]:
    """The store that serves."""
    store = QuickLogin(folder, upkeep=False)
    yield store
    store.close()


BOTH = (model_store, sqlite_store)
