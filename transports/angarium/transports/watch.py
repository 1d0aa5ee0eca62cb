"""Who waits for changes of which mailbox (IDLE, RFC 2177): mailbox -> callbacks of the connections that watch it.

``changed`` may be called from any thread, right after a commit; the callbacks must be quick and safe to call from there.

No change is lost between looking and waiting: a connection that begins to watch is woken once at once (it looks again, which
costs a comparison of stamps), and one that has not asked since its last wake-up finds it noted at its next read.
"""

from collections.abc import Callable
from threading import Lock

from angarium.engine.operations import MailboxId

Wake = Callable[[], None]


class Watchers:
    """The connections of this process that watch a mailbox."""

    __slots__ = ("_lock", "_waiting")

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[MailboxId, set[Wake]] = {}

    def add(self, mailbox: MailboxId, wake: Wake) -> None:
        """Call ``wake`` after each change of ``mailbox`` from now on."""
        with self._lock:
            self._waiting.setdefault(mailbox, set()).add(wake)

    def remove(self, mailbox: MailboxId, wake: Wake) -> None:
        """Call ``wake`` no more."""
        with self._lock:
            waiting = self._waiting.get(mailbox)
            if waiting is not None:
                waiting.discard(wake)
                if not waiting:
                    del self._waiting[mailbox]

    def changed(self, mailbox: MailboxId) -> None:
        """Wake whoever watches ``mailbox``."""
        with self._lock:
            waiting = tuple(self._waiting.get(mailbox, ()))
        for wake in waiting:
            wake()

    def wake_all(self) -> None:
        """Wake every watcher: some change was lost on its way (``bus``), nobody knows of which mailbox."""
        with self._lock:
            waiting = tuple(wake for wakes in self._waiting.values() for wake in wakes)
        for wake in waiting:
            wake()
