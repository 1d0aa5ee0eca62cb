"""Faults in APPEND of several messages, of binary ones and those put together, and in REPLACE (RFC 3502, 3516, 4469, 8508)."""

from typing import Any

from attrs import evolve

from angarium.engine.imap.asks import Asking, Refused, no
from angarium.engine.imap.commands import append, catenate
from angarium.engine.imap.commands.catenate import Assembly, catenated
from angarium.engine.imap.state import Session
from angarium.engine.operations import AppendMessages, NewMessage, Operation, Replaced, ReplaceMessage
from angarium.grammar.imap.commands import AppendMessage, Catenation, StagedLiteral, Url
from angarium.grammar.imap.responses import Code
from angarium.grammar.imap.urls import MessageUrl, message_url
from angarium.spec.model_store import ModelStore
from stateful.faults.changes import Execute, asked, recoded, replaced, store
from stateful.faults.fault import fault


def first_only(operation: AppendMessages) -> AppendMessages:
    return evolve(operation, messages=operation.messages[:1])


def nothing_cancels(session: Session, given: AppendMessage, content: bytes | StagedLiteral) -> NewMessage:
    return NewMessage(content, given.flags, given.date_time, binary=given.binary)


def joined_backwards(session: Session, given: Catenation, assembly: Assembly) -> Asking[bytes | StagedLiteral]:
    return (yield from catenated(session, evolve(given, parts=given.parts[::-1]), assembly))


def never_stale(octets: bytes) -> MessageUrl:
    return evolve(message_url(octets), uidvalidity=None)


def whole_message(octets: bytes) -> MessageUrl:
    return evolve(message_url(octets), partial=None)


def last_url(session: Session, given: Catenation, assembly: Assembly) -> Asking[bytes | StagedLiteral]:
    """Where a URL fails, the last one is told."""
    try:
        return (yield from catenated(session, given, assembly))
    except Refused as refusal:
        code = refusal.outcome.code
        if code is None or code.code is not Code.BADURL:
            raise
        urls = [part.octets for part in given.parts if isinstance(part, Url)]
        raise Refused(no("there is nothing at that URL", Code.BADURL, urls[-1])) from None


def keep_the_old(model: ModelStore, operation: Operation, execute: Execute) -> Any:
    """Append without removing."""
    if not isinstance(operation, ReplaceMessage):
        return execute(operation)
    appended = execute(AppendMessages(operation.user, operation.name, (operation.message,)))
    return Replaced(appended, model.world.mailbox(operation.source).highest_modseq)


def inherit_flags(model: ModelStore, operation: Operation, execute: Execute) -> Any:
    """The new message gets the flags of the old one."""
    if isinstance(operation, ReplaceMessage):
        old = model.world.mailbox(operation.source).messages.get(operation.uid)
        flags = old.flags if old is not None else ()
        operation = evolve(operation, message=evolve(operation.message, flags=(*operation.message.flags, *flags)))
    return execute(operation)


FAULTS = (
    fault("APPEND of several messages adds the first", "rfc3502-6.3.11-6", asked(AppendMessages, first_only)),
    fault(
        "a message of no octets is added",
        "rfc3502-6.3.11-5",
        replaced(append, "new_message", nothing_cancels),
    ),
    fault("CATENATE joins the parts backwards", "rfc4469-3-1", replaced(append, "catenated", joined_backwards)),
    fault("CATENATE takes a URL that is stale", "rfc5092-5-3", replaced(catenate, "message_url", never_stale)),
    fault("CATENATE passes over PARTIAL", "rfc5092-6-5", replaced(catenate, "message_url", whole_message), attempts=4),
    fault("BADURL tells the last URL", "rfc4469-4.1-2", replaced(append, "catenated", last_url)),
    fault("REPLACE leaves the old message", "rfc8508-3.4-1", store(keep_the_old)),
    fault("REPLACE keeps the flags of the old message", "rfc8508-1-2", store(inherit_flags)),
    fault("REPLACE does not say where the new message is", "rfc8508-4.3-1", recoded(Code.APPENDUID, None)),
)
