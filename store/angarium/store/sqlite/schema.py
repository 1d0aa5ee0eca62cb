"""The schemas of our databases and the way from an older one to the newest.

A database says in ``PRAGMA user_version`` how many migrations it has been through. Opening brings it forward, all missing
migrations in one transaction; a database from a later Angarium is refused and left alone.
"""

import re
import sqlite3
from importlib import resources
from typing import Final

from angarium.engine.operations import StoreUnavailable

_FOLDER: Final = resources.files("angarium.store.sqlite") / "migrations"
_NAME: Final = re.compile(r"(\d{4})_\w+\.sql")


def load_migrations() -> tuple[str, ...]:
    """Read ``migrations/NNNN_name.sql`` in order; the first brings a new file to version 1."""
    names = sorted(entry.name for entry in _FOLDER.iterdir() if _NAME.fullmatch(entry.name))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1)), "a migration number is missing"
    return tuple((_FOLDER / name).read_text("utf-8") for name in names)


MIGRATIONS: Final = load_migrations()


def version(connection: sqlite3.Connection) -> int:
    """Say how many migrations the database has been through."""
    number: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return number


def migrate(connection: sqlite3.Connection, migrations: tuple[str, ...] = MIGRATIONS) -> bool:
    """Bring the database to the newest schema; say whether it was new and empty.

    The version is read again inside the transaction, since another process may be doing the same.
    """
    known = len(migrations)
    if (found := version(connection)) == known:
        return False
    if found > known:
        raise StoreUnavailable(f"The database has schema {found}, this Angarium knows up to {known}: install the newer version")
    connection.execute("BEGIN IMMEDIATE")
    try:
        start = version(connection)
        for migration in migrations[start:]:
            for statement in _statements(migration):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {known}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return start == 0


def _statements(script: str) -> list[str]:
    """Split a script into statements; ``executescript`` would commit the open transaction first."""
    statements, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
