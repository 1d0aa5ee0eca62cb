"""Connections to users' databases: a few are kept open for all users together, none belongs to a client."""

import os
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from angarium.engine.operations import StoreUnavailable, UserName
from angarium.store.sqlite import schema
from angarium.store.sqlite.failures import is_disk_failure
from angarium.store.sqlite.users import DATABASE, is_bereft, user_folder

IDLE_MAX: Final = 16
BUSY_SECONDS: Final = 10.0

# secure_delete is on in some builds and would write every freed page once more. The WAL is written back to the database
# every 4,000 pages: fewer, longer write-backs take a third less time a message than SQLite's 1,000.
_PRAGMAS: Final = (
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = OFF",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -4096",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA journal_size_limit = 67108864",
)


def connect(path: Path, busy_seconds: float = BUSY_SECONDS, page_size: int = 4096) -> sqlite3.Connection:
    """Open a database file with our settings, in autocommit mode: transactions are begun in so many words.

    Nobody but its owner may read a file that is made here, whatever the umask and the folder's mode.
    """
    _make_private(path)
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False, cached_statements=256)
    try:
        if _journal_mode(connection) != "wal":
            _make_wal(connection, busy_seconds, page_size)
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    """Make an empty file, if there is none, that only its owner may read.

    The file itself is never opened: closing any descriptor of a file takes away all locks that this process has on it, those
    of its other connections too, and then another process may believe itself the last and remove the log under them.
    """
    if path.exists():
        return
    descriptor, draft = mkstemp(prefix=f"{path.name}-", dir=path.parent)
    os.close(descriptor)
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)


def _journal_mode(connection: sqlite3.Connection) -> str:
    mode: str = connection.execute("PRAGMA journal_mode").fetchone()[0]
    return mode


def _make_wal(connection: sqlite3.Connection, busy_seconds: float, page_size: int) -> None:
    """Turn a new file to WAL; SQLite does not wait for locks here, so several processes starting at once try again."""
    connection.execute("PRAGMA auto_vacuum = NONE")
    connection.execute(f"PRAGMA page_size = {page_size}")
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            return


class Connections:
    """Opens, lends and keeps connections; the one least recently used is closed when there are too many idle."""

    def __init__(
        self,
        folder: Path,
        new_user: Callable[[sqlite3.Connection, UserName], None],
        idle_max: int = IDLE_MAX,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self._folder: Final = folder
        self._new_user: Final = new_user
        self._idle_max: Final = idle_max
        self._busy_seconds: Final = busy_seconds
        self._idle: Final[OrderedDict[sqlite3.Connection, UserName]] = OrderedDict()
        self._by_user: Final[dict[UserName, list[sqlite3.Connection]]] = {}
        self._lock: Final = threading.Lock()
        self._closed = False

    @contextmanager
    def lend(self, user: UserName) -> Iterator[sqlite3.Connection]:
        """Lend a connection to ``user``'s database; after a failure of the disk it is closed, not kept."""
        connection = self._take(user) or self._open(user)
        keep = False
        try:
            yield connection
            keep = True
        except BaseException as error:
            keep = not is_disk_failure(error)
            raise
        finally:
            self._give_back(user, connection, keep)

    def _take(self, user: UserName) -> sqlite3.Connection | None:
        with self._lock:
            mine = self._by_user.get(user)
            if not mine:
                return None
            connection = mine.pop()
            if not mine:
                del self._by_user[user]
            del self._idle[connection]
            return connection

    def _open(self, user: UserName) -> sqlite3.Connection:
        home = user_folder(self._folder, user)
        if not home.exists():
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
        elif is_bereft(home):
            raise StoreUnavailable(f"The database of {user} is missing: put it back, or run angarium check --repair")
        connection = connect(home / DATABASE, self._busy_seconds)
        try:
            schema.migrate(connection)
            if connection.execute("SELECT 1 FROM state").fetchone() is None:
                self._new_user(connection, user)
        except BaseException:
            connection.close()
            raise
        return connection

    def _give_back(self, user: UserName, connection: sqlite3.Connection, keep: bool) -> None:
        """Keep the connection for the next one, or close it; a transaction still open is rolled back."""
        if keep and connection.in_transaction:
            try:
                connection.execute("ROLLBACK")
            except sqlite3.Error:
                keep = False
        surplus = None if keep and not self._closed else connection
        if surplus is None:
            with self._lock:
                self._idle[connection] = user
                self._by_user.setdefault(user, []).append(connection)
                if len(self._idle) > self._idle_max:
                    surplus = self._forget_oldest()
        if surplus is not None:
            with suppress(sqlite3.Error):
                surplus.close()

    def _forget_oldest(self) -> sqlite3.Connection:
        connection, user = self._idle.popitem(last=False)
        mine = self._by_user[user]
        mine.remove(connection)
        if not mine:
            del self._by_user[user]
        return connection

    def close(self) -> None:
        """Close what is idle; what is lent is closed when it comes back."""
        with self._lock:
            self._closed = True
            idle = list(self._idle)
            self._idle.clear()
            self._by_user.clear()
        for connection in idle:
            with suppress(sqlite3.Error):
                connection.close()
