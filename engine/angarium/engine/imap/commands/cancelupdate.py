"""CANCELUPDATE (RFC 5267 §4.3.5)."""

from angarium.engine.imap.asks import Outcome, ok
from angarium.engine.imap.state import Session
from angarium.grammar.imap.commands import CancelUpdate


def cancelupdate(session: Session, command: CancelUpdate) -> Outcome:
    """Update these searches no longer; one that is not updated anyway is no error (RFC 5267 §4.3.5)."""
    for tag in command.tags:
        session.mailbox.contexts.pop(tag, None)
    return ok("CANCELUPDATE completed")
