"""The same connections and commands on engine + SQLite, on engine + model store, and judged by the protocol model.

After each command three things hold: the answers of the two engines are equal, the protocol model admits them, and the
three stores contain the same. Equal but for UIDVALIDITY and MAILBOXID, which are each store's own choice (RFC 9051 §2.3.1.1).
"""

from collections.abc import Callable
from typing import Any

from attrs import evolve

from angarium.engine.operations import (
    Column,
    FetchMessages,
    FetchStatus,
    ListMailboxes,
    OpenMailbox,
    UserName,
)
from angarium.grammar.imap.commands import Command, Login, Select, StatusItem
from angarium.grammar.imap.responses import (
    Code,
    Condition,
    FetchData,
    FetchDatum,
    Flags,
    FlagsData,
    Response,
    ResponseCode,
    StatusData,
    Tagged,
    UidFetchData,
    Untagged,
)
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.revealed import Revealed
from angarium.spec.protocol.session import Session, State
from angarium.spec.protocol_model import ProtocolModel
from angarium.store.store import Store
from stateful.imap_commands import NEVER, NOW
from stateful.imap_driver import Connection, ServerFactory

USER, PASSWORD = UserName("mira"), "secret"
LOGIN = Login(b"mira", b"secret")
EVERYTHING = NumberSet(((1, 2**32 - 1),))
COUNTED = frozenset(StatusItem) - {StatusItem.UIDVALIDITY, StatusItem.RECENT, StatusItem.MAILBOXID, StatusItem.APPENDLIMIT}

OWN = frozenset({StatusItem.UIDVALIDITY, StatusItem.MAILBOXID})


def dump(store: Store) -> dict[str, Any]:
    """All that a store contains for the user, but UIDVALIDITY and who was told of what is recent."""
    mailboxes = store.execute(ListMailboxes(USER))
    return {entry.name: (entry.subscribed, entry.special_use, entry.id and contents(store, entry.name)) for entry in mailboxes}


def contents(store: Store, name: str) -> tuple[Any, ...]:
    """One mailbox: counts, UIDs, flags, mod-sequences, octets."""
    opened = store.execute(OpenMailbox(USER, name))
    (status,) = store.execute(FetchStatus(USER, (name,), COUNTED))
    columns = Column.FLAGS | Column.INTERNALDATE | Column.SIZE | Column.CONTENT | Column.EMAILID | Column.THREADID
    columns |= Column.SAVEDATE | Column.PREVIEW
    page = store.execute(FetchMessages(opened.id, EVERYTHING, columns))
    assert page.next_uid is None
    head = (opened.uidnext, opened.highest_modseq, list(opened.uids), opened.keywords, opened.first_unseen)
    rows = [evolve(row, flags=tuple(sorted(row.flags))) for row in page.rows]
    return head, sorted(status.values.items(), key=lambda item: item[0].value), rows


def comparable(response: Response) -> Response:
    """The response but for what is each store's own: text for humans, UIDVALIDITY, MAILBOXID, the order of flags."""
    match response:
        case Tagged(code=code) | Untagged(code=code):
            if code is not None and code.code in (Code.APPENDUID, Code.COPYUID, Code.UIDVALIDITY):
                code = ResponseCode(code.code, (0, *code.arguments[1:]))
            if code is not None and code.code is Code.MAILBOXID:
                code = ResponseCode(code.code)
            return evolve(response, text="", code=code)
        case FlagsData(flags=flags):
            return FlagsData(tuple(sorted(flags)))
        case FetchData(number, items):
            return FetchData(number, sorted_flags(items))
        case UidFetchData(uid, items):
            return UidFetchData(uid, sorted_flags(items))
        case StatusData(items=items):
            return evolve(response, items=tuple((item, 0 if item in OWN else value) for item, value in items))
    return response


def sorted_flags(items: tuple[FetchDatum, ...]) -> tuple[FetchDatum, ...]:
    """The items of FETCH with flags in one order."""
    return tuple(Flags(tuple(sorted(each.flags))) if isinstance(each, Flags) else each for each in items)


def differences(left: dict[str, Any], right: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What two dumps have differently, by mailbox name."""
    return {name: (left.get(name), right.get(name)) for name in left | right if left.get(name) != right.get(name)}


class System:
    """One store and the engines on it, one for each connection."""

    def __init__(self, store: Store, make_server: ServerFactory) -> None:
        self.store = store
        self.make_server = make_server
        self.connections: dict[int, Connection] = {}

    def connect(self, number: int) -> list[Response]:
        self.connections[number] = Connection(self.store, self.make_server)
        return self.connections[number].greeting

    def localized(self, command: Command) -> Command:
        """QRESYNC with the UIDVALIDITY this store gave; ``NEVER`` stays."""
        if not isinstance(command, Select) or command.qresync is None or command.qresync.uidvalidity == NEVER:
            return command
        names = {entry.name for entry in self.store.execute(ListMailboxes(USER)) if entry.id}
        known = self.store.execute(OpenMailbox(USER, command.mailbox)).uidvalidity if command.mailbox in names else 1
        return evolve(command, qresync=evolve(command.qresync, uidvalidity=known))


class Worlds:
    """Both systems and the protocol model, kept in step."""

    def __init__(self, first: Store, second: Store, make_server: ServerFactory) -> None:
        self.first, self.second = System(first, make_server), System(second, make_server)
        self.model = ProtocolModel(ModelStore({USER: PASSWORD}, now=lambda: NOW), Revealed(one_by_one=True))
        self.systems = (self.first, self.second)
        self.tags = 0
        self.idle_tags: dict[int, bytes] = {}

    def session(self, number: int) -> Session:
        return self.model.sessions[number]

    def strangers(self) -> list[int]:
        """Sessions that have not logged in."""
        return [number for number, session in self.model.sessions.items() if session.state is State.NOT_AUTHENTICATED]

    def mailbox_names(self) -> list[str]:
        """The mailboxes there are."""
        return [entry.name for entry in self.model.store.execute(ListMailboxes(USER)) if entry.id]

    def connect(self, number: int) -> None:
        greetings = [system.connect(number) for system in self.systems]
        assert greetings[0] == greetings[1]
        assert [each.condition for each in greetings[0] if isinstance(each, Untagged)] == [Condition.OK], greetings
        self.model.connect(number)

    def both(self, number: int, act: Callable[[System, Connection], list[Response]]) -> list[Response]:
        """The same on both systems; their answers agree."""
        first, second = ([*act(system, system.connections[number])] for system in self.systems)
        assert [*map(comparable, first)] == [*map(comparable, second)], (first, second)
        return first

    def do(self, number: int, command: Command) -> list[Response]:
        """One command on one connection, everywhere; then wake those that idle, and compare."""
        tag = self._tag()
        answer = self.both(number, lambda system, connection: connection.send(tag, system.localized(command)))
        self.model.step(number, tag, self.first.localized(command), answer)
        self._follow(number)
        self._wake()
        self.compare()
        return answer

    def idle(self, number: int) -> None:
        tag = self._tag()
        self.model.idle(number, self.both(number, lambda system, connection: connection.idle(tag)))
        self.idle_tags[number] = tag

    def done(self, number: int) -> None:
        answer = self.both(number, lambda system, connection: connection.send_octets(b"DONE\r\n"))
        self.model.done(number, self.idle_tags.pop(number), answer)

    def _follow(self, number: int) -> None:
        """What a client does then: speak UTF-8 once IMAP4rev2 is on, connect again when the server hung up."""
        session = self.session(number)
        for system in self.systems:
            connection = system.connections[number]
            connection.utf8 = session.rev2
            assert connection.closed == (session.state is State.LOGOUT), "the server hangs up when it has said so"
        if session.state is State.LOGOUT:
            self.connect(number)
            self.do(number, LOGIN)

    def _wake(self) -> None:
        for number, session in list(self.model.sessions.items()):
            if session.idling:
                self.model.pushed(number, self.both(number, lambda system, connection: connection.wake()))
                self._follow(number)

    def compare(self) -> None:
        """The three stores contain the same; that UIDs and mod-sequences only grow is the model's nature."""
        now = dump(self.first.store)
        for store in (self.second.store, self.model.store):
            assert differences(now, dump(store)) == {}

    def _tag(self) -> bytes:
        self.tags += 1
        return b"t%d" % self.tags

    def close(self) -> None:
        for system in self.systems:
            for connection in system.connections.values():
                connection.close()
