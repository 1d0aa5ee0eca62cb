"""IDLE: changes are reported as they happen (RFC 9051 §6.3.13, RFC 2177)."""

from angarium.engine.imap.asks import Asking, NextLine, NothingCame, Outcome, bad, ok
from angarium.engine.imap.state import Session
from angarium.engine.imap.updates import announce
from angarium.engine.operations import MailboxNotFound, StoreError
from angarium.grammar.imap.commands import Idle
from angarium.grammar.imap.responses import Continuation


def idle(session: Session, command: Idle) -> Asking[Outcome]:
    """Report changes until DONE (RFC 9051 §6.3.13).

    The mailbox is looked at before each wait, so that a change between the last command and IDLE is not slept through, and
    every so often besides: a lost notification costs seconds then, not the message.
    """
    yield Continuation("idling")
    watch = session.selected.id if session.selected else None
    while True:
        if watch is not None:
            yield from _announce(session)
        line = yield NextLine(session.limits.idle_poll_seconds, watch)
        if not isinstance(line, NothingCame):
            return ok("IDLE completed") if line.upper() == b"DONE" else bad("expected DONE")


def _announce(session: Session) -> Asking[None]:
    """Tell of changes; a store that is busy is asked again later, a mailbox that is gone ends the wait."""
    try:
        yield from announce(session, expunges=True)
    except MailboxNotFound:
        raise
    except StoreError:
        return
