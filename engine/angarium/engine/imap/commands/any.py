"""Commands for any state: CAPABILITY, NOOP, LOGOUT, ID; and CHECK, a NOOP by now (RFC 9051 §6.1, RFC 2971, RFC 3501 §6.4.1)."""

from typing import Final

from angarium.engine.imap.asks import Asking, Outcome, ok
from angarium.engine.imap.capabilities import capabilities
from angarium.engine.imap.state import Session
from angarium.grammar.imap.commands import Capability, Check, Id, Logout, Noop
from angarium.grammar.imap.responses import CapabilityData, Condition, IdData, Untagged

_NOOP: Final = ok("NOOP completed")
_CHECK: Final = ok("CHECK completed")


def capability(session: Session, command: Capability) -> Asking[Outcome]:
    """Say what the server can do (RFC 9051 §6.1.1)."""
    yield CapabilityData(capabilities(session, session.state))
    return ok("CAPABILITY completed")


def noop(session: Session, command: Noop) -> Outcome:
    """Do nothing; like every command it gives the server a chance to report changes (RFC 9051 §6.1.2)."""
    return _NOOP


def check(session: Session, command: Check) -> Outcome:
    """Checkpoint: all that has been acknowledged is durable already (RFC 3501 §6.4.1)."""
    return _CHECK


def logout(session: Session, command: Logout) -> Asking[Outcome]:
    """Say goodbye (RFC 9051 §6.1.3)."""
    yield Untagged(Condition.BYE, "logging out")
    return ok("LOGOUT completed")


def identify(session: Session, command: Id) -> Asking[Outcome]:
    """Tell who we are; what the client says of itself is not used (RFC 2971 §3.1)."""
    yield IdData(session.identity.parameters or None)
    return ok("ID completed")
