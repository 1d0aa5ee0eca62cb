"""COPY and MOVE (RFC 9051 §6.4.7, §6.4.8; RFC 4315 §3; RFC 6851)."""

from angarium.engine.imap.asks import Asking, Outcome, no, ok
from angarium.engine.imap.numbers import compact, uids_of
from angarium.engine.imap.rights import FLAG_RIGHTS, flag_rights, may_know_uids
from angarium.engine.imap.state import Session
from angarium.engine.imap.updates import announce
from angarium.engine.operations import Copied, CopyMessages
from angarium.grammar.imap.commands import Copy, Move
from angarium.grammar.imap.responses import Code, Condition, ResponseCode, Untagged
from angarium.grammar.imap.sequence_set import NumberSet


def copy(session: Session, command: Copy) -> Asking[Outcome]:
    """Copy messages to another mailbox, all or none (RFC 9051 §6.4.7)."""
    uids = uids_of(session.mailbox, command.numbers, command.uid)
    copied: Copied = yield _carrying(session, command, uids)
    code = copyuid(copied)
    if code is None:
        return ok("there was nothing to copy")
    return Outcome(Condition.OK, "COPY completed", code if may_know_uids(session) else None)


def move(session: Session, command: Move) -> Asking[Outcome]:
    """Move messages; COPYUID comes before the EXPUNGE responses (RFC 9051 §6.4.8, RFC 6851 §4.3)."""
    if session.mailbox.read_only:
        return no("the mailbox is read-only", Code.READ_ONLY)
    uids = uids_of(session.mailbox, command.numbers, command.uid)
    moved: Copied = yield _carrying(session, command, uids)
    code = copyuid(moved)
    if code is None:
        return ok("there was nothing to move")
    if may_know_uids(session):
        yield Untagged(Condition.OK, "moved", code)
    yield from announce(session, expunges=True)
    if session.qresync:
        return ok("MOVE completed", Code.HIGHESTMODSEQ, session.mailbox.modseq)
    return ok("MOVE completed")


def _carrying(session: Session, command: Copy | Move, uids: NumberSet) -> CopyMessages:
    """What to ask of the store; flags without the right to set them stay behind (RFC 4314 §4)."""
    place, may = session.place(command.mailbox), flag_rights(FLAG_RIGHTS if session.granted is None else session.granted)
    return CopyMessages(session.mailbox.id, uids, place.owner, place.name, isinstance(command, Move), may)


def copyuid(copied: Copied) -> ResponseCode | None:
    """COPYUID: where each UID went; None when nothing was copied (RFC 9051 §7.1)."""
    if not copied.pairs:
        return None
    sources, targets = zip(*copied.pairs, strict=True)
    return ResponseCode(Code.COPYUID, (copied.uidvalidity, compact(sources), compact(targets)))
