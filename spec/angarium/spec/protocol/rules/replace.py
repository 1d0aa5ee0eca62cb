"""REPLACE and UID REPLACE (RFC 8508)."""

from typing import Any

from angarium.engine.operations import MailboxNotFound, MessageNotFound, ReplaceMessage
from angarium.grammar.imap.commands import Replace
from angarium.grammar.imap.responses import Code, Condition
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.refusals import MISSING_TARGET, expect_outcome
from angarium.spec.protocol.replay import require_modseq, require_only_updates
from angarium.spec.protocol.rules.append import require_appenduid
from angarium.spec.protocol.rules.catenate import Cancelled, NothingThere, new_messages, refused
from angarium.spec.protocol.rules.expunge import is_highest
from angarium.spec.protocol.turn import Turn


def put(turn: Turn, command: Replace) -> Any:
    """Append and remove, both or neither (RFC 8508 §3.4)."""
    named = turn.targets(command.number, command.uid)
    if turn.session.read_only:
        return named, None
    messages = new_messages(turn, (command.message,))
    if isinstance(messages, Cancelled | NothingThere):
        return named, messages
    if not named:
        return named, MessageNotFound()
    (message,) = messages
    return named, turn.attempt(ReplaceMessage(turn.mailbox.id, named[0], turn.session.user, command.mailbox, message))


def replace(turn: Turn, command: Replace, done_to: tuple[list[int], Any]) -> None:
    """The new message is there, the old one gone, and the client has heard of both (RFC 8508 §3.4)."""
    named, outcome = done_to
    if turn.session.read_only:
        turn.answer.expect(Condition.NO, rule="RFC 8508 §3.2: nothing is replaced in a read-only mailbox")
        require_only_updates(turn.replay())
        return
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
    require(named[0] not in turn.session.view, "RFC 8508 §3.4: the removal is told before the OK", named, turn.session.view)
    arguments = turn.answer.arguments(Code.APPENDUID)
    if arguments is not None or turn.session.offers(b"UIDPLUS"):
        require_appenduid(turn, outcome.appended, arguments)
    highest = turn.answer.arguments(Code.HIGHESTMODSEQ)
    require(is_highest(turn, highest), "RFC 8508 §4.5: HIGHESTMODSEQ as after UID EXPUNGE", turn.answer)
    needed = not turn.session.qresync or highest is not None
    require(needed, "RFC 8508 §4.5: HIGHESTMODSEQ when QRESYNC is enabled", turn.answer)
