"""Access control lists in the owner's database (RFC 4314 §3)."""

from typing import Final

from angarium.engine.acl import granted, ordered
from angarium.engine.operations import ChangeAcl, LimitReached, MailboxId, ReadAcl, ReadRights, SharedMailbox, UserName
from angarium.grammar.imap.commands import StoreMode
from angarium.store.sqlite.mail import Mail, mailbox_number
from angarium.store.sqlite.names import canonical_name, parents

_ENTRIES_MAX: Final = 1_000
_UPSERT: Final = "INSERT INTO acl VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET rights = excluded.rights"


def entries_of(mail: Mail, number: int) -> dict[str, str]:
    """Read the list of a mailbox."""
    return dict(mail.connection.execute("SELECT identifier, rights FROM acl WHERE mailbox = ?", (number,)))


def read_acl(mail: Mail, operation: ReadAcl) -> tuple[tuple[str, str], ...]:
    """Carry out ``ReadAcl``."""
    return tuple(sorted(entries_of(mail, mailbox_number(mail.connection, canonical_name(operation.name))).items()))


def change_acl(mail: Mail, operation: ChangeAcl) -> None:
    """Carry out ``ChangeAcl``; touching the mailbox wakes those who have it open."""
    number = mailbox_number(mail.connection, canonical_name(operation.name))
    entries = entries_of(mail, number)
    before = entries.get(operation.identifier, "")
    match operation.mode:
        case StoreMode.ADD:
            rights = ordered(before + operation.rights)
        case StoreMode.REMOVE:
            rights = ordered(set(before).difference(operation.rights))
        case _:
            rights = ordered(operation.rights)
    mail.touch(number)
    if not rights:
        mail.connection.execute("DELETE FROM acl WHERE mailbox = ? AND identifier = ?", (number, operation.identifier))
        return
    if operation.identifier not in entries and len(entries) >= _ENTRIES_MAX:
        raise LimitReached(f"An access control list can have {_ENTRIES_MAX} entries")
    mail.connection.execute(_UPSERT, (number, operation.identifier, rights))


def read_rights(mail: Mail, operation: ReadRights, groups: tuple[str, ...]) -> str:
    """Carry out ``ReadRights`` in the owner's database."""
    for each in operation.mailboxes:
        number = _number(mail, each)
        if number is not None:
            return granted(entries_of(mail, number), operation.owner, operation.user, groups)
    return ""


def _number(mail: Mail, mailbox: str | MailboxId) -> int | None:
    if isinstance(mailbox, MailboxId):
        row = mail.connection.execute("SELECT number FROM mailbox WHERE number = ?", (mailbox.number,)).fetchone()
    else:
        row = mail.connection.execute("SELECT number FROM mailbox WHERE name = ?", (canonical_name(mailbox),)).fetchone()
    return row[0] if row else None


def shared_mailboxes(mail: Mail, user: UserName, groups: tuple[str, ...]) -> list[SharedMailbox]:
    """List the mailboxes of this owner that ``user`` may look up, by name (RFC 4314 §4 LIST)."""
    lists: dict[int, dict[str, str]] = {}
    for number, identifier, rights in mail.connection.execute("SELECT mailbox, identifier, rights FROM acl"):
        lists.setdefault(number, {})[identifier] = rights
    names = dict(mail.connection.execute("SELECT number, name FROM mailbox ORDER BY name"))
    found = [
        SharedMailbox(MailboxId(mail.user, number), name, granted(lists[number], mail.user, user, groups))
        for number, name in names.items()
        if number in lists
    ]
    return [each for each in found if "l" in each.rights]


def inherit(mail: Mail, number: int, name: str) -> None:
    """Give a new mailbox the list of the one above it, if there is one (RFC 4314 §4 CREATE)."""
    above = parents(name)
    if above:
        sql = "INSERT INTO acl SELECT ?, identifier, rights FROM acl WHERE mailbox = (SELECT number FROM mailbox WHERE name = ?)"
        mail.connection.execute(sql, (number, above[-1]))


def forget(mail: Mail, number: int) -> None:
    """Forget the list of a mailbox that is deleted (RFC 4314 §4 DELETE)."""
    mail.connection.execute("DELETE FROM acl WHERE mailbox = ?", (number,))
