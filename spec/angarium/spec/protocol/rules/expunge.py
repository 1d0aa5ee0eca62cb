"""EXPUNGE and UID EXPUNGE (RFC 9051 §6.4.3, §6.4.9; RFC 7162 §3.2.7, §3.2.9)."""

from typing import Any

from angarium.engine.operations import ExpungeMessages, Removed
from angarium.grammar.imap.commands import Expunge
from angarium.grammar.imap.responses import Code, Condition
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.replay import require_modseq, require_only_updates
from angarium.spec.protocol.session import mailboxes_at
from angarium.spec.protocol.turn import Turn


def remove(turn: Turn, command: Expunge) -> Any:
    r"""Remove what has \Deleted, of all or of these UIDs (RFC 9051 §6.4.3, §6.4.9)."""
    if turn.session.read_only:
        return None
    uids = None if command.uids is None else NumberSet.from_numbers(turn.targets(command.uids, uid=True))
    return turn.attempt(ExpungeMessages(turn.mailbox.id, uids))


def expunge(turn: Turn, command: Expunge, removed: Removed) -> None:
    r"""What has \Deleted is gone, and the client has heard of it when the OK comes (RFC 9051 §6.4.3)."""
    if turn.session.read_only:
        turn.answer.expect(Condition.NO, rule="RFC 9051 §6.3.3: nothing is removed from a read-only mailbox")
        require_only_updates(turn.replay())
        return
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.4.3: EXPUNGE is OK")
    told = turn.replay()
    require_only_updates(told)
    require_modseq(turn.session, told, "RFC 7162 §3.1: a changed FLAGS comes with MODSEQ")
    require(not set(removed.uids) & set(turn.session.view), "RFC 9051 §6.4.3: each removal is told", removed, turn.session.view)
    highest = turn.answer.arguments(Code.HIGHESTMODSEQ)
    require(is_highest(turn, highest), "RFC 7162 §3.2.7: HIGHESTMODSEQ after EXPUNGE", turn.answer, removed)
    needed = bool(removed.uids.ranges) and turn.session.qresync
    require(not needed or highest is not None, "RFC 7162 §3.2.7: HIGHESTMODSEQ when QRESYNC is enabled", turn.answer)


def is_highest(turn: Turn, told: tuple[object, ...] | None) -> bool:
    """Say whether the code, where it is given, is the mailbox's highest mod-sequence since the removal (RFC 7162 §3.2.7)."""
    (highest,) = told or (None,)
    if not isinstance(highest, int):
        return highest is None
    after = turn.numbering.possible_highest([each.highest_modseq for each in mailboxes_at(turn.after, turn.session)], highest)
    return bool(after) and turn.numbering.is_highest(turn.choices.pick(after), highest)
