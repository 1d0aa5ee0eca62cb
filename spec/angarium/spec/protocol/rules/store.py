"""STORE and UID STORE (RFC 9051 §6.4.6, RFC 7162 §3.1.3)."""

from angarium.engine.operations import FlagsSet, SetFlags
from angarium.grammar.imap.commands import Store
from angarium.grammar.imap.responses import Code, Condition, Flags, ModSequence, Uid
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.model.messages import combine
from angarium.spec.model.state import Message
from angarium.spec.protocol.answer import refuse, require
from angarium.spec.protocol.replay import Told, require_modseq, require_only_updates
from angarium.spec.protocol.targets import targets
from angarium.spec.protocol.turn import Turn


def store(turn: Turn, command: Store) -> None:
    """The flags are as wanted, and told unless SILENT (RFC 9051 §6.4.6)."""
    named = targets(turn.session, command.numbers, command.uid)
    if turn.session.read_only:
        turn.answer.expect(Condition.NO, rule="RFC 9051 §6.3.3: no flags change in a read-only mailbox")
        require_only_updates(turn.replay(expunges=command.uid))
        return
    numbers = NumberSet.from_numbers(named)
    before = dict(turn.mailbox.messages)
    result: FlagsSet = turn.attempt(
        SetFlags(turn.mailbox.id, numbers, command.mode, command.flags, unchanged_since=command.unchanged_since)
    )
    if command.unchanged_since is not None:
        turn.session.enabled.add(b"CONDSTORE")  # RFC 7162 §3.1
    believe(turn, command, result, before)
    told = turn.replay(expunges=command.uid)
    require_only_updates(told)
    require_modseq(turn.session, told, "RFC 7162 §3.1: FETCH after STORE comes with MODSEQ")
    require_condition(turn, command, named, result)
    require_told(turn, command, result, before, told)


def believe(turn: Turn, command: Store, result: FlagsSet, before: dict[int, Message]) -> None:
    """After .SILENT the client works out the new flags from those it knew (RFC 9051 §6.4.6)."""
    if command.silent:
        for row in result.rows:
            known = turn.session.known[row.uid]
            turn.session.known[row.uid] = frozenset(turn.mailbox.spelled(combine(tuple(known), command.mode, command.flags)))


def require_condition(turn: Turn, command: Store, named: list[int], result: FlagsSet) -> None:
    """OK, with MODIFIED for those that were spared; NO is possible where some are gone (RFC 7162 §3.1.3, RFC 2180 §4.2)."""
    gone = any(uid not in turn.mailbox.messages for uid in named)
    spared = bool(result.modified.ranges)
    conditions = (Condition.OK, Condition.NO) if gone or spared else (Condition.OK,)
    turn.answer.expect(*conditions, rule="RFC 9051 §6.4.6: STORE is OK")
    modified = turn.answer.arguments(Code.MODIFIED)
    if not spared and not gone:
        require(modified is None, "RFC 7162 §3.1.3: no MODIFIED when all were stored", turn.answer)
    elif spared:
        numbers = (modified or (None,))[0]
        if not isinstance(numbers, NumberSet):
            refuse("RFC 7162 §3.1.3: MODIFIED", turn.answer, result)
        uids = set(numbers) if command.uid else {uid for n, uid in enumerate(turn.session.view, 1) if n in numbers}
        missing = {uid for uid in named if uid not in turn.mailbox.messages}
        require(set(result.modified) <= uids <= set(result.modified) | missing, "RFC 7162 §3.1.3: MODIFIED", uids, result)


def require_told(turn: Turn, command: Store, result: FlagsSet, before: dict[int, Message], told: Told) -> None:
    """FETCH with FLAGS for each message stored; UID and MODSEQ where they belong (RFC 9051 §6.4.6, §6.4.9; RFC 7162 §3.1.3)."""
    for row in result.rows:
        items = told.items(row.uid)
        require(command.silent or Flags in items, "RFC 9051 §6.4.6: STORE tells the flags", row, items)
        require(not command.uid or not items or Uid in items, "RFC 9051 §6.4.9: UID STORE tells the UID", row, items)
        conditional = turn.session.condstore and row.modseq != before[row.uid].modseq
        require(not conditional or ModSequence in items, "RFC 7162 §3.1.3: MODSEQ even when SILENT", row, items)
