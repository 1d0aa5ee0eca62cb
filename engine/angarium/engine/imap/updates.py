"""What a session is told of its mailbox: EXPUNGE, VANISHED, EXISTS, RECENT, FLAGS, FETCH (RFC 9051 §5.2, §7.4, §7.5).

After every command the store is asked what has changed since the last time. The client's view changes only here, in this order:

1. Messages that are gone, unless the command bans it (RFC 9051 §7.5.1); then the view keeps them until a command that does not.
2. Messages that have come. UIDs only grow, so they follow everything in the view, banned expunges or not.
3. Flags that have changed, of messages the client knew before, unless this command has reported them already.
4. What has changed in the results of searches that are kept up to date; what is expunged, before 1 (RFC 5267 §4.3).
5. The mod-sequence up to which all has been told, where expunges have to wait (RFC 7162 §3.2).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from angarium.engine.imap import context_updates
from angarium.engine.imap.asks import Asking, Octets
from angarium.engine.imap.rights import only_reads, renew
from angarium.engine.imap.state import SYSTEM_FLAGS, Selected, Session
from angarium.engine.operations import Changes, FlagsRow, ReadChanges, UidMap
from angarium.grammar.imap.render_values import render_flags
from angarium.grammar.imap.responses import (
    Code,
    Condition,
    Exists,
    FlagsData,
    Recent,
    Response,
    ResponseCode,
    Untagged,
    Vanished,
)
from angarium.grammar.imap.sequence_set import NumberSet


def announce(session: Session, *, expunges: bool) -> Asking[None]:
    """Ask the store for changes and tell the client (RFC 9051 §5.2). Raises MailboxNotFound where the mailbox is gone."""
    selected = session.mailbox
    if selected.rights is not None:
        yield from renew(session)
    claim = not selected.read_only and not only_reads(selected.rights)
    changes: Changes | None = yield ReadChanges(selected.id, selected.modseq, selected.stamp, claim)
    waited = selected.expunges_wait
    if changes is not None or (expunges and waited) or selected.due:
        last = selected.last_uid
        if selected.contexts and expunges:
            yield from context_updates.removals(session, missing(selected.uids, changes.uids if changes else selected.actual))
        yield from responses(session, changes, expunges=expunges)
        if selected.contexts:
            yield from context_updates.updates(session, changes, last)
    if session.condstore and (waited or selected.expunges_wait):
        yield settled(selected)
    if selected.told:
        selected.told = {}


def responses(session: Session, changes: Changes | None, *, expunges: bool) -> Iterator[Response | Octets]:
    """Move the view forward, saying each step (RFC 9051 §7.4.1, §7.5.1; RFC 3501 §7.3.2)."""
    selected = session.mailbox
    old, last = selected.uids, selected.last_uid
    if changes is not None:
        selected.actual, selected.modseq, selected.stamp = changes.uids, changes.highest_modseq, changes.stamp
        if len(changes.uids):
            selected.claim_recent(changes.recent_from, changes.uids[-1] + 1)
    if expunges:
        selected.uids = selected.actual
        gone = missing(old, selected.actual)
        if gone:
            yield Vanished(NumberSet.from_numbers(gone)) if session.qresync or session.uid_only else expunge_octets(old, gone)
    else:
        selected.uids = extended(old, selected.actual)
    if selected.last_uid > last:
        yield Exists(len(selected.uids))
        if not session.revision2:
            yield Recent(selected.count_recent())
    if changes is not None:
        yield from flag_responses(session, changes.flags, last)
    if not selected.expunges_wait:
        selected.settled = selected.modseq


def settled(selected: Selected) -> Untagged:
    """HIGHESTMODSEQ, below the mod-sequences of expunges that wait (RFC 7162 §3.2, §6).

    A client takes the highest MODSEQ it has seen for the point to resynchronize from, were the connection lost now. While
    removals are held back that would pass over them, so it is told better; and again once they have been told.
    """
    return Untagged(Condition.OK, "all changes up to here have been told", ResponseCode(Code.HIGHESTMODSEQ, (selected.settled,)))


def missing(old: UidMap, new: UidMap) -> list[int]:
    """UIDs in ``old`` that are not in ``new``, ascending."""
    if not len(old) or (len(new) >= len(old) and new[len(old) - 1] == old[-1]):
        return []
    return sorted(set(old.numbers).difference(new.numbers))


def extended(old: UidMap, new: UidMap) -> UidMap:
    """``old`` and what ``new`` has beyond its end; ``new`` itself where that is the same, so that sessions share it."""
    if not missing(old, new):
        return new
    return UidMap(old.numbers + new.numbers[bisect_right(new.numbers, old[-1]) :])


def expunge_octets(view: UidMap, gone: list[int]) -> Octets:
    """EXPUNGE for each of ``gone``, every number counting those before it as gone already (RFC 9051 §7.5.1)."""
    numbers = view.numbers
    return Octets(b"".join(b"* %d EXPUNGE\r\n" % (bisect_right(numbers, uid) - before) for before, uid in enumerate(gone)))


def flag_responses(session: Session, rows: Iterable[FlagsRow], last: int) -> Iterator[Response | Octets]:
    """FLAGS where keywords are new, and FETCH for changed flags of messages up to UID ``last`` (RFC 9051 §7.3.5, §7.5.2)."""
    selected = session.mailbox
    rows = list(rows)
    yield from new_keywords(selected, rows)
    octets = [flags_octets(session, row) for row in rows if row.uid <= last and selected.told.get(row.uid) != row.modseq]
    if octets:
        yield Octets(b"".join(octets))


def new_keywords(selected: Selected, rows: Iterable[FlagsRow]) -> Iterator[FlagsData]:
    """Say FLAGS again when a keyword is used for the first time (RFC 9051 §7.3.5, §2.3.2)."""
    known = {flag.lower() for flag in SYSTEM_FLAGS + selected.keywords}
    fresh: dict[bytes, bytes] = {}
    for row in rows:
        for flag in row.flags:
            if (folded := flag.lower()) not in known:
                fresh.setdefault(folded, flag)
    if fresh:
        selected.keywords += tuple(fresh.values())
        yield FlagsData(SYSTEM_FLAGS + selected.keywords)


def flags_octets(session: Session, row: FlagsRow, *, uid: bool = False) -> bytes:
    """An untagged FETCH with the flags of one message of the view (RFC 9051 §7.5.2, RFC 7162 §3.2.4)."""
    items = b"FLAGS " + render_flags(shown_flags(session, row.uid, row.flags))
    if (uid and not session.uid_only) or session.fetch_needs_uid:
        items = b"UID %d " % row.uid + items
    if session.condstore:
        items += b" MODSEQ (%d)" % row.modseq
    return fetch_octets(session, row.uid, items)


def fetch_octets(session: Session, uid: int, items: bytes) -> bytes:
    """FETCH, or UIDFETCH where there are no message numbers (RFC 9051 §7.5.2, RFC 9586 §3.3, §3.6)."""
    if session.uid_only:
        return b"* %d UIDFETCH (%b)\r\n" % (uid, items)
    return b"* %d FETCH (%b)\r\n" % (session.mailbox.sequence_number(uid), items)


def shown_flags(session: Session, uid: int, flags: tuple[bytes, ...]) -> tuple[bytes, ...]:
    r"""Add \Recent where the session has it; IMAP4rev2 does not know it (RFC 3501 §2.3.2, RFC 9051 App. E)."""
    if session.revision2 or not session.mailbox.is_recent(uid):
        return flags
    return (*flags, rb"\Recent")
