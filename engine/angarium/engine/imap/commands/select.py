"""Opening and closing mailboxes: SELECT, EXAMINE, CLOSE, UNSELECT (RFC 9051 §6.3.2, §6.3.3, §6.4.1, §6.4.2; RFC 7162 §3.2.5)."""

from angarium.engine.imap.asks import Asking, Octets, Outcome, bad, ok
from angarium.engine.imap.commands.auth import enable_condstore
from angarium.engine.imap.list_selection import list_data
from angarium.engine.imap.rights import leave, only_reads, permanent_flags, still_may
from angarium.engine.imap.state import SYSTEM_FLAGS, Selected, Session
from angarium.engine.imap.updates import flags_octets
from angarium.engine.imap.visible import visible
from angarium.engine.operations import Changes, ExpungeMessages, OpenedMailbox, OpenMailbox, ReadChanges
from angarium.grammar.imap.commands import Close, Qresync, Select, Unselect
from angarium.grammar.imap.responses import (
    Code,
    Condition,
    Exists,
    FlagsData,
    Recent,
    ResponseCode,
    Untagged,
    Vanished,
)
from angarium.grammar.imap.sequence_set import NumberSet


def select(session: Session, command: Select) -> Asking[Outcome]:
    """Open a mailbox; whatever was selected is closed first, also if this fails (RFC 9051 §6.3.2, §6.3.3)."""
    if command.qresync and not session.qresync:
        return bad("QRESYNC has not been enabled")
    if session.uid_only and command.qresync and command.qresync.sequence_match:
        return bad("UIDONLY is enabled: name messages by UID", Code.UIDREQUIRED)
    if session.selected is not None:
        yield from leave(session)
    if command.condstore or command.qresync:
        yield from enable_condstore(session)
    place, rights = session.place(command.mailbox), session.granted
    read_only = command.read_only or only_reads(rights)
    opened: OpenedMailbox = yield OpenMailbox(place.owner, place.name, claim_recent=not read_only)
    selected = Selected(opened, read_only, rights)
    yield from _describe(session, selected, opened)
    if session.revision2:
        yield from _list_entry(session, command.mailbox, place.full(place.name))
    session.selected = selected
    if command.qresync:
        yield from _resynchronize(session, opened, command.qresync)
    if selected.read_only:
        return ok("EXAMINE completed" if command.read_only else "SELECT completed", Code.READ_ONLY)
    return ok("SELECT completed", Code.READ_WRITE)


def _describe(session: Session, selected: Selected, opened: OpenedMailbox) -> Asking[None]:
    """The untagged data of SELECT (RFC 9051 §6.3.2, RFC 3501 §6.3.1, RFC 7162 §3.1.2, RFC 8474 §4.2)."""
    flags = SYSTEM_FLAGS + selected.keywords
    yield FlagsData(flags)
    yield Exists(len(selected.uids))
    if not session.revision2:
        yield Recent(selected.count_recent())
        if opened.first_unseen is not None and not session.uid_only:
            code = ResponseCode(Code.UNSEEN, (selected.sequence_number(opened.first_unseen),))
            yield Untagged(Condition.OK, "first unseen message", code)
    yield Untagged(Condition.OK, "flags that can be changed", ResponseCode(Code.PERMANENTFLAGS, permanent_flags(selected)))
    yield Untagged(Condition.OK, "predicted next UID", ResponseCode(Code.UIDNEXT, (opened.uidnext,)))
    yield Untagged(Condition.OK, "UIDs are valid", ResponseCode(Code.UIDVALIDITY, (opened.uidvalidity,)))
    yield Untagged(Condition.OK, "highest mod-sequence", ResponseCode(Code.HIGHESTMODSEQ, (opened.highest_modseq,)))
    if opened.object_id:
        yield Untagged(Condition.OK, "the mailbox under any name", ResponseCode(Code.MAILBOXID, (opened.object_id,)))


def _list_entry(session: Session, asked: str, name: str) -> Asking[None]:
    """LIST of the mailbox itself, with OLDNAME where its name was not normalized (RFC 9051 §6.3.2, §6.3.9.7)."""
    entries = yield from visible(session, (name,) if session.granted is not None else ())
    yield list_data(entries, name, old_name=asked if asked != name else None)


def _resynchronize(session: Session, opened: OpenedMailbox, known: Qresync) -> Asking[None]:
    """What has changed since the client was here last: VANISHED (EARLIER), then FETCH (RFC 7162 §3.2.5.1)."""
    selected = session.mailbox
    if known.uidvalidity != opened.uidvalidity:
        return
    changes: Changes | None = yield ReadChanges(selected.id, known.mod_sequence)
    if changes is None:
        return
    wanted = known.known_uids.resolve(opened.uidnext - 1) if known.known_uids else NumberSet(((1, max(1, opened.uidnext - 1)),))
    vanished = earlier(selected, changes.vanished.intersection(wanted), _matched_uid(selected, known))
    if vanished.ranges:
        yield Vanished(vanished, earlier=True)
    chosen = set(NumberSet.from_numbers(row.uid for row in changes.flags if row.uid <= selected.last_uid).intersection(wanted))
    if chosen:
        yield Octets(b"".join(flags_octets(session, row, uid=True) for row in changes.flags if row.uid in chosen))


def earlier(selected: Selected, vanished: NumberSet, above: int = 0) -> NumberSet:
    """What VANISHED (EARLIER) may name: UIDs above ``above`` that are not in the view.

    A message of the view that went a moment ago is left for VANISHED without EARLIER, which also renumbers (RFC 7162 §3.2.10).
    """
    view = set(selected.uids.numbers)
    return NumberSet.from_numbers(uid for uid in vanished if uid > above and uid not in view)


def _matched_uid(selected: Selected, known: Qresync) -> int:
    """The highest UID up to which the client's numbering agrees with ours: it knows of expunges below (RFC 7162 §3.2.5.2)."""
    if known.sequence_match is None:
        return 0
    count, last = len(selected.uids), selected.last_uid
    matched = 0
    numbers, uids = (part.resolve(end) for part, end in zip(known.sequence_match, (count, last), strict=True))
    for number, uid in zip(numbers, uids, strict=False):
        if not 0 < number <= count or selected.uids[number - 1] != uid:
            break
        matched = uid
    return matched


def close(session: Session, command: Close) -> Asking[Outcome]:
    r"""Remove messages with \Deleted without a word, and deselect (RFC 9051 §6.4.1); without the right only the latter.

    Changes are not told at CLOSE, so the right is asked for by itself: it may have been taken away since the last command.
    """
    if not session.mailbox.read_only and (yield from still_may(session, "re")):
        yield ExpungeMessages(session.mailbox.id)
    return ok("CLOSE completed")


def unselect(session: Session, command: Unselect) -> Outcome:
    """Deselect without expunging (RFC 9051 §6.4.2)."""
    return ok("UNSELECT completed")
