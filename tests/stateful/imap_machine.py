"""The rule machine for IMAP: two or three sessions of one user, every command, in any order.

Sessions 0 and 1 begin with INBOX selected, session 2 before LOGIN, so that short runs are interesting already.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from angarium.engine.imap.connection import ImapServer
from angarium.engine.imap.limits import Limits
from angarium.engine.operations import Operation, VerifyPassword
from angarium.engine.steps import Peer
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.sequence_set import STAR, SequenceSet
from angarium.spec.model.accounts import verify_password
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.session import State
from angarium.store.sqlite.store import SqliteStore
from angarium.store.store import Store
from stateful import imap_commands as commands
from stateful.imap_worlds import LOGIN, NEVER, PASSWORD, USER, Worlds

SESSIONS = 3
numbers = st.integers(0, SESSIONS - 1)
APPENDS = tuple(c.Append("INBOX", octets, (), date) for octets, date in zip(commands.MESSAGES, commands.DATES, strict=False))


PATIENT = Limits(login_failures_max=10**6, bad_commands_max=10**6)
"""A server that does not lose patience with a machine that types at random."""


class QuickLogin(SqliteStore):
    """Checks passwords as the model does: argon2 is slow by design, and ``tests/unit/store`` tries it."""

    def execute(self, operation: Operation) -> Any:
        if isinstance(operation, VerifyPassword):
            return verify_password(ModelStore({USER: PASSWORD}).world, operation)
        return super().execute(operation)


class ImapMachine(RuleBasedStateMachine):
    """Each rule is a command (RFC 9051 §6); ``make_stores`` and ``make_server`` are what faults are put into."""

    @staticmethod
    def make_server(peer: Peer) -> ImapServer:
        return ImapServer(peer, limits=PATIENT)

    def make_stores(self, folder: Path) -> tuple[Store, Store]:
        return QuickLogin(folder), ModelStore({USER: PASSWORD})

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.stores = self.make_stores(self.folder)
        self.worlds = Worlds(*self.stores, type(self).make_server)

    def teardown(self) -> None:
        self.worlds.close()
        for store in self.stores:
            if isinstance(store, SqliteStore):
                store.close()
        shutil.rmtree(self.folder)

    @initialize(rev2=st.booleans(), qresync=st.booleans())
    def begin(self, rev2: bool, qresync: bool) -> None:
        for number in range(SESSIONS):
            self.worlds.connect(number)
        self.worlds.do(0, LOGIN)
        self.worlds.do(1, LOGIN)
        wanted = [name for name, chosen in ((b"IMAP4rev2", rev2), (b"QRESYNC", qresync)) if chosen]
        if wanted:
            self.worlds.do(1, c.Enable(tuple(wanted)))
        for command in APPENDS:
            self.worlds.do(0, command)
        for number in (0, 1):
            self.worlds.do(number, c.Select("INBOX"))

    def act(self, number: int, command: c.Command) -> None:
        """A command on a session, after DONE if it idles."""
        if self.worlds.session(number).idling:
            self.worlds.done(number)
        self.worlds.do(number, command)

    @rule(number=numbers, command=commands.noop)
    def noop(self, number: int, command: c.Command) -> None:
        self.act(number, command)

    @rule(number=numbers, command=commands.login)
    def login(self, number: int, command: c.Login) -> None:
        self.act(number, command)

    @rule(number=st.just(2))
    def login_right(self, number: int) -> None:
        self.act(number, LOGIN)

    @rule(number=numbers, command=commands.enable)
    def enable(self, number: int, command: c.Enable) -> None:
        self.act(number, command)

    @rule(number=numbers, command=commands.select)
    def select(self, number: int, command: c.Select) -> None:
        self.act(number, command)

    @rule(number=numbers, read_only=st.booleans())
    def select_inbox(self, number: int, read_only: bool) -> None:
        self.act(number, c.Select("INBOX", read_only))

    @rule(number=numbers, data=st.data())
    def select_qresync(self, number: int, data: st.DataObject) -> None:
        """A client comes back with what it knew: now a mod-sequence of before (RFC 7162 §3.2.5)."""
        if not self.worlds.session(number).qresync:
            self.act(number, c.Enable((b"QRESYNC",)))
        known = data.draw(st.none() | st.just(SequenceSet(((1, 4),))))
        match = (SequenceSet(((1, 2),)), SequenceSet(((1, 2),)))
        qresync = c.Qresync(
            data.draw(st.sampled_from((1, 1, 1, NEVER))),
            data.draw(commands.mod_sequences),
            known,
            data.draw(st.sampled_from((None, match))) if known else None,
        )
        self.act(number, c.Select(data.draw(st.sampled_from(("INBOX", "INBOX", "a"))), data.draw(st.booleans()), qresync=qresync))

    @rule(number=numbers, command=commands.append)
    def append(self, number: int, command: c.Append) -> None:
        self.act(number, command)

    @rule(number=numbers, command=st.sampled_from(APPENDS))
    def append_to_inbox(self, number: int, command: c.Append) -> None:
        self.act(number, command)

    @rule(number=numbers, command=commands.store())
    def store(self, number: int, command: c.Store) -> None:
        self.act(number, command)

    @rule(number=numbers, message=st.sampled_from((1, 2, 3, STAR)))
    def store_deleted(self, number: int, message: int) -> None:
        self.act(number, c.Store(SequenceSet(((message, message),)), c.StoreMode.ADD, (b"\\Deleted",), uid=True))

    @rule(number=numbers, data=st.data())
    def fetch(self, number: int, data: st.DataObject) -> None:
        self.act(number, data.draw(commands.fetch(self.worlds.session(number).qresync)))

    @rule(number=numbers, command=commands.search)
    def search(self, number: int, command: c.Search) -> None:
        self.act(number, command)

    @rule(number=numbers, command=commands.copy)
    def copy(self, number: int, command: c.Copy) -> None:
        self.act(number, command)

    @rule(number=numbers, command=commands.move)
    def move(self, number: int, command: c.Move) -> None:
        self.act(number, command)

    @rule(number=numbers, command=commands.expunge)
    def expunge(self, number: int, command: c.Expunge) -> None:
        self.act(number, command)

    @rule(number=numbers, command=st.one_of(commands.create, commands.delete, commands.rename))
    def change_mailboxes(self, number: int, command: c.Command) -> None:
        self.act(number, command)

    @rule(number=numbers, command=commands.subscribe | commands.unsubscribe)
    def subscribe(self, number: int, command: c.Command) -> None:
        self.act(number, command)

    @rule(number=numbers, command=commands.list_() | commands.lsub)
    def list_mailboxes(self, number: int, command: c.Command) -> None:
        self.act(number, command)

    @rule(number=numbers, command=commands.status)
    def status(self, number: int, command: c.Status) -> None:
        self.act(number, command)

    @rule(number=numbers, command=st.sampled_from((c.Close(), c.Unselect())))
    def deselect(self, number: int, command: c.Command) -> None:
        self.act(number, command)

    @rule(number=numbers)
    def logout(self, number: int) -> None:
        self.act(number, c.Logout())

    @precondition(lambda self: any(session.user and not session.idling for session in self.worlds.model.sessions.values()))
    @rule(data=st.data())
    def idle(self, data: st.DataObject) -> None:
        ready = [n for n, session in self.worlds.model.sessions.items() if session.user and not session.idling]
        self.worlds.idle(data.draw(st.sampled_from(ready)))

    @precondition(lambda self: any(session.state is State.NOT_AUTHENTICATED for session in self.worlds.model.sessions.values()))
    @rule(command=commands.any_command)
    def before_login(self, command: c.Command) -> None:
        """Any command in the not authenticated state (RFC 9051 §3.1)."""
        number = next(n for n, session in self.worlds.model.sessions.items() if session.state is State.NOT_AUTHENTICATED)
        self.act(number, command)
