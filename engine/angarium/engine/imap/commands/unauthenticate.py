"""UNAUTHENTICATE: the connection without its user, for the next one (RFC 8437)."""

from angarium.engine.imap.asks import Asking, EndCompression, Outcome, bad
from angarium.engine.imap.capabilities import capability_code
from angarium.engine.imap.state import Session, State
from angarium.grammar.imap.commands import Unauthenticate
from angarium.grammar.imap.responses import Condition


def unauthenticate(session: Session, command: Unauthenticate) -> Asking[Outcome]:
    """Forget everything but TLS; nothing is expunged from what was selected (RFC 8437 §3, §4).

    The client may have sent its next AUTHENTICATE already, in the clear where this command was compressed, so NO is no answer.
    """
    if not session.reusable:
        return bad("UNAUTHENTICATE is not offered here")
    compressed = session.compressed
    session.reset()
    outcome = Outcome(Condition.OK, "not authenticated", capability_code(session, State.NOT_AUTHENTICATED))
    if compressed:
        yield EndCompression(outcome)
    return outcome
