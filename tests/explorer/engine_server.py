"""Angarium's engine as a function of what it remembers (``angarium.spec.explorer.memory``).

Everything that a connection at rest remembers is in its ``Session``: the generator stands where it waits for the next command.
So a new connection is brought to that point, given another session's memory, and is that session. One that idles is brought
into IDLE over a store in which nothing ever happens, and finds the real one when it looks next.
"""

from typing import Any

from angarium.engine.imap.connection import ImapServer
from angarium.engine.imap.limits import Limits
from angarium.engine.imap.state import Selected, Session, State
from angarium.engine.imap.tables import TRANSITIONS
from angarium.engine.operations import OpenedMailbox, Operation, ReadChanges, StoreError, UidMap, UserName
from angarium.engine.steps import Event, Execute, Failed, Peer, Read, Received, Result, Woken, Write
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.explorer.edge import IDLE_TAG, TAG, Subject
from angarium.spec.explorer.memory import Answered, Memory, Selection
from angarium.spec.explorer.memory import Execute as Carry

LOCAL = Peer("127.0.0.1", local=True)
PATIENT = Limits(login_failures_max=10**6, bad_commands_max=10**6)

SESSION = {"state", "user", "revision2", "condstore", "qresync", "selected", "uid_only"}
PASSING = {
    "claimed", "compressed", "granted", "identity", "limits", "login_failures", "namespaces", "peer", "plaintext_login",
    "report_login", "reusable", "tag", "tls",
}  # fmt: skip
"""Fixed when the connection begins, or counted towards a limit, or of the command in progress."""
SELECTED = {"actual", "id", "keywords", "modseq", "name", "read_only", "recent", "saved", "settled", "stamp", "uids"}
PASSING_SELECTED = {"told", "rights", "keywords_full", "contexts", "due"}
ENABLED = {b"IMAP4REV2": "revision2", b"CONDSTORE": "condstore", b"QRESYNC": "qresync", b"UIDONLY": "uid_only"}


class Line:
    """An engine that runs up to its next ``Read``."""

    def __init__(self, execute: Carry) -> None:
        self.execute = execute
        self.server = ImapServer(LOCAL, limits=PATIENT)
        self.steps = self.server.run()
        self.octets = b""
        self.closed = False
        self.run(None)

    def run(self, event: Event) -> None:
        try:
            step = self.steps.send(event)
            while not isinstance(step, Read):
                step = self.steps.send(self.carried_out(step))
        except StopIteration:
            self.closed = True

    def carried_out(self, step: Any) -> Event:
        if isinstance(step, Write):
            self.octets += step.octets
            return None
        assert isinstance(step, Execute), step
        try:
            return Result(self.execute(step.operation))
        except StoreError as error:
            return Failed(error)


def nothing_happens(operation: Operation) -> None:
    assert isinstance(operation, ReadChanges), "IDLE asks for nothing else"


def resting() -> Line:
    """A connection that waits for a command: the last one that was left waiting, or a new one."""
    return waiting.pop() if waiting else Line(nothing_happens)


waiting: list[Line] = []
"""At most one. All that it remembers is overwritten; if that were not all, what it says would not be what is due."""


def engine(memory: Memory, execute: Carry, octets: bytes) -> Answered:
    line = resting()
    remember(line.server.session, memory)
    if memory.idling:
        line.execute = nothing_happens
        line.run(Received(b"%b IDLE\r\n" % IDLE_TAG))
    line.octets, line.execute = b"", execute
    line.run(Received(octets) if octets else Woken())
    if line.closed:
        return Answered(line.octets, None)
    tag = IDLE_TAG if memory.idling or octets.startswith(IDLE_TAG + b" ") else TAG
    answered = any(each.startswith(tag + b" ") for each in line.octets.splitlines())
    if answered:
        waiting.append(line)
    return Answered(line.octets, remembered(line.server.session, idling=not answered))


def remember(session: Session, memory: Memory) -> None:
    session.state = State(memory.state)
    session.user = UserName(memory.user)
    for name, attribute in ENABLED.items():
        setattr(session, attribute, name in memory.enabled)
    session.selected = None if memory.selection is None else selected(memory.selection)


def selected(told: Selection) -> Selected:
    uids = UidMap(told.view)
    opened = OpenedMailbox(
        told.mailbox, told.name, 0, 0, told.mod_sequence, uids, told.keywords, stamp=told.stamp, read_only=told.read_only
    )
    result = Selected(opened, told.read_only)
    result.actual = uids if told.present == told.view else UidMap(told.present)
    result.settled = told.settled
    result.recent = [(uid, uid) for uid in told.recent]
    result.saved = NumberSet.from_numbers(told.saved)
    return result


def remembered(session: Session, *, idling: bool) -> Memory:
    enabled = frozenset(name for name, attribute in ENABLED.items() if getattr(session, attribute))
    chosen = session.selected
    if chosen is None:
        return Memory(session.state.value, session.user, enabled, idling)
    view = tuple(chosen.uids)
    selection = Selection(
        mailbox=chosen.id,
        name=chosen.name,
        read_only=chosen.read_only,
        view=view,
        present=tuple(chosen.actual) if chosen.expunges_wait else view,
        mod_sequence=chosen.modseq,
        settled=chosen.settled,
        stamp=chosen.stamp,
        keywords=chosen.keywords,
        recent=tuple(uid for uid in view if chosen.is_recent(uid)),
        saved=tuple(uid for uid in view if uid in chosen.saved),
    )
    return Memory(session.state.value, session.user, enabled, idling, selection)


ENGINE = Subject(
    engine, {(before.value, command, outcome): after.value for (before, command, outcome), after in TRANSITIONS.items()}
)
