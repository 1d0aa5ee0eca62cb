"""One edge of the small world: a move of one session, carried out by the server, judged by the model, checked, and written down.

What a move does depends on the store and on the session that makes it, on nothing else; so an edge is worked out once for each
such pair, however many states of the whole world have it.
"""

from collections.abc import Mapping
from functools import lru_cache

from attrs import frozen

from angarium.engine.operations import MailboxId
from angarium.grammar.imap.commands import Authenticate, Command, Delete, Idle, TaggedCommand
from angarium.grammar.imap.framing import Frame, Framer, LiteralWanted
from angarium.grammar.imap.parse_response import parse_response
from angarium.grammar.imap.render_command import render_command
from angarium.grammar.imap.responses import Condition, Response, Tagged, Untagged
from angarium.spec.explorer.bounds import Bounds
from angarium.spec.explorer.freeze import effect_of, freeze_held, freeze_store
from angarium.spec.explorer.invariants import Numbers, check_numbers, check_state, check_worlds, numbers_of
from angarium.spec.explorer.memory import Server
from angarium.spec.explorer.thaw import USER, inhabited, thaw_memory, thaw_model, thaw_store
from angarium.spec.explorer.values import Effect, Held, Store
from angarium.spec.model.state import Account
from angarium.spec.protocol.answer import Answer, refuse, require
from angarium.spec.protocol.session import State
from angarium.spec.protocol.verdict import judge_dialogue
from angarium.spec.protocol_model import ProtocolModel

TAG, IDLE_TAG = b"t", b"i"
IMAP4REV2 = b"IMAP4REV2"
CLOSED = Held(State.LOGOUT.value)
FRESH = Held(State.NOT_AUTHENTICATED.value)


@frozen
class Done:
    """The end of IDLE (RFC 9051 §6.3.13)."""


@frozen
class Wake:
    """The transport says that the mailbox watched may have changed."""


@frozen
class Connect:
    """A new connection, where one has ended."""


Move = Command | Done | Wake | Connect
Transition = tuple[str, type, Condition]


@frozen
class Subject:
    """What is explored: a server, and the table of transitions that it claims to obey (RFC 9051 §3)."""

    server: Server
    transitions: Mapping[Transition, str]


@frozen
class Edge:
    """What a move led to; ``effect`` None where it left the store alone, ``row`` of the table where there is one for it."""

    move: Move
    store: Store
    held: Held
    effect: Effect | None
    row: Transition | None = None


@lru_cache(100_000)
def octets_of(move: Move, utf8: bool) -> bytes:
    """The move on the wire; nothing for what is not the client's."""
    match move:
        case Done():
            return b"DONE\r\n"
        case Wake() | Connect():
            return b""
    tag = IDLE_TAG if isinstance(move, Idle) else TAG
    return b"".join(render_command(TaggedCommand(tag, move), literal_plus=True, utf8=utf8))


@lru_cache(100_000)
def responses_of(octets: bytes, utf8: bool) -> tuple[Response, ...]:
    """What the server said, each response a sentence of the grammar (RFC 9051 §9)."""
    framer = Framer(1_000_000, 1_000_000, 1_000, 1_000_000, responses=True)
    framer.feed(octets)
    responses: list[Response] = []
    while (event := framer.next()) is not None:
        if isinstance(event, LiteralWanted):
            framer.accept_literal(stream=False)
        elif isinstance(event, Frame):
            responses.append(parse_response(event, utf8=utf8))
        else:
            refuse("RFC 9051 §2.2.2: a response is lines and literals", event)
    require(not framer.pending, "RFC 9051 §2.2.2: a response ends with CRLF", octets)
    return tuple(responses)


def edge(subject: Subject, bounds: Bounds, store: Store, held: Held, move: Move) -> Edge:
    """Carry out the move; raises ``Inadmissible`` where the answer or what comes of it is not as it has to be."""
    if isinstance(move, Connect):
        return Edge(move, store, FRESH, None)
    utf8 = IMAP4REV2 in held.enabled
    real, model = inhabited(thaw_store(store, held)), thaw_model(store, held)
    account = real.world.account(USER)
    before = numbers_of(account)
    answered = subject.server(thaw_memory(held), real.execute, octets_of(move, utf8))
    responses = responses_of(answered.octets, utf8)
    judge(model, move, responses)
    session = model.sessions[0]
    check_worlds(real.world, model.store.world, answered.octets)
    check_numbers(before, numbers_of(account))
    require((answered.memory is None) == (session.state is State.LOGOUT), "RFC 9051 §3.4: the server hangs up", responses)
    if answered.memory is not None:
        check_state(answered.memory, session)
    row = taken(subject, held.state, session.state.value, move, responses)
    then = CLOSED if answered.memory is None else freeze_held(account, answered.memory, session, bounds)
    after, effect = outcome(store, account, bounds, before)
    return Edge(move, after, then, effect, row)


def outcome(store: Store, account: Account, bounds: Bounds, before: Mapping[MailboxId, Numbers]) -> tuple[Store, Effect | None]:
    """What has become of the store, and the effect on the other sessions: None where there is none."""
    after = freeze_store(account, bounds)
    if after == store and all(now == before.get(mailbox) for mailbox, now in numbers_of(account).items()):
        return store, None
    highest = {mailbox: numbers.highest_modseq for mailbox, numbers in before.items()}
    return after, effect_of(store, account, bounds, highest)


def judge(model: ProtocolModel, move: Move, responses: tuple[Response, ...]) -> None:
    """Have the protocol model judge the answer."""
    match move:
        case Idle() if model.sessions[0].state is State.NOT_AUTHENTICATED:
            alone = Answer.of(IDLE_TAG, responses)
            alone.expect(Condition.BAD, rule="RFC 9051 §6.3.13: IDLE is for authenticated clients")
        case Idle():
            model.idle(0, responses)
        case Authenticate():
            judge_dialogue(model.turn(model.sessions[0], TAG, responses), move)
        case Wake():
            model.pushed(0, responses)
        case Done():
            model.done(0, IDLE_TAG, responses)
        case Connect():
            raise AssertionError("nothing is answered")
        case _:
            model.step(0, TAG, move, responses)


def taken(subject: Subject, before: str, after: str, move: Move, responses: tuple[Response, ...]) -> Transition | None:
    """The row of the table that leads from one state to the other (RFC 9051 §3); None where the state may stay.

    What no table has: BYE ends a connection at any time (§7.1.5), DELETE of the selected mailbox deselects it (§6.3.5).
    """
    conditions = [each.condition for each in responses if isinstance(each, Tagged)]
    row = (before, type(move), conditions[0]) if conditions else None
    if row is not None and row in subject.transitions:
        require(subject.transitions[row] == after, "RFC 9051 §3: the state that the table leads to", row, after)
        return row
    left = any(isinstance(each, Untagged) and each.condition is Condition.BYE for each in responses)
    allowed = {before, State.LOGOUT.value} if left else {before}
    if isinstance(move, Delete):
        allowed |= {State.AUTHENTICATED.value}
    require(after in allowed, "RFC 9051 §3: no row of the table, so the state stays", before, move, after)
    return None
