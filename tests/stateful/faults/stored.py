"""Faults of a store that a client can see: UIDs, mod-sequences, flags, subscriptions (RFC 9051 §2.3, RFC 7162 §3.1)."""

from functools import partial
from itertools import repeat
from typing import Any

from attrs import evolve

from angarium.engine.operations import (
    AppendMessages,
    Copied,
    CopyMessages,
    CreatedMailbox,
    CreateMailbox,
    ExpungeMessages,
    MailboxId,
    Operation,
    SetFlags,
    UserName,
)
from angarium.grammar.imap.commands import StoreMode
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.model_store import ModelStore
from stateful.faults import judged
from stateful.faults.changes import Execute, answered, asked, replaced, store
from stateful.faults.fault import fault

MIRA, XERXES = UserName("mira"), UserName("xerxes")


def reuse_uids(model: ModelStore, operation: ExpungeMessages, result: Any) -> Any:
    mailbox = model.world.mailbox(operation.mailbox)
    mailbox.uidnext = max(mailbox.messages, default=0) + 1
    return result


def uids_begin_at(model: ModelStore, operation: CreateMailbox, result: CreatedMailbox) -> CreatedMailbox:
    model.world.mailbox(result.id).uidnext = 5
    return result


def all_messages(model: ModelStore, mailbox: MailboxId, **changes: Any) -> None:
    messages = model.world.mailbox(mailbox).messages
    messages.update({uid: evolve(message, **changes) for uid, message in messages.items()})


def forget_modseq(model: ModelStore, operation: SetFlags, result: Any) -> Any:
    all_messages(model, operation.mailbox, modseq=2)
    return result


def modseq_for_all(model: ModelStore, operation: SetFlags, result: Any) -> Any:
    all_messages(model, operation.mailbox, modseq=model.world.mailbox(operation.mailbox).highest_modseq)
    return result


def modseq_for_nothing(model: ModelStore, operation: Operation, execute: Execute) -> Any:
    if isinstance(operation, SetFlags):
        mailbox = model.world.mailbox(operation.mailbox)
        modseq = mailbox.change()
        for uid in set(operation.uids) & mailbox.messages.keys():
            mailbox.messages[uid] = evolve(mailbox.messages[uid], modseq=modseq)
    return execute(operation)


def forget_vanished(model: ModelStore, operation: ExpungeMessages, result: Any) -> Any:
    model.world.mailbox(operation.mailbox).expunged.clear()
    return result


def flags_of_the_next(model: ModelStore, operation: Operation, execute: Execute) -> Any:
    if isinstance(operation, SetFlags):
        operation = evolve(operation, uids=NumberSet.from_numbers(uid + 1 for uid in operation.uids if uid < 2**32 - 1))
    return execute(operation)


def expunge_what_is_seen(model: ModelStore, operation: Operation, execute: Execute) -> Any:
    if isinstance(operation, ExpungeMessages) and operation.uids is None:
        mailbox = model.world.mailbox(operation.mailbox)
        for uid, message in list(mailbox.messages.items()):
            if message.has(b"\\Seen"):
                mailbox.messages[uid] = evolve(message, flags=(*message.flags, b"\\Deleted"))
    return execute(operation)


def expunge_one(model: ModelStore, operation: Operation, execute: Execute) -> Any:
    if isinstance(operation, ExpungeMessages):
        deleted = [uid for uid, message in model.world.mailbox(operation.mailbox).messages.items() if message.has(b"\\Deleted")]
        operation = evolve(operation, uids=NumberSet.from_numbers(deleted[:1]))
    return execute(operation)


def copied_spoiled(**changes: Any) -> Any:
    def spoil(model: ModelStore, operation: CopyMessages, result: Copied) -> Copied:
        messages = model.world.mailbox(result.target).messages
        for _, uid in result.pairs:
            messages[uid] = evolve(messages[uid], **changes)
        return result

    return spoil


def appended_spoiled(**changes: Any) -> Any:
    def spoil(model: ModelStore, operation: AppendMessages, result: Any) -> Any:
        messages = model.world.mailbox(result.mailbox).messages
        for uid in result.uids:
            messages[uid] = evolve(messages[uid], **changes)
        return result

    return spoil


def copy_half(model: ModelStore, operation: CopyMessages, result: Copied) -> Copied:
    """One message less than was said."""
    if len(result.pairs) > 1:
        del model.world.mailbox(result.target).messages[result.pairs[-1][1]]
    return result


def create_target(model: ModelStore, operation: Operation, execute: Execute) -> Any:
    if isinstance(operation, CopyMessages | AppendMessages) and model.world.account(operation.user).find(operation.name) is None:
        execute(CreateMailbox(operation.user, operation.name))
    return execute(operation)


def last_octet_lost(operation: AppendMessages) -> AppendMessages:
    return evolve(operation, messages=tuple(evolve(message, content=message.content[:-1]) for message in operation.messages))


FAULTS = (
    fault("a UID is given again after EXPUNGE", "rfc9051-2.3.1.1-13", answered(ExpungeMessages, reuse_uids)),
    fault("UIDs of a new mailbox fall", "rfc9051-2.3.1.1-7", answered(CreateMailbox, uids_begin_at)),
    fault(
        "every mailbox has the same UIDVALIDITY",
        "rfc9051-6.3.4-8",
        replaced(judged, "make_store", partial(ModelStore, uidvalidities=repeat(1))),
    ),
    fault("STORE forgets mod-sequences", "rfc7162-3.1-4", answered(SetFlags, forget_modseq)),
    fault("STORE gives the mod-sequence to every message", "rfc7162-3.1-5", answered(SetFlags, modseq_for_all)),
    fault("STORE that changes nothing takes a mod-sequence", "rfc7162-3.1-5 rfc7162-3.1.11-1", store(modseq_for_nothing)),
    fault("what was expunged is forgotten", "rfc7162-3.2.7-2 rfc7162-3.2.5.1-4", answered(ExpungeMessages, forget_vanished)),
    fault("STORE changes the message after", "rfc9051-6.4.6-1", store(flags_of_the_next)),
    fault(
        "UNCHANGEDSINCE is passed over",
        "rfc7162-3.1.3-4",
        asked(SetFlags, lambda operation: evolve(operation, unchanged_since=None)),
    ),
    fault(
        "+FLAGS replaces",
        "rfc9051-6.4.6-1",
        asked(
            SetFlags,
            lambda operation: evolve(operation, mode=StoreMode.REPLACE if operation.mode is StoreMode.ADD else operation.mode),
        ),
    ),
    fault(
        "-FLAGS adds",
        "rfc9051-6.4.6-1",
        asked(
            SetFlags,
            lambda operation: evolve(operation, mode=StoreMode.ADD if operation.mode is StoreMode.REMOVE else operation.mode),
        ),
    ),
    fault(
        "keywords are not kept",
        "rfc9051-2.3.2-1",
        asked(
            SetFlags, lambda operation: evolve(operation, flags=tuple(flag for flag in operation.flags if flag.startswith(b"\\")))
        ),
    ),
    fault("EXPUNGE removes what is seen", "rfc9051-6.4.3-1", store(expunge_what_is_seen)),
    fault("EXPUNGE removes one message only", "rfc9051-6.4.3-1", store(expunge_one)),
    fault(
        "UID EXPUNGE removes all that is deleted",
        "rfc9051-6.4.9-2 rfc4315-2.1-1",
        asked(ExpungeMessages, lambda operation: evolve(operation, uids=None)),
    ),
    fault("MOVE copies", "rfc6851-3.3-1", asked(CopyMessages, lambda operation: evolve(operation, move=False))),
    fault("COPY moves", "rfc9051-6.4.7-1", asked(CopyMessages, lambda operation: evolve(operation, move=True))),
    fault("COPY loses the last message", "rfc9051-6.4.7-1", answered(CopyMessages, copy_half)),
    fault("COPY loses the flags", "rfc9051-6.4.7-2", answered(CopyMessages, copied_spoiled(flags=()))),
    fault(
        "COPY loses the internal date",
        "rfc9051-2.3.3-1 rfc9051-6.4.7-2",
        answered(
            CopyMessages,
            lambda model, operation, result: copied_spoiled(internal_date=model.world.now())(model, operation, result),
        ),
    ),
    fault("MOVE marks what it moved as deleted", "rfc6851-3.3-3", answered(CopyMessages, copied_spoiled(flags=(b"\\Deleted",)))),
    fault("COPY, MOVE and APPEND create their target", "rfc9051-6.4.7-4 rfc9051-6.3.12-9", store(create_target)),
    fault("APPEND loses the flags", "rfc9051-6.3.12-5", answered(AppendMessages, appended_spoiled(flags=()))),
    fault("APPEND sets \\Seen", "rfc9051-6.3.12-5", answered(AppendMessages, appended_spoiled(flags=(b"\\Seen",)))),
    fault(
        "APPEND loses the internal date",
        "rfc9051-6.3.12-6",
        answered(
            AppendMessages,
            lambda model, operation, result: appended_spoiled(internal_date=model.world.now())(model, operation, result),
        ),
    ),
    fault("APPEND loses the last octet", "rfc9051-2.3.4-1 rfc9051-2.3.1.1-12", asked(AppendMessages, last_octet_lost)),
)
