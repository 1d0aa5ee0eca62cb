"""One IMAP connection as the server sees it (RFC 9051 §2.2, §3): octets in, steps out.

Theory of operation. ``run`` is a generator of steps (``angarium.engine.steps``). It cuts the octets it is fed into frames, has
each parsed into a command value, looks the value up in ``tables.COMMANDS``, and lets the handler named there run. What the
handler asks for is either passed on as a step (operations, waiting for a line, TLS) or rendered and gathered (responses), and
its outcome becomes the tagged response. Commands are carried out one after the other in the order they came, so pipelining
cannot be ambiguous (RFC 9051 §5.5).

Before the tagged response of a command the session is told what has happened to its mailbox (``updates.py``), unless the table
says that the command does not.

An idle connection holds this object, its session, an empty framer and a few suspended generators, and nothing in the store.
"""

from collections.abc import Callable, Generator
from typing import Any, Final

from angarium.engine.imap.asks import (
    OPERATIONS,
    Ask,
    Asking,
    BeginCompression,
    BeginTls,
    EndCompression,
    NextLine,
    Octets,
    Outcome,
    Refused,
    bad,
)
from angarium.engine.imap.capabilities import capability_code
from angarium.engine.imap.errors import outcome_of
from angarium.engine.imap.fetch_content import ContentLost
from angarium.engine.imap.identity import Identity
from angarium.engine.imap.limits import Limits
from angarium.engine.imap.literals import Staging, announced, tag_of
from angarium.engine.imap.rights import check
from angarium.engine.imap.state import LoginReport, PlaintextLogin, Session, State, may_expunge, names_numbers, tell_nobody
from angarium.engine.imap.tables import ATTEMPTS, COMMAND_OF, MOVES, TRANSITIONS, Command, Seqs
from angarium.engine.imap.updates import announce, settled
from angarium.engine.imap.wire import Departure, Steps, Wire, bye
from angarium.engine.namespaces import Namespaces
from angarium.engine.operations import (
    DiscardStaged,
    MailboxNotFound,
    Operation,
    ReadChanges,
    ReadContent,
    StageOctets,
    StoreError,
)
from angarium.engine.steps import (
    Event,
    Execute,
    Failed,
    Peer,
    Result,
    StartTls,
    Step,
    TlsStarted,
)
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.framing import Frame, FrameEvent, LineTooLong, LiteralChunk, LiteralEnd, LiteralWanted
from angarium.grammar.imap.parse_command import CommandSyntaxError, parse_command
from angarium.grammar.imap.render_response import render_response, render_tagged
from angarium.grammar.imap.responses import Code, Condition, ResponseCode, Untagged

IN_LITERALS: Final = (DiscardStaged, ReadContent, StageOctets)
"""Operations in the middle of a command that comes or an answer that goes: nothing can be said between."""


def greeting(session: Session) -> Untagged:
    """The first thing a client hears, with what it could otherwise ask for next (RFC 9051 §7.1.1)."""
    code = capability_code(session, State.NOT_AUTHENTICATED)
    return Untagged(Condition.OK, f"{session.identity.name} ready", code)


class ImapServer:
    """The server's end of one connection (RFC 9051 §3). ``run`` is its life; everything else belongs to it."""

    __slots__ = ("_answered", "_bad_commands", "_operation", "_staging", "_wire", "session")

    def __init__(
        self,
        peer: Peer,
        *,
        limits: Limits = Limits(),
        identity: Identity = Identity(),
        plaintext_login: PlaintextLogin = PlaintextLogin.LOCAL,
        report_login: LoginReport = tell_nobody,
        reusable: bool = True,
        namespaces: Namespaces | None = Namespaces(),
    ) -> None:
        self.session: Final = Session(peer, limits, identity, plaintext_login, report_login, reusable, namespaces)
        self._wire: Final = Wire(self.session)
        self._staging: Staging | None = None
        self._answered = False
        self._bad_commands = 0
        self._operation: Operation | None = None

    def run(self) -> Generator[Step, Event, None]:
        """Serve the connection until either side ends it (RFC 9051 §3)."""
        session, logout = self.session, State.LOGOUT
        try:
            self._wire.say(greeting(session))
            framer = self._wire.framer
            while session.state is not logout:
                event = framer.next()
                if type(event) is not Frame:
                    event = yield from self._frame(event)
                yield from self._serve(event)
                if self._wire.is_full:
                    yield from self._wire.flush()
        except Departure as departure:
            if self._staging is not None:
                yield from self._carry_out(self._staging.discard())
            if departure.farewell is not None:
                self._wire.say(departure.farewell)
        except ContentLost:
            # Whatever we sent now would be taken for the rest of a literal.
            self._wire.forget()
        yield from self._wire.flush()

    def crash_farewell(self) -> bytes:
        """What to say when ``run`` has raised: our fault (RFC 9051 §7.1.5, RFC 5530 §3 SERVERBUG)."""
        farewell = Untagged(Condition.BYE, "internal error", ResponseCode(Code.SERVERBUG))
        return self._wire.compressed(render_response(farewell))

    def still_working(self) -> bytes:
        """What to say while an operation takes its time, so that the client waits; nothing inside a literal (RFC 9585 §4)."""
        if isinstance(self._operation, IN_LITERALS):
            return b""
        tag = None if b"]" in self.session.tag else self.session.tag
        code = ResponseCode(Code.INPROGRESS, (tag, None, None))
        return self._wire.at_once(Untagged(Condition.OK, "still working", code))

    def _frame(self, event: FrameEvent | None) -> Generator[Step, Event, Frame]:
        """The next whole command, with its literals taken care of (RFC 9051 §2.2, §4.3); ``event``: what the framer said last."""
        while True:
            if event is None:
                yield from self._wire.hear()
            elif isinstance(event, Frame):
                return event
            elif isinstance(event, LiteralWanted):
                failed = self._staging.refusal if self._staging is not None else None
                refusal = yield from self._carry_out(announced(self.session, self._wire.framer, event, failed))
                if refusal is not None:
                    yield from self._drop_staged_text()
                    self._answer(tag_of(event.octets_so_far), refusal)
            elif isinstance(event, LineTooLong):
                yield from self._drop_staged_text()
                self._answer(tag_of(event.octets_so_far), bad("the line is too long"))
            else:
                yield from self._stream(event)
            event = self._wire.framer.next()

    def _stream(self, event: LiteralChunk | LiteralEnd) -> Steps:
        """Pass a large literal on while it comes (RFC 9051 §6.3.12)."""
        if self._staging is None:
            self._staging = Staging()
        if isinstance(event, LiteralChunk):
            yield from self._carry_out(self._staging.take(event))
        else:
            self._wire.framer.literal_stored(self._staging.end())

    def _drop_staged_text(self) -> Steps:
        if self._staging is not None:
            yield from self._carry_out(self._staging.discard())
            self._staging = None

    def _serve(self, frame: Frame) -> Steps:
        """Carry out one command and answer it (RFC 9051 §2.2.1)."""
        session = self.session
        try:
            tagged = parse_command(frame, session.revision2)
        except CommandSyntaxError as error:
            yield from self._drop_staged_text()
            self._answer(error.tag, bad("unknown command" if error.unknown_command else error.message))
            return
        row, command = COMMAND_OF[type(tagged.command)], tagged.command
        session.tag = tagged.tag
        before = session.state
        outcome = yield from self._outcome(row, command)
        if outcome.condition is Condition.OK:
            self._staging = None
        else:
            yield from self._drop_staged_text()
        self._move(before, row, outcome.condition)
        gone = False
        if row.polls and session.selected is not None and outcome.condition is not Condition.BAD:
            outcome, gone = yield from self._poll(command, outcome)
        self._answer(tagged.tag, outcome)
        if gone:
            raise bye("the selected mailbox has been deleted", Code.NONEXISTENT)

    def _outcome(self, row: Command, command: c.Command) -> Generator[Step, Event, Outcome]:
        """Let the handler run where the tables allow it, and take what it returns or raises."""
        if self._staging is not None and self._staging.refusal is not None:
            return self._staging.refusal
        if self.session.state not in row.valid_in:
            return bad(f"{row.name} is not valid when {self.session.state.value}")
        if self.session.uid_only and Seqs.USES in row.seqs and names_numbers(command):
            return bad("UIDONLY is enabled: name messages by UID", Code.UIDREQUIRED)
        try:
            if self.session.namespaces is not None and row.rights != ():
                yield from self._carry_out(check(self.session, row.rights, command))
            answer = row.handler(self.session, command)
            outcome: Outcome = answer if isinstance(answer, Outcome) else (yield from self._carry_out(answer))
        except Refused as refusal:
            return refusal.outcome
        except StoreError as error:
            return outcome_of(error, command)
        return outcome

    def _move(self, before: State, row: Command, condition: Condition) -> None:
        """Enter the state that the outcome leads to (``tables.TRANSITIONS``); count failed logins."""
        session = self.session
        if row.value in ATTEMPTS and condition is not Condition.OK:
            session.login_failures += 1
        if row.value in MOVES:
            session.state = TRANSITIONS.get((before, row.value, condition), session.state)
            if session.state is not State.SELECTED:
                session.selected = None

    def _poll(self, command: c.Command, outcome: Outcome) -> Generator[Step, Event, tuple[Outcome, bool]]:
        """Tell of changes; whether the mailbox is gone (RFC 9051 §5.2, RFC 2180 §3.3). A busy store is asked next time."""
        expunges = may_expunge(command)
        try:
            yield from self._carry_out(announce(self.session, expunges=expunges))
        except MailboxNotFound:
            return outcome, True
        except StoreError:
            if self.session.condstore:
                self._wire.say(settled(self.session.mailbox))
            return outcome, False
        if not expunges and self.session.mailbox.expunges_wait and outcome.code is None and outcome.condition is Condition.OK:
            return Outcome(outcome.condition, outcome.text, ResponseCode(Code.EXPUNGEISSUED)), False
        return outcome, False

    def _answer(self, tag: bytes | None, outcome: Outcome) -> None:
        """Have the tagged response sent, untagged where there was no tag; leave those who only make errors (RFC 9051 §7.1.3)."""
        session = self.session
        if self._answered:
            self._answered = False
        elif tag is None:
            self._wire.say(Untagged(outcome.condition, outcome.text, outcome.code))
        else:
            self._wire.write(render_tagged(tag, outcome.condition, outcome.text, outcome.code, session.revision2))
        self._wire.has_answer = True
        self._bad_commands = self._bad_commands + 1 if outcome.condition is Condition.BAD else 0
        if self._bad_commands >= session.limits.bad_commands_max:
            raise bye("too many errors")
        if session.login_failures >= session.limits.login_failures_max:
            raise bye("too many failed logins")

    def _carry_out(self, asking: Asking[Any]) -> Generator[Step, Event, Any]:
        """Run a piece of a handler: answer what it asks, gather what it says."""
        deliver: Callable[[Any], Ask] = asking.send
        value: Any = None
        while True:
            try:
                ask: Any = deliver(value)
            except StopIteration as done:
                return done.value
            deliver, value = asking.send, None
            if type(ask) in OPERATIONS:
                if self._wire.has_answer and type(ask) is not ReadChanges:
                    yield from self._wire.flush()
                self._operation = ask
                event = yield Execute(ask)
                if isinstance(event, Failed):
                    deliver, value = asking.throw, event.error
                else:
                    assert isinstance(event, Result)
                    value = event.value
            elif isinstance(ask, Octets):
                self._wire.write(ask.octets)
            elif isinstance(ask, NextLine):
                value = yield from self._wire.line(ask)
            elif isinstance(ask, BeginTls):
                yield from self._begin_tls()
            elif isinstance(ask, BeginCompression):
                self._answer_early(ask.outcome)
                yield from self._wire.begin_compression()
            elif isinstance(ask, EndCompression):
                self._answer_early(ask.outcome)
                yield from self._wire.end_compression()
            else:
                self._wire.say(ask)
            if self._wire.is_full:
                yield from self._wire.flush()

    def _answer_early(self, outcome: Outcome) -> None:
        """Have the tagged response sent before the handler ends: what follows travels in another way."""
        self._answer(self.session.tag, outcome)
        self._answered = True

    def _begin_tls(self) -> Steps:
        """Answer in the clear, forget what came with the command, then talk TLS (RFC 9051 §6.2.1)."""
        self._answer_early(Outcome(Condition.OK, "begin TLS"))
        yield from self._wire.flush()
        self._wire.framer.discard()
        if not isinstance((yield StartTls()), TlsStarted):
            raise Departure(None)
        self.session.tls = True
