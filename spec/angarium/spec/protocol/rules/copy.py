"""COPY and MOVE, and their UID forms (RFC 9051 §6.4.7, §6.4.8, §7.1 COPYUID)."""

from typing import Any

from angarium.engine.operations import CopyMessages, StoreError
from angarium.grammar.imap.commands import Copy, Move
from angarium.grammar.imap.responses import Code, Condition
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.protocol.answer import refuse, require
from angarium.spec.protocol.refusals import MISSING_TARGET, expect_outcome
from angarium.spec.protocol.replay import require_modseq, require_only_updates
from angarium.spec.protocol.rules import ghosts
from angarium.spec.protocol.turn import Turn


def carry(turn: Turn, command: Copy | Move) -> Any:
    """Copy or move what the numbers name (RFC 9051 §6.4.7, §6.4.8); what is gone is left out, or nothing done (RFC 2180 §4.4)."""
    move = isinstance(command, Move)
    named = turn.targets(command.numbers, command.uid)
    if turn.answer.condition is Condition.NO and ((move and turn.session.read_only) or may_refuse(turn, named)):
        return named, None
    numbers = NumberSet.from_numbers(named)
    return named, ghosts.copy_with(turn, CopyMessages(turn.mailbox.id, numbers, turn.session.user, command.mailbox, move=move))


def copy(turn: Turn, command: Copy | Move, carried: tuple[list[int], Any]) -> None:
    """All of the messages or none (RFC 9051 §6.4.7); of MOVE the removals too are told before the OK (§6.4.8)."""
    move = isinstance(command, Move)
    named, outcome = carried
    if move and turn.session.read_only:
        turn.answer.expect(Condition.NO, rule="RFC 9051 §6.4.8: nothing is moved out of a read-only mailbox")
        require_only_updates(turn.replay())
        return
    if outcome is None:
        require_only_updates(turn.replay())
        return
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
    if arguments is not None or turn.session.offers(b"UIDPLUS"):
        require_copyuid(turn, copied, arguments)
    moved = {source for source, _ in copied.pairs} if move else set()
    require(not moved & set(turn.session.view), "RFC 9051 §6.4.8: each removal of MOVE is told", moved, turn.session.view)


def require_copyuid(turn: Turn, copied: Any, arguments: tuple[object, ...] | None) -> None:
    """Each UID with the one it has now, in the order of the code, which is the server's (RFC 9051 §7.1)."""
    if arguments is None:
        refuse("RFC 9051 §7.1: COPYUID", turn.answer)
    uidvalidity, *sets = arguments
    sources, copies = map(numbers_of, sets)
    told = sorted(zip(sources, copies, strict=False))
    old, new = turn.numbering, turn.numbering_of(copied.target)
    alike = len(sources) == len(copies) == len(copied.pairs) and all(
        old.is_uid(source, told_source) and new.is_uid(target, told_target)
        for (source, target), (told_source, told_target) in zip(copied.pairs, told, strict=True)
    )
    require(alike, "RFC 9051 §7.1: COPYUID pairs old and new UIDs", told, copied)
    turn.observe_uidvalidity(copied.target, uidvalidity)


def numbers_of(ranges: Any) -> list[int]:
    """The numbers of ranges, in the order they were given."""
    return [number for low, high in ranges for number in range(low, high + 1)]
