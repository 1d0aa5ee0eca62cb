"""What the operations on the messages of a mailbox mean (RFC 9051 §6.3.12, §6.4; RFC 7162 §3)."""

from hashlib import sha256

from attrs import evolve

from angarium.engine.acl import settable, spared
from angarium.engine.mail.nul_free import nul_free
from angarium.engine.mail.object_ids import thread_id
from angarium.engine.mail.prerender import prerender
from angarium.engine.operations import (
    Appended,
    AppendMessages,
    Changes,
    Copied,
    CopyMessages,
    ExpungeMessages,
    FlagsSet,
    MessageNotFound,
    NewMessage,
    OpenedMailbox,
    OpenMailbox,
    ReadChanges,
    Removed,
    Replaced,
    ReplaceMessage,
    SetFlags,
    TooLarge,
    UidMap,
    UnknownEncoding,
)
from angarium.grammar.imap.commands import StagedLiteral, StoreMode
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.spec.model.mailboxes import canonical
from angarium.spec.model.state import Account, Mailbox, Message, World


def open_mailbox(world: World, operation: OpenMailbox) -> OpenedMailbox:
    """Look at a mailbox as SELECT or EXAMINE does (RFC 9051 §6.3.2)."""
    mailbox = world.account(operation.user).get(canonical(operation.name))
    unseen = [message.uid for message in mailbox.messages.values() if not message.has(b"\\Seen")]
    return OpenedMailbox(
        id=mailbox.id,
        name=mailbox.name,
        uidvalidity=mailbox.uidvalidity,
        uidnext=mailbox.uidnext,
        highest_modseq=mailbox.highest_modseq,
        uids=UidMap(mailbox.messages),
        keywords=mailbox.keywords(),
        recent_from=_recent_from(mailbox, operation.claim_recent),
        first_unseen=unseen[0] if unseen else None,
        stamp=mailbox.stamp,
        object_id=mailbox.object_id,
    )


def _recent_from(mailbox: Mailbox, claim: bool) -> int:
    """Where the recent messages begin; after a claim no other session sees them as recent (RFC 3501 §2.3.2)."""
    recent_from = mailbox.recent_from
    if claim:
        mailbox.recent_from = mailbox.uidnext
    return recent_from


def read_changes(world: World, operation: ReadChanges) -> Changes | None:
    """What took a mod-sequence above ``since`` (RFC 7162 §3.2.5.1)."""
    mailbox = world.mailbox(operation.mailbox)
    if operation.stamp == mailbox.stamp or operation.since >= mailbox.highest_modseq:
        return None
    return Changes(
        highest_modseq=mailbox.highest_modseq,
        uids=UidMap(mailbox.messages),
        flags=tuple(message.row() for message in mailbox.messages.values() if message.modseq > operation.since),
        vanished=NumberSet.from_numbers(uid for uid, modseq in mailbox.expunged.items() if modseq > operation.since),
        recent_from=_recent_from(mailbox, operation.claim_recent),
        stamp=mailbox.stamp,
    )


def append_messages(world: World, operation: AppendMessages) -> Appended:
    """APPEND and delivery: all of the messages or none (RFC 9051 §6.3.12)."""
    messages = [_message(world, new) for new in operation.messages]
    account = world.account(operation.user)
    mailbox = account.get(canonical(operation.name))
    modseq = mailbox.change() if messages else mailbox.highest_modseq
    uids = tuple(mailbox.add(evolve(message, thread_id=joined(account, message.content)), modseq) for message in messages)
    for new in operation.messages:
        if isinstance(new.content, StagedLiteral):
            del world.staged[new.content.token]
    return Appended(mailbox.id, mailbox.uidvalidity, uids)


def _message(world: World, new: NewMessage) -> Message:
    """What is stored, without its UID: of a binary message the parts with NUL as base64 (RFC 3516 §4.4)."""
    octets = world.staged[new.content.token] if isinstance(new.content, StagedLiteral) else new.content
    _check_size(world, new.prefix + octets)
    if new.binary:
        pieces = nul_free(octets)
        if pieces is None:
            raise UnknownEncoding
        octets = b"".join(pieces)
        _check_size(world, new.prefix + octets)
    return Message(
        uid=0,
        flags=new.flags,
        modseq=0,
        internal_date=new.internal_date or world.now(),
        saved=world.now(),
        content=new.prefix + octets,
    )


def _check_size(world: World, octets: bytes) -> None:
    if len(octets) > world.message_octets_max:
        raise TooLarge(f"a message has at most {world.message_octets_max} octets here")


def replace_message(world: World, operation: ReplaceMessage) -> Replaced:
    """REPLACE: append one message and remove another, both or neither (RFC 8508 §3.4)."""
    _message(world, operation.message)
    world.account(operation.user).get(canonical(operation.name))
    source = world.mailbox(operation.source)
    if operation.uid not in source.messages:
        raise MessageNotFound("there is no such message")
    appended = append_messages(world, AppendMessages(operation.user, operation.name, (operation.message,)))
    source.remove(operation.uid, source.change())
    return Replaced(appended, source.highest_modseq)


def joined(account: Account, content: bytes) -> str:
    """The thread of a new message; the ids that it names belong there from now on (RFC 8474 §5.2)."""
    keys = prerender(content)
    found = thread_id(keys.references, keys.message_id, sha256(content).digest(), account.threads)
    for name in (*keys.references, keys.message_id):
        if name:
            account.threads.setdefault(name, found)
    return found


def set_flags(world: World, operation: SetFlags) -> FlagsSet:
    """STORE (RFC 9051 §6.4.6); messages changed since ``unchanged_since`` are spared (RFC 7162 §3.1.3)."""
    mailbox = world.mailbox(operation.mailbox)
    named = [message for uid, message in mailbox.messages.items() if uid in operation.uids]
    limit = operation.unchanged_since
    spared = [message.uid for message in named if limit is not None and message.modseq > limit]
    wanted = {
        message.uid: mailbox.spelled(combine(message.flags, operation.mode, operation.flags, operation.may))
        for message in named
        if message.uid not in spared
    }
    known = mailbox.highest_modseq if operation.known_modseq is None else operation.known_modseq
    unknown = [uid for uid in wanted if mailbox.messages[uid].modseq > known]
    changed = [uid for uid, flags in wanted.items() if flags != mailbox.messages[uid].flags]
    modseq = mailbox.change() if changed else mailbox.highest_modseq
    for uid in changed:
        mailbox.messages[uid] = evolve(mailbox.messages[uid], flags=wanted[uid], modseq=modseq)
    rows = tuple(mailbox.messages[uid].row() for uid in wanted)
    return FlagsSet(rows, NumberSet.from_numbers(spared), NumberSet.from_numbers(unknown))


def combine(old: tuple[bytes, ...], mode: StoreMode, asked: tuple[bytes, ...], may: str = "swt") -> tuple[bytes, ...]:
    """The flags after ``FLAGS``, ``+FLAGS`` or ``-FLAGS`` (RFC 9051 §6.4.6), as far as the rights go (RFC 4314 §4)."""
    named = settable(asked, may)
    match mode:
        case StoreMode.REPLACE:
            return (*spared(old, may), *named)
        case StoreMode.ADD:
            return (*old, *named)
        case StoreMode.REMOVE:
            gone = {flag.lower() for flag in named}
            return tuple(flag for flag in old if flag.lower() not in gone)


def copy_messages(world: World, operation: CopyMessages) -> Copied:
    """COPY, and MOVE, which also removes them from where they were (RFC 9051 §6.4.7, §6.4.8)."""
    source = world.mailbox(operation.source)
    target = world.account(operation.user).get(canonical(operation.name))
    messages = [message for uid, message in source.messages.items() if uid in operation.uids]
    if not messages:
        return Copied(target.id, target.uidvalidity, (), source.highest_modseq)
    modseq = target.change()
    copies = [evolve(message, saved=world.now(), flags=settable(message.flags, operation.may)) for message in messages]
    pairs = tuple((message.uid, target.add(copied, modseq)) for message, copied in zip(messages, copies, strict=True))
    if operation.move:
        modseq = source.change()
        for message in messages:
            source.remove(message.uid, modseq)
    return Copied(target.id, target.uidvalidity, pairs, source.highest_modseq)


def expunge_messages(world: World, operation: ExpungeMessages) -> Removed:
    r"""EXPUNGE and UID EXPUNGE: what has \Deleted goes (RFC 9051 §6.4.3, §6.4.9)."""
    mailbox = world.mailbox(operation.mailbox)
    uids = [
        uid
        for uid, message in mailbox.messages.items()
        if message.has(b"\\Deleted") and (operation.uids is None or uid in operation.uids)
    ]
    if uids:
        modseq = mailbox.change()
        for uid in uids:
            mailbox.remove(uid, modseq)
    return Removed(NumberSet.from_numbers(uids), mailbox.highest_modseq)
