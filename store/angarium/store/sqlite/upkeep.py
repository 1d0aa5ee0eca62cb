"""Work that follows behind: indexing what has been delivered, purging what has been expunged.

One thread in the process does it, user by user, in small batches, a moment after their mail has stopped changing, whichever
process changed it (or half a minute after it began to, so that a steady stream of deliveries cannot put it off). ``catch_up``
does all of a user's at once.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from angarium.engine.operations import StoreError, UserName
from angarium.store.sqlite.connections import Connections
from angarium.store.sqlite.index import CONTENT_SQL, add_texts, indexed_through, open_index, remove_texts, texts_of
from angarium.store.sqlite.mail import Mail, Parts
from angarium.store.sqlite.purge import has_work, purge
from angarium.store.sqlite.users import DATABASE, SEARCH_INDEX, user_folder

_BATCH: Final = 200
_QUIET_SECONDS: Final = 0.5
_DELAY_SECONDS_MAX: Final = 30.0
_LOG: Final = logging.getLogger(__name__)

Write = Callable[[UserName, Callable[[Mail], object]], object]


class Upkeep:
    """The thread and the users it has to see to."""

    def __init__(self, parts: Parts, connections: Connections, write: Write) -> None:
        self._parts: Final = parts
        self._connections: Final = connections
        self._write: Final = write
        self._waiting: Final[dict[UserName, tuple[float, float]]] = {}
        self._condition: Final = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def note(self, user: UserName) -> None:
        """Remember that a user's mail has changed."""
        now = time.monotonic()
        with self._condition:
            first, _ = self._waiting.get(user, (now, now))
            self._waiting[user] = (first, now)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="angarium-upkeep", daemon=True)
                self._thread.start()
            elif len(self._waiting) == 1:
                self._condition.notify()

    def close(self) -> None:
        """End the thread after its present batch; what is left is done another time."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join()

    def catch_up(self, user: UserName, progress: Callable[[int, int], None] | None = None) -> None:
        """Do everything there is to do for a user; ``progress`` hears of contents indexed and of how many there are."""
        while self.purge_batch(user):
            pass
        while self.index_batch(user, progress):
            pass

    def _run(self) -> None:
        while (user := self._next()) is not None:
            try:
                more = self.purge_batch(user) | self.index_batch(user)
            except (StoreError, sqlite3.Error, OSError) as error:
                _LOG.warning("indexing put off: %s", error)
                continue
            if more:
                now = time.monotonic()
                with self._condition:
                    self._waiting.setdefault(user, (now - _DELAY_SECONDS_MAX, now))

    def _next(self) -> UserName | None:
        """Wait for a user whose mail has been quiet long enough."""
        with self._condition:
            while not self._closed:
                now = time.monotonic()
                due = {
                    user: min(last + _QUIET_SECONDS, first + _DELAY_SECONDS_MAX) for user, (first, last) in self._waiting.items()
                }
                user = min(due, key=due.__getitem__, default=None)
                if user is not None and due[user] <= now:
                    first, _ = self._waiting.pop(user)
                    changed = changed_ago(self._parts.folder, user)
                    if changed >= _QUIET_SECONDS or now - first >= _DELAY_SECONDS_MAX:
                        return user
                    self._waiting[user] = (first, now - changed)
                    continue
                self._condition.wait(None if user is None else due[user] - now)
        return None

    def purge_batch(self, user: UserName) -> bool:
        """Purge some contents; say whether there may be more."""
        before = int(self._parts.clock()) - self._parts.keep_seconds
        with self._connections.lend(user) as connection:
            if not has_work(Mail(connection, user, self._parts), before):
                return False
        gone = self._write(user, lambda mail: purge(mail, before))
        assert isinstance(gone, list)
        if gone:
            remove_texts(user_folder(self._parts.folder, user) / SEARCH_INDEX, gone)
        return True

    def index_batch(self, user: UserName, progress: Callable[[int, int], None] | None = None) -> bool:
        """Index some contents; say whether there are more."""
        blobs = self._parts.blobs(user)
        with closing(open_index(user_folder(self._parts.folder, user) / SEARCH_INDEX)) as index:
            seen = indexed_through(index)
            with self._connections.lend(user) as connection:
                rows = connection.execute(
                    f"{CONTENT_SQL} WHERE content.number > ? ORDER BY content.number LIMIT ?", (seen, _BATCH)
                ).fetchall()
                last = connection.execute("SELECT ifnull(max(number), 0) FROM content").fetchone()[0]
            if rows:
                add_texts(index, seen, [(row[0], *texts_of(row[1:], blobs)) for row in rows], rows[-1][0])
        if progress is not None:
            progress(rows[-1][0] if rows else last, last)
        return len(rows) == _BATCH


def changed_ago(folder: Path, user: UserName) -> float:
    """How many seconds ago a process last changed a user's mail: that is when the log of the database was written."""
    try:
        return max(0.0, time.time() - (user_folder(folder, user) / f"{DATABASE}-wal").stat().st_mtime)
    except FileNotFoundError:
        return float("inf")
