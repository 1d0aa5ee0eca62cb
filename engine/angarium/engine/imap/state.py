r"""The state of one connection (RFC 9051 §3), and what the tables cannot say of it.

The four states and the commands that lead from one to another are in ``tables.py``. Code, here or where it is named, are:

- the view of the selected mailbox, which the client numbers messages by (RFC 9051 §2.3.1.2). ``Selected.uids`` is what has been
  announced, ``Selected.actual`` what the store had when last looked at; they differ while expunges wait;
- the ban on EXPUNGE and VANISHED in answer to FETCH, STORE and SEARCH (RFC 9051 §7.5.1): ``may_expunge``;
- the untagged OK ``[CLOSED]`` when another SELECT closes a mailbox (``commands/select.py``), and when the client deletes the
  mailbox that it has selected (``commands/mailboxes.py``); deleted by someone else, it ends the connection (RFC 2180 §3.3);
- \Recent, which belongs to a session (RFC 3501 §2.3.2): ``Selected.recent``;
- shutdown and autologout, which can happen in any state (``connection.py``).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from enum import Enum
from typing import Any, Final

from angarium.engine.imap.context import Context
from angarium.engine.imap.identity import Identity
from angarium.engine.imap.limits import Limits
from angarium.engine.imap.names import normalized
from angarium.engine.namespaces import Namespaces, Place, place_of
from angarium.engine.operations import MailboxId, OpenedMailbox, UidMap, UserName
from angarium.engine.steps import Peer
from angarium.grammar.imap.commands import Command, Fetch, Search, Sort, Store, Thread
from angarium.grammar.imap.search_keys import And, Not, Or, SearchKey, SequenceIs
from angarium.grammar.imap.sequence_set import NumberSet

SYSTEM_FLAGS: Final = (rb"\Answered", rb"\Flagged", rb"\Deleted", rb"\Seen", rb"\Draft")
"""System flags that can be stored (RFC 9051 §2.3.2)."""

UID_END: Final = 2**32


class State(Enum):
    """Where a connection stands (RFC 9051 §3)."""

    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "selected"
    LOGOUT = "logout"


class PlaintextLogin(Enum):
    """Where passwords may be sent without TLS (RFC 9051 §11.1)."""

    NEVER = "never"
    LOCAL = "from this machine"
    ALWAYS = "always"


LoginReport = Callable[[str, str | None], None]
"""Hears how each attempt to log in has ended: whose it was, and if it failed the name of the error (RFC 9051 §11.7)."""


def tell_nobody(user: str, failure: str | None) -> None:
    """Keep it to oneself: the report where nobody has asked for any (RFC 9051 §11.7)."""


class Selected:
    """The selected mailbox as this session has announced it (RFC 9051 §3.3)."""

    __slots__ = (
        "actual", "contexts", "due", "id", "keywords", "keywords_full", "modseq", "name", "read_only", "recent", "rights",
        "saved", "settled", "stamp", "told", "uids",
    )  # fmt: skip

    def __init__(self, opened: OpenedMailbox, read_only: bool, rights: str | None = None) -> None:
        self.id: Final[MailboxId] = opened.id
        self.name: Final = opened.name
        self.read_only: Final = read_only or opened.read_only
        self.uids: UidMap = opened.uids
        self.actual: UidMap = opened.uids
        self.modseq = opened.highest_modseq
        self.settled = opened.highest_modseq
        """up to this mod-sequence everything has been told; lower than ``modseq`` while expunges wait"""
        self.stamp = opened.stamp
        self.keywords: tuple[bytes, ...] = opened.keywords
        self.keywords_full: Final = opened.keywords_full
        self.rights = rights
        """what the user may do in a mailbox of somebody else; None in one of their own: everything (RFC 4314 §2)"""
        self.recent: list[tuple[int, int]] = []
        self.saved = NumberSet()
        """the search result variable, as UIDs (RFC 9051 §6.4.4.1)"""
        self.contexts: dict[bytes, Context] = {}
        """searches that are kept up to date, by their tags (RFC 5267 §4.3)"""
        self.due: set[int] = set()
        """UIDs of messages that have changed and that these searches have not looked at yet"""
        self.told: dict[int, int] = {}
        """UID to mod-sequence of flags that this command has reported already"""
        self.claim_recent(opened.recent_from, opened.uidnext)

    def may(self, right: str) -> bool:
        """Whether the user has a right here (RFC 4314 §2.1)."""
        return self.rights is None or right in self.rights

    @property
    def last_uid(self) -> int:
        """The highest UID announced, 0 in an empty mailbox."""
        return self.uids[-1] if len(self.uids) else 0

    @property
    def expunges_wait(self) -> bool:
        """Whether messages of the view have been expunged and the client has not been told (RFC 9051 §7.5.1)."""
        return self.actual is not self.uids

    def sequence_number(self, uid: int) -> int:
        """The message sequence number of a UID that is in the view (RFC 9051 §2.3.1.2)."""
        return bisect_left(self.uids.numbers, uid) + 1

    def claim_recent(self, low: int, end: int) -> None:
        r"""Note that messages from UID ``low`` up to but without ``end`` are \Recent here (RFC 3501 §2.3.2)."""
        if low >= end:
            return
        if self.recent and low <= self.recent[-1][1] + 1:
            self.recent[-1] = (self.recent[-1][0], max(end - 1, self.recent[-1][1]))
        else:
            self.recent.append((low, end - 1))

    def is_recent(self, uid: int) -> bool:
        r"""Whether the message has \Recent in this session (RFC 3501 §2.3.2)."""
        for low, high in self.recent:  # noqa: SIM110 - asked for every row of a FETCH, and any() is ten times slower
            if low <= uid <= high:
                return True
        return False

    def count_recent(self) -> int:
        """The number for the RECENT response (RFC 3501 §7.3.2)."""
        numbers = self.uids.numbers
        return sum(bisect_right(numbers, high) - bisect_left(numbers, low) for low, high in self.recent)


class Session:
    """What a connection remembers between commands (RFC 9051 §3)."""

    __slots__ = (
        "claimed", "compressed", "condstore", "granted", "identity", "limits", "login_failures", "namespaces", "peer",
        "plaintext_login", "qresync", "report_login", "reusable",
        "revision2", "selected", "state", "tag", "tls", "uid_only", "user",
    )  # fmt: skip

    def __init__(
        self,
        peer: Peer,
        limits: Limits,
        identity: Identity,
        plaintext_login: PlaintextLogin,
        report_login: LoginReport = tell_nobody,
        reusable: bool = True,
        namespaces: Namespaces | None = None,
    ) -> None:
        self.peer: Final = peer
        self.limits: Final = limits
        self.identity: Final = identity
        self.plaintext_login: Final = plaintext_login
        self.report_login: Final = report_login
        self.reusable: Final = reusable
        """UNAUTHENTICATE is offered (RFC 8437 §8)"""
        self.namespaces: Final = namespaces
        """what there is beside the user's own mailboxes; None: nothing, and no access control (RFC 2342, RFC 4314)"""
        self.state = State.NOT_AUTHENTICATED
        self.tag = b""
        """of the command in progress: ESEARCH repeats it (RFC 9051 §7.3.4)"""
        self.tls = peer.tls
        self.login_failures = 0
        self.reset()

    def reset(self) -> None:
        """Remember nothing that a user has brought or asked for; the state is the tables' to change (RFC 8437 §3, §4.1)."""
        self.user = UserName("")
        self.claimed = ""
        """the name that the attempt to log in has given, proved or not"""
        self.selected: Selected | None = None
        self.granted: str | None = None
        """rights on the mailbox that the command names, None where it is the user's own (``rights.check``)"""
        self.compressed = False
        """COMPRESS is active (RFC 4978 §3)"""
        self.revision2 = False
        """IMAP4rev2 has been enabled (RFC 9051 §6.3.1)"""
        self.condstore = False
        """a CONDSTORE enabling command has been seen (RFC 7162 §3.1)"""
        self.qresync = False
        """QRESYNC has been enabled (RFC 7162 §3.2.3)"""
        self.uid_only = False
        """UIDONLY has been enabled: no message numbers, either way (RFC 9586 §3)"""

    @property
    def may_log_in(self) -> bool:
        """Whether passwords are safe here, or declared to be (RFC 9051 §6.2.3, §11.1)."""
        local = self.plaintext_login is PlaintextLogin.LOCAL and self.peer.local
        return self.tls or local or self.plaintext_login is PlaintextLogin.ALWAYS

    def place(self, name: str) -> Place:
        """Whose mailbox a name means, and how it is called there (RFC 9051 §5.1, §6.3.10)."""
        place = place_of(normalized(name), self.user, self.namespaces)
        return Place(place.owner, normalized(place.name), place.prefix) if place.is_foreign else place

    @property
    def mailbox(self) -> Selected:
        """The selected mailbox; the command table lets nobody ask without one."""
        assert self.selected is not None
        return self.selected

    @property
    def fetch_needs_uid(self) -> bool:
        """Untagged FETCH that was not asked for carries the UID (RFC 9051 App. E, RFC 7162 §3.2.4); UIDFETCH begins with it."""
        return (self.revision2 or self.condstore) and not self.uid_only


def may_expunge(command: Command) -> bool:
    """Whether EXPUNGE and VANISHED may be among the answers to ``command`` (RFC 9051 §7.5.1, RFC 7162 §3.2.10.2).

    The UID forms are other commands and may, except where message numbers are among the keys of a UID SEARCH, SORT or THREAD.
    """
    if isinstance(command, Search | Sort | Thread):
        return command.uid and not _has_sequence_numbers(command.key)
    return command.uid if isinstance(command, Fetch | Store) else True


def names_numbers(command: Any) -> bool:
    """Whether a command that may name messages by number (``tables.Seqs.USES``) does so in this form (RFC 9586 §3.2, §3.5)."""
    key: SearchKey | None = getattr(command, "key", None)
    return not command.uid or (key is not None and _has_sequence_numbers(key, saved=True))


def _has_sequence_numbers(key: SearchKey, saved: bool = False) -> bool:
    """Whether there is a sequence set among the keys; ``saved``: ``$``, which stands for messages, counts as one."""
    match key:
        case SequenceIs(numbers=numbers):
            return saved or not numbers.saved
        case Not(key=inner):
            return _has_sequence_numbers(inner, saved)
        case Or(left=left, right=right):
            return _has_sequence_numbers(left, saved) or _has_sequence_numbers(right, saved)
        case And(keys=keys):
            return any(_has_sequence_numbers(inner, saved) for inner in keys)
        case _:
            return False
