"""From not authenticated to authenticated: STARTTLS, AUTHENTICATE, LOGIN; and ENABLE (RFC 9051 §6.2, §6.3.1)."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from angarium.engine.imap.asks import Asking, BeginTls, NextLine, Outcome, Refused, bad, no, ok
from angarium.engine.imap.capabilities import can_start_tls, capability_code
from angarium.engine.imap.state import Session, State
from angarium.engine.operations import AuthenticationFailed, PermissionDenied, StoreError, UserName, VerifyPassword
from angarium.engine.sasl.exchange import Challenge, Exchange, Mechanism, SaslError
from angarium.engine.sasl.plain import plain
from angarium.engine.sasl.saslprep import saslprep
from angarium.engine.sasl.scram import scram_sha_256
from angarium.grammar.imap.commands import Authenticate, Enable, Login, StartTls
from angarium.grammar.imap.responses import Code, Condition, Continuation, Enabled, ResponseCode, Untagged

MECHANISMS: Final[Mapping[bytes, Mechanism]] = MappingProxyType({b"PLAIN": plain, b"SCRAM-SHA-256": scram_sha_256})
"""SASL mechanisms by name (RFC 4422 §3.1)."""


def start_tls(session: Session, command: StartTls) -> Asking[Outcome]:
    """Begin TLS; nothing that came before it counts afterwards (RFC 9051 §6.2.1).

    The tagged OK has to go out before TLS begins, so the connection sends it at ``BeginTls`` and not after the handler.
    """
    if not can_start_tls(session, session.state):
        return bad("STARTTLS is not offered here")
    yield BeginTls()
    return ok("TLS is up")


def authenticate(session: Session, command: Authenticate) -> Asking[Outcome]:
    """Carry a SASL exchange over IMAP (RFC 9051 §6.2.2, RFC 4959)."""
    mechanism = MECHANISMS.get(command.mechanism.upper())
    if mechanism is None:
        return no("no such authentication mechanism", Code.CANNOT)
    require_privacy(session)
    session.claimed = ""
    try:
        user = yield from _carried(session, mechanism(command.initial_response))
    except PermissionDenied as error:
        failed(session, error)
        return no(str(error) or "you may not act for that user", Code.AUTHORIZATIONFAILED)
    except SaslError as error:
        failed(session, error)
        return bad(str(error))
    except StoreError as error:
        failed(session, error)
        raise
    return logged_in(session, user)


def _carried(session: Session, exchange: Exchange) -> Asking[UserName]:
    """Pass on what the mechanism asks of the client and of the store (RFC 9051 §6.2.2)."""
    answer: Any = None
    deliver = exchange.send
    while True:
        try:
            ask = deliver(answer)
        except StopIteration as done:
            user: UserName = done.value
            return user
        deliver = exchange.send
        if isinstance(ask, Challenge):
            answer = yield from _response(ask)
            continue
        session.claimed = ask.user
        try:
            answer = yield ask
        except AuthenticationFailed as error:
            deliver, answer = exchange.throw, error


def _response(challenge: Challenge) -> Asking[bytes]:
    """Send a challenge and decode what comes back; ``*`` cancels (RFC 9051 §6.2.2)."""
    yield Continuation(challenge=challenge.octets)
    line = yield NextLine()
    if line == b"*":
        raise Refused(bad("AUTHENTICATE cancelled"))
    try:
        return b64decode(line, validate=True)
    except binascii.Error:
        raise Refused(bad("expected base64")) from None


def login(session: Session, command: Login) -> Asking[Outcome]:
    """Log in with a plain password (RFC 9051 §6.2.3)."""
    require_privacy(session)
    try:
        question = VerifyPassword(saslprep(command.userid.decode("utf-8")), saslprep(command.password.decode("utf-8")))
    except ValueError:
        raise AuthenticationFailed("wrong user name or password") from None
    session.claimed = question.user
    try:
        user: UserName = yield question
    except StoreError as error:
        failed(session, error)
        raise
    return logged_in(session, user)


def require_privacy(session: Session) -> None:
    """Refuse to hear passwords that others could read (RFC 9051 §6.2.3, RFC 5530 §3)."""
    if not session.may_log_in:
        raise Refused(no("TLS is required before authentication", Code.PRIVACYREQUIRED))


def logged_in(session: Session, user: UserName) -> Outcome:
    """Note who the client is, and say at once what it may use now (RFC 9051 §6.2.2)."""
    session.user = user
    session.report_login(user, None)
    return Outcome(Condition.OK, "logged in", capability_code(session, State.AUTHENTICATED))


def failed(session: Session, error: Exception) -> None:
    """Report an attempt that has got as far as naming a user (RFC 9051 §11.7)."""
    if session.claimed:
        session.report_login(session.claimed, type(error).__name__)


CONDSTORE: Final = b"CONDSTORE"
QRESYNC: Final = b"QRESYNC"
IMAP4REV2: Final = b"IMAP4REV2"
UIDONLY: Final = b"UIDONLY"
SPELLINGS: Final[Mapping[bytes, bytes]] = MappingProxyType(
    {IMAP4REV2: b"IMAP4rev2", CONDSTORE: b"CONDSTORE", QRESYNC: b"QRESYNC", UIDONLY: b"UIDONLY"}
)
"""What ENABLE knows, upper case, and how ENABLED spells it (RFC 9051 §6.3.1, RFC 7162 §3.2.3, RFC 9586 §3.1)."""


def enable(session: Session, command: Enable) -> Asking[Outcome]:
    """Switch extensions on; unknown names are passed over (RFC 9051 §6.3.1, RFC 5161 §3.1)."""
    wanted = [name for name in dict.fromkeys(map(bytes.upper, command.capabilities)) if name in SPELLINGS]
    yield Enabled(tuple(SPELLINGS[name] for name in wanted))
    if IMAP4REV2 in wanted:
        session.revision2 = True
    if UIDONLY in wanted:
        session.uid_only = True
    if QRESYNC in wanted:
        session.qresync = True
    if QRESYNC in wanted or CONDSTORE in wanted:
        yield from enable_condstore(session)
    return ok("ENABLE completed")


def enable_condstore(session: Session) -> Asking[None]:
    """Note a CONDSTORE enabling command; the first one with a mailbox selected tells HIGHESTMODSEQ (RFC 7162 §3.1)."""
    if not session.condstore:
        session.condstore = True
        if session.selected is not None:
            code = ResponseCode(Code.HIGHESTMODSEQ, (session.selected.settled,))
            yield Untagged(Condition.OK, "mod-sequences are reported from now on", code)
