"""REPLACE (RFC 8508 §3.4): what is appended and what is removed are one transaction."""

from angarium.engine.operations import AppendMessages, MessageNotFound, PermissionDenied, Replaced, ReplaceMessage
from angarium.store.sqlite.append import Rendered, append_messages
from angarium.store.sqlite.expunge import remove_messages
from angarium.store.sqlite.mail import Mail, mailbox_number, require_mailbox
from angarium.store.sqlite.names import canonical_name


def replace_message(mail: Mail, operation: ReplaceMessage, rendered: list[Rendered]) -> Replaced:
    """Carry out ``ReplaceMessage``; whoever raises inside the transaction undoes it."""
    if operation.source.owner != operation.user:
        raise PermissionDenied("A message cannot be replaced by one of another user")
    source = operation.source.number
    mailbox_number(mail.connection, canonical_name(operation.name))
    require_mailbox(mail.connection, source)
    # Before the new message is there: the UID asked for could be the one that it gets.
    if mail.connection.execute("SELECT 1 FROM message WHERE key = ?", (source << 32 | operation.uid,)).fetchone() is None:
        raise MessageNotFound("There is no such message")
    appended = append_messages(mail, AppendMessages(operation.user, operation.name, (operation.message,)), rendered)
    remove_messages(mail, source, ((operation.uid, operation.uid),))
    highest_modseq = mail.connection.execute("SELECT highest_modseq FROM mailbox WHERE number = ?", (source,)).fetchone()[0]
    return Replaced(appended, highest_modseq)
