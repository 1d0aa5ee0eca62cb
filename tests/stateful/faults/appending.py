"""Faults in APPEND of several messages, of binary ones, and in REPLACE (RFC 3502, RFC 3516, RFC 8508)."""

from typing import Any

from attrs import evolve

from angarium.engine.imap.commands import append, replace
from angarium.engine.operations import AppendMessages, NewMessage, Operation, Replaced, ReplaceMessage
from angarium.grammar.imap.commands import AppendMessage
from angarium.grammar.imap.responses import Code
from angarium.spec.model_store import ModelStore
from stateful.faults.changes import Execute, asked, both, recoded, replaced, store
from stateful.faults.fault import fault


def first_only(operation: AppendMessages) -> AppendMessages:
    return evolve(operation, messages=operation.messages[:1])


def nothing_cancels(given: AppendMessage) -> NewMessage:
    return NewMessage(given.message, given.flags, given.date_time, binary=given.binary)


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
        both(replaced(append, "new_message", nothing_cancels), replaced(replace, "new_message", nothing_cancels)),
    ),
    fault("REPLACE leaves the old message", "rfc8508-3.4-1", store(keep_the_old)),
    fault("REPLACE keeps the flags of the old message", "rfc8508-1-2", store(inherit_flags)),
    fault("REPLACE does not say where the new message is", "rfc8508-4.3-1", recoded(Code.APPENDUID, None)),
)
