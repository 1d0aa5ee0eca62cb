"""STORE and UID STORE: change flags (RFC 9051 §6.4.6, RFC 7162 §3.1.3)."""

from collections.abc import Iterator
from typing import Final

from angarium.engine.acl import settable
from angarium.engine.imap.asks import Asking, Octets, Outcome, no, ok
from angarium.engine.imap.commands.auth import enable_condstore
from angarium.engine.imap.flags import storable
from angarium.engine.imap.numbers import sequence_numbers, uids_of
from angarium.engine.imap.rights import FLAG_RIGHTS, flag_rights
from angarium.engine.imap.state import SYSTEM_FLAGS, Selected, Session
from angarium.engine.imap.updates import fetch_octets, flags_octets, new_keywords
from angarium.engine.operations import FlagsRow, FlagsSet, LimitReached, SetFlags
from angarium.grammar.imap.commands import Store
from angarium.grammar.imap.responses import Code, Condition, ResponseCode, Untagged

ROWS_A_PIECE: Final = 1_000
"""Answers are rendered so many at a time: a mailbox of 100,000 messages must not become one string."""


def store(session: Session, command: Store) -> Asking[Outcome]:
    """Change flags and report them (RFC 9051 §6.4.6); with UNCHANGEDSINCE only where nobody else has (RFC 7162 §3.1.3)."""
    selected, flags = session.mailbox, storable(command.flags)
    if selected.read_only:
        return no("the mailbox is read-only", Code.READ_ONLY)
    may = FLAG_RIGHTS if selected.rights is None else flag_rights(selected.rights)
    if not may or (flags and not settable(flags, may)):
        return no("these flags may not be changed", Code.NOPERM)
    uids = uids_of(selected, command.numbers, command.uid)
    if command.unchanged_since is not None:
        yield from enable_condstore(session)
    known = selected.modseq if command.silent else None
    change = SetFlags(selected.id, uids, command.mode, flags, command.unchanged_since, known, may)
    done = yield from _set_flags(selected, change)
    yield from new_keywords(selected, done.rows)
    yield from _report(session, command, done)
    if done.modified.ranges:
        modified = done.modified if command.uid else sequence_numbers(selected, done.modified)
        return ok("some messages had changed", Code.MODIFIED, modified)
    return ok("STORE completed")


def _set_flags(selected: Selected, change: SetFlags) -> Asking[FlagsSet]:
    r"""Change flags; a mailbox with as many keywords as it can have says PERMANENTFLAGS anew, without \* (RFC 9051 §7.1)."""
    try:
        done: FlagsSet = yield change
    except LimitReached:
        flags = SYSTEM_FLAGS + selected.keywords
        code = ResponseCode(Code.PERMANENTFLAGS, flags if selected.rights is None else settable(flags, selected.rights))
        yield Untagged(Condition.OK, "no new keywords can be made", code)
        raise
    return done


def _report(session: Session, command: Store, done: FlagsSet) -> Iterator[Octets]:
    """FETCH for the messages changed; silent ones tell only their mod-sequence, to those who keep it (RFC 7162 §3.1.3).

    Where somebody else had changed the flags, the client cannot work out what they are now, so they are told (RFC 9051 §6.4.6).
    """
    selected, rows, foreign = session.mailbox, done.rows, frozenset(done.unknown)
    before = selected.modseq
    selected.told = {row.uid: row.modseq for row in rows if row.modseq > before}
    if not command.silent:
        lines = (flags_octets(session, row, uid=command.uid) for row in rows)
    else:
        conditional = command.unchanged_since is not None
        lines = (
            flags_octets(session, row, uid=command.uid) if row.uid in foreign else _modseq_octets(session, row)
            for row in rows
            if row.uid in foreign or (session.condstore and (conditional or row.modseq > before))
        )
    piece: list[bytes] = []
    for line in lines:
        piece.append(line)
        if len(piece) == ROWS_A_PIECE:
            yield Octets(b"".join(piece))
            piece = []
    yield Octets(b"".join(piece))


def _modseq_octets(session: Session, row: FlagsRow) -> bytes:
    items = b"MODSEQ (%d)" % row.modseq
    return fetch_octets(session, row.uid, items if session.uid_only else b"UID %d %b" % (row.uid, items))
