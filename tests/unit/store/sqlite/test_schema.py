"""Migrations: forward, whole, and never backwards."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from angarium.engine.operations import ChangeAcl, ListMailboxes, ReadAcl, ReadRights, StoreUnavailable, UserName
from angarium.grammar.imap.commands import StoreMode
from angarium.store.accounts import Accounts
from angarium.store.sqlite.connections import connect
from angarium.store.sqlite.schema import MIGRATIONS, migrate, version
from angarium.store.sqlite.store import SqliteStore
from angarium.store.sqlite.users import DATABASE, user_folder

FIRST = "CREATE TABLE note (text TEXT);\nINSERT INTO note VALUES ('kept; as it is');\n"
SECOND = "ALTER TABLE note ADD COLUMN size INTEGER NOT NULL DEFAULT 0;\nUPDATE note SET size = length(text);\n"
BROKEN = "CREATE TABLE other (x);\nCREATE TABLE note (x);\n"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "x.sqlite3", isolation_level=None)) as connection:
        yield connection


def test_data_survive_the_next_migration(connection: sqlite3.Connection) -> None:
    assert migrate(connection, (FIRST,))
    assert not migrate(connection, (FIRST, SECOND))
    assert connection.execute("SELECT * FROM note").fetchall() == [("kept; as it is", 14)]
    assert version(connection) == 2
    assert not migrate(connection, (FIRST, SECOND))


def test_a_new_database_goes_through_all(connection: sqlite3.Connection) -> None:
    assert migrate(connection, (FIRST, SECOND))
    assert connection.execute("SELECT size FROM note").fetchall() == [(14,)]


def test_a_broken_migration_leaves_everything_as_it_was(connection: sqlite3.Connection) -> None:
    migrate(connection, (FIRST,))
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, (FIRST, BROKEN))
    assert version(connection) == 1
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("note",)]


def test_mailboxes_of_before_can_be_shared(tmp_path: Path) -> None:
    user = UserName("ann")
    Accounts(tmp_path).add(user, "secret")
    (home := user_folder(tmp_path, user)).mkdir(parents=True)
    with closing(connect(home / DATABASE)) as connection:
        migrate(connection, MIGRATIONS[:2])
    with closing(SqliteStore(tmp_path)) as store:
        assert store.execute(ReadAcl(user, "INBOX")) == ()
        store.execute(ChangeAcl(user, "INBOX", "bob", StoreMode.REPLACE, "lr"))
        assert store.execute(ReadRights(UserName("bob"), user, ("INBOX",))) == "lr"


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    user = UserName("ann")
    with closing(SqliteStore(tmp_path)) as store:
        store.execute(ListMailboxes(user))
    with closing(sqlite3.connect(user_folder(tmp_path, user) / DATABASE)) as connection:
        assert version(connection) == len(MIGRATIONS)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with closing(SqliteStore(tmp_path)) as store, pytest.raises(StoreUnavailable, match="install the newer version"):
        store.execute(ListMailboxes(user))
