"""What the operations on mailbox names mean (RFC 9051 §6.3)."""

from collections.abc import Callable
from datetime import datetime
from unicodedata import category

from attrs import evolve

from angarium.engine.operations import (
    SEPARATOR,
    CreatedMailbox,
    CreateMailbox,
    DeleteMailbox,
    FetchStatus,
    HasChildren,
    InvalidMailboxName,
    ListMailboxes,
    MailboxEntry,
    MailboxExists,
    MailboxStatus,
    PermissionDenied,
    RenameMailbox,
    SetSubscription,
)
from angarium.grammar.imap.commands import StatusItem
from angarium.grammar.imap.responses import StatusValue
from angarium.spec.model.state import Account, Mailbox, World

NAME_OCTETS_MAX = 1000
NAME_DEPTH_MAX = 64
"""Longest and deepest mailbox name, in UTF-8; limits of ours, RFC 9051 §5.1 sets none."""


def canonical(name: str) -> str:
    """INBOX in capitals, alone or as the first component (RFC 9051 §5.1)."""
    first, *rest = name.split(SEPARATOR)
    return SEPARATOR.join(["INBOX" if first.upper() == "INBOX" else first, *rest])


def check_name(name: str) -> None:
    """Refuse what no mailbox may be called: empty components, control characters, too long (RFC 9051 §5.1)."""
    components = name.split(SEPARATOR)
    if not all(components):
        raise InvalidMailboxName("a mailbox name has no empty component")
    if len(components) > NAME_DEPTH_MAX:
        raise InvalidMailboxName(f"a mailbox name has at most {NAME_DEPTH_MAX} components")
    if any(category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        raise InvalidMailboxName("a mailbox name has no control characters")
    if len(name.encode()) > NAME_OCTETS_MAX:
        raise InvalidMailboxName(f"a mailbox name has at most {NAME_OCTETS_MAX} octets")


def superiors(name: str) -> list[str]:
    """The names above ``name``, outermost first: ``a`` and ``a/b`` for ``a/b/c`` (RFC 9051 §6.3.4)."""
    components = name.split(SEPARATOR)
    return [SEPARATOR.join(components[:depth]) for depth in range(1, len(components))]


def inferiors(account: Account, name: str) -> list[Mailbox]:
    """The mailboxes below ``name`` (RFC 9051 §6.3.5)."""
    return [mailbox for mailbox in account.mailboxes.values() if mailbox.name.startswith(name + SEPARATOR)]


def list_mailboxes(world: World, operation: ListMailboxes) -> tuple[MailboxEntry, ...]:
    """Every mailbox and every name subscribed to, sorted (RFC 9051 §6.3.9)."""
    account = world.account(operation.user)
    entries = {name: MailboxEntry(name, None, subscribed=True) for name in account.subscriptions}
    for mailbox in account.mailboxes.values():
        subscribed = mailbox.name in account.subscriptions
        entries[mailbox.name] = MailboxEntry(mailbox.name, mailbox.id, subscribed, mailbox.special_use)
    return tuple(entries[name] for name in sorted(entries))


STATUS_VALUES: dict[StatusItem, Callable[[Mailbox], StatusValue]] = {
    StatusItem.MESSAGES: lambda box: len(box.messages),
    StatusItem.RECENT: lambda box: sum(uid >= box.recent_from for uid in box.messages),
    StatusItem.UIDNEXT: lambda box: box.uidnext,
    StatusItem.UIDVALIDITY: lambda box: box.uidvalidity,
    StatusItem.UNSEEN: lambda box: sum(not message.has(b"\\Seen") for message in box.messages.values()),
    StatusItem.DELETED: lambda box: sum(message.has(b"\\Deleted") for message in box.messages.values()),
    StatusItem.SIZE: lambda box: sum(len(message.content) for message in box.messages.values()),
    StatusItem.HIGHESTMODSEQ: lambda box: box.highest_modseq,
    StatusItem.MAILBOXID: lambda box: box.object_id,
}
"""What each status item counts (RFC 9051 §6.3.11, RFC 3501 §6.3.10, RFC 7162 §3.1.7, RFC 8474 §4.3)."""


def fetch_status(world: World, operation: FetchStatus) -> tuple[MailboxStatus | None, ...]:
    """Count what was asked for, in each mailbox that exists (RFC 9051 §6.3.11)."""
    account = world.account(operation.user)
    return tuple(_status(account.find(canonical(name)), operation.items) for name in operation.names)


def _status(mailbox: Mailbox | None, items: frozenset[StatusItem]) -> MailboxStatus | None:
    """The status of one mailbox, if it is there."""
    if mailbox is None:
        return None
    return MailboxStatus(mailbox.name, mailbox.id, {item: STATUS_VALUES[item](mailbox) for item in items})


def make_with_superiors(world: World, account: Account, name: str, special_use: tuple[bytes, ...] = ()) -> Mailbox:
    """Make a mailbox, and those above it that are missing (RFC 9051 §6.3.4)."""
    for superior in superiors(name):
        if account.find(superior) is None:
            world.new_mailbox(account, superior)
    return world.new_mailbox(account, name, special_use)


def create_mailbox(world: World, operation: CreateMailbox) -> CreatedMailbox:
    """CREATE (RFC 9051 §6.3.4)."""
    account = world.account(operation.user)
    name = canonical(operation.name)
    check_name(name)
    if account.find(name):
        raise MailboxExists(f"there is a mailbox {name} already")
    made = make_with_superiors(world, account, name, operation.special_use)
    return CreatedMailbox(made.id, made.object_id)


def delete_mailbox(world: World, operation: DeleteMailbox) -> None:
    """DELETE: never INBOX, and not before its inferiors; subscriptions stay (RFC 9051 §6.3.5)."""
    account = world.account(operation.user)
    mailbox = account.get(canonical(operation.name))
    if mailbox.name == "INBOX":
        raise PermissionDenied("INBOX cannot be deleted")
    if inferiors(account, mailbox.name):
        raise HasChildren(f"{mailbox.name} has mailboxes below it; delete them first")
    del account.mailboxes[mailbox.id.number]


def rename_mailbox(world: World, operation: RenameMailbox) -> None:
    """RENAME: inferiors move along; of INBOX only the messages move (RFC 9051 §6.3.6)."""
    account = world.account(operation.user)
    name, new_name = canonical(operation.name), canonical(operation.new_name)
    mailbox = account.get(name)
    check_name(new_name)
    if account.find(new_name):
        raise MailboxExists(f"there is a mailbox {new_name} already")
    if name == "INBOX":
        _move_inbox(mailbox, make_with_superiors(world, account, new_name), world.now())
        return
    if new_name.startswith(name + SEPARATOR):
        raise InvalidMailboxName("a mailbox cannot move below itself")
    moved = {box.id: new_name + box.name[len(name) :] for box in [mailbox, *inferiors(account, name)]}
    for each in moved.values():
        check_name(each)
    for superior in superiors(new_name):
        if account.find(superior) is None:
            world.new_mailbox(account, superior)
    for id, each in moved.items():
        account.mailboxes[id.number].name = each


def _move_inbox(inbox: Mailbox, target: Mailbox, now: datetime) -> None:
    """Move all messages of INBOX, which stays, empty (RFC 9051 §6.3.6)."""
    if not inbox.messages:
        return
    added, removed = target.change(), inbox.change()
    for uid, message in list(inbox.messages.items()):
        target.add(evolve(message, saved=now), added)
        inbox.remove(uid, removed)


def set_subscription(world: World, operation: SetSubscription) -> None:
    """SUBSCRIBE and UNSUBSCRIBE (RFC 9051 §6.3.7, §6.3.8)."""
    subscriptions = world.account(operation.user).subscriptions
    name = canonical(operation.name)
    if operation.subscribed:
        check_name(name)
        subscriptions.add(name)
    else:
        subscriptions.discard(name)
