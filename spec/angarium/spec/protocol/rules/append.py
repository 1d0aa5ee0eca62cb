"""APPEND (RFC 9051 §6.3.12)."""

from angarium.engine.operations import AppendMessages, MailboxNotFound, NewMessage
from angarium.grammar.imap.commands import Append
from angarium.grammar.imap.responses import Code
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.refusals import MISSING_TARGET, expect_outcome
from angarium.spec.protocol.replay import require_modseq, require_only_updates
from angarium.spec.protocol.turn import Turn


def append(turn: Turn, command: Append) -> None:
    """The message is there, its UID is told, and a session that has the mailbox selected hears of it (RFC 9051 §6.3.12)."""
    message = NewMessage(command.message, command.flags, command.date_time)
    outcome = turn.attempt(AppendMessages(turn.session.user, command.mailbox, (message,)))
    done = expect_outcome(turn.answer, outcome, MISSING_TARGET if isinstance(outcome, MailboxNotFound) else None)
    told = turn.replay()
    require_only_updates(told)
    require_modseq(turn.session, told, "RFC 7162 §3.1: a changed FLAGS comes with MODSEQ")
    if not done:
        return
    uidvalidity, uids = turn.answer.arguments(Code.APPENDUID) or (None, None)
    require(uids == NumberSet.from_numbers(outcome.uids), "RFC 9051 §7.1: APPENDUID", turn.answer.tagged, outcome)
    turn.uidvalidities.observe(outcome.mailbox, uidvalidity)
    if turn.session.mailbox == outcome.mailbox:
        require(
            set(outcome.uids) <= set(turn.session.view), "RFC 9051 §6.3.12: EXISTS tells of the new message", turn.session.view
        )
