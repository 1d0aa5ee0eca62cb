"""REPLACE and UID REPLACE: a message in place of another, in one step (RFC 8508)."""

from angarium.engine.imap.asks import Asking, Outcome, Refused, no, ok
from angarium.engine.imap.commands.append import added
from angarium.engine.imap.commands.mailboxes import tell_old_name
from angarium.engine.imap.numbers import uids_of
from angarium.engine.imap.rights import may_know_uids
from angarium.engine.imap.state import Selected, Session
from angarium.engine.imap.updates import announce
from angarium.engine.operations import MessageNotFound, NewMessage, Replaced, ReplaceMessage
from angarium.grammar.imap.commands import Replace
from angarium.grammar.imap.responses import Code, Condition, ResponseCode, Untagged
from angarium.grammar.imap.sequence_set import NumberSet


def replace(session: Session, command: Replace) -> Asking[Outcome]:
    """Append, and remove what was there before; APPENDUID comes ahead of the removal (RFC 8508 §3.4, §4.3).

    The message that goes is told of as UID EXPUNGE would (RFC 8508 §4.5, RFC 7162 §3.2.9).
    """
    if session.mailbox.read_only:
        return no("the mailbox is read-only", Code.READ_ONLY)
    uid = _named(session.mailbox, command)
    place = session.place(command.mailbox)

    def operation(messages: tuple[NewMessage, ...]) -> ReplaceMessage:
        if uid is None:
            raise MessageNotFound
        if place.owner != session.mailbox.id.owner:
            raise Refused(no("the replacement stays with the owner of the message", Code.CANNOT))
        return ReplaceMessage(session.mailbox.id, uid, place.owner, place.name, *messages)

    done: Replaced = yield from added(session, (command.message,), operation)
    name = place.full(place.name)
    if may_know_uids(session):
        code = ResponseCode(Code.APPENDUID, (done.appended.uidvalidity, NumberSet.from_numbers(done.appended.uids)))
        yield Untagged(Condition.OK, "replacement appended", code)
    if name != command.mailbox:
        yield from tell_old_name(session, command.mailbox, name)
    yield from announce(session, expunges=True)
    if session.qresync:
        return ok("REPLACE completed", Code.HIGHESTMODSEQ, session.mailbox.modseq)
    return ok("REPLACE completed")


def _named(selected: Selected, command: Replace) -> int | None:
    """The UID of the message to go; None where the client has heard of no such message (RFC 8508 §3.2)."""
    uids = uids_of(selected, command.number, command.uid)
    if not uids.ranges:
        return None
    uid = uids.ranges[0][0]
    return uid if selected.uids[selected.sequence_number(uid) - 1] == uid else None
