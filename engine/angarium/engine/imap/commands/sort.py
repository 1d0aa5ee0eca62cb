"""SORT and THREAD, and their UID forms (RFC 5256 §3, §4; RFC 7162 §3.1.9).

One line holds the whole answer. It goes out in pieces, each of some thousand numbers, so that little of it is in memory twice.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from angarium.engine.imap.asks import Asking, Octets, Outcome, ok
from angarium.engine.imap.commands.search import Criteria, ask_store, criteria, extended
from angarium.engine.imap.state import Selected, Session
from angarium.engine.operations import MailboxId, Sorted, SortMessages, ThreadMessages, Threads
from angarium.grammar.imap.commands import Sort, Thread
from angarium.grammar.imap.render_sort import thread_lists
from angarium.grammar.imap.sorting import ThreadMembers

PIECES_MAX: Final = 8_192
"""Numbers that are rendered at a time."""


def sort(session: Session, command: Sort) -> Asking[Outcome]:
    """Find messages and say them in an order (RFC 5256 §3, BASE.6.4.SORT; with RETURN in ESEARCH, RFC 5267 §3)."""
    wanted, found = yield from ask_store(session, command, _sort_messages)
    if command.returns is None:
        yield from _sort_data(session, command, found)
    else:
        yield from extended(session, command, wanted, found)
    return ok("SORT completed")


def _sort_messages(mailbox: MailboxId, command: Sort, wanted: Criteria) -> SortMessages:
    return SortMessages(mailbox, command.criteria, wanted.key, wanted.within, wanted.want_modseq)


def _sort_data(session: Session, command: Sort, found: Sorted) -> Iterator[Octets]:
    numbers = found.uids if command.uid else map(session.mailbox.sequence_number, found.uids)
    yield Octets(b"* SORT")
    yield from _in_pieces(b" %d" % number for number in numbers)
    # RFC 7162 §3.1.9: with MODSEQ among the criteria, and something found
    yield Octets(b" (MODSEQ %d)\r\n" % found.highest_modseq if found.highest_modseq else b"\r\n")


def thread(session: Session, command: Thread) -> Asking[Outcome]:
    """Find messages and say which answers which (RFC 5256 §3, BASE.6.4.THREAD)."""
    selected = session.mailbox
    wanted = yield from criteria(session, command.key, command.charset)
    found: Threads = yield ThreadMessages(selected.id, command.algorithm, wanted.key, wanted.within)
    members = found.members if command.uid else _numbered(selected, found.members)
    yield Octets(b"* THREAD " if members else b"* THREAD")
    yield from _in_pieces(thread_lists(members))
    yield Octets(b"\r\n")
    return ok("THREAD completed")


def _numbered(selected: Selected, members: ThreadMembers) -> ThreadMembers:
    """Message sequence numbers in place of UIDs."""
    return tuple([(depth, None if uid is None else selected.sequence_number(uid)) for depth, uid in members])


def _in_pieces(octets: Iterable[bytes]) -> Iterator[Octets]:
    parts = iter(octets)
    while piece := b"".join(islice(parts, PIECES_MAX)):
        yield Octets(piece)
