"""Saving what can be read of a damaged database into a new one; the damaged file is kept beside it."""

import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from angarium.store.sqlite import schema
from angarium.store.sqlite.connections import connect

_ROWID_TABLES: Final = {
    "state": "one",
    "mailbox": "number",
    "message": "key",
    "content": "number",
    "octets": "content",
}
_OTHER_TABLES: Final = ("subscription", "keyword", "expunged")
_LARGEST: Final = 2**62


def problem_of(path: Path) -> str | None:
    """Say what is wrong with a database file, None when nothing is."""
    try:
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            answer: str = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if answer == "ok" else answer


def salvage(path: Path) -> str:
    """Put a new database in the place of a damaged one; says what was saved and where the old one is.

    Nobody else may use the database meanwhile.
    """
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with closing(connect(new)) as target:
        schema.migrate(target)
        with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as source:
            counts = _copy_all(source, target)
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        target.execute("PRAGMA journal_mode = DELETE")
    kept = path.with_name(f"{path.name}.damaged-{int(time.time())}")
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(kept.with_name(kept.name + suffix))
    new.rename(path)
    return f"saved {counts['message']} messages in {counts['mailbox']} mailboxes, the damaged file is kept as {kept.name}"


def _copy_all(source: sqlite3.Connection, target: sqlite3.Connection) -> dict[str, int]:
    target.execute("BEGIN")
    for table, key in _ROWID_TABLES.items():
        _copy_table(source, target, table, key)
    for table in _OTHER_TABLES:
        for order in ("ASC", "DESC"):
            _copy(source, target, table, f"SELECT * FROM {table} ORDER BY 1 {order}", ())
    target.execute("COMMIT")
    return {table: target.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _ROWID_TABLES}


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
