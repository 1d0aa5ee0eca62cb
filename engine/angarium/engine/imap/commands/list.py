"""Looking at names: LIST, LSUB, NAMESPACE, STATUS (RFC 9051 §6.3.9, §6.3.10, §6.3.11; RFC 3501 §6.3.9; RFC 5819, RFC 7889)."""

from contextlib import suppress

from attrs import evolve

from angarium.engine.acl import RIGHTS, shown
from angarium.engine.imap.asks import Asking, Outcome, bad, no, ok
from angarium.engine.imap.commands.auth import enable_condstore
from angarium.engine.imap.list_selection import is_selected, select_names, select_subscribed
from angarium.engine.imap.state import Session
from angarium.engine.imap.visible import visible
from angarium.engine.namespaces import OTHER_USERS, SHARED
from angarium.engine.operations import (
    SEPARATOR,
    FetchStatus,
    MailboxEntry,
    MailboxNotFound,
    MailboxStatus,
    ReadRights,
    ResolveRecipient,
    StoreError,
)
from angarium.grammar.imap.commands import List, ListReturn, Lsub, Namespace, Status, StatusItem
from angarium.grammar.imap.responses import Code, ListData, MyRightsData, NamespaceData, NamespaceDescription, StatusData


def list_names(session: Session, command: List) -> Asking[Outcome]:
    """List mailbox names (RFC 9051 §6.3.9, RFC 5258 §3). RECURSIVEMATCH alone is an error of syntax (``list-select-opts``)."""
    if session.namespaces is None and ListReturn.MYRIGHTS in command.returns:
        return bad("ACL is not offered here")
    if len(command.patterns) > session.limits.list_patterns_max:
        return no("too many patterns", Code.LIMIT)
    if command.patterns == ("",) and not command.extended:
        # What is asked for is the separator and the root of the reference, and names here have no root.
        yield ListData((rb"\Noselect",), SEPARATOR, "")
        return ok("LIST completed")
    entries = yield from visible(session, tuple(command.reference + pattern for pattern in command.patterns))
    listed = list(select_names(command, entries, session.revision2))
    if command.status is None:
        yield from listed
    else:
        yield from _with_status(session, listed, command.status)
    if ListReturn.MYRIGHTS in command.returns:
        yield from _rights(session, command, listed, entries)
    return ok("LIST completed")


def _rights(session: Session, command: List, listed: list[ListData], entries: tuple[MailboxEntry, ...]) -> Asking[None]:
    """MYRIGHTS of each mailbox that was listed for itself, not for what is below it (RFC 8440 §3)."""
    by_name = {entry.name: entry for entry in entries}
    for data in listed:
        entry = by_name.get(data.mailbox)
        if entry is None or entry.id is None or not is_selected(command, entry):
            continue
        place = session.place(data.mailbox)
        rights = (yield ReadRights(session.user, place.owner, (place.name,))) if place.is_foreign else RIGHTS
        if rights:
            yield MyRightsData(data.mailbox, shown(rights))


def _with_status(session: Session, listed: list[ListData], items: tuple[StatusItem, ...]) -> Asking[None]:
    r"""Follow each LIST of a mailbox with its STATUS (RFC 9051 §6.3.9.2, RFC 5819 §2).

    A mailbox that has gone since it was listed has no STATUS, and its LIST says so: it can be selected no more.
    """
    if StatusItem.HIGHESTMODSEQ in items:
        yield from enable_condstore(session)
    names = tuple(data.mailbox for data in listed if rb"\NonExistent" not in data.attributes)
    by_name = yield from _statuses(session, names, stored_items(items))
    for data in listed:
        if data.mailbox in by_name:
            yield data
            yield _status_data(session, by_name[data.mailbox], items)
        else:
            yield data if data.mailbox not in names else evolve(data, attributes=(rb"\Noselect", *data.attributes))


def _statuses(session: Session, names: tuple[str, ...], items: frozenset[StatusItem]) -> Asking[dict[str, MailboxStatus]]:
    """The status of each mailbox that there is and that may be read, by name (RFC 4314 §4 STATUS)."""
    found: dict[str, MailboxStatus] = {}
    places = [session.place(name) for name in names]
    own = tuple(place.name for place in places if not place.is_foreign)
    for status in (yield FetchStatus(session.user, own, items)):
        if status is not None:
            found[status.name] = status
    for place in places:
        if place.is_foreign and "r" in (yield ReadRights(session.user, place.owner, (place.name,))):
            (status,) = yield FetchStatus(place.owner, (place.name,), items)
            if status is not None:
                name = place.full(place.name)
                found[name] = evolve(status, name=name)
    return found


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
    yield from select_subscribed(command, (yield from visible(session, (command.reference + command.pattern,))))
    return ok("LSUB completed")


def namespace(session: Session, command: Namespace) -> Asking[Outcome]:
    """Tell the namespaces: the personal one without a prefix, other users', and the shared one where it has an owner.

    (RFC 9051 §6.3.10, RFC 2342 §5)
    """
    personal = (NamespaceDescription("", SEPARATOR),)
    if session.namespaces is None:
        yield NamespaceData(personal)
        return ok("NAMESPACE completed")
    shared = None
    with suppress(StoreError):
        yield ResolveRecipient(session.namespaces.shared_owner)
        shared = (NamespaceDescription(SHARED + SEPARATOR, SEPARATOR),)
    yield NamespaceData(personal, (NamespaceDescription(OTHER_USERS + SEPARATOR, SEPARATOR),), shared)
    return ok("NAMESPACE completed")


def status(session: Session, command: Status) -> Asking[Outcome]:
    """Look at a mailbox without selecting it (RFC 9051 §6.3.11)."""
    if StatusItem.HIGHESTMODSEQ in command.items:
        yield from enable_condstore(session)
    items = tuple(dict.fromkeys(command.items))
    place = session.place(command.mailbox)
    found: tuple[MailboxStatus | None, ...] = yield FetchStatus(place.owner, (place.name,), stored_items(items))
    if found[0] is None:
        raise MailboxNotFound
    yield _status_data(session, evolve(found[0], name=place.full(found[0].name)), items)
    return ok("STATUS completed")
