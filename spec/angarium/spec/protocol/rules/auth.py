"""STARTTLS, AUTHENTICATE and IDLE, which are more than one command and one answer (RFC 9051 §6.2.1, §6.2.2, §6.3.13)."""

from base64 import b64decode

from angarium.engine.operations import StoreError, UserName, VerifyPassword
from angarium.grammar.imap.commands import Authenticate, Idle, StartTls
from angarium.grammar.imap.responses import Code, Condition
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.replay import require_only_updates
from angarium.spec.protocol.session import State
from angarium.spec.protocol.turn import Turn


def start_tls(turn: Turn, command: StartTls, outcome: None) -> None:
    """What was learned in the clear is forgotten (RFC 9051 §6.2.1)."""
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.2.1: STARTTLS that is offered is OK")
    require_only_updates(turn.replay())
    turn.session.capabilities = frozenset()


def authenticate(turn: Turn, command: Authenticate, outcome: None) -> None:
    """The password decides, where the mechanism shows it; else the server's word is taken (RFC 9051 §6.2.2, RFC 4616 §2)."""
    require_only_updates(turn.replay())
    if b"*" in turn.lines:
        turn.answer.expect(Condition.BAD, rule="RFC 9051 §6.2.2: AUTHENTICATE that is cancelled is BAD")
        return
    messages = [command.initial_response or b"", *map(decoded, turn.lines)]
    if None in messages:
        turn.answer.expect(Condition.BAD, rule="RFC 9051 §6.2.2: what is not base64 is BAD")
        return
    if turn.answer.code is Code.PRIVACYREQUIRED:
        turn.answer.expect(Condition.NO, rule="RFC 5530 §3: PRIVACYREQUIRED goes with NO")
    elif command.mechanism.upper() == b"PLAIN":
        plain(turn, b"".join(each or b"" for each in messages))
    elif turn.answer.condition is Condition.OK:
        log_in(turn, named_user(b"".join(each or b"" for each in messages)))


def decoded(line: bytes) -> bytes | None:
    """What a line stands for (RFC 9051 §6.2.2)."""
    try:
        return b64decode(line, validate=True)
    except ValueError:
        return None


def plain(turn: Turn, message: bytes) -> None:
    """User and password in one message (RFC 4616 §2)."""
    parts = message.split(b"\0")
    if len(parts) != 3 or not parts[1] or not parts[2]:
        turn.answer.expect(Condition.NO, Condition.BAD, rule="RFC 4616 §2: a message without user and password is refused")
        return
    authorize_as, name, password = (part.decode("utf-8", "replace") for part in parts)
    user = turn.attempt(VerifyPassword(name, password, authorize_as or None))
    if isinstance(user, StoreError):
        turn.answer.expect(Condition.NO, rule="RFC 9051 §6.2.2: AUTHENTICATE with a wrong password is NO")
        return
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.2.2: AUTHENTICATE with the right password is OK")
    log_in(turn, user)


def named_user(message: bytes) -> str:
    """The name in a SCRAM message (RFC 5802 §5.1)."""
    attributes = [part for part in message.split(b",") if part.startswith(b"n=")]
    return attributes[0][2:].decode("utf-8", "replace") if attributes else ""


def log_in(turn: Turn, user: str) -> None:
    """Go on as this user (RFC 9051 §3.2)."""
    turn.session.state, turn.session.user = State.AUTHENTICATED, UserName(user)


def idle(turn: Turn, command: Idle, outcome: None) -> None:
    """DONE ends it; a server whose selected mailbox is gone may end it with NO (RFC 9051 §6.3.13, RFC 2180 §3.3)."""
    line = turn.lines[-1].upper() if turn.lines else None
    if turn.orphaned and turn.answer.condition is Condition.NO:
        return
    if line == b"DONE":
        turn.answer.expect(Condition.OK, rule="RFC 9051 §6.3.13: DONE ends IDLE with OK")
    else:
        require(turn.answer.condition is Condition.BAD, "RFC 9051 §6.3.13: only DONE ends IDLE", turn.answer.tagged, line)
