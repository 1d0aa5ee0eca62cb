"""APPEND of one message or several, binary and put together ones too (RFC 9051 §6.3.12, RFC 3502, RFC 3516 §4.4, RFC 4469)."""

from collections.abc import Callable
from typing import Any

from angarium.engine.acl import settable
from angarium.engine.imap.asks import Asking, Outcome, Refused, no, ok
from angarium.engine.imap.commands.catenate import Assembly, catenated, forget, literals_in
from angarium.engine.imap.commands.mailboxes import tell_old_name
from angarium.engine.imap.flags import storable
from angarium.engine.imap.literals import NUL_REFUSED
from angarium.engine.imap.rights import may_know_uids
from angarium.engine.imap.state import Session
from angarium.engine.operations import Appended, AppendMessages, NewMessage, Operation, StoreError
from angarium.grammar.imap.commands import Append, AppendMessage, Catenation, StagedLiteral
from angarium.grammar.imap.responses import Code
from angarium.grammar.imap.sequence_set import NumberSet


def append(session: Session, command: Append) -> Asking[Outcome]:
    """Add messages to a mailbox, all or none (RFC 9051 §6.3.12, RFC 3502 §6.3.11)."""
    place = session.place(command.mailbox)
    done: Appended = yield from added(
        session, command.messages, lambda messages: AppendMessages(place.owner, place.name, messages)
    )
    name = place.full(place.name)
    if name != command.mailbox:
        yield from tell_old_name(session, command.mailbox, name)
    if not may_know_uids(session):
        return ok("APPEND completed")
    return ok("APPEND completed", Code.APPENDUID, done.uidvalidity, NumberSet.from_numbers(done.uids))


def added(
    session: Session, given: tuple[AppendMessage, ...], operation: Callable[[tuple[NewMessage, ...]], Operation]
) -> Asking[Any]:
    """Put together what has to be (RFC 4469 §3), have the store carry out ``operation``, and let go of what is staged still."""
    assembly = Assembly(session.limits)
    try:
        messages = []
        for each in given:
            content = each.message
            if isinstance(content, Catenation):
                content = yield from catenated(session, content, assembly)
            messages.append(new_message(session, each, content))
        result = yield operation(tuple(messages))
    except (Refused, StoreError):
        yield from forget(assembly.tokens)
        raise
    for each in given:
        if isinstance(each.message, Catenation):
            yield from forget(literals_in(each.message))
    return result


def new_message(session: Session, given: AppendMessage, content: bytes | StagedLiteral) -> NewMessage:
    """What is to be stored, or a refusal of the command. A staged literal has been looked at when it came.

    A message of no octets is how a client changes its mind (RFC 3502 §6.3.11). Flags without the right to set them are left out
    (RFC 4314 §4).
    """
    if not content:
        raise Refused(no("no message, APPEND cancelled"))
    if isinstance(content, bytes) and not given.binary and b"\0" in content:
        raise Refused(NUL_REFUSED)
    flags = storable(given.flags)
    if session.granted is not None:
        flags = settable(flags, session.granted)
    return NewMessage(content, flags, given.date_time, binary=given.binary)
