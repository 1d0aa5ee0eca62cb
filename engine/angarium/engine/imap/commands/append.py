"""APPEND of one message or several, binary ones too (RFC 9051 §6.3.12, RFC 3502, RFC 3516 §4.4, RFC 4315 §3)."""

from angarium.engine.acl import settable
from angarium.engine.imap.asks import Asking, Outcome, Refused, no, ok
from angarium.engine.imap.commands.mailboxes import tell_old_name
from angarium.engine.imap.flags import storable
from angarium.engine.imap.literals import NUL_REFUSED
from angarium.engine.imap.state import Session
from angarium.engine.operations import Appended, AppendMessages, NewMessage
from angarium.grammar.imap.commands import Append, AppendMessage
from angarium.grammar.imap.responses import Code
from angarium.grammar.imap.sequence_set import NumberSet


def append(session: Session, command: Append) -> Asking[Outcome]:
    """Add messages to a mailbox, all or none (RFC 9051 §6.3.12, RFC 3502 §6.3.11)."""
    messages = tuple(new_message(session, message) for message in command.messages)
    place = session.place(command.mailbox)
    done: Appended = yield AppendMessages(place.owner, place.name, messages)
    name = place.full(place.name)
    if name != command.mailbox:
        yield from tell_old_name(session, command.mailbox, name)
    return ok("APPEND completed", Code.APPENDUID, done.uidvalidity, NumberSet.from_numbers(done.uids))


def new_message(session: Session, given: AppendMessage) -> NewMessage:
    """What is to be stored, or a refusal of the command. A staged literal has been looked at when it came.

    A message of no octets is how a client changes its mind (RFC 3502 §6.3.11). Flags without the right to set them are left out
    (RFC 4314 §4).
    """
    if not given.message:
        raise Refused(no("no message, APPEND cancelled"))
    if isinstance(given.message, bytes) and not given.binary and b"\0" in given.message:
        raise Refused(NUL_REFUSED)
    flags = storable(given.flags)
    if session.granted is not None:
        flags = settable(flags, session.granted)
    return NewMessage(given.message, flags, given.date_time, binary=given.binary)
