"""Faults of mailboxes as a whole: CREATE, DELETE, RENAME, subscriptions, LIST, LSUB, STATUS (RFC 9051 §6.3.4-§6.3.11)."""

from collections.abc import Callable
from typing import Any

from attrs import evolve

from angarium.engine.imap import list_patterns
from angarium.engine.imap.asks import Asking, Outcome, ok
from angarium.engine.imap.commands import list as list_
from angarium.engine.imap.list_patterns import Pattern
from angarium.engine.imap.state import Session, State
from angarium.engine.operations import (
    CreateMailbox,
    DeleteMailbox,
    FetchStatus,
    ListMailboxes,
    MailboxEntry,
    MailboxNotFound,
    Operation,
    RenameMailbox,
    SetSubscription,
    StoreError,
    UserName,
)
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import ListData, StatusData
from angarium.spec.model_store import ModelStore
from stateful.faults.changes import Change, Execute, altered, answered, asked, obeyed, replaced, row, store
from stateful.faults.fault import fault

XERXES = UserName("xerxes")
compile_pattern = list_patterns.compile_pattern


def percent_as_star(text: str) -> Pattern:
    return compile_pattern(text.replace("%", "*"))


def star_as_percent(text: str) -> Pattern:
    return compile_pattern(text.replace("*", "%"))


def entries(change: Callable[[MailboxEntry], MailboxEntry | None]) -> Change:
    """The store tells other things of mailboxes, or leaves them out."""

    def wrong(model: ModelStore, operation: ListMailboxes, found: tuple[MailboxEntry, ...]) -> tuple[MailboxEntry, ...]:
        return tuple(each for each in map(change, found) if each is not None)

    return answered(ListMailboxes, wrong)


def attributes(change: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]) -> Change:
    """LIST tells other attributes."""
    return altered(ListData, lambda data: evolve(data, attributes=change(data.attributes)))


def without(attribute: bytes) -> Change:
    """LIST never tells this attribute."""
    return attributes(lambda told: tuple(each for each in told if each != attribute))


def swapped(told: tuple[bytes, ...]) -> tuple[bytes, ...]:
    other = {rb"\HasChildren": rb"\HasNoChildren", rb"\HasNoChildren": rb"\HasChildren"}
    return tuple(other.get(each, each) for each in told)


def of_another_user(model: ModelStore, operation: ListMailboxes, found: tuple[MailboxEntry, ...]) -> tuple[MailboxEntry, ...]:
    """Somebody else's mailbox is listed as well."""
    theirs = model.world.account(XERXES).mailboxes.values()
    return (*found, *(MailboxEntry(f"xerxes/{each.name}", each.id) for each in theirs))


def as_somebody_else(model: ModelStore, operation: Operation, execute: Execute) -> Any:
    """What this user does not have is looked for among the mailboxes of another."""
    found = execute(operation)
    if isinstance(operation, FetchStatus) and None in found:
        account = model.world.account(XERXES)
        missing = [name for name in operation.names if account.find(name) is None]
        for name in missing:
            execute(CreateMailbox(XERXES, name))
        return execute(evolve(operation, user=XERXES))
    return found


def forget_subscription(model: ModelStore, operation: DeleteMailbox, result: None) -> None:
    model.world.account(operation.user).subscriptions.discard(operation.name)


def delete_with_children(model: ModelStore, operation: Operation, execute: Execute) -> Any:
    if isinstance(operation, DeleteMailbox):
        account = model.world.account(operation.user)
        for mailbox in list(account.mailboxes.values()):
            if mailbox.name.startswith(operation.name + "/"):
                del account.mailboxes[mailbox.id.number]
    return execute(operation)


def succeeds(kind: type) -> Change:
    """What is refused is said to have been done."""

    def fault(model: ModelStore, operation: Operation, execute: Execute) -> Any:
        try:
            return execute(operation)
        except StoreError:
            if not isinstance(operation, kind):
                raise
            return None

    return store(fault)


def rename_overwrites(model: ModelStore, operation: Operation, execute: Execute) -> Any:
    if isinstance(operation, RenameMailbox):
        account = model.world.account(operation.user)
        there = account.find(operation.new_name)
        if there is not None and there.name != "INBOX" and operation.name != operation.new_name and account.find(operation.name):
            del account.mailboxes[there.id.number]
    return execute(operation)


def rename_alone(model: ModelStore, operation: Operation, execute: Execute) -> Any:
    """The mailboxes below keep their names."""
    if not isinstance(operation, RenameMailbox):
        return execute(operation)
    account = model.world.account(operation.user)
    below = [(each, each.name) for each in account.mailboxes.values() if each.name.startswith(operation.name + "/")]
    result = execute(operation)
    for mailbox, name in below:
        mailbox.name = name
    return result


def rename_inbox_whole(model: ModelStore, operation: Operation, execute: Execute) -> Any:
    """The messages of INBOX are lost to the new mailbox."""
    result = execute(operation)
    if isinstance(operation, RenameMailbox) and operation.name == "INBOX":
        target = model.world.account(operation.user).get(operation.new_name)
        target.messages.clear()
    return result


def create_without_superiors(model: ModelStore, operation: CreateMailbox, result: Any) -> Any:
    account = model.world.account(operation.user)
    above = operation.name.rpartition("/")[0]
    mailbox = account.find(above)
    if mailbox is not None and not mailbox.messages:
        del account.mailboxes[mailbox.id.number]
    return result


def counted(item: c.StatusItem, change: Callable[[int], int]) -> Change:
    """STATUS counts otherwise."""

    def wrong(data: StatusData) -> StatusData:
        return evolve(data, items=tuple((each, change(value) if each is item else value) for each, value in data.items))

    return altered(StatusData, wrong)


def status_that_deselects(session: Session, command: c.Status) -> Asking[Outcome]:
    session.selected, session.state = None, State.AUTHENTICATED
    return (yield from list_.status(session, command))


def status_always(session: Session, command: c.Status) -> Asking[Outcome]:
    try:
        return (yield from list_.status(session, command))
    except MailboxNotFound:
        return ok("STATUS completed")


FAULTS = (
    fault("% reaches over the separator", "rfc9051-6.3.9-3", replaced(list_patterns, "compile_pattern", percent_as_star)),
    fault("* stops at the separator", "rfc9051-6.3.9-3", replaced(list_patterns, "compile_pattern", star_as_percent)),
    fault("LIST leaves out INBOX", "rfc9051-6.3.9-23", entries(lambda entry: None if entry.name == "INBOX" else entry)),
    fault("LIST tells \\HasChildren of those who have none", "rfc9051-7.3.1-4", attributes(swapped)),
    fault(
        "LIST tells nothing of children",
        "rfc9051-6.3.9.5-2 rfc5258-4-2",
        attributes(lambda told: tuple(each for each in told if b"Children" not in each)),
    ),
    fault("LIST leaves out \\Subscribed", "rfc9051-6.3.9.2-2 rfc5258-3.2-1", without(rb"\Subscribed")),
    fault("LIST tells \\Subscribed of everything", "rfc9051-6.3.9.1-3", attributes(lambda told: (*told, rb"\Subscribed"))),
    fault(
        "LIST does not say what is not there",
        "rfc9051-6.3.9.2-3 rfc5258-3-14",
        attributes(lambda told: tuple(each for each in told if each not in (rb"\NonExistent", rb"\Noselect"))),
    ),
    fault(
        "LIST takes \\Important for \\Flagged",
        "rfc8457-3-1",
        attributes(lambda told: tuple(rb"\Flagged" if each == rb"\Important" else each for each in told)),
    ),
    fault("LIST tells no special uses", "rfc6154-2-4", entries(lambda entry: evolve(entry, special_use=()))),
    fault(
        "LIST with RETURN (STATUS) brings no STATUS",
        "rfc9051-6.3.9.2-4 rfc5819-2-2",
        obeyed(c.List, lambda command: evolve(command, status=None)),
    ),
    fault(
        "LIST passes over SUBSCRIBED",
        "rfc9051-6.3.9.1-1",
        obeyed(
            c.List,
            lambda command: evolve(command, select=command.select - {c.ListSelect.SUBSCRIBED, c.ListSelect.RECURSIVEMATCH}),
        ),
    ),
    fault(
        "LIST passes over RECURSIVEMATCH",
        "rfc9051-6.3.9.6-3",
        obeyed(c.List, lambda command: evolve(command, select=command.select - {c.ListSelect.RECURSIVEMATCH})),
    ),
    fault("LIST passes over the reference", "rfc9051-6.3.9-10", obeyed(c.List, lambda command: evolve(command, reference=""))),
    fault(
        "LIST looks at the first pattern only",
        "rfc9051-6.3.9-3",
        obeyed(c.List, lambda command: evolve(command, patterns=command.patterns[:1])),
    ),
    fault("LIST names mailboxes of another user", "rfc9051-11.5-1 rfc9051-5.1.2-3", answered(ListMailboxes, of_another_user)),
    fault("STATUS looks into mailboxes of another user", "rfc9051-5.1.2-3", store(as_somebody_else)),
    fault("LSUB lists what is not subscribed to", "rfc3501-6.3.9-3", entries(lambda entry: evolve(entry, subscribed=True))),
    fault("LSUB is answered as LIST", "rfc3501-6.3.9-3", altered(ListData, lambda data: evolve(data, lsub=False))),
    fault(
        "LSUB with % leaves out the level above",
        "rfc3501-6.3.9-2",
        obeyed(c.Lsub, lambda command: evolve(command, pattern=command.pattern.replace("%", "*"))),
    ),
    fault(
        "SUBSCRIBE does nothing", "rfc9051-6.3.7-1", asked(SetSubscription, lambda operation: evolve(operation, subscribed=False))
    ),
    fault(
        "UNSUBSCRIBE does nothing",
        "rfc9051-6.3.8-1",
        row(c.Unsubscribe, handler=lambda session, command: ok("UNSUBSCRIBE completed")),
    ),
    fault("DELETE forgets the subscription", "rfc9051-6.3.7-2", answered(DeleteMailbox, forget_subscription)),
    fault("DELETE takes what is below along", "rfc9051-6.3.5-3", store(delete_with_children)),
    fault("DELETE of INBOX says OK", "rfc9051-6.3.5-2", succeeds(DeleteMailbox)),
    fault(
        "DELETE says OK and leaves the mailbox",
        "rfc9051-6.3.5-6",
        row(c.Delete, handler=lambda session, command: ok("DELETE completed")),
    ),
    fault(
        "CREATE of what is there says OK",
        "rfc9051-6.3.4-2",
        row(c.Create, handler=lambda session, command: ok("CREATE completed")),
    ),
    fault("CREATE does not make the names above", "rfc9051-6.3.4-7", answered(CreateMailbox, create_without_superiors)),
    fault("RENAME leaves what is below where it was", "rfc9051-6.3.6-3", store(rename_alone)),
    fault("RENAME overwrites what is there", "rfc9051-6.3.6-2", store(rename_overwrites)),
    fault("RENAME of INBOX loses its messages", "rfc9051-6.3.6-6", store(rename_inbox_whole)),
    fault(
        "RENAME says OK and does nothing",
        "rfc9051-6.3.6-2",
        row(c.Rename, handler=lambda session, command: ok("RENAME completed")),
    ),
    fault("STATUS counts a message too many", "rfc9051-6.3.11-1", counted(c.StatusItem.MESSAGES, lambda count: count + 1)),
    fault("STATUS tells UIDNEXT of before", "rfc9051-2.3.1.1-7", counted(c.StatusItem.UIDNEXT, lambda uid: max(1, uid - 1))),
    fault("STATUS counts the seen as unseen", "rfc9051-6.3.11-1", counted(c.StatusItem.UNSEEN, lambda count: count + 1)),
    fault("STATUS forgets what is deleted", "rfc9051-6.3.11-1", counted(c.StatusItem.DELETED, lambda count: 0)),
    fault("STATUS tells too small a SIZE", "rfc9051-6.3.11-6", counted(c.StatusItem.SIZE, lambda size: size // 2)),
    fault(
        "STATUS tells another UIDVALIDITY than SELECT",
        "rfc9051-2.3.1.1-4",
        counted(c.StatusItem.UIDVALIDITY, lambda value: value + 1000),
    ),
    fault(
        "STATUS lags behind with HIGHESTMODSEQ",
        "rfc7162-3.1.7-1",
        counted(c.StatusItem.HIGHESTMODSEQ, lambda modseq: max(1, modseq - 1)),
    ),
    fault(
        "STATUS leaves out the last item",
        "rfc9051-7.3.3-1",
        altered(StatusData, lambda data: evolve(data, items=data.items[:-1])),
    ),
    fault("STATUS deselects the mailbox", "rfc9051-6.3.11-2", row(c.Status, handler=status_that_deselects)),
    fault("STATUS of what is not there tells of nothing, with OK", "rfc9051-7.1.2-1", row(c.Status, handler=status_always)),
)
