"""APPEND (RFC 9051 §6.3.12), of several messages too (RFC 3502), and of messages put together of others (RFC 4469)."""

from typing import Any

from angarium.engine.operations import AppendMessages, MailboxNotFound
from angarium.grammar.imap.commands import Append
from angarium.grammar.imap.responses import Code
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.refusals import MISSING_TARGET, expect_outcome
from angarium.spec.protocol.replay import require_modseq, require_only_updates
from angarium.spec.protocol.rules.catenate import Cancelled, NothingThere, new_messages, refused
from angarium.spec.protocol.session import mailboxes_at
from angarium.spec.protocol.turn import Turn


def add(turn: Turn, command: Append) -> Any:
    """Add all of the messages, or be refused (RFC 9051 §6.3.12, RFC 3502 §6.3.11)."""
    messages = new_messages(turn, command.messages)
    if isinstance(messages, Cancelled | NothingThere):
        return messages
    return turn.attempt(AppendMessages(turn.session.user, command.mailbox, messages))


def append(turn: Turn, command: Append, outcome: Any) -> None:
    """The messages are there, their UIDs are told, and a session that has the mailbox selected hears of it (RFC 9051 §6.3.12)."""
    if isinstance(outcome, Cancelled | NothingThere):
        refused(turn, outcome)
        require_only_updates(turn.replay())
        return
    done = expect_outcome(turn.answer, outcome, MISSING_TARGET if isinstance(outcome, MailboxNotFound) else None)
    told = turn.replay()
    require_only_updates(told)
    require_modseq(turn.session, told, "RFC 7162 §3.1: a changed FLAGS comes with MODSEQ")
    if not done:
        return
    arguments = turn.answer.arguments(Code.APPENDUID)
    if arguments is not None or turn.session.offers(b"UIDPLUS"):
        require_appenduid(turn, outcome, arguments)
    stayed = all(uid in each.messages for uid in outcome.uids for each in mailboxes_at(turn.after, turn.session))
    if turn.session.mailbox == outcome.mailbox and stayed:
        require(
            set(outcome.uids) <= set(turn.session.view), "RFC 9051 §6.3.12: EXISTS tells of the new message", turn.session.view
        )


def require_appenduid(turn: Turn, outcome: Any, arguments: tuple[object, ...] | None) -> None:
    """APPENDUID tells where the message is now (RFC 9051 §7.1)."""
    uidvalidity, uids = arguments or (None, NumberSet())
    assert isinstance(uids, NumberSet)
    numbering = turn.numbering_of(outcome.mailbox)
    alike = len(uids) == len(outcome.uids) and all(map(numbering.is_uid, outcome.uids, uids))
    require(alike, "RFC 9051 §7.1: APPENDUID", turn.answer.tagged, outcome)
    turn.observe_uidvalidity(outcome.mailbox, uidvalidity)
