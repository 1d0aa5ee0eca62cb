r"""Faults of FETCH: items, values, sections, \Seen, CHANGEDSINCE, VANISHED (RFC 9051 §6.4.5, §7.5.2; RFC 7162 §3.1.4, §3.2.6)."""

from typing import Any

from attrs import evolve

from angarium.engine.imap import fetch_content
from angarium.engine.imap.asks import Asking, Refused, no
from angarium.engine.imap.commands import fetch
from angarium.engine.imap.numbers import uids_of
from angarium.engine.imap.state import Selected, Session
from angarium.engine.operations import FetchMessages, MessageRow, Page, ReadChanges
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.sections import Partial, SectionText
from angarium.grammar.imap.sequence_set import STAR, NumberSet, PartialRange, SequenceSet
from stateful.faults.changes import Change, answered, answers, asked, obeyed, replaced, writes
from stateful.faults.fault import fault


def seen_not_set(session: Session, rows: Any) -> Any:
    yield from ()
    return rows, set()


set_seen = fetch._set_seen


def seen_not_told(session: Session, rows: Any) -> Any:
    changed, _ = yield from set_seen(session, rows)
    return changed, set()


def no_longer_peeking(command: c.Fetch) -> c.Fetch:
    items = tuple(evolve(item, peek=False) if isinstance(item, c.FetchBody | c.FetchBinary) else item for item in command.items)
    return evolve(command, items=items)


def peeking(command: c.Fetch) -> c.Fetch:
    items = tuple(evolve(item, peek=True) if isinstance(item, c.FetchBody | c.FetchBinary) else item for item in command.items)
    return evolve(command, items=items)


def one_item_only(command: c.Fetch) -> c.Fetch:
    return evolve(command, items=command.items[:1])


def whole_mailbox(command: c.Fetch) -> c.Fetch:
    return evolve(command, numbers=SequenceSet(((1, STAR),)))


def rows(**changes: Any) -> Change:
    """Columns of what the store reads are others: functions of what they are."""

    def wrong(row: MessageRow) -> MessageRow:
        return evolve(row, **{name: change(getattr(row, name)) for name, change in changes.items() if getattr(row, name)})

    return answered(FetchMessages, lambda model, operation, page: evolve(page, rows=tuple(map(wrong, page.rows))))


def first_row_lost(model: Any, operation: FetchMessages, page: Page) -> Page:
    return evolve(page, rows=page.rows[1:])


def rows_after(model: Any, operation: FetchMessages, page: Page) -> Page:
    """Each row with the flags of the one before."""
    flags = [row.flags for row in page.rows]
    return evolve(page, rows=tuple(evolve(row, flags=each) for row, each in zip(page.rows, flags[-1:] + flags, strict=False)))


def off_by_one(octets: bytes, partial: Partial | None) -> bytes:
    return octets if partial is None else octets[partial.offset + 1 : partial.offset + 1 + partial.octets_max]


def one_octet_more(octets: bytes, partial: Partial | None) -> bytes:
    return octets if partial is None else octets[partial.offset : partial.offset + partial.octets_max + 1]


def text_for_header(command: c.Fetch) -> c.Fetch:
    def wrong(item: Any) -> Any:
        text = isinstance(item, c.FetchBody) and item.section.text is SectionText.TEXT and not item.section.part
        return evolve(item, section=evolve(item.section, text=SectionText.HEADER)) if text else item

    return evolve(command, items=tuple(map(wrong, command.items)))


def passing_over(selected: Selected, numbers: SequenceSet, uid: bool) -> NumberSet:
    try:
        return uids_of(selected, numbers, uid)
    except Refused:
        return NumberSet()


def places_of_uids(selected: Selected, uids: NumberSet, partial: PartialRange) -> NumberSet:
    """Places counted in the set instead of among the messages that are there."""
    return NumberSet.from_numbers(list(uids)[partial.places(len(uids))])


def no_vanished(session: Session, command: c.Fetch) -> Asking[None]:
    yield from ()


FAULTS = (
    fault("reading a message does not set \\Seen", "rfc9051-6.4.5-8", replaced(fetch, "_set_seen", seen_not_set)),
    fault("\\Seen that reading has set is not told", "rfc9051-6.4.5-8", replaced(fetch, "_set_seen", seen_not_told)),
    fault("BODY.PEEK sets \\Seen", "rfc9051-6.4.5-9", obeyed(c.Fetch, no_longer_peeking)),
    fault("BODY reads as BODY.PEEK", "rfc9051-6.4.5-8", obeyed(c.Fetch, peeking)),
    fault("FETCH answers the first item only", "rfc9051-6.4.5-4", obeyed(c.Fetch, one_item_only)),
    fault("FETCH answers for every message", "rfc9051-6.4.5-4", obeyed(c.Fetch, whole_mailbox)),
    fault("FETCH leaves out the first message", "rfc9051-6.4.5-4", answered(FetchMessages, first_row_lost)),
    fault("FETCH tells flags of another message", "rfc9051-6.4.5-4", answered(FetchMessages, rows_after)),
    fault("FETCH numbers messages from 0", "rfc9051-2.3.1.2-1", writes(rb"^\* 2 FETCH", rb"* 1 FETCH")),
    fault("UID FETCH leaves out the UID", "rfc9051-6.4.9-5", writes(rb"(^\* \d+ FETCH \()UID \d+ ", rb"\1")),
    fault("FETCH tells a wrong UID", "rfc9051-2.3.1.1-2", writes(rb"\(UID (\d)", rb"(UID 1\1")),
    fault("a number that is not there is passed over", "rfc9051-9-23", replaced(fetch, "uids_of", passing_over)),
    fault("FETCH says NO", "rfc9051-7.1.2-1", answers(c.Fetch, lambda outcome: no("not today"))),
    fault("RFC822.SIZE is one too small", "rfc9051-2.3.4-1", rows(size=lambda size: size - 1)),
    fault(
        "INTERNALDATE is an hour late",
        "rfc9051-2.3.1.1-12 rfc9051-6.4.5-1",
        rows(internal_date=lambda date: date.replace(b" 23:", b" 22:")),
    ),
    fault("INTERNALDATE forgets its zone", "rfc9051-2.3.3-2", rows(internal_date=lambda date: date[:-6] + b'+0000"')),
    fault("the header lacks its empty line", "rfc9051-6.4.5.1-4", rows(header=lambda header: header[:-2])),
    fault("the last octet of a message is missing", "rfc9051-2.3.1.1-12", rows(content=lambda content: content[:-1])),
    fault("a partial begins an octet late", "rfc9051-6.4.5-5", replaced(fetch_content, "_cut", off_by_one)),
    fault("a partial is an octet too long", "rfc9051-6.4.5-5", replaced(fetch_content, "_cut", one_octet_more)),
    fault("a partial does not tell its origin", "rfc9051-6.4.5-5", writes(rb"\]<\d+> ", rb"] ")),
    fault("BODY[TEXT] brings the header", "rfc9051-6.4.5.1-3", obeyed(c.Fetch, text_for_header)),
    fault(
        "CHANGEDSINCE is passed over",
        "rfc7162-3.1.4.1-1",
        asked(FetchMessages, lambda operation: evolve(operation, changed_since=None)),
    ),
    fault(
        "CHANGEDSINCE leaves out what was changed last",
        "rfc7162-3.1.4.1-1",
        asked(
            FetchMessages,
            lambda operation: evolve(operation, changed_since=operation.changed_since and operation.changed_since + 1),
        ),
    ),
    fault("CHANGEDSINCE brings no MODSEQ", "rfc7162-3.1.4.1-2", writes(rb" ?MODSEQ \(\d+\)", rb"")),
    fault("VANISHED asked for by UID FETCH does not come", "rfc7162-3.2.6-5", replaced(fetch, "_vanished", no_vanished)),
    fault(
        "VANISHED (EARLIER) of UID FETCH goes back too little",
        "rfc7162-3.2.6-5",
        asked(ReadChanges, lambda operation: operation if operation.stamp else evolve(operation, since=operation.since + 2)),
    ),
    fault(
        "PARTIAL of UID FETCH counts UIDs that are not there",
        "rfc9394-3.3-1",
        replaced(fetch, "part_of", places_of_uids),
        attempts=4,
    ),
    fault(
        "UID FETCH passes over PARTIAL",
        "rfc9394-3.3-1",
        obeyed(c.Fetch, lambda command: evolve(command, partial=None)),
    ),
)
