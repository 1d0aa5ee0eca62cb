r"""FETCH and UID FETCH (RFC 9051 §6.4.5, §7.5.2; RFC 7162 §3.1.4, §3.2.6).

Messages come from the store a page at a time and leave as soon as they are rendered, so memory does not grow with the mailbox.
A section that is not peeked at sets \Seen: for a page at once, before the page is rendered, so that its flags are right.
"""

from bisect import bisect_left
from collections.abc import Iterator

from attrs import evolve

from angarium.engine.imap.asks import Asking, Octets, Outcome, Refused, bad, no, ok
from angarium.engine.imap.commands.auth import enable_condstore
from angarium.engine.imap.commands.select import earlier
from angarium.engine.imap.fetch_content import ContentLost, ContentMissing, at_once, content, source_of
from angarium.engine.imap.fetch_plan import Plan, plan
from angarium.engine.imap.numbers import part_of, uids_of
from angarium.engine.imap.state import UID_END, Session
from angarium.engine.imap.updates import shown_flags
from angarium.engine.operations import Changes, FetchMessages, FlagsSet, MessageRow, Page, ReadChanges, SetFlags, StoreError
from angarium.grammar.imap.commands import Fetch, FetchItem, StoreMode
from angarium.grammar.imap.responses import Code, Vanished
from angarium.grammar.imap.sequence_set import NumberSet

SEEN = rb"\Seen"
MODSEQ_END = 2**63


def fetch(session: Session, command: Fetch) -> Asking[Outcome]:
    """Send what is asked of messages (RFC 9051 §6.4.5)."""
    selected = session.mailbox
    check_modifiers(session, command)
    changed = command.changed_since is not None
    if changed or FetchItem.MODSEQ in command.items:
        yield from enable_condstore(session)
    uids = uids_of(selected, command.numbers, command.uid)
    if command.vanished:
        yield from _vanished(session, command)
    if command.partial:
        uids = part_of(selected, uids, command.partial)
    work = plan(command.items, command.uid, changed, session.uid_only)
    problem: Code | None = None
    while uids.ranges:
        page: Page = yield FetchMessages(selected.id, uids, work.columns, command.changed_since)
        problem = (yield from _send(session, work, page.rows)) or problem
        uids = NumberSet() if page.next_uid is None else uids.intersection(NumberSet(((page.next_uid, UID_END),)))
    return ok("FETCH completed") if problem is None else no("some parts could not be decoded", problem)


def check_modifiers(session: Session, command: Fetch) -> None:
    """VANISHED goes with UID FETCH, CHANGEDSINCE and QRESYNC, PARTIAL with UID FETCH only (RFC 7162 §3.2.6, RFC 9394 §3.3)."""
    if command.vanished and (not command.uid or command.changed_since is None):
        raise Refused(bad("VANISHED needs UID FETCH and CHANGEDSINCE"))
    if command.vanished and not session.qresync:
        raise Refused(bad("QRESYNC has not been enabled"))
    if command.partial and not command.uid:
        raise Refused(bad("PARTIAL needs UID FETCH"))


def _vanished(session: Session, command: Fetch) -> Asking[None]:
    """Which of the UIDs asked for are gone since then (RFC 7162 §3.2.6, §3.2.10.1)."""
    selected = session.mailbox
    changes: Changes | None = yield ReadChanges(selected.id, command.changed_since or 0)
    if changes is None:
        return
    # Here * has no end: the highest UIDs may be among those expunged.
    wanted = selected.saved if command.numbers.saved else command.numbers.resolve(UID_END - 1)
    gone = earlier(selected, changes.vanished.intersection(wanted))
    if gone.ranges:
        yield Vanished(gone, earlier=True)


def _send(session: Session, work: Plan, rows: tuple[MessageRow, ...]) -> Asking[Code | None]:
    r"""Send a page: \Seen first where it is due, then the rows; why a section could not be given, if so (RFC 9051 §6.4.5)."""
    seen_now: set[int] = set()
    if work.sets_seen and not session.mailbox.read_only and session.mailbox.may("s"):
        rows, seen_now = yield from _set_seen(session, rows)
    starts = _starts(session, work, rows)
    if not work.contents:
        yield Octets(b"".join([start + b")\r\n" for start in starts]))
        return None
    problem: Code | None = None
    for row, start in zip(rows, starts, strict=True):
        end = _unasked(session, work, row) if row.uid in seen_now else b")\r\n"
        problem = (yield from _send_sections(session, work, row, start, end)) or problem
    return problem


def _send_sections(session: Session, work: Plan, row: MessageRow, said: bytes, end: bytes) -> Asking[Code | None]:
    """Send one row with its sections; ``said`` is what has been said of it and not been sent yet."""
    source = source_of(session.mailbox.id, row, session.limits)
    problem: Code | None = None
    begun = False
    for wanted in work.contents:
        ready = at_once(source, wanted)
        if ready is not None:
            said += ready[0]
            problem = ready[1] or problem
            if len(said) > session.limits.write_octets:  # thousands of sections may be asked for
                yield Octets(said)
                begun, said = True, b""
            continue
        try:
            problem = (yield from content(source, wanted, said)) or problem
        except (ContentMissing, StoreError) as error:
            if begun:
                raise ContentLost from error
            if isinstance(error, StoreError):
                raise
            return problem  # expunged before any of it was sent
        begun, said = True, b""
    yield Octets(said + end)
    return problem


def _set_seen(session: Session, rows: tuple[MessageRow, ...]) -> Asking[tuple[tuple[MessageRow, ...], set[int]]]:
    r"""Set \Seen where it is missing; the rows as they are then, and the UIDs of those changed (RFC 9051 §6.4.5)."""
    selected = session.mailbox
    unseen = NumberSet.from_numbers(row.uid for row in rows if SEEN not in row.flags)
    if not unseen.ranges:
        return rows, set()
    done: FlagsSet = yield SetFlags(selected.id, unseen, StoreMode.ADD, (SEEN,))
    now = {row.uid: row for row in done.rows}
    selected.told.update((row.uid, row.modseq) for row in done.rows)
    changed = (evolve(row, flags=now[row.uid].flags, modseq=now[row.uid].modseq) if row.uid in now else row for row in rows)
    return tuple(changed), set(now)


def _starts(session: Session, work: Plan, rows: tuple[MessageRow, ...]) -> Iterator[bytes]:
    """Each row up to its sections and without the closing parenthesis. Hot: see ``fetch_plan``."""
    selected = session.mailbox
    numbers = selected.uids.numbers
    template, values, flags = work.template, work.values, work.flags
    told = selected.told
    # To a client that keeps mod-sequences flags without one are only half told.
    known = selected.modseq if work.modseq or not session.condstore else MODSEQ_END
    recent = UID_END if session.revision2 or not selected.recent else selected.recent[0][0]
    at, uid_only = bisect_left(numbers, rows[0].uid) if rows else 0, session.uid_only
    for row in rows:
        uid = row.uid
        if uid_only:
            at = uid
        else:
            if numbers[at] != uid:
                at = bisect_left(numbers, uid, at)
            at += 1
        if not flags:
            yield template % (at, *values(row))
            continue
        shown = row.flags if uid < recent else shown_flags(session, uid, row.flags)
        if row.modseq > known:
            told[uid] = row.modseq
        yield template % (at, *values(row), b" ".join(shown))


def _unasked(session: Session, work: Plan, row: MessageRow) -> bytes:
    """The end of a row whose flags this FETCH changed: what is due then and was not asked for (RFC 7162 §3.2.4)."""
    octets = b"" if work.flags else b" FLAGS (%b)" % b" ".join(shown_flags(session, row.uid, row.flags))
    if session.fetch_needs_uid and not work.uid:
        octets += b" UID %d" % row.uid
    if session.condstore and not work.modseq:
        octets += b" MODSEQ (%d)" % row.modseq
    return octets + b")\r\n"
