"""STORE and UID STORE (RFC 9051 §6.4.6, RFC 7162 §3.1.3)."""

from attrs import frozen

from angarium.engine.operations import FlagsSet, SetFlags
from angarium.grammar.imap.commands import Store
from angarium.grammar.imap.responses import Code, Condition, Flags, ModSequence, Uid
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.model.messages import combine
from angarium.spec.model.state import Message
from angarium.spec.protocol.answer import refuse, require
from angarium.spec.protocol.replay import Told, require_modseq, require_only_updates
from angarium.spec.protocol.session import flags_of, mailboxes_at
from angarium.spec.protocol.turn import Turn


@frozen
class Stored:
    """Which messages were meant, as they were before, and what became of them; no ``result`` where nothing may change.

    ``heard``: those of which the client had been told the flags that they had.
    """

    named: list[int]
    before: dict[int, Message]
    heard: frozenset[int]
    spared: list[int]
    result: FlagsSet | None


def change(turn: Turn, command: Store) -> Stored:
    """Change the flags, but not of messages changed since UNCHANGEDSINCE (RFC 9051 §6.4.6, RFC 7162 §3.1.3)."""
    named = turn.targets(command.numbers, command.uid)
    before = dict(turn.mailbox.messages)
    if turn.session.read_only:
        return Stored(named, before, frozenset(), [], None)
    since = command.unchanged_since
    there = [before[uid] for uid in named if uid in before]
    spared = [each.uid for each in there if since is not None and changed(turn, each, since)]
    wanted = NumberSet.from_numbers(uid for uid in named if uid not in spared)
    heard = frozenset(each.uid for each in there if turn.session.told.get(each.uid) == each.modseq)
    return Stored(named, before, heard, spared, turn.attempt(SetFlags(turn.mailbox.id, wanted, command.mode, command.flags)))


def changed(turn: Turn, message: Message, since: int) -> bool:
    """Say whether the message has changed since the server's ``since`` (RFC 7162 §3.1.3)."""
    return turn.choices.pick(turn.numbering.may_exceed(message.uid, message.modseq, since))


def store(turn: Turn, command: Store, stored: Stored) -> None:
    """The flags are as wanted, and told unless SILENT (RFC 9051 §6.4.6)."""
    if stored.result is None:
        turn.answer.expect(Condition.NO, rule="RFC 9051 §6.3.3: no flags change in a read-only mailbox")
        require_only_updates(turn.replay(expunges=command.uid))
        return
    if command.unchanged_since is not None:
        turn.session.enabled.add(b"CONDSTORE")  # RFC 7162 §3.1
    believe(turn, command, stored.result)
    view = list(turn.session.view)
    told = turn.replay(expunges=command.uid)
    require_only_updates(told)
    require_modseq(turn.session, told, "RFC 7162 §3.1: FETCH after STORE comes with MODSEQ")
    require_condition(turn, command, stored, view)
    require_told(turn, command, stored, stored.result, told)


def believe(turn: Turn, command: Store, result: FlagsSet) -> None:
    """After .SILENT the client works out the new flags from those it knew (RFC 9051 §6.4.6)."""
    if command.silent:
        for row in result.rows:
            known = turn.session.known[row.uid]
            turn.session.known[row.uid] = frozenset(turn.mailbox.spelled(combine(tuple(known), command.mode, command.flags)))


def require_condition(turn: Turn, command: Store, stored: Stored, view: list[int]) -> None:
    """OK, with MODIFIED for those that were spared; NO is possible where some are gone (RFC 7162 §3.1.3, RFC 2180 §4.2)."""
    gone = {uid for uid in stored.named if any(uid not in each.messages for each in turn.mailboxes)}
    spared = set(stored.spared)
    conditions = (Condition.OK, Condition.NO) if gone or spared else (Condition.OK,)
    turn.answer.expect(*conditions, rule="RFC 9051 §6.4.6: STORE is OK")
    modified = turn.answer.arguments(Code.MODIFIED)
    if not spared and not gone:
        require(modified is None, "RFC 7162 §3.1.3: no MODIFIED when all were stored", turn.answer)
    elif spared:
        numbers = (modified or (None,))[0]
        if not isinstance(numbers, NumberSet):
            refuse("RFC 7162 §3.1.3: MODIFIED", turn.answer, stored)
        uids = {uid for number, uid in enumerate(view, 1) if is_modified(turn, command, numbers, number, uid)}
        require(spared <= uids <= spared | gone, "RFC 7162 §3.1.3: MODIFIED", uids, stored)


def is_modified(turn: Turn, command: Store, numbers: NumberSet, number: int, uid: int) -> bool:
    """Say whether MODIFIED names a message, by UID in answer to UID STORE (RFC 7162 §3.1.3)."""
    if not command.uid:
        return number in numbers
    return any(True in turn.numbering.may_name(uid, low, high) for low, high in numbers.ranges)


def require_told(turn: Turn, command: Store, stored: Stored, result: FlagsSet, told: Told) -> None:
    """FETCH with FLAGS for each message stored; UID and MODSEQ where they belong (RFC 9051 §6.4.6, §6.4.9; RFC 7162 §3.1.3)."""
    after = mailboxes_at(turn.after, turn.session)
    for row in result.rows:
        items = told.items(row.uid)
        states = [flags_of(each.messages[row.uid]) for each in after if row.uid in each.messages]
        lost = len(states) < len(after)
        same = not turn.exact and row.modseq == stored.before[row.uid].modseq  # nothing is new, and it is told normally
        require(command.silent or Flags in items or lost or same, "RFC 9051 §6.4.6: STORE tells the flags", row, items)
        last = turn.session.known.get(row.uid)
        current = Flags not in items or last is None or last in states
        require(current, "RFC 9051 §6.4.6: FLAGS told last are those after the change", row, last, states)
        alone = all(each.messages[row.uid].modseq == row.modseq for each in after if row.uid in each.messages)
        known = command.silent and row.uid in stored.heard and alone
        require(not known or Flags not in items, "RFC 9051 §6.4.6: .SILENT keeps what the client can work out", row, items)
        caused = bool(items) and not (command.silent and Flags in items)  # those may be news of what others did
        require(not command.uid or not caused or Uid in items, "RFC 9051 §6.4.9: UID STORE tells the UID", row, items)
        conditional = turn.session.condstore and row.modseq != stored.before[row.uid].modseq and not lost
        require(not conditional or ModSequence in items, "RFC 7162 §3.1.3: MODSEQ even when SILENT", row, items)
