"""RENAME (RFC 9051 §6.3.6)."""

from angarium.engine.operations import SEPARATOR, InvalidMailboxName, MailboxExists, RenameMailbox
from angarium.store.sqlite.copy import transfer
from angarium.store.sqlite.mail import Mail, mailbox_number
from angarium.store.sqlite.mailboxes import insert_mailbox, make_parents
from angarium.store.sqlite.names import below, canonical_name, check_name


def rename_mailbox(mail: Mail, operation: RenameMailbox) -> None:
    """Carry out ``RenameMailbox``: the mailbox and all below it, missing parents are made; of INBOX only the messages move."""
    name, new_name = canonical_name(operation.name), canonical_name(operation.new_name)
    number = mailbox_number(mail.connection, name)
    check_name(new_name, mail.parts.limits)
    if mail.connection.execute("SELECT 1 FROM mailbox WHERE name = ?", (new_name,)).fetchone():
        raise MailboxExists(f"Mailbox {new_name} exists")
    if name == "INBOX":
        make_parents(mail, new_name)
        transfer(mail, number, ((1, 0xFFFFFFFF),), insert_mailbox(mail, new_name), move=True)
        return
    if new_name.startswith(name + SEPARATOR):
        raise InvalidMailboxName("A mailbox cannot move below itself")
    make_parents(mail, new_name)
    low, high = below(name)
    for child, old in mail.connection.execute(
        "SELECT number, name FROM mailbox WHERE number = ? OR name >= ? AND name < ?", (number, low, high)
    ).fetchall():
        moved = new_name + old[len(name) :]
        check_name(moved, mail.parts.limits)
        mail.connection.execute("UPDATE mailbox SET name = ? WHERE number = ?", (moved, child))
