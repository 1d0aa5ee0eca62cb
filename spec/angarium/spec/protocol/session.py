r"""What a server must remember of one connection (RFC 9051 §3, §2.3.1.2).

``view`` is what the client has been told is in the mailbox: message n is ``view[n - 1]``. It may lag behind the mailbox,
in a way that the RFC allows, and moves only when a response says so. ``known`` are the flags the client believes in,
``told`` the model's mod-sequence that each message had when its flags were told last, ``listed`` what the last FLAGS
response named, ``recent`` of which messages it was told whether they are ``\Recent``.
"""

from collections.abc import Iterable
from enum import Enum

from attrs import define, evolve, field

from angarium.engine.operations import MailboxId, UserName
from angarium.spec.model.state import Mailbox, Message, World
from angarium.spec.protocol.context import Context


class State(Enum):
    """The states of a connection (RFC 9051 §3)."""

    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "selected"
    LOGOUT = "logout"


REVISION2 = frozenset(
    (b"ENABLE", b"ESEARCH", b"IDLE", b"LIST-EXTENDED", b"LIST-STATUS", b"LITERAL-", b"MOVE", b"NAMESPACE", b"SASL-IR",
     b"SEARCHRES", b"STATUS=SIZE", b"UIDPLUS", b"UNSELECT", b"BINARY", b"CHILDREN")
)  # fmt: skip
"""Extensions that IMAP4rev2 has taken in (RFC 9051 Appendix E)."""


@define
class Session:
    """One connection as the model sees it; ``capabilities`` None means that every one is offered."""

    number: int
    state: State = State.NOT_AUTHENTICATED
    user: UserName = UserName("")
    capabilities: frozenset[bytes] | None = None
    enabled: set[bytes] = field(factory=set)
    idling: bool = False
    compressed: bool = False
    mailbox: MailboxId | None = None
    read_only: bool = False
    selected_at: int = 0
    view: list[int] = field(factory=list)
    last_uid: int = 0
    known: dict[int, frozenset[bytes]] = field(factory=dict)
    told: dict[int, int] = field(factory=dict)
    recent: dict[int, bool] = field(factory=dict)
    saved: tuple[int, ...] = ()
    contexts: dict[bytes, Context] = field(factory=dict)
    listed: set[bytes] = field(factory=set)

    def offers(self, capability: bytes) -> bool:
        """The server has said that it has this capability (RFC 9051 §7.2.2)."""
        offered = self.capabilities
        if offered is None or capability in offered:
            return True
        if capability == b"APPENDLIMIT":
            return any(each.startswith(b"APPENDLIMIT=") for each in offered)  # RFC 7889 §2
        if capability == b"CONDSTORE":
            return b"QRESYNC" in offered  # RFC 7162 §3.2.3
        return capability in REVISION2 and b"IMAP4REV2" in offered

    @property
    def rev2(self) -> bool:
        """IMAP4rev2 was enabled (RFC 9051 §6.3.1)."""
        return b"IMAP4REV2" in self.enabled

    @property
    def condstore(self) -> bool:
        """A CONDSTORE enabling command was given (RFC 7162 §3.1)."""
        return b"CONDSTORE" in self.enabled

    @property
    def qresync(self) -> bool:
        """QRESYNC was enabled (RFC 7162 §3.2.3)."""
        return b"QRESYNC" in self.enabled

    @property
    def uid_only(self) -> bool:
        """UIDONLY was enabled (RFC 9586 §3.1)."""
        return b"UIDONLY" in self.enabled

    def copy(self) -> "Session":
        """The same again, to be changed by itself."""
        return evolve(
            self,
            enabled=set(self.enabled),
            view=list(self.view),
            known=dict(self.known),
            told=dict(self.told),
            recent=dict(self.recent),
            contexts=dict(self.contexts),
            listed=set(self.listed),
        )

    def deselect(self) -> None:
        """Go back to the authenticated state (RFC 9051 §3.3)."""
        self.state = State.AUTHENTICATED
        self.mailbox = None
        self.view, self.known, self.told, self.recent = [], {}, {}, {}
        self.listed, self.saved, self.last_uid, self.contexts = set(), (), 0, {}

    def forget_user(self) -> None:
        """Go back to where the connection began, but for TLS (RFC 8437 §3, §4.1)."""
        self.deselect()
        self.state, self.user = State.NOT_AUTHENTICATED, UserName("")
        self.enabled, self.compressed = set(), False
        if self.capabilities is not None:
            self.capabilities = frozenset()

    def select(self, mailbox: Mailbox, read_only: bool) -> None:
        """Begin with all that is in the mailbox (RFC 9051 §6.3.2)."""
        self.deselect()
        self.state = State.SELECTED
        self.mailbox = mailbox.id
        self.read_only = read_only
        self.view = list(mailbox.messages)
        self.last_uid = mailbox.uidnext - 1
        self.known = {uid: flags_of(message) for uid, message in mailbox.messages.items()}


def flags_of(message: Message) -> frozenset[bytes]:
    """The flags without their order."""
    return frozenset(message.flags)


def selected_mailbox(world: World, session: Session) -> Mailbox | None:
    """The mailbox the session has selected; None when it has none or when the mailbox has been deleted."""
    if session.mailbox is None:
        return None
    return world.account(session.mailbox.owner).mailboxes.get(session.mailbox.number)


def mailboxes_at(moments: Iterable[World], session: Session) -> list[Mailbox]:
    """The selected mailbox at each of these moments, as long as it was there."""
    found = (selected_mailbox(world, session) for world in moments)
    return [mailbox for mailbox in found if mailbox is not None]


def is_orphan(world: World, session: Session) -> bool:
    """Say whether the selected mailbox was deleted under the session, which RFC 2180 §3 leaves to the server."""
    return session.mailbox is not None and selected_mailbox(world, session) is None
