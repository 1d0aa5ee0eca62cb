"""The rule machine on one store, judged by the relation alone: a fault has to be caught by what the client hears.

There is no second store to compare with, so what is stored wrongly counts only once a response shows it. A server that breaks
down is no match for the relation, so exceptions pass through.
"""

from collections.abc import Callable

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from angarium.engine.imap.connection import ImapServer
from angarium.engine.steps import Peer
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import Response
from angarium.grammar.imap.sections import Section, SectionText
from angarium.grammar.imap.sequence_set import STAR, SequenceSet
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.session import State
from angarium.store.store import Store
from stateful import imap_commands as commands
from stateful.imap_driver import Connection
from stateful.imap_machine import APPENDS, PATIENT, ImapMachine, numbers
from stateful.imap_worlds import PASSWORD, USER, System, Worlds

make_store: Callable[..., ModelStore] = ModelStore
"""What makes the store; faults of a store are put in here."""


def make_server(peer: Peer) -> ImapServer:
    """A server that does not lose patience with a machine that types at random."""
    return ImapServer(peer, limits=PATIENT)


of_the_selected_state = st.one_of(
    commands.noop, commands.store(), commands.search, commands.fetch(False), commands.copy, commands.move, commands.expunge,
    st.sampled_from((c.Check(), c.Close(), c.Unselect(), c.Expunge(None))), st.sampled_from((c.Check(), c.Unselect())),
)  # fmt: skip
conditional_store = st.builds(
    lambda command, since: evolve(command, unchanged_since=since), commands.store(), commands.mod_sequences
)
on_messages = st.one_of(
    conditional_store,
    commands.noop, commands.store(), commands.store(), commands.search, commands.fetch(False), commands.fetch(False),
    commands.copy, commands.move, commands.expunge, commands.append, commands.fetch_flags,
)  # fmt: skip
on_names = st.one_of(
    commands.create, commands.rename, commands.delete, commands.subscribe, commands.unsubscribe, commands.list_(),
    commands.list_(), commands.lsub, commands.status, commands.append, commands.select_qresync(),
)  # fmt: skip
by_number = st.one_of(commands.store(), commands.search, commands.fetch(False), commands.fetch_flags).map(
    lambda command: evolve(command, uid=False)
)
EVERYTHING = (
    c.FetchItem.FLAGS, c.FetchItem.INTERNALDATE, c.FetchItem.RFC822_SIZE, c.FetchItem.UID,
    c.FetchBody(Section(), peek=True), c.FetchBody(Section(text=SectionText.HEADER), peek=True),
)  # fmt: skip
leaving = st.sampled_from((c.Close(), c.Unselect(), c.Select("nowhere"), c.Noop()))


class JudgedWorlds(Worlds):
    """One system and the protocol model."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, store, make_server)
        self.systems = (self.first,)

    def connect(self, number: int) -> None:
        self.first.connections[number] = Connection(self.first.store, make_server)
        self.model.connect(number)

    def both(self, number: int, act: Callable[[System, Connection], list[Response]]) -> list[Response]:
        return [*act(self.first, self.first.connections[number])]

    def idle(self, number: int) -> None:
        super().idle(number)
        self._follow(number)  # the selected mailbox may be gone, and the server with it

    def done(self, number: int) -> None:
        super().done(number)
        self._follow(number)

    def compare(self) -> None:
        """There is nothing to compare with."""

    def _follow(self, number: int) -> None:
        """As a client does; a server that stays after LOGOUT is asked for something, which it must not answer (RFC 9051 §3.4)."""
        session, connection = self.session(number), self.first.connections[number]
        connection.utf8 = session.rev2
        if session.state is State.LOGOUT:
            if not connection.closed:
                tag = self._tag()
                self.model.step(number, tag, c.Noop(), connection.send(tag, c.Noop()))
            self.connect(number)


class JudgedMachine(ImapMachine):
    """The rule machine, with more of what is rare: strangers, nothing selected, a SELECT that fails."""

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        self.worlds = JudgedWorlds(make_store({USER: PASSWORD}, now=lambda: commands.NOW))

    def teardown(self) -> None:
        self.worlds.close()

    @rule(number=numbers, wanted=st.lists(commands.any_command | st.just(c.Logout()), min_size=3, max_size=8))
    def any_command_to_a_new_connection(self, number: int, wanted: list[c.Command]) -> None:
        """The client leaves, comes back, and does not log in."""
        for command in (c.Logout(), *wanted):
            self.act(number, command)

    @rule(number=numbers, wanted=st.lists(on_messages, min_size=3, max_size=8))
    def several_commands_on_messages(self, number: int, wanted: list[c.Command]) -> None:
        """One client has much to do."""
        for command in wanted:
            self.act_selected(number, command)

    @rule(number=numbers, wanted=st.lists(on_names, min_size=3, max_size=8))
    def several_commands_on_names(self, number: int, wanted: list[c.Command]) -> None:
        """One client tidies up."""
        for command in wanted:
            self.act_logged_in(number, command)

    @rule(number=numbers, filling=st.lists(commands.copy | commands.append, min_size=1, max_size=3), name=commands.mostly_inbox)
    def everything_there_is(self, number: int, filling: list[c.Copy | c.Append], name: str) -> None:
        """Fill mailboxes, open one and look at all that is in it, but as nobody has: reading leaves no trace."""
        for command in filling:
            self.act_selected(number, command)
        for each in (name, filling[-1].mailbox):
            self.act_logged_in(number, c.Select(each))
            if self.worlds.session(number).view:
                self.act(number, c.Fetch(SequenceSet(((1, STAR),)), EVERYTHING))

    @rule(number=numbers, name=commands.names, command=commands.select)
    def a_mailbox_made_anew(self, number: int, name: str, command: c.Select) -> None:
        """What is deleted and made again is another mailbox (RFC 9051 §2.3.1.1)."""
        for each in (c.Create(name), c.Select(name), command, c.Delete(name), c.Create(name), c.Select(name)):
            self.act_logged_in(number, each)

    @rule(number=numbers, other=numbers, gone=commands.sequence_sets, wanted=st.lists(by_number, min_size=1, max_size=3))
    def messages_that_somebody_else_expunged(self, number: int, other: int, gone: SequenceSet, wanted: list[c.Command]) -> None:
        """Two clients look at INBOX; one expunges what the other names by number (RFC 9051 §7.5.1)."""
        for each in {number, other}:
            self.act_logged_in(each, c.Select("INBOX"))
        self.act_logged_in(other, APPENDS[0])
        self.act_selected(number, c.Noop())
        self.act_selected(other, c.Store(gone, c.StoreMode.ADD, (b"\\Deleted",), uid=True))
        self.act_selected(other, c.Expunge())
        for command in wanted:
            self.act_selected(number, command)

    @rule(number=numbers, read_only=st.booleans(), leave=st.sampled_from((c.Close(), c.Close(), c.Unselect(), c.Select("a"))))
    def messages_left_with_the_deleted_flag(self, number: int, read_only: bool, leave: c.Command) -> None:
        """Only CLOSE removes them, and not from what was examined (RFC 9051 §6.4.1, §6.4.2)."""
        first = SequenceSet(((1, 1),))
        for each in (
            *(c.Select("INBOX"), APPENDS[0], c.Store(first, c.StoreMode.ADD, (b"\\Deleted",))),
            *(c.Select("INBOX", read_only), leave, c.Select("INBOX")),
        ):
            self.act_logged_in(number, each)

    @rule(number=numbers, leave=leaving, wanted=st.lists(of_the_selected_state, min_size=3, max_size=8))
    def any_command_where_nothing_is_selected(self, number: int, leave: c.Command, wanted: list[c.Command]) -> None:
        """The client leaves its mailbox and forgets that it has."""
        self.act_selected(number, leave)
        for command in wanted:
            self.act(number, command)
        if self.worlds.session(number).state is not State.NOT_AUTHENTICATED:
            self.worlds.idle(number)
