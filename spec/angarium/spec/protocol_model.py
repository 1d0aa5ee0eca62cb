"""The model of IMAP: which answers are admissible, given the commands so far (RFC 9051 §3, §6).

The model is a relation. ``ProtocolModel.step`` takes a command and the responses some server gave, carries the command
out on the model's own state (``angarium.spec.model``), replays the responses on what the client of that session knows
(``angarium.spec.protocol.replay``), and raises ``Inadmissible`` where the RFC allows no such answer. What the RFC leaves
open stays open: the model follows the server's choice. It shares no code with the engine but values.

``LEGAL`` is RFC 9051 §3 and §6 once more, written down by itself; ``RULES`` names what judges each command.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from angarium.grammar.imap import commands, responses
from angarium.grammar.imap.commands import Command
from angarium.grammar.imap.responses import Condition, Continuation, Response, Untagged
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.answer import Answer, require
from angarium.spec.protocol.choices import Choices
from angarium.spec.protocol.copies import copied_store
from angarium.spec.protocol.replay import replay, require_modseq, require_only_updates, require_synchronized
from angarium.spec.protocol.revealed import Revealed, Uidvalidities
from angarium.spec.protocol.rules import (
    acl,
    append,
    compress,
    contexts,
    copy,
    expunge,
    fetch,
    list,
    mailboxes,
    replace,
    search,
    select,
    sort,
    store,
)
from angarium.spec.protocol.rules import any as any_
from angarium.spec.protocol.rules import uid_only as uid_only_
from angarium.spec.protocol.rules import unauthenticate as unauthenticate_
from angarium.spec.protocol.session import Session, State, is_orphan
from angarium.spec.protocol.targets import NoSuchNumber
from angarium.spec.protocol.turn import Turn

ANY: Final = frozenset({State.NOT_AUTHENTICATED, State.AUTHENTICATED, State.SELECTED})
NOT_AUTHENTICATED: Final = frozenset({State.NOT_AUTHENTICATED})
AUTHENTICATED: Final = frozenset({State.AUTHENTICATED, State.SELECTED})
SELECTED: Final = frozenset({State.SELECTED})

Effect = Callable[[Turn, Any], Any]
Rule = Callable[[Turn, Any, Any], None]


def nothing(turn: Turn, command: Command) -> None:
    """The command only asks, or its rule sees to it."""


@frozen
class Row:
    """What a command does, and what judges its answer; ``asked`` is data that comes only with this command."""

    legal: frozenset[State]
    effect: Effect
    rule: Rule
    asked: tuple[type, ...] = ()


LISTED: Final = (responses.ListData, responses.StatusData, responses.MyRightsData)

RULES: Final[Mapping[type, Row]] = {
    # command: states where it is legal, its effect, what judges the answer, data it asks for
    commands.Capability: Row(ANY, nothing, any_.capability, (responses.CapabilityData,)),  # RFC 9051 §6.1.1
    commands.Noop: Row(ANY, nothing, any_.noop),  # §6.1.2
    commands.Logout: Row(ANY, nothing, any_.logout),  # §6.1.3
    commands.Id: Row(ANY, nothing, any_.id_, (responses.IdData,)),  # RFC 2971 §3.1
    commands.Login: Row(NOT_AUTHENTICATED, nothing, any_.login),  # §6.2.3
    commands.Enable: Row(AUTHENTICATED, nothing, any_.enable, (responses.Enabled,)),  # §6.3.1
    commands.Select: Row(AUTHENTICATED, select.look, select.select, (responses.ListData,)),  # §6.3.2, §6.3.3
    commands.Create: Row(AUTHENTICATED, mailboxes.make, mailboxes.create, (responses.ListData,)),  # §6.3.4
    commands.Delete: Row(AUTHENTICATED, mailboxes.unmake, mailboxes.delete, (responses.ListData,)),  # §6.3.5
    commands.Rename: Row(AUTHENTICATED, mailboxes.move, mailboxes.rename, (responses.ListData,)),  # §6.3.6
    commands.Subscribe: Row(AUTHENTICATED, mailboxes.set_subscription, mailboxes.subscribe),  # §6.3.7
    commands.Unsubscribe: Row(AUTHENTICATED, mailboxes.set_subscription, mailboxes.subscribe),  # §6.3.8
    commands.List: Row(AUTHENTICATED, list.entries_of, list.list_, LISTED),  # §6.3.9
    commands.SetAcl: Row(AUTHENTICATED, acl.change, acl.changed),  # RFC 4314 §3.1
    commands.DeleteAcl: Row(AUTHENTICATED, acl.change, acl.changed),  # RFC 4314 §3.2
    commands.GetAcl: Row(AUTHENTICATED, acl.look, acl.getacl, (responses.AclData,)),  # RFC 4314 §3.3
    commands.ListRights: Row(AUTHENTICATED, acl.look_up, acl.listrights, (responses.ListRightsData,)),  # RFC 4314 §3.4
    commands.MyRights: Row(AUTHENTICATED, acl.look, acl.myrights, (responses.MyRightsData,)),  # RFC 4314 §3.5
    commands.Lsub: Row(AUTHENTICATED, list.entries_of, list.lsub, (responses.ListData,)),  # RFC 3501 §6.3.9
    commands.Namespace: Row(AUTHENTICATED, nothing, mailboxes.namespace, (responses.NamespaceData,)),  # §6.3.10
    commands.Status: Row(AUTHENTICATED, mailboxes.look, mailboxes.status, (responses.StatusData,)),  # §6.3.11
    commands.Append: Row(AUTHENTICATED, append.add, append.append, (responses.ListData,)),  # §6.3.12
    commands.Compress: Row(AUTHENTICATED, nothing, compress.compress),  # RFC 4978 §3
    commands.Unauthenticate: Row(AUTHENTICATED, nothing, unauthenticate_.unauthenticate),  # RFC 8437 §3
    commands.Check: Row(SELECTED, nothing, any_.noop),  # RFC 3501 §6.4.1
    commands.Close: Row(SELECTED, select.remove, select.close),  # §6.4.1
    commands.Unselect: Row(SELECTED, nothing, select.unselect),  # §6.4.2
    commands.Expunge: Row(SELECTED, expunge.remove, expunge.expunge),  # §6.4.3, §6.4.9
    commands.Search: Row(SELECTED, search.look, search.search, (responses.SearchData, responses.EsearchData)),  # §6.4.4
    commands.Sort: Row(SELECTED, search.look, sort.sort, (responses.SortData, responses.EsearchData)),  # RFC 5256 §3
    commands.Thread: Row(SELECTED, search.look, sort.thread, (responses.ThreadData,)),  # RFC 5256 §3
    commands.CancelUpdate: Row(SELECTED, nothing, contexts.cancel_update),  # RFC 5267 §4.3.5
    commands.Fetch: Row(SELECTED, fetch.look, fetch.fetch),  # §6.4.5
    commands.Store: Row(SELECTED, store.change, store.store),  # §6.4.6
    commands.Copy: Row(SELECTED, copy.carry, copy.copy),  # §6.4.7
    commands.Move: Row(SELECTED, copy.carry, copy.copy),  # §6.4.8
    commands.Replace: Row(SELECTED, replace.put, replace.replace, (responses.ListData,)),  # RFC 8508 §3.2
}
"""What is legal where, what it does, the rule for the answer, and the responses that come only when asked for (RFC 9051 §7)."""

UPDATES: Final = (
    responses.Untagged, responses.Exists, responses.Recent, responses.Expunged, responses.Vanished, responses.FetchData,
    responses.UidFetchData,
    responses.FlagsData, responses.CapabilityData,
)  # fmt: skip
"""Responses that may come with any command (RFC 9051 §5.2, §7)."""


def is_context_update(response: Response) -> bool:
    """Say whether it is news of a search that is kept up to date (RFC 5267 §4.3.2)."""
    return isinstance(response, responses.EsearchData) and bool(response.updates)


@frozen
class NumberMissing:
    """The outcome of a command that named a message number which is not there."""


def carry_out(turn: Turn, command: Command) -> Any:
    """The effect of a command on the world, where it is legal and means something; what its rule needs to know of it."""
    row = RULES[type(command)]
    if turn.session.state not in row.legal or (turn.orphaned and row.legal is SELECTED):
        return None
    if turn.session.uid_only and uid_only_.names_numbers(command):
        return None
    try:
        return row.effect(turn, command)
    except NoSuchNumber:
        return NumberMissing()


def judge_answer(turn: Turn, command: Command, outcome: Any) -> None:
    """Judge by state first, then by the command's rule (RFC 9051 §3)."""
    row, session = RULES[type(command)], turn.session
    if session.state not in row.legal:
        where = f"{type(command).__name__} in state {session.state.value}"
        turn.answer.expect(Condition.BAD, rule="RFC 9051 §3: not valid in this state, so BAD", because=where)
        require_only_updates(turn.replay())
    elif turn.orphaned and row.legal is SELECTED:
        judge_orphaned(turn, command)
    elif session.uid_only and uid_only_.names_numbers(command):
        uid_only_.refused(turn, command)
    elif isinstance(outcome, NumberMissing):
        judge_missing_number(turn, command)
    else:
        untagged = [each for each in turn.answer.untagged if not is_context_update(each)]
        unasked = [each for each in untagged if not isinstance(each, UPDATES + row.asked)]
        require(not unasked, "RFC 9051 §7: data that was not asked for", unasked)
        row.rule(turn, command, outcome)


def judge_missing_number(turn: Turn, command: Command) -> None:
    """A message number that is not there is BAD (RFC 9051 §9 ``seq-number``)."""
    conditions = {Condition.BAD}
    if not turn.session.view or turn.session.read_only:
        conditions |= {Condition.NO, Condition.OK}  # ``1:*`` of nothing, and what is refused anyway
    turn.answer.expect(*conditions, rule="RFC 9051 §9: a number that is not there")
    banned = isinstance(command, commands.Fetch | commands.Store | commands.Search | commands.Sort | commands.Thread)
    require_only_updates(turn.replay(expunges=not banned))


def judge_orphaned(turn: Turn, command: Command) -> None:
    """The mailbox is gone: the server may go on or refuse, as it likes (RFC 2180 §3), but does not misnumber."""
    turn.replay()
    if isinstance(command, commands.Close | commands.Unselect) and turn.answer.condition is Condition.OK:
        turn.session.deselect()


class ProtocolModel:
    """The state of a server and its connections, by the commands alone."""

    def __init__(self, store: ModelStore, revealed: Revealed | None = None) -> None:
        self.store: Final = store
        self.revealed: Final = revealed or Revealed()
        self.sessions: Final[dict[int, Session]] = {}

    @property
    def uidvalidities(self) -> Uidvalidities:
        """The UIDVALIDITY values that were shown (RFC 9051 §2.3.1.1)."""
        return self.revealed.uidvalidities

    def copy(self) -> "ProtocolModel":
        """The same again, sharing nothing that changes: for those who try several ways onward from here."""
        copy = ProtocolModel(copied_store(self.store), self.revealed.copy())
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
        """Carry the command out, then judge."""
        turn = self.turn(session, tag, answers)
        judge_answer(turn, command, carry_out(turn, command))

    def turn(self, session: Session, tag: bytes, answers: Sequence[Response]) -> Turn:
        """A command with its answer, while which nothing else happens."""
        world = self.store.world
        self.revealed.now = self.revealed.begun = self.revealed.now + 1
        return Turn(world, session, Answer.of(tag, answers), self.revealed, Choices(), (world,), (world,))

    def _farewell(self, session: Session, answers: Sequence[Response]) -> tuple[Sequence[Response], bool]:
        """Split off BYE, which the server may say when the selected mailbox was deleted (RFC 2180 §3.3)."""
        if not answers or not is_orphan(self.store.world, session):
            return answers, False
        *others, last = answers
        said = isinstance(last, Untagged) and last.condition is Condition.BYE
        return (others, True) if said else (answers, False)

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
            answers = [each for each in answers if not isinstance(each, responses.Tagged)]  # IDLE may end with NO first
            session.deselect()
            session.state, session.idling = State.LOGOUT, False
        told = replay((self.store.world,), session, tuple(answers), self.revealed, Choices())
        require_only_updates(told)
        require_modseq(session, told, "RFC 7162 §3.1: a changed FLAGS comes with MODSEQ")
        require_synchronized((self.store.world,), session, "RFC 9051 §6.3.13: IDLE tells what is new")

    def done(self, number: int, tag: bytes, answers: Sequence[Response]) -> None:
        """Judge the end of IDLE (RFC 9051 §6.3.13)."""
        session = self.sessions[number]
        answers, left = self._farewell(session, answers)
        session.idling = False
        answer = Answer.of(tag, answers)
        answer.expect(Condition.OK, rule="RFC 9051 §6.3.13: DONE ends IDLE with OK")
        self.pushed(number, answer.untagged)
        if left:
            session.deselect()
            session.state = State.LOGOUT
