"""Mailboxes as a whole: CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 9051 §6.3.4-§6.3.8)."""

from angarium.engine.imap.asks import Asking, Outcome, ok
from angarium.engine.imap.list_selection import list_data
from angarium.engine.imap.names import normalized
from angarium.engine.imap.state import Session, State
from angarium.engine.operations import (
    SEPARATOR,
    CreateMailbox,
    DeleteMailbox,
    FetchStatus,
    ListMailboxes,
    MailboxStatus,
    RenameMailbox,
    SetSubscription,
)
from angarium.grammar.imap.commands import Create, Delete, Rename, Subscribe, Unsubscribe
from angarium.grammar.imap.responses import Code, Condition, ResponseCode, Untagged


def create(session: Session, command: Create) -> Asking[Outcome]:
    """Make a mailbox and missing parents; a trailing separator only declares an intention (RFC 9051 §6.3.4)."""
    asked = command.mailbox.removesuffix(SEPARATOR)
    name = normalized(asked)
    yield CreateMailbox(session.user, name)
    if session.revision2 and name != asked:
        yield list_data((yield ListMailboxes(session.user)), name, old_name=asked)
    return ok("CREATE completed")


def delete(session: Session, command: Delete) -> Asking[Outcome]:
    """Remove a mailbox (RFC 9051 §6.3.5). A client that deletes the one it has selected has nothing selected afterwards."""
    name = normalized(command.mailbox)
    doomed_is_selected = False
    if session.selected is not None:
        found: tuple[MailboxStatus | None, ...] = yield FetchStatus(session.user, (name,), frozenset())
        doomed_is_selected = found[0] is not None and found[0].id == session.selected.id
    yield DeleteMailbox(session.user, name)
    if doomed_is_selected:
        session.selected = None
        session.state = State.AUTHENTICATED
        yield Untagged(Condition.OK, "the selected mailbox has been deleted", ResponseCode(Code.CLOSED))
    return ok("DELETE completed")


def rename(session: Session, command: Rename) -> Asking[Outcome]:
    """Rename a mailbox and those below it; of INBOX the messages move (RFC 9051 §6.3.6)."""
    asked = command.new_name.removesuffix(SEPARATOR)
    name = normalized(asked)
    yield RenameMailbox(session.user, normalized(command.mailbox), name)
    if session.revision2 and name != asked:
        yield list_data((yield ListMailboxes(session.user)), name, old_name=asked)
    return ok("RENAME completed")


def subscribe(session: Session, command: Subscribe) -> Asking[Outcome]:
    """Add a name to the subscribed ones (RFC 9051 §6.3.7)."""
    yield SetSubscription(session.user, normalized(command.mailbox), subscribed=True)
    return ok("SUBSCRIBE completed")


def unsubscribe(session: Session, command: Unsubscribe) -> Asking[Outcome]:
    """Take a name from the subscribed ones (RFC 9051 §6.3.8)."""
    yield SetSubscription(session.user, normalized(command.mailbox), subscribed=False)
    return ok("UNSUBSCRIBE completed")
