"""Fail, or be killed, at the Nth step that writes, for every N: afterwards the store is as it was before or after an operation.

Steps are the statements that change a database, commits, and the file operations that make a blob durable. After each run the
folder is opened again: what was acknowledged is there, the operation that was under way is there as a whole or not at all, and
``check`` finds nothing but, at most, a blob without a message.
"""

import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from angarium.engine.operations import (
    AppendMessages,
    Column,
    CopyMessages,
    CreateMailbox,
    DeleteMailbox,
    ExpungeMessages,
    FetchMessages,
    ListMailboxes,
    NewMessage,
    OpenMailbox,
    Operation,
    RenameMailbox,
    SetFlags,
    StageOctets,
    StoreUnavailable,
    UserName,
)
from angarium.grammar.imap.commands import StagedLiteral, StoreMode
from angarium.store.check import check
from angarium.store.contracts.harness import EVERY_UID, mail, uids
from angarium.store.sqlite import blobs, connections
from angarium.store.sqlite.store import SqliteStore
from angarium.store.store import Store

USER = UserName("ann")
LARGE = mail("large", "y" * 70_000)
WRITING = ("INSERT", "UPDATE", "DELETE", "COMMIT", "BEGIN IMMEDIATE", "PRAGMA user_version", "CREATE")
State = dict[str, list[tuple[int, tuple[bytes, ...], bytes]]]


def steps(store: Store) -> list[Callable[[], Operation]]:
    """The operations of a run, in order; made when their turn comes."""
    inbox = store.execute(OpenMailbox(USER, "INBOX")).id
    return [
        lambda: AppendMessages(USER, "INBOX", (NewMessage(mail("1"), (b"$Work",)), NewMessage(mail("2")))),
        lambda: AppendMessages(USER, "INBOX", (NewMessage(LARGE),)),
        lambda: CreateMailbox(USER, "a/b"),
        lambda: SetFlags(inbox, uids(1, 2), StoreMode.ADD, (rb"\Deleted", b"$Late")),
        lambda: CopyMessages(inbox, EVERY_UID, USER, "a/b"),
        lambda: ExpungeMessages(inbox),
        lambda: RenameMailbox(USER, "a", "c"),
        lambda: CopyMessages(inbox, uids(3), USER, "c/b", move=True),
        lambda: AppendMessages(
            USER, "c", (NewMessage(StagedLiteral(store.execute(StageOctets(LARGE)), len(LARGE)), prefix=b"X: y\r\n"),)
        ),
        lambda: DeleteMailbox(USER, "c/b"),
    ]


def state(store: Store) -> State:
    """Everything a user can see."""
    found: State = {}
    for entry in store.execute(ListMailboxes(USER)):
        columns = Column.FLAGS | Column.CONTENT
        page = store.execute(FetchMessages(entry.id, EVERY_UID, columns))
        assert page.next_uid is None
        found[entry.name] = [(row.uid, row.flags, sha256(row.content).digest()) for row in page.rows]
    return found


class Trap:
    """Counts steps and springs at the Nth."""

    def __init__(self, at: int, spring: Callable[[], None]) -> None:
        self.at, self.spring, self.count = at, spring, 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.at:
            self.spring()


def set_trap(monkeypatch: pytest.MonkeyPatch, trap: Trap) -> None:
    """Count the steps of every connection opened from now on, and of the blobs."""

    class Counted(sqlite3.Connection):
        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            if sql.startswith(WRITING):
                trap.step()
            return super().execute(sql, *parameters)

        def executemany(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            trap.step()
            return super().executemany(sql, *parameters)

    def counting(real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            trap.step()
            return real(*arguments)

        return counted

    connect = sqlite3.connect
    monkeypatch.setattr(connections.sqlite3, "connect", lambda *a, **k: connect(*a, factory=Counted, **k))
    for name in ("fsync", "link"):
        monkeypatch.setattr(blobs.os, name, counting(getattr(os, name)))


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> list[State]:
    """What a user sees before the first operation and after each."""
    with closing(SqliteStore(tmp_path_factory.mktemp("plain"), upkeep=False)) as store:
        found = [state(store)]
        for step in steps(store):
            store.execute(step())
            found.append(state(store))
    return found


def verify(folder: Path, states: list[State], acknowledged: int) -> None:
    """Open the folder again and hold it against what it may be."""
    with closing(SqliteStore(folder, upkeep=False)) as store:
        assert state(store) in states[acknowledged : acknowledged + 2]
        store.catch_up(USER)
    problems = [finding.problem for finding in check(folder, repair=False)]
    assert all(problem.startswith("blob") and problem.endswith("belongs to no message") for problem in problems), problems
    check(folder, repair=True)
    assert check(folder, repair=False) == []


@pytest.mark.parametrize(("code", "stride"), [("SQLITE_FULL", 1), ("SQLITE_IOERR_WRITE", 7)])
def test_failure_at_every_step(tmp_path: Path, states: list[State], code: str, stride: int) -> None:
    """A failure is told as StoreUnavailable, changes nothing, and the next try succeeds in the same process."""

    def fail() -> None:
        error = sqlite3.OperationalError(code)
        error.sqlite_errorname = code
        raise error

    at, sprung = 1, True
    while sprung:
        folder = tmp_path / str(at)
        with closing(SqliteStore(folder, upkeep=False)) as store, pytest.MonkeyPatch.context() as monkeypatch:
            run = steps(store)
            store._connections.close()  # so that counted connections are opened
            store._connections._closed = False
            trap = Trap(at, fail)
            set_trap(monkeypatch, trap)
            for done, step in enumerate(run):
                operation = step()
                try:
                    store.execute(operation)
                except StoreUnavailable:
                    assert trap.count == at
                    assert state(store) == states[done]
                    store.execute(operation)
                assert state(store) == states[done + 1]
            sprung = trap.count >= at
        if at % 10 == 1:
            verify(folder, states, len(run))
        at += stride
    assert at > 60, "hardly any steps have been counted"


def test_kill_at_every_step(tmp_path: Path, states: list[State]) -> None:
    """The process is killed; what it has acknowledged through the pipe survives."""
    at, killed = 1, True
    while killed:
        folder = tmp_path / str(at)
        with closing(SqliteStore(folder, upkeep=False)) as store:
            store.execute(ListMailboxes(USER))
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            _run_until_killed(folder, writer, at)
        os.close(writer)
        with open(reader, "rb") as pipe:
            acknowledged = len(pipe.read())
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status)
        assert killed or os.waitstatus_to_exitcode(status) == 0
        verify(folder, states, acknowledged)
        at += 1
    assert acknowledged == len(states) - 1
    assert at > 60, "hardly any steps have been counted"


def _run_until_killed(folder: Path, writer: int, at: int) -> None:
    """Be the child: never returns."""
    try:
        monkeypatch = pytest.MonkeyPatch()
        store = SqliteStore(folder, upkeep=False)
        run = steps(store)
        store._connections.close()
        store._connections._closed = False
        set_trap(monkeypatch, Trap(at, lambda: os.kill(os.getpid(), signal.SIGKILL)))
        for step in run:
            store.execute(step())
            os.write(writer, b".")
        os._exit(0)
    finally:
        os._exit(1)
