"""Saving what can be read of a damaged database into a new one; the damaged file is kept beside it."""

import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from attrs import frozen

from angarium.store.sqlite import schema
from angarium.store.sqlite.connections import connect

_LARGEST: Final = 2**62


@frozen
class Tables:
    """What a database consists of: its migrations, its tables by rowid with the name of that, the others."""

    migrations: tuple[str, ...]
    by_rowid: Mapping[str, str]
    others: tuple[str, ...]


MAIL: Final = Tables(
    schema.MIGRATIONS,
    {"state": "one", "mailbox": "number", "message": "key", "content": "number", "octets": "content"},
    ("subscription", "keyword", "expunged", "thread", "acl"),
)


def problem_of(path: Path) -> str | None:
    """Say what is wrong with a database file, None when nothing is."""
    if path.exists() and path.stat().st_size == 0:
        return "the file is empty"  # which SQLite takes for a database without tables
    try:
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            answer: str = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if answer == "ok" else answer


def salvage(path: Path, tables: Tables = MAIL) -> str:
    """Put a new database in the place of a damaged one; says what was saved and where the old one is.

    Nobody else may use the database meanwhile (``use.alone``).
    """
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with closing(connect(new)) as target:
        schema.migrate(target, tables.migrations)
        with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as source:
            counts = _copy_all(source, target, tables)
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        target.execute("PRAGMA journal_mode = DELETE")
    kept = path.with_name(f"{path.name}.damaged-{int(time.time())}")
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(kept.with_name(kept.name + suffix))
    new.rename(path)
    saved = ", ".join(f"{table}: {count}" for table, count in counts.items() if count)
    return f"saved what could be read ({saved or 'nothing'}), the damaged file is kept as {kept.name}"


def _copy_all(source: sqlite3.Connection, target: sqlite3.Connection, tables: Tables) -> dict[str, int]:
    target.execute("BEGIN")
    for table, key in tables.by_rowid.items():
        _copy_table(source, target, table, key)
    for table in tables.others:
        for order in ("ASC", "DESC"):
            _copy(source, target, table, f"SELECT * FROM {table} ORDER BY 1 {order}", ())
    target.execute("COMMIT")
    return {table: target.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in (*tables.by_rowid, *tables.others)}


def _copy_table(source: sqlite3.Connection, target: sqlite3.Connection, table: str, key: str) -> None:
    """Copy rows in the order of their keys; where they cannot be read go past the bad place, and back to it from behind."""
    start = 0
    while _copy(source, target, table, f"SELECT * FROM {table} WHERE {key} >= ? ORDER BY {key}", (start,)) is False:
        bad = target.execute(f"SELECT ifnull(max({key}), -1) + 1 FROM {table}").fetchone()[0]
        behind = _readable_behind(source, table, key, max(bad, start))
        if behind is None:
            return
        backwards = f"SELECT * FROM {table} WHERE {key} < ? AND {key} >= ? ORDER BY {key} DESC"
        _copy(source, target, table, backwards, (behind, bad))
        start = behind


def _readable_behind(source: sqlite3.Connection, table: str, key: str, bad: int) -> int | None:
    """Find a key behind a bad place from which on something can be read, in steps that double; None when there is nothing."""
    step = 1
    while step < _LARGEST:
        with suppress(sqlite3.DatabaseError):
            row = source.execute(f"SELECT {key} FROM {table} WHERE {key} >= ? ORDER BY {key} LIMIT 1", (bad + step,)).fetchone()
            return None if row is None else int(row[0])
        step *= 2
    return None


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, table: str, sql: str, parameters: tuple[int, ...]) -> bool:
    """Copy what a query brings; False when it broke off."""
    try:
        for row in source.execute(sql, parameters):
            # a row that no longer fits its table is as good as lost
            with suppress(sqlite3.IntegrityError):
                target.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return False
    return True
