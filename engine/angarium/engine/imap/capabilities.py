"""What the server says it can do, by state (RFC 9051 §6.1.1, §7.2.2). Nothing stands here that does not work."""

from collections.abc import Callable
from typing import Final

from attrs import frozen

from angarium.engine.imap.state import Session, State
from angarium.grammar.imap.responses import Code, ResponseCode


def always(session: Session, state: State) -> bool:
    """In every state."""
    return True


def before_login(session: Session, state: State) -> bool:
    """Until the client has authenticated."""
    return state is State.NOT_AUTHENTICATED


def after_login(session: Session, state: State) -> bool:
    """Once the client has authenticated; no need to tell strangers."""
    return state is not State.NOT_AUTHENTICATED


def can_start_tls(session: Session, state: State) -> bool:
    """Before authentication, where there is a certificate and no TLS yet (RFC 9051 §6.2.1)."""
    return before_login(session, state) and session.peer.can_start_tls and not session.tls


def login_disabled(session: Session, state: State) -> bool:
    """Before authentication, while passwords would be readable on the way (RFC 9051 §6.2.3)."""
    return before_login(session, state) and not session.may_log_in


def can_authenticate(session: Session, state: State) -> bool:
    """Before authentication, where passwords are safe."""
    return before_login(session, state) and session.may_log_in


def may_unauthenticate(session: Session, state: State) -> bool:
    """Once the client has authenticated, unless it is switched off (RFC 8437 §3, §8)."""
    return after_login(session, state) and session.reusable


def may_share(session: Session, state: State) -> bool:
    """Once the client has authenticated, where there is anything beside the user's own mailboxes (RFC 4314 §2)."""
    return after_login(session, state) and session.namespaces is not None


def append_limit(session: Session) -> bytes:
    """The largest message that APPEND takes, the same for all mailboxes (RFC 7889 §2)."""
    return b"%d" % session.limits.append_octets_max


def new_rights(session: Session) -> bytes:
    """The rights that RFC 2086 did not have (RFC 4314 §2.2, §5.1.1)."""
    return b"kxte"


@frozen
class Capability:
    """A row of ``CAPABILITIES``."""

    name: bytes
    shown: Callable[[Session, State], bool]
    source: str
    value: Callable[[Session], bytes] | None = None
    """what stands behind ``=``, where that depends on the connection"""

    def words(self, session: Session) -> bytes:
        """The capability as it is announced."""
        return self.name if self.value is None else b"%b=%b" % (self.name, self.value(session))


CAPABILITIES: Final = (
    Capability(b"IMAP4rev1", always, "RFC 3501 §7.2.1"),
    Capability(b"IMAP4rev2", always, "RFC 9051 §7.2.2"),
    # RFC 7888 §5 lets a server announce one of the two; LITERAL- is implied by IMAP4rev2.
    Capability(b"LITERAL+", always, "RFC 7888 §4"),
    Capability(b"SASL-IR", always, "RFC 4959 §3"),
    Capability(b"ENABLE", always, "RFC 5161 §3.1"),
    Capability(b"ID", always, "RFC 2971 §3"),
    Capability(b"STARTTLS", can_start_tls, "RFC 9051 §6.2.1"),
    Capability(b"LOGINDISABLED", login_disabled, "RFC 9051 §6.2.3"),
    Capability(b"AUTH=PLAIN", can_authenticate, "RFC 4616 §2"),
    Capability(b"AUTH=SCRAM-SHA-256", can_authenticate, "RFC 7677 §3"),
    Capability(b"NAMESPACE", after_login, "RFC 2342 §5"),
    Capability(b"UNSELECT", after_login, "RFC 3691 §2"),
    Capability(b"UIDPLUS", after_login, "RFC 4315 §2"),
    Capability(b"ESEARCH", after_login, "RFC 4731 §3"),
    Capability(b"SORT", after_login, "RFC 5256 §1"),
    Capability(b"SORT=DISPLAY", after_login, "RFC 5957 §1"),
    Capability(b"ESORT", after_login, "RFC 5267 §3.1"),
    Capability(b"CONTEXT=SEARCH", after_login, "RFC 5267 §4.1"),
    Capability(b"CONTEXT=SORT", after_login, "RFC 5267 §4.1"),
    Capability(b"THREAD=ORDEREDSUBJECT", after_login, "RFC 5256 §1"),
    Capability(b"THREAD=REFERENCES", after_login, "RFC 5256 §1"),
    Capability(b"THREAD=REFS", after_login, "draft-ietf-morg-inthread, RFC 5256 §5"),
    Capability(b"SEARCHRES", after_login, "RFC 5182 §2"),
    Capability(b"IDLE", after_login, "RFC 2177 §3"),
    Capability(b"CHILDREN", after_login, "RFC 3348 §3"),
    Capability(b"LIST-EXTENDED", after_login, "RFC 5258 §3"),
    Capability(b"LIST-STATUS", after_login, "RFC 5819 §2"),
    Capability(b"SPECIAL-USE", after_login, "RFC 6154 §2"),
    Capability(b"CREATE-SPECIAL-USE", after_login, "RFC 6154 §3"),
    Capability(b"STATUS=SIZE", after_login, "RFC 8438 §2"),
    Capability(b"BINARY", after_login, "RFC 3516 §4.1"),
    Capability(b"MULTIAPPEND", after_login, "RFC 3502 §6.3.11"),
    Capability(b"APPENDLIMIT", after_login, "RFC 7889 §2", append_limit),
    Capability(b"REPLACE", after_login, "RFC 8508 §3.1"),
    Capability(b"CATENATE", after_login, "RFC 4469 §2"),
    Capability(b"MOVE", after_login, "RFC 6851 §3"),
    Capability(b"CONDSTORE", after_login, "RFC 7162 §3.1"),
    Capability(b"QRESYNC", after_login, "RFC 7162 §3.2"),
    Capability(b"OBJECTID", after_login, "RFC 8474 §3"),
    Capability(b"SAVEDATE", after_login, "RFC 8514 §4.1"),
    Capability(b"PREVIEW", after_login, "RFC 8970 §1"),
    Capability(b"WITHIN", after_login, "RFC 5032 §2"),
    Capability(b"COMPRESS=DEFLATE", after_login, "RFC 4978 §1"),
    Capability(b"INPROGRESS", after_login, "RFC 9585 §3"),
    Capability(b"UIDONLY", after_login, "RFC 9586 §3"),
    Capability(b"PARTIAL", after_login, "RFC 9394 §3"),
    Capability(b"UNAUTHENTICATE", may_unauthenticate, "RFC 8437 §3"),
    Capability(b"ACL", may_share, "RFC 4314 §2"),
    Capability(b"RIGHTS", may_share, "RFC 4314 §5.1.1", new_rights),
    Capability(b"LIST-MYRIGHTS", may_share, "RFC 8440 §3"),
)


def capabilities(session: Session, state: State) -> tuple[bytes, ...]:
    """What holds for this connection in ``state`` (RFC 9051 §7.2.2)."""
    return tuple(row.words(session) for row in CAPABILITIES if row.shown(session, state))


def capability_code(session: Session, state: State) -> ResponseCode:
    """The same for the greeting and after authentication, so that no client has to ask (RFC 9051 §7.1)."""
    return ResponseCode(Code.CAPABILITY, capabilities(session, state))
