"""What the operations on access control lists mean (RFC 4314 §3, §4)."""

from angarium.engine.acl import granted, ordered
from angarium.engine.operations import (
    ChangeAcl,
    LimitReached,
    ListShared,
    MailboxId,
    ReadAcl,
    ReadRights,
    SharedMailbox,
    UserName,
)
from angarium.grammar.imap.commands import StoreMode
from angarium.spec.model.mailboxes import canonical
from angarium.spec.model.state import Mailbox, World

ENTRIES_MAX = 1000
"""Entries of one list; a limit of ours, RFC 4314 sets none."""


def groups_of(world: World, user: UserName) -> list[str]:
    """The groups that a user belongs to."""
    return [name for name, members in world.groups.items() if user in members]


def rights_on(world: World, mailbox: Mailbox, user: UserName) -> str:
    """The rights of a user on a mailbox (RFC 4314 §2)."""
    return granted(mailbox.acl, mailbox.id.owner, user, groups_of(world, user))


def read_rights(world: World, operation: ReadRights) -> str:
    """The rights on the first mailbox that there is (RFC 4314 §3.5, §4)."""
    account = world.accounts.get(operation.owner)
    if account is None:
        return ""
    for each in operation.mailboxes:
        found = account.mailboxes.get(each.number) if isinstance(each, MailboxId) else account.find(canonical(each))
        if found is not None:
            return rights_on(world, found, operation.user)
    return ""


def read_acl(world: World, operation: ReadAcl) -> tuple[tuple[str, str], ...]:
    """GETACL (RFC 4314 §3.3)."""
    return tuple(sorted(world.account(operation.user).get(canonical(operation.name)).acl.items()))


def change_acl(world: World, operation: ChangeAcl) -> None:
    """SETACL and DELETEACL (RFC 4314 §3.1, §3.2)."""
    mailbox = world.account(operation.user).get(canonical(operation.name))
    rights = changed(mailbox.acl.get(operation.identifier, ""), operation.mode, operation.rights)
    mailbox.stamp += 1
    if not rights:
        mailbox.acl.pop(operation.identifier, None)
        return
    if operation.identifier not in mailbox.acl and len(mailbox.acl) >= ENTRIES_MAX:
        raise LimitReached(f"an access control list has at most {ENTRIES_MAX} entries")
    mailbox.acl[operation.identifier] = rights


def changed(before: str, mode: StoreMode, rights: str) -> str:
    """Rights replaced, added to or taken from those there were (RFC 4314 §3.1)."""
    match mode:
        case StoreMode.REPLACE:
            return ordered(rights)
        case StoreMode.ADD:
            return ordered(before + rights)
        case StoreMode.REMOVE:
            return ordered(set(before).difference(rights))


def list_shared(world: World, operation: ListShared) -> tuple[SharedMailbox, ...]:
    """The mailboxes of others that may be seen (RFC 4314 §4 LIST)."""
    boxes = [box for account in world.accounts.values() for box in account.mailboxes.values() if box.id.owner != operation.user]
    boxes.sort(key=lambda box: (box.id.owner, box.name))
    seen = (SharedMailbox(box.id, box.name, rights_on(world, box, operation.user)) for box in boxes)
    return tuple(each for each in seen if "l" in each.rights)
