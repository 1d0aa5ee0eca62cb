"""Group commit: refusals undo only themselves, failures undo the group, waiting changes share a transaction."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from angarium.engine.operations import (
    AppendMessages,
    CreateMailbox,
    ListMailboxes,
    MailboxExists,
    MailboxId,
    NewMessage,
    OpenMailbox,
    StoreBusy,
    StoreError,
    StoreUnavailable,
    UserName,
)
from angarium.store.contracts.harness import mail
from angarium.store.sqlite.mail import Mail
from angarium.store.sqlite.mailboxes import insert_mailbox
from angarium.store.sqlite.store import SqliteStore
from angarium.store.sqlite.users import DATABASE, user_folder

USER = UserName("ann")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path, upkeep=False, busy_seconds=0.2)) as store:
        store.execute(ListMailboxes(USER))
        yield store


def names(store: SqliteStore) -> set[str]:
    return {entry.name for entry in store.execute(ListMailboxes(USER))}


@contextmanager
def group(store: SqliteStore, works: list[Callable[[Mail], Any]]) -> Iterator[list[Any]]:
    """Queue all of ``works`` while a first change holds the lock, so that they make one group; what came of each."""
    begun, go_on = threading.Event(), threading.Event()

    def hold(mail: Mail) -> None:
        begun.set()
        go_on.wait(5)

    writer = store.write
    with ThreadPoolExecutor(len(works) + 1) as pool:
        holding = pool.submit(writer, USER, hold)
        begun.wait(5)
        futures = []
        for work in works:
            futures.append(pool.submit(writer, USER, work))
            queue = store._writers[USER]._queue
            while len(queue) < len(futures):
                threading.Event().wait(0.001)
        go_on.set()
        holding.result()
        yield [future.exception() or future.result() for future in futures]


def make(name: str) -> Callable[[Mail], int]:
    return lambda mail: insert_mailbox(mail, name)


def refuse(mail: Mail) -> None:
    insert_mailbox(mail, "half")
    raise MailboxExists("no")


def test_a_refusal_undoes_only_itself(store: SqliteStore) -> None:
    with group(store, [make("one"), refuse, make("two")]) as results:
        assert isinstance(results[1], MailboxExists)
        assert isinstance(results[0], int)
        assert isinstance(results[2], int)
    assert {"one", "two"} <= names(store)
    assert "half" not in names(store)


def test_a_bug_undoes_only_itself_and_shows(store: SqliteStore) -> None:
    def bug(mail: Mail) -> None:
        insert_mailbox(mail, "half")
        raise ZeroDivisionError

    with group(store, [make("one"), bug]) as results:
        assert isinstance(results[1], ZeroDivisionError)
    assert "one" in names(store)
    assert "half" not in names(store)
    with pytest.raises(ZeroDivisionError):
        store.write(USER, bug)


def test_a_failing_disk_undoes_the_group(store: SqliteStore) -> None:
    def fail(mail: Mail) -> None:
        error = sqlite3.OperationalError("full")
        error.sqlite_errorname = "SQLITE_FULL"
        raise error

    before = names(store)
    with group(store, [make("one"), refuse, fail, make("two")]) as results:
        assert [type(result) for result in results] == [StoreUnavailable, MailboxExists, StoreUnavailable, StoreUnavailable]
    assert names(store) == before
    store.execute(CreateMailbox(USER, "afterwards"))


def test_a_group_is_one_transaction(store: SqliteStore) -> None:
    changes: list[int] = []

    def count(mail: Mail) -> None:
        changes.append(mail.connection.total_changes)
        insert_mailbox(mail, f"m{len(changes)}")

    with group(store, [count] * 5) as results:
        assert results == [None] * 5
    assert changes == sorted(set(changes)), "they did not run one after the other on one connection"


def test_busy(store: SqliteStore, tmp_path: Path) -> None:
    with closing(sqlite3.connect(user_folder(tmp_path, USER) / DATABASE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            store.execute(CreateMailbox(USER, "one"))
        other.execute("ROLLBACK")
    store.execute(CreateMailbox(USER, "one"))


def test_changes_are_announced_once_committed(tmp_path: Path) -> None:
    heard: list[MailboxId] = []
    with closing(SqliteStore(tmp_path, upkeep=False, on_change=heard.append)) as store:
        store.execute(ListMailboxes(USER))
        store.execute(CreateMailbox(USER, "Work"))
        assert heard == []
        appended = store.execute(AppendMessages(USER, "Work", (NewMessage(mail()),)))
        assert heard == [appended.mailbox]
        with pytest.raises(StoreError):
            store.execute(AppendMessages(USER, "none", (NewMessage(mail()),)))
        store.execute(OpenMailbox(USER, "Work", claim_recent=True))
        assert heard == [appended.mailbox]
