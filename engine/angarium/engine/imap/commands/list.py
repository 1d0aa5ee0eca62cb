"""Looking at names: LIST, LSUB, NAMESPACE, STATUS (RFC 9051 §6.3.9, §6.3.10, §6.3.11; RFC 3501 §6.3.9; RFC 5819, RFC 7889)."""

from attrs import evolve

from angarium.engine.imap.asks import Asking, Outcome, no, ok
from angarium.engine.imap.commands.auth import enable_condstore
from angarium.engine.imap.list_selection import select_names, select_subscribed
from angarium.engine.imap.names import normalized
from angarium.engine.imap.state import Session
from angarium.engine.operations import SEPARATOR, FetchStatus, ListMailboxes, MailboxNotFound, MailboxStatus
from angarium.grammar.imap.commands import List, Lsub, Namespace, Status, StatusItem
from angarium.grammar.imap.responses import Code, ListData, NamespaceData, NamespaceDescription, StatusData


def list_names(session: Session, command: List) -> Asking[Outcome]:
    """List mailbox names (RFC 9051 §6.3.9, RFC 5258 §3). RECURSIVEMATCH alone is an error of syntax (``list-select-opts``)."""
    if len(command.patterns) > session.limits.list_patterns_max:
        return no("too many patterns", Code.LIMIT)
    if command.patterns == ("",) and not command.extended:
        # What is asked for is the separator and the root of the reference, and names here have no root.
        yield ListData((rb"\Noselect",), SEPARATOR, "")
        return ok("LIST completed")
    listed = list(select_names(command, (yield ListMailboxes(session.user)), session.revision2))
    if command.status is None:
        yield from listed
    else:
        yield from _with_status(session, listed, command.status)
    return ok("LIST completed")


def _with_status(session: Session, listed: list[ListData], items: tuple[StatusItem, ...]) -> Asking[None]:
    r"""Follow each LIST of a mailbox with its STATUS (RFC 9051 §6.3.9.2, RFC 5819 §2).

    A mailbox that has gone since it was listed has no STATUS, and its LIST says so: it can be selected no more.
    """
    if StatusItem.HIGHESTMODSEQ in items:
        yield from enable_condstore(session)
    names = tuple(data.mailbox for data in listed if rb"\NonExistent" not in data.attributes)
    statuses = yield FetchStatus(session.user, names, stored_items(items))
    by_name = {status.name: status for status in statuses if status is not None}
    for data in listed:
        if data.mailbox in by_name:
            yield data
            yield _status_data(session, by_name[data.mailbox], items)
        else:
            yield data if data.mailbox not in names else evolve(data, attributes=(rb"\Noselect", *data.attributes))


def stored_items(items: tuple[StatusItem, ...]) -> frozenset[StatusItem]:
    """Those that the store knows: APPENDLIMIT is the server's, the same for every mailbox (RFC 7889 §3)."""
    return frozenset(items) - {StatusItem.APPENDLIMIT}


def _status_data(session: Session, status: MailboxStatus, items: tuple[StatusItem, ...]) -> StatusData:
    values = {**status.values, StatusItem.APPENDLIMIT: session.limits.append_octets_max}
    return StatusData(status.name, tuple((item, values[item]) for item in items))


def lsub(session: Session, command: Lsub) -> Asking[Outcome]:
    """List subscribed names (RFC 3501 §6.3.9)."""
    if not command.pattern:
        yield ListData((rb"\Noselect",), SEPARATOR, "", lsub=True)
        return ok("LSUB completed")
    yield from select_subscribed(command, (yield ListMailboxes(session.user)))
    return ok("LSUB completed")


def namespace(session: Session, command: Namespace) -> Asking[Outcome]:
    """Tell the namespaces: only the personal one, without a prefix (RFC 9051 §6.3.10, RFC 2342 §5)."""
    yield NamespaceData((NamespaceDescription("", SEPARATOR),))
    return ok("NAMESPACE completed")


def status(session: Session, command: Status) -> Asking[Outcome]:
    """Look at a mailbox without selecting it (RFC 9051 §6.3.11)."""
    if StatusItem.HIGHESTMODSEQ in command.items:
        yield from enable_condstore(session)
    items = tuple(dict.fromkeys(command.items))
    found: tuple[MailboxStatus | None, ...] = yield FetchStatus(session.user, (normalized(command.mailbox),), stored_items(items))
    if found[0] is None:
        raise MailboxNotFound
    yield _status_data(session, found[0], items)
    return ok("STATUS completed")
