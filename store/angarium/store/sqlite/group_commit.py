"""Group commit: changes to one user's mail that wait at the same time share one transaction and one fsync.

Every change is a ``Ticket`` in the user's queue. Whoever gets the lock next leads: it begins a transaction, carries out all
that is queued, each in a savepoint of its own so that a refusal undoes only itself, commits once, and lets everybody go. While
it waits for the disk the next group gathers. Alone, a change costs no more than a plain transaction.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from attrs import define, field

from angarium.engine.operations import MailboxId, StoreError, UserName
from angarium.store.sqlite.connections import Connections
from angarium.store.sqlite.failures import is_disk_failure, translate
from angarium.store.sqlite.mail import Mail, Parts

_GROUP_MAX: Final = 64


@define(eq=False)
class Ticket:
    """A change that waits for its turn, and then how it went."""

    work: Callable[[Mail], Any]
    result: Any = None
    error: BaseException | None = None
    done: bool = False
    touched: set[MailboxId] = field(factory=set)


class GroupCommit:
    """The queue of one user's changes."""

    def __init__(self, user: UserName, parts: Parts, connections: Connections) -> None:
        self._user: Final = user
        self._parts: Final = parts
        self._connections: Final = connections
        self._queue: Final[deque[Ticket]] = deque()
        self._lead: Final = threading.Lock()

    def run(self, work: Callable[[Mail], Any]) -> Any:
        """Carry out ``work`` in a transaction and return its result once that is durable, or raise what it raised."""
        ticket = Ticket(work)
        self._queue.append(ticket)
        with self._lead:
            if not ticket.done:
                self._carry_out_group()
        if ticket.error is not None:
            raise ticket.error
        if ticket.touched:
            self._parts.announce(ticket.touched)
        return ticket.result

    def _carry_out_group(self) -> None:
        group: list[Ticket] = []
        try:
            with self._connections.lend(self._user) as connection:
                connection.execute("BEGIN IMMEDIATE")
                while self._queue and len(group) < _GROUP_MAX:
                    group.append(self._queue.popleft())
                self._carry_out(connection, group)
        except BaseException as error:
            self._fail(group, error)
        for ticket in group:
            ticket.done = True

    def _carry_out(self, connection: sqlite3.Connection, group: list[Ticket]) -> None:
        alone = len(group) == 1
        for ticket in group:
            if not alone:
                connection.execute("SAVEPOINT ticket")
            mail = Mail(connection, self._user, self._parts)
            try:
                ticket.result = ticket.work(mail)
                ticket.touched = mail.touched
            except BaseException as error:
                if is_disk_failure(error):
                    raise
                ticket.error = translate(error) if isinstance(error, sqlite3.Error) else error
                connection.execute("ROLLBACK" if alone else "ROLLBACK TO ticket")
            if not alone:
                connection.execute("RELEASE ticket")
        if connection.in_transaction:
            self._commit(connection, {mailbox for ticket in group for mailbox in ticket.touched})

    def _commit(self, connection: sqlite3.Connection, touched: set[MailboxId]) -> None:
        """Commit, with the stamps of what has changed invalid before and fresh after (see ``stamps``)."""
        for mailbox in touched:
            self._parts.stamps.invalidate(mailbox)
        try:
            connection.execute("COMMIT")
        finally:
            for mailbox in touched:
                self._parts.stamps.renew(mailbox)

    def _fail(self, group: list[Ticket], error: BaseException) -> None:
        """Tell everyone in the group, or the first in the queue when it never began; nothing of it was kept."""
        if not group:
            group.extend(self._queue.popleft() for _ in range(len(self._queue)))
        failure = translate(error) if isinstance(error, sqlite3.Error | OSError) else error
        for ticket in group:
            if ticket.error is None:
                ticket.error = failure if isinstance(failure, StoreError) else error
