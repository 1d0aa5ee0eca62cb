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
from angarium.grammar.imap.sequence_set import SequenceSet
from angarium.spec.model.accounts import verify_password
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.session import State
from angarium.store.sqlite.store import SqliteStore
from angarium.store.store import Store
from stateful import imap_commands as commands
from stateful.imap_worlds import LOGIN, PASSWORD, USER, Worlds

SESSIONS = 3
numbers = st.integers(0, SESSIONS - 1)
APPENDS = tuple(c.Append("INBOX", octets, (), date) for octets, date in zip(commands.MESSAGES, commands.DATES, strict=True))


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
        return QuickLogin(folder, clock=commands.NOW.timestamp), ModelStore({USER: PASSWORD}, now=lambda: commands.NOW)

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

    @initialize(rev2=st.booleans(), qresync=st.booleans(), uid_only=st.sampled_from((False, False, True)))
    def begin(self, rev2: bool, qresync: bool, uid_only: bool) -> None:
        for number in range(SESSIONS):
            self.worlds.connect(number)
        self.worlds.do(0, LOGIN)
        self.worlds.do(1, LOGIN)
        wanted = [name for name, chosen in ((b"IMAP4rev2", rev2), (b"QRESYNC", qresync), (b"UIDONLY", uid_only)) if chosen]
        if wanted:
            self.worlds.do(1, c.Enable(tuple(wanted)))
        self.worlds.do(0, c.Create("a/b"))
        self.worlds.do(0, c.Subscribe("a/b"))
        for command in APPENDS:
            self.worlds.do(0, command)
        for number in (0, 1):
            self.worlds.do(number, c.Select("INBOX"))

    def act(self, number: int, command: c.Command) -> None:
        """A command on a session, after DONE if it idles."""
        if self.worlds.session(number).idling:
            self.worlds.done(number)
        self.worlds.do(number, command)

    def act_logged_in(self, number: int, command: c.Command) -> None:
        """A command of the authenticated state, after LOGIN if need be."""
        if self.worlds.session(number).state is State.NOT_AUTHENTICATED:
            self.act(number, LOGIN)
        self.act(number, command)

    def act_selected(self, number: int, command: c.Command) -> None:
        """A command on messages, after SELECT if need be: random runs leave the selected state often and find it seldom."""
        if self.worlds.session(number).state is not State.SELECTED:
            self.act_logged_in(number, c.Select("INBOX"))
        self.act(number, command)

    @rule(number=numbers, command=commands.noop)
    def noop(self, number: int, command: c.Command) -> None:
        self.act(number, command)

    @rule(number=numbers, command=st.one_of(commands.login, commands.enable, st.just(c.Logout())))
    def login_enable_logout(self, number: int, command: c.Command) -> None:
        self.act(number, command)

    @rule(number=numbers, command=commands.layers)
    def compress_unauthenticate(self, number: int, command: c.Command) -> None:
        self.act_logged_in(number, command)

    @rule(number=numbers, command=commands.any_command)
    def any_command_in_any_state(self, number: int, command: c.Command) -> None:
        self.act(number, command)

    @precondition(lambda self: self.worlds.strangers())
    @rule(command=commands.any_command)
    def any_command_before_login(self, command: c.Command) -> None:
        self.act(self.worlds.strangers()[0], command)

    @rule(number=numbers, command=commands.select)
    def select(self, number: int, command: c.Select) -> None:
        self.act_logged_in(number, command)

    @rule(number=numbers, data=st.data())
    def select_qresync(self, number: int, data: st.DataObject) -> None:
        """A client comes back with what it knew: now a mod-sequence of before (RFC 7162 §3.2.5)."""
        if not self.worlds.session(number).qresync:
            self.act_logged_in(number, c.Enable((b"QRESYNC",)))
        self.act(number, data.draw(commands.select_qresync()))

    @rule(number=numbers, read_only=st.none() | st.booleans(), command=st.sampled_from((c.Close(), c.Unselect())))
    def close_unselect(self, number: int, read_only: bool | None, command: c.Command) -> None:
        if read_only is not None:
            self.act_logged_in(number, c.Select("INBOX", read_only))
        self.act_selected(number, command)

    @rule(number=numbers, command=commands.append)
    def append(self, number: int, command: c.Append) -> None:
        self.act_logged_in(number, command)

    @rule(number=numbers, command=commands.store())
    def store(self, number: int, command: c.Store) -> None:
        self.act_selected(number, command)

    @rule(number=numbers, data=st.data())
    def fetch(self, number: int, data: st.DataObject) -> None:
        self.act_selected(number, data.draw(commands.fetch(self.worlds.session(number).qresync)))

    @rule(number=numbers, command=commands.fetch_flags)
    def fetch_flags(self, number: int, command: c.Fetch) -> None:
        self.act_selected(number, command)

    @rule(number=numbers, command=commands.search)
    def search(self, number: int, command: c.Search) -> None:
        self.act_selected(number, command)

    @rule(number=numbers, command=commands.sort | commands.thread)
    def sort_or_thread(self, number: int, command: c.Sort | c.Thread) -> None:
        self.act_selected(number, command)

    @rule(number=numbers, command=commands.copy)
    def copy(self, number: int, command: c.Copy) -> None:
        self.act_selected(number, command)

    @rule(number=numbers, command=commands.move)
    def move(self, number: int, command: c.Move) -> None:
        self.act_selected(number, command)

    @rule(number=numbers, command=commands.replace)
    def replace(self, number: int, command: c.Replace) -> None:
        self.act_selected(number, command)

    @rule(number=numbers, command=commands.expunge)
    def expunge(self, number: int, command: c.Expunge) -> None:
        self.act_selected(number, command)

    @rule(number=numbers, uids=commands.sequence_sets, command=commands.expunge)
    def store_deleted_and_expunge(self, number: int, uids: SequenceSet, command: c.Expunge) -> None:
        self.act_selected(number, c.Store(uids, c.StoreMode.ADD, (b"\\Deleted",), uid=True))
        self.act_selected(number, command)

    @rule(number=numbers, command=commands.create | commands.rename)
    def create_rename(self, number: int, command: c.Command) -> None:
        self.act_logged_in(number, command)

    @rule(number=numbers, data=st.data(), anew=st.booleans())
    def delete(self, number: int, data: st.DataObject, anew: bool) -> None:
        """DELETE of a mailbox that is there, more often than not; made anew it is another one (RFC 9051 §2.3.1.1)."""
        name = data.draw(st.sampled_from(self.worlds.mailbox_names()) | commands.names)
        self.act_logged_in(number, c.Delete(name))
        if anew:
            self.act(number, c.Create(name))
            self.act(number, c.Select(name))

    @rule(number=numbers, command=st.one_of(commands.subscribe, commands.unsubscribe, commands.list_(), commands.lsub))
    def subscribe_list(self, number: int, command: c.Command) -> None:
        self.act_logged_in(number, command)

    @rule(number=numbers, command=commands.acl)
    def access(self, number: int, command: c.Command) -> None:
        self.act_logged_in(number, command)

    @rule(number=numbers, command=commands.status)
    def status(self, number: int, command: c.Status) -> None:
        self.act_logged_in(number, command)

    @rule(number=numbers)
    def idle(self, number: int) -> None:
        session = self.worlds.session(number)
        if session.idling:
            self.worlds.done(number)
        elif session.state is not State.NOT_AUTHENTICATED:
            self.worlds.idle(number)
