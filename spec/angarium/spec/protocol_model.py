"""The model of IMAP: which answers are admissible, given the commands so far (RFC 9051 §3, §6).

The model is a relation. ``ProtocolModel.step`` takes a command and the responses some server gave, carries the command
out on the model's own state (``angarium.spec.model``), replays the responses on what the client of that session knows
(``angarium.spec.protocol.replay``), and raises ``Inadmissible`` where the RFC allows no such answer. What the RFC leaves
open stays open: the model follows the server's choice. It shares no code with the engine but values.

``LEGAL`` is RFC 9051 §3 and §6 once more, written down by itself; ``RULES`` names what judges each command.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from angarium.grammar.imap import commands, responses
from angarium.grammar.imap.commands import Command
from angarium.grammar.imap.responses import Condition, Continuation, Response, Untagged
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.answer import Answer, require
from angarium.spec.protocol.copies import copied_store
from angarium.spec.protocol.replay import replay, require_modseq, require_only_updates, require_synchronized
from angarium.spec.protocol.rules import any as any_
from angarium.spec.protocol.rules import append, copy, expunge, fetch, list, mailboxes, search, select, store
from angarium.spec.protocol.session import Session, State, is_orphan
from angarium.spec.protocol.targets import NoSuchNumber
from angarium.spec.protocol.turn import Turn
from angarium.spec.protocol.uidvalidity import Uidvalidities

ANY: Final = frozenset({State.NOT_AUTHENTICATED, State.AUTHENTICATED, State.SELECTED})
NOT_AUTHENTICATED: Final = frozenset({State.NOT_AUTHENTICATED})
AUTHENTICATED: Final = frozenset({State.AUTHENTICATED, State.SELECTED})
SELECTED: Final = frozenset({State.SELECTED})

Rule = Callable[[Turn, Any], None]

RULES: Final[Mapping[type, tuple[frozenset[State], Rule, tuple[type, ...]]]] = {
    # command: states where it is legal, what judges the answer, data it asks for
    commands.Capability: (ANY, any_.capability, (responses.CapabilityData,)),  # RFC 9051 §6.1.1
    commands.Noop: (ANY, any_.noop, ()),  # §6.1.2
    commands.Logout: (ANY, any_.logout, ()),  # §6.1.3
    commands.Id: (ANY, any_.id_, (responses.IdData,)),  # RFC 2971 §3.1
    commands.Login: (NOT_AUTHENTICATED, any_.login, ()),  # §6.2.3
    commands.Enable: (AUTHENTICATED, any_.enable, (responses.Enabled,)),  # §6.3.1
    commands.Select: (AUTHENTICATED, select.select, (responses.ListData,)),  # §6.3.2, §6.3.3
    commands.Create: (AUTHENTICATED, mailboxes.create, ()),  # §6.3.4
    commands.Delete: (AUTHENTICATED, mailboxes.delete, ()),  # §6.3.5
    commands.Rename: (AUTHENTICATED, mailboxes.rename, ()),  # §6.3.6
    commands.Subscribe: (AUTHENTICATED, mailboxes.subscribe, ()),  # §6.3.7
    commands.Unsubscribe: (AUTHENTICATED, mailboxes.subscribe, ()),  # §6.3.8
    commands.List: (AUTHENTICATED, list.list_, (responses.ListData, responses.StatusData)),  # §6.3.9
    commands.Lsub: (AUTHENTICATED, list.lsub, (responses.ListData,)),  # RFC 3501 §6.3.9
    commands.Namespace: (AUTHENTICATED, mailboxes.namespace, (responses.NamespaceData,)),  # §6.3.10
    commands.Status: (AUTHENTICATED, mailboxes.status, (responses.StatusData,)),  # §6.3.11
    commands.Append: (AUTHENTICATED, append.append, ()),  # §6.3.12
    commands.Check: (SELECTED, any_.noop, ()),  # RFC 3501 §6.4.1
    commands.Close: (SELECTED, select.close, ()),  # §6.4.1
    commands.Unselect: (SELECTED, select.unselect, ()),  # §6.4.2
    commands.Expunge: (SELECTED, expunge.expunge, ()),  # §6.4.3, §6.4.9
    commands.Search: (SELECTED, search.search, (responses.SearchData, responses.EsearchData)),  # §6.4.4
    commands.Fetch: (SELECTED, fetch.fetch, ()),  # §6.4.5
    commands.Store: (SELECTED, store.store, ()),  # §6.4.6
    commands.Copy: (SELECTED, copy.copy, ()),  # §6.4.7
    commands.Move: (SELECTED, copy.copy, ()),  # §6.4.8
}
"""What is legal where, the rule for it, and the responses that come only when asked for (RFC 9051 §7)."""

UPDATES: Final = (
    responses.Untagged, responses.Exists, responses.Recent, responses.Expunged, responses.Vanished, responses.FetchData,
    responses.FlagsData,
)  # fmt: skip
"""Responses that may come with any command (RFC 9051 §5.2, §7)."""


class ProtocolModel:
    """The state of a server and its connections, by the commands alone."""

    def __init__(self, store: ModelStore) -> None:
        self.store: Final = store
        self.uidvalidities: Final = Uidvalidities()
        self.sessions: Final[dict[int, Session]] = {}

    def copy(self) -> "ProtocolModel":
        """The same again, sharing nothing that changes: for those who try several ways onward from here."""
        copy = ProtocolModel(copied_store(self.store))
        copy.uidvalidities.take_over(self.uidvalidities)
        copy.sessions.update({number: session.copy() for number, session in self.sessions.items()})
        return copy

    def connect(self, number: int) -> Session:
        """A new connection (RFC 9051 §3.1)."""
        self.sessions[number] = Session(number)
        return self.sessions[number]

    def step(self, number: int, tag: bytes, command: Command, answers: Sequence[Response]) -> None:
        """Judge the answer to a command and move on, or raise ``Inadmissible``."""
        session = self.sessions[number]
        answers, left = self._farewell(session, answers)
        if answers or not left:
            self._answered(session, tag, command, answers)
        if left:
            session.deselect()
            session.state = State.LOGOUT

    def _answered(self, session: Session, tag: bytes, command: Command, answers: Sequence[Response]) -> None:
        """Judge by state first, then by the command's rule (RFC 9051 §3)."""
        turn = Turn(self.store.world, session, Answer.of(tag, answers), self.uidvalidities)
        legal, rule, asked = RULES[type(command)]
        if session.state not in legal:
            where = f"{type(command).__name__} in state {session.state.value}"
            turn.answer.expect(Condition.BAD, rule="RFC 9051 §3: not valid in this state, so BAD", because=where)
            require_only_updates(turn.replay(expunges=False))
        elif turn.orphaned and legal is SELECTED:
            self._orphaned(turn, command)
        else:
            unasked = [each for each in turn.answer.untagged if not isinstance(each, UPDATES + asked)]
            require(not unasked, "RFC 9051 §7: data that was not asked for", unasked)
            self._judge(turn, rule, command)

    def _farewell(self, session: Session, answers: Sequence[Response]) -> tuple[Sequence[Response], bool]:
        """Split off BYE, which the server may say when the selected mailbox was deleted (RFC 2180 §3.3)."""
        if not answers or not is_orphan(self.store.world, session):
            return answers, False
        *others, last = answers
        said = isinstance(last, Untagged) and last.condition is Condition.BYE
        return (others, True) if said else (answers, False)

    def _judge(self, turn: Turn, rule: Rule, command: Command) -> None:
        """Apply the rule; a message number that is not there is BAD (RFC 9051 §9 ``seq-number``)."""
        try:
            rule(turn, command)
        except NoSuchNumber:
            conditions = {Condition.BAD}
            if not turn.session.view or turn.session.read_only:
                conditions |= {Condition.NO, Condition.OK}  # ``1:*`` of nothing, and what is refused anyway
            turn.answer.expect(*conditions, rule="RFC 9051 §9: a number that is not there")
            require_only_updates(turn.replay(expunges=False))

    def _orphaned(self, turn: Turn, command: Command) -> None:
        """The mailbox is gone: the server may go on or refuse, as it likes (RFC 2180 §3), but does not misnumber."""
        turn.replay()
        if isinstance(command, commands.Close | commands.Unselect) and turn.answer.condition is Condition.OK:
            turn.session.deselect()

    def idle(self, number: int, answers: Sequence[Response]) -> None:
        """Judge the answer to IDLE, up to its continuation request (RFC 9051 §6.3.13)."""
        session = self.sessions[number]
        require(
            sum(isinstance(each, Continuation) for each in answers) == 1,
            "RFC 9051 §6.3.13: IDLE is answered by a continuation request",
            answers,
        )
        session.idling = True
        self.pushed(number, [each for each in answers if not isinstance(each, Continuation)])

    def pushed(self, number: int, answers: Sequence[Response]) -> None:
        """Judge what came while idling: it tells all there is to tell (RFC 9051 §6.3.13)."""
        session = self.sessions[number]
        answers, left = self._farewell(session, answers)
        if left:
            session.deselect()
            session.state, session.idling = State.LOGOUT, False
        told = replay(self.store.world, session, tuple(answers))
        require_only_updates(told)
        require_modseq(session, told, "RFC 7162 §3.1: a changed FLAGS comes with MODSEQ")
        require_synchronized(self.store.world, session, "RFC 9051 §6.3.13: IDLE tells what is new")

    def done(self, number: int, tag: bytes, answers: Sequence[Response]) -> None:
        """Judge the end of IDLE (RFC 9051 §6.3.13)."""
        session = self.sessions[number]
        session.idling = False
        answer = Answer.of(tag, answers)
        answer.expect(Condition.OK, rule="RFC 9051 §6.3.13: DONE ends IDLE with OK")
        self.pushed(number, answer.untagged)
