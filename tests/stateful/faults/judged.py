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
from angarium.grammar.imap import search_keys as k
from angarium.grammar.imap.responses import Response
from angarium.grammar.imap.sections import Section, SectionText
from angarium.grammar.imap.sequence_set import STAR, SequenceSet
from angarium.grammar.imap.sorting import SortCriterion, SortKey
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


ALL = SequenceSet(((1, STAR),))
DELETED = (b"\\Deleted",)
EVERYTHING = (
    c.FetchItem.FLAGS, c.FetchItem.INTERNALDATE, c.FetchItem.RFC822_SIZE, c.FetchItem.UID,
    c.FetchBody(Section(), peek=True), c.FetchBody(Section(text=SectionText.HEADER), peek=True),
    c.FetchBody(Section(text=SectionText.TEXT), peek=True),
)  # fmt: skip
LEAVING = (c.Close(), c.Unselect(), c.Select("nowhere"), c.Noop())

conditional_store = st.builds(
    lambda command, since: evolve(command, unchanged_since=since), commands.store(), commands.mod_sequences
)
fetch_vanished = st.builds(
    lambda numbers, since: c.Fetch(numbers, (c.FetchItem.FLAGS,), True, since, True),
    commands.sequence_sets,
    commands.mod_sequences,
)
on_messages = st.one_of(
    commands.noop, commands.store(), commands.store(), conditional_store, commands.search, commands.fetch(False),
    commands.fetch(False), commands.copy, commands.move, commands.expunge, commands.append, commands.fetch_flags,
    commands.replace,
)  # fmt: skip
on_names = st.one_of(
    commands.create, commands.rename, commands.delete, commands.subscribe, commands.unsubscribe, commands.list_(),
    commands.list_(), commands.lsub, commands.status, commands.append, commands.select_qresync(), commands.acl,
)  # fmt: skip
by_number = st.one_of(
    commands.store(), commands.search, commands.fetch(False), commands.fetch_flags, commands.sort, commands.thread,
).map(lambda command: evolve(command, uid=False))  # fmt: skip
SIZES = tuple(len(message) + more for message in commands.MESSAGES for more in (-1, 0, 1))
sizes = st.sampled_from(SIZES).map(k.Larger) | st.sampled_from(SIZES).map(k.Smaller)
headers = st.sampled_from((b"SUBJECT", b"FROM", b"X-None")).map(lambda name: k.HeaderContains(name, b""))
since = st.integers(1, 9).map(k.ModSequenceSince)
options = st.none() | st.frozensets(st.sampled_from(c.SearchReturn))
searches = commands.search | st.builds(
    c.Search, commands.leaf_keys | sizes | headers | since, st.just(b"UTF-8"), options, uid=st.booleans()
)
alone = frozenset((c.SearchReturn.SAVE,))
saving = st.sampled_from(list(c.SearchReturn)).map(lambda option: alone | {option})
saved = commands.search | st.just(c.Search(k.All())) | st.builds(c.Search, commands.leaf_keys)
of_the_selected_state = on_messages | st.sampled_from((c.Check(), c.Close(), c.Unselect(), c.Expunge(None)))


beforehand = st.one_of(commands.append, commands.select, commands.status, commands.noop, commands.list_(), st.just(c.Logout()))
anything = commands.any_command | beforehand
ENABLED = (c.Enable((b"QRESYNC",)), c.Enable((b"IMAP4rev2",)), c.Enable((b"UIDONLY",)))
STATUS = tuple(c.StatusItem)
WHOLE_TREE = (
    c.List("", ("*",), frozenset(), frozenset((c.ListReturn.CHILDREN, c.ListReturn.SUBSCRIBED)), STATUS, True),
    c.List("", ("INBOX", "a%"), extended=True),
    c.List("", ("%",), frozenset((c.ListSelect.SUBSCRIBED, c.ListSelect.RECURSIVEMATCH)), frozenset(), None, True),
    c.Lsub("", "*"),
)
"""What shows mailboxes, subscriptions and counts."""
WITH_USES = c.List("", ("*",), returns=frozenset((c.ListReturn.SPECIAL_USE,)), extended=True)
existing = st.sampled_from(("a", "a/b", "INBOX"))
changes_of_names = st.one_of(
    st.builds(c.Rename, existing, commands.names), st.builds(c.Unsubscribe, existing), st.builds(c.Delete, existing),
    commands.create, commands.subscribe, commands.append, commands.rename,
)  # fmt: skip


def some(strategy: st.SearchStrategy[c.Command]) -> st.SearchStrategy[list[c.Command]]:
    """Several commands, one after the other."""
    return st.lists(strategy, min_size=3, max_size=6)


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
    """The rule machine, but with several commands to a rule, and with more of what is rare.

    Between the rules that have one command chance seldom comes to what a fault takes to show.
    """

    noop = any_command_in_any_state = any_command_before_login = select = close_unselect = append = store = fetch = None
    fetch_flags = search = copy = move = expunge = create_rename = subscribe_list = status = None

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        self.worlds = JudgedWorlds(make_store({USER: PASSWORD}, now=lambda: commands.NOW))

    def teardown(self) -> None:
        self.worlds.close()

    @rule(number=numbers, wanted=some(anything))
    def commands_to_a_new_connection(self, number: int, wanted: list[c.Command]) -> None:
        """The client leaves, comes back, and does not log in."""
        for command in (c.Logout(), APPENDS[0], c.Select("INBOX"), *wanted):
            self.act(number, command)

    @rule(number=numbers, leave=st.sampled_from(LEAVING), wanted=some(of_the_selected_state))
    def commands_where_nothing_is_selected(self, number: int, leave: c.Command, wanted: list[c.Command]) -> None:
        """The client leaves its mailbox and forgets that it has."""
        self.act_selected(number, leave)
        for command in (*wanted, c.Check(), c.Unselect(), c.Close()):
            self.act(number, command)
        if self.worlds.session(number).state is not State.NOT_AUTHENTICATED:
            self.worlds.idle(number)

    @rule(number=numbers, wanted=some(on_messages))
    def commands_on_messages(self, number: int, wanted: list[c.Command]) -> None:
        """One client has much to do."""
        for command in wanted:
            self.act_selected(number, command)

    @rule(number=numbers, other=numbers, wanted=st.lists(st.tuples(st.booleans(), on_messages), min_size=4, max_size=8))
    def commands_of_two_clients(self, number: int, other: int, wanted: list[tuple[bool, c.Command]]) -> None:
        """Two clients have to do with INBOX."""
        for each in (number, other):
            self.act_logged_in(each, c.Select("INBOX"))
        for first, command in wanted:
            self.act_selected(number if first else other, command)

    @rule(number=numbers, name=commands.mostly_inbox, wanted=some(on_messages))
    def commands_to_what_is_only_examined(self, number: int, name: str, wanted: list[c.Command]) -> None:
        """Nothing changes what was opened by EXAMINE (RFC 9051 §6.3.3)."""
        self.act_logged_in(number, c.Select(name, read_only=True))
        for command in (*wanted, c.Select("INBOX")):
            self.act_logged_in(number, command)

    @rule(number=numbers, wanted=some(searches))
    def several_searches(self, number: int, wanted: list[c.Command]) -> None:
        """One client looks for something in INBOX."""
        for command in (c.Select("INBOX"), *wanted):
            self.act_logged_in(number, command)

    @rule(number=numbers, wanted=some(commands.sort | commands.thread))
    def several_orders(self, number: int, wanted: list[c.Command]) -> None:
        """One client shows INBOX in this order and that."""
        for command in (c.Select("INBOX"), *wanted):
            self.act_logged_in(number, command)

    @rule(number=numbers, wanted=st.lists(st.tuples(saved, saving, st.booleans()), min_size=2, max_size=5))
    def searches_that_are_saved(self, number: int, wanted: list[tuple[c.Search, frozenset[c.SearchReturn], bool]]) -> None:
        """What is saved is what $ names then (RFC 9051 §6.4.4.1)."""
        for search, returns, uid in wanted:
            self.act_selected(number, evolve(search, returns=returns, partial=None))
            self.act_selected(number, c.Fetch(SequenceSet(saved=True), (c.FetchItem.UID, c.FetchItem.RFC822_SIZE), uid))

    @rule(number=numbers, wanted=some(on_names))
    def commands_on_names(self, number: int, wanted: list[c.Command]) -> None:
        """One client tidies up."""
        for command in wanted:
            self.act_logged_in(number, command)

    @rule(number=numbers, wanted=some(changes_of_names))
    def names_that_come_and_go(self, number: int, wanted: list[c.Command]) -> None:
        """Names come and go; what has become of them is looked at."""
        for command in (*wanted, *WHOLE_TREE):
            self.act_logged_in(number, command)

    @rule(number=numbers, name=st.sampled_from(("a", "b")), new_name=commands.names)
    def a_family_of_names(self, number: int, name: str, new_name: str) -> None:
        """What is below a name moves along with it (RFC 9051 §6.3.6)."""
        below = (c.Create(f"{name}/x"), c.Subscribe(f"{name}/x"), c.Unsubscribe(name), c.Lsub("", "%"))
        for command in (*below, c.Rename(name, new_name), *WHOLE_TREE):
            self.act_logged_in(number, command)

    @rule(number=numbers, name=st.sampled_from(("a", "Trash")), uses=commands.uses)
    def a_mailbox_for_some_use(self, number: int, name: str, uses: tuple[bytes, ...] | None) -> None:
        """A mailbox is made for something else than before (RFC 6154 §3)."""
        again = (c.Delete(name), c.Create(name, (b"\\Important",)), WITH_USES)
        for command in (c.Delete(name), c.Create(name, uses), WITH_USES, *again):
            self.act_logged_in(number, command)

    @rule(number=numbers, enabled=st.sampled_from(ENABLED), wanted=commands.fetch(False))
    def a_connection_that_is_used_again(self, number: int, enabled: c.Enable, wanted: c.Command) -> None:
        """UNAUTHENTICATE forgets what was enabled, COMPRESS too (RFC 8437 §4.1), which is done once (RFC 4978 §3)."""
        for command in (c.Compress(), c.Compress(), enabled, c.Unauthenticate(), c.Select("INBOX"), wanted):
            self.act_logged_in(number, command)

    @rule(number=numbers, other=numbers, ordered=st.booleans(), cancelled=st.booleans())
    def a_search_that_is_kept_up_to_date(self, number: int, other: int, ordered: bool, cancelled: bool) -> None:
        """What others do adds to the results, until the client wants no more (RFC 5267 §4.3)."""
        for each in (number, other):
            self.act_logged_in(each, c.Select("INBOX"))
        self.act_selected(other, c.Store(ALL, c.StoreMode.REPLACE, (b"\\Flagged",), uid=True))
        key, returns = k.HasFlag(DELETED[0]), frozenset((c.SearchReturn.UPDATE, c.SearchReturn.COUNT))
        newest_first = (SortCriterion(SortKey.SUBJECT), SortCriterion(SortKey.ARRIVAL, reverse=True))
        looked: c.Command = c.Search(key, returns=returns)
        if ordered:
            looked = c.Sort(newest_first, key, b"UTF-8", returns=returns)
        self.act_selected(number, looked)
        if cancelled:
            self.act_selected(number, c.CancelUpdate((b"t%d" % self.worlds.tags,)))
        self.act_selected(other, APPENDS[0])
        self.act_selected(other, c.Store(ALL, c.StoreMode.ADD, DELETED, uid=True))
        self.act_selected(number, c.Noop())

    @rule(number=numbers, wanted=st.lists(commands.copy | commands.append, min_size=1, max_size=3), uid=st.booleans())
    def everything_there_is(self, number: int, wanted: list[c.Copy | c.Append], uid: bool) -> None:
        """Fill mailboxes, open one and look at all that is in it; reading so leaves no trace."""
        for command in wanted:
            self.act_selected(number, command)
        for each in ("INBOX", wanted[-1].mailbox):
            self.act_logged_in(number, c.Select(each))
            if self.worlds.session(number).view:
                self.act(number, c.Fetch(ALL, EVERYTHING, uid))

    @rule(number=numbers, name=commands.names, command=commands.select)
    def a_mailbox_made_anew(self, number: int, name: str, command: c.Select) -> None:
        """What is deleted and made again is another mailbox (RFC 9051 §2.3.1.1)."""
        for each in (c.Create(name), c.Select(name), command, c.Delete(name), c.Create(name), c.Select(name)):
            self.act_logged_in(number, each)

    @rule(number=numbers, other=numbers, gone=commands.sequence_sets, wanted=some(by_number))
    def messages_that_somebody_else_expunged(self, number: int, other: int, gone: SequenceSet, wanted: list[c.Command]) -> None:
        """Two clients look at INBOX; one expunges what the other names by number (RFC 9051 §7.5.1)."""
        for each in (number, other):
            self.act_logged_in(each, c.Select("INBOX"))
        self.act_logged_in(other, APPENDS[0])
        self.act_selected(number, c.Noop())
        self.act_selected(other, c.Store(gone, c.StoreMode.ADD, DELETED, uid=True))
        self.act_selected(other, c.Expunge())
        for command in wanted:
            self.act_selected(number, command)

    @rule(number=numbers, gone=commands.sequence_sets, data=st.data())
    def a_client_that_comes_back(self, number: int, gone: SequenceSet, data: st.DataObject) -> None:
        """It resynchronizes INBOX, from where some messages have gone meanwhile (RFC 7162 §3.2.5, §3.2.6)."""
        if not self.worlds.session(number).qresync:
            self.act_logged_in(number, c.Enable((b"QRESYNC",)))
        for command in (APPENDS[1], c.Store(gone, c.StoreMode.ADD, DELETED, uid=True), c.Expunge()):
            self.act_selected(number, command)
        for command in data.draw(st.lists(commands.select_qresync() | fetch_vanished, min_size=2, max_size=4)):
            self.act_selected(number, command)

    @rule(number=numbers, read_only=st.booleans(), leave=st.sampled_from((c.Close(), c.Close(), c.Unselect(), c.Select("a"))))
    def messages_left_with_the_deleted_flag(self, number: int, read_only: bool, leave: c.Command) -> None:
        """Only CLOSE removes them, and not from what was examined (RFC 9051 §6.4.1, §6.4.2)."""
        opened = (c.Select("INBOX"), APPENDS[0], c.Store(ALL, c.StoreMode.ADD, DELETED, uid=True))
        for command in (*opened, c.Select("INBOX", read_only), leave, c.Select("INBOX")):
            self.act_logged_in(number, command)
