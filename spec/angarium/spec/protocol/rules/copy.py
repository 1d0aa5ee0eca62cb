"""COPY and MOVE, and their UID forms (RFC 9051 §6.4.7, §6.4.8, §7.1 COPYUID)."""

from collections.abc import Iterable
from typing import Any

from angarium.engine.operations import CopyMessages, StoreError
from angarium.grammar.imap.commands import Copy, Move
from angarium.grammar.imap.responses import Code, Condition
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.refusals import MISSING_TARGET, expect_outcome
from angarium.spec.protocol.replay import require_modseq, require_only_updates
from angarium.spec.protocol.targets import targets
from angarium.spec.protocol.turn import Turn


def copy(turn: Turn, command: Copy | Move) -> None:
    """All of the messages or none (RFC 9051 §6.4.7); of MOVE the removals too are told before the OK (§6.4.8)."""
    move = isinstance(command, Move)
    named = targets(turn.session, command.numbers, command.uid)
    if move and turn.session.read_only:
        turn.answer.expect(Condition.NO, rule="RFC 9051 §6.4.8: nothing is moved out of a read-only mailbox")
        require_only_updates(turn.replay())
        return
    if may_refuse(turn, named) and turn.answer.condition is Condition.NO:
        require_only_updates(turn.replay())
        return
    numbers = NumberSet.from_numbers(named)
    outcome = turn.attempt(CopyMessages(turn.mailbox.id, numbers, turn.session.user, command.mailbox, move=move))
    if isinstance(outcome, StoreError) and not named and turn.answer.condition is Condition.OK:
        require_only_updates(turn.replay())  # nothing to copy, so whether the target is there need not matter
        return
    done = expect_outcome(turn.answer, outcome, MISSING_TARGET)
    told = turn.replay()
    require_only_updates(told)
    require_modseq(turn.session, told, "RFC 7162 §3.1: a changed FLAGS comes with MODSEQ")
    if done:
        require_copied(turn, outcome, move)


def may_refuse(turn: Turn, named: list[int]) -> bool:
    """A message is gone and the client does not know: the server may refuse (RFC 2180 §4.4.1)."""
    return any(uid not in turn.mailbox.messages for uid in named)


def require_copied(turn: Turn, copied: Any, move: bool) -> None:
    """COPYUID pairs each UID with its new one; none copied, no code (RFC 9051 §7.1)."""
    arguments = turn.answer.arguments(Code.COPYUID)
    if not copied.pairs:
        require(arguments is None, "RFC 9051 §7.1: no COPYUID when nothing was copied", turn.answer)
        return
    require(arguments is not None, "RFC 9051 §7.1: COPYUID", turn.answer)
    assert arguments is not None
    uidvalidity, source, target = arguments
    pairs = tuple(zip(numbers_of(source), numbers_of(target), strict=True))
    require(pairs == copied.pairs, "RFC 9051 §7.1: COPYUID pairs old and new UIDs", pairs, copied)
    turn.uidvalidities.observe(copied.target, uidvalidity)
    moved = {source for source, _ in copied.pairs} if move else set()
    require(not moved & set(turn.session.view), "RFC 9051 §6.4.8: each removal of MOVE is told", moved, turn.session.view)


def numbers_of(ranges: Any) -> Iterable[int]:
    """The numbers of ranges, in the order they were given."""
    return [number for low, high in ranges for number in range(low, high + 1)]
