r"""EXPUNGE and UID EXPUNGE: remove messages that have \Deleted (RFC 9051 §6.4.3, §6.4.9; RFC 7162 §3.2.7, §3.2.9)."""

from angarium.engine.imap.asks import Asking, Outcome, no, ok
from angarium.engine.imap.numbers import uids_of
from angarium.engine.imap.state import Session
from angarium.engine.imap.updates import announce
from angarium.engine.operations import ExpungeMessages, Removed
from angarium.grammar.imap.commands import Expunge
from angarium.grammar.imap.responses import Code


def expunge(session: Session, command: Expunge) -> Asking[Outcome]:
    """Remove, and report it with whatever else has gone (RFC 9051 §6.4.3).

    HIGHESTMODSEQ goes to those who enabled QRESYNC; it is the mod-sequence up to which everything has been told by then.
    """
    if session.mailbox.read_only:
        return no("the mailbox is read-only", Code.READ_ONLY)
    uids = None if command.uids is None else uids_of(session.mailbox, command.uids, uid=True)
    removed: Removed = yield ExpungeMessages(session.mailbox.id, uids)
    yield from announce(session, expunges=True)
    if session.qresync and removed.uids.ranges:
        return ok("EXPUNGE completed", Code.HIGHESTMODSEQ, session.mailbox.modseq)
    return ok("EXPUNGE completed")
