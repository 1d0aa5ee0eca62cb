"""What a history asks of one exchange besides the rule of its command: offers, refusals, garbage, farewells (RFC 9051 §7.1)."""

from collections.abc import Callable
from typing import Any, Final

from angarium.engine.operations import StoreError
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import Condition, Untagged
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.exchanges import Exchange
from angarium.spec.protocol.offers import is_offered, is_refusal
from angarium.spec.protocol.replay import require_only_updates
from angarium.spec.protocol.rules import auth
from angarium.spec.protocol.rules.select import around_closed
from angarium.spec.protocol.session import State
from angarium.spec.protocol.turn import Turn
from angarium.spec.protocol_model import AUTHENTICATED, NOT_AUTHENTICATED, carry_out, judge_answer

DIALOGUES: Final[dict[type, tuple[frozenset[State], Callable[[Turn, Any, None], None]]]] = {
    c.StartTls: (NOT_AUTHENTICATED, auth.start_tls),  # RFC 9051 §6.2.1
    c.Authenticate: (NOT_AUTHENTICATED, auth.authenticate),  # §6.2.2
    c.Idle: (AUTHENTICATED, auth.idle),  # §6.3.13
}
"""Commands that go on after their first line: where they are legal, and what judges them."""


WISHES: Final = (c.Create, c.Delete, c.Rename, c.Append, c.Replace, c.Copy, c.Move)
"""Commands that a server grants or not, by rules of its own (RFC 9051 §6.3.4-§6.3.6, §6.3.12, §6.4.7, §6.4.8)."""


def changes_nothing(exchange: Exchange) -> bool:
    """Say whether the answer says that nothing was done: BAD, or a NO that is not about some of the messages (RFC 9051 §7.1)."""
    if exchange.tagged is None or exchange.command is None:
        return exchange.command is None
    condition = exchange.tagged.condition
    partly = isinstance(exchange.command, c.Store | c.Fetch) and not is_refusal(exchange.command, exchange.tagged)
    return condition is Condition.BAD or (condition is Condition.NO and not partly)


def carry_out_exchange(exchange: Exchange, turn: Turn) -> Any:
    """The effect of the command, if it is one that has an effect by itself."""
    command = exchange.command
    return None if command is None or type(command) in DIALOGUES else carry_out(turn, command)


def judge_exchange(exchange: Exchange, turn: Turn, outcome: Any) -> None:
    """Judge the answer; where the server did not do what was asked, only what it told meanwhile."""
    command, session = exchange.command, turn.session
    refused = turn.answer.condition in (Condition.NO, Condition.BAD)
    left = session.state is State.LOGOUT or says_goodbye(exchange)
    answered = exchange.tagged is not None and exchange.tagged.condition is Condition.OK
    require(not left or not answered or isinstance(command, c.Logout), "RFC 9051 §7.1.5: BYE, and only LOGOUT is OK", exchange)
    if session.state is State.LOGOUT:
        return
    if command is None:
        turn.answer.expect(Condition.BAD, rule="RFC 9051 §7.1.3: what is no command is BAD")
        turn.replay()
    elif refused and not is_offered(session, command):
        require_only_updates(turn.replay())
    elif is_refusal(command, turn.answer.tagged) or refuses_silently(turn, command, outcome):
        judge_refused(turn, command)
    elif type(command) in DIALOGUES:
        judge_dialogue(turn, command)
    else:
        judge_answer(turn, command, outcome)
    if says_goodbye(exchange):
        session.deselect()
        session.state = State.LOGOUT


def says_goodbye(exchange: Exchange) -> bool:
    """Say whether BYE came before the tagged response, if that came at all (RFC 9051 §7.1.5)."""
    return any(isinstance(each, Untagged) and each.condition is Condition.BYE for each in exchange.untagged)


def refuses_silently(turn: Turn, command: c.Command, outcome: Any) -> bool:
    """Say whether this is a NO of another server to what we would do, and it does not say why (RFC 5530 §1)."""
    silent = turn.answer.condition is Condition.NO and turn.answer.code is None and not turn.exact
    return silent and isinstance(command, WISHES) and not isinstance(outcome, StoreError)


def judge_refused(turn: Turn, command: c.Command) -> None:
    """Nothing was done, but SELECT that is refused leaves nothing selected (RFC 9051 §6.3.2)."""
    if isinstance(command, c.Select):
        before, _ = around_closed(turn)
        turn.replay(before)
        turn.session.deselect()
    else:
        turn.replay()


def judge_dialogue(turn: Turn, command: c.Command) -> None:
    """Judge by state first, then by the rule of the dialogue (RFC 9051 §3)."""
    legal, rule = DIALOGUES[type(command)]
    if turn.session.state in legal:
        rule(turn, command, None)
    else:
        where = f"{type(command).__name__} in state {turn.session.state.value}"
        turn.answer.expect(Condition.BAD, rule="RFC 9051 §3: not valid in this state, so BAD", because=where)
        require_only_updates(turn.replay())
