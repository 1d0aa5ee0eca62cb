"""What a store remembers, in dicts and lists: the state of the model (RFC 9051 §2.3).

``World`` is everything; an ``Account`` is one user's mail; a ``Mailbox`` maps UIDs to messages in ascending order, because
a new message always has the greatest UID so far (RFC 9051 §2.3.1.1) and Python's dicts keep the order of insertion.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256

from attrs import define, evolve, field, frozen

from angarium.engine.mail.object_ids import email_id
from angarium.engine.operations import FlagsRow, MailboxId, MailboxNotFound, UserName

SYSTEM_FLAGS = (b"\\Answered", b"\\Flagged", b"\\Deleted", b"\\Seen", b"\\Draft")
"""The system flags a client may set, in the order rows show them (RFC 9051 §2.3.2)."""

NEW_ACCOUNT = (
    ("INBOX", ()),
    ("Archive", (b"\\Archive",)),
    ("Drafts", (b"\\Drafts",)),
    ("Junk", (b"\\Junk",)),
    ("Sent", (b"\\Sent",)),
    ("Trash", (b"\\Trash",)),
)
"""Mailboxes of a new user and their special uses (RFC 6154 §2)."""


Origin = tuple[MailboxId, int]
"""A mailbox and a UID."""


@frozen
class Message:
    """One message: everything but ``flags`` and ``modseq`` never changes (RFC 9051 §2.3).

    ``origin``: where the octets came in; copies keep it (RFC 8474 §5.1). ``saved``: when it came into this mailbox, None where
    that is not known (RFC 8514 §3).
    """

    uid: int
    flags: tuple[bytes, ...]
    modseq: int
    internal_date: datetime
    content: bytes = field(repr=False)
    thread_id: str = ""
    origin: Origin | None = None
    saved: datetime | None = None

    @property
    def email_id(self) -> bytes:
        """The EMAILID (RFC 8474 §5.1)."""
        return email_id(sha256(self.content).digest())

    def has(self, flag: bytes) -> bool:
        """Say whether ``flag`` is set, case disregarded (RFC 9051 §2.3.2)."""
        return flag.lower() in {each.lower() for each in self.flags}

    def row(self) -> FlagsRow:
        """The flags and mod-sequence as a row."""
        return FlagsRow(self.uid, self.flags, self.modseq)


@define
class Mailbox:
    r"""One mailbox (RFC 9051 §2.3.1.1; ``highest_modseq`` and ``expunged`` RFC 7162 §3.1, §3.2.3).

    ``recent_from``: messages from this UID on have been shown to no session yet (RFC 3501 §2.3.2).
    ``expunged``: UID and the mod-sequence its removal took. ``stamp`` changes with every change of the messages.
    ``spellings``: of each keyword the first one seen. ``acl``: rights by identifier (RFC 4314 §2).
    """

    id: MailboxId
    name: str
    uidvalidity: int
    special_use: tuple[bytes, ...] = ()
    uidnext: int = 1
    highest_modseq: int = 1
    recent_from: int = 1
    stamp: int = 1
    messages: dict[int, Message] = field(factory=dict)
    expunged: dict[int, int] = field(factory=dict)
    spellings: dict[bytes, bytes] = field(factory=dict)
    acl: dict[str, str] = field(factory=dict)

    @property
    def object_id(self) -> bytes:
        """The MAILBOXID, which lives through renames (RFC 8474 §4)."""
        return b"F" + sha256(f"{self.id.number} {self.id.owner}".encode()).hexdigest()[:24].encode()

    def change(self) -> int:
        """Take the next mod-sequence for a change of the messages (RFC 7162 §3.1)."""
        self.highest_modseq += 1
        self.stamp += 1
        return self.highest_modseq

    def add(self, message: Message, modseq: int) -> int:
        """Put in a message under the next UID, never used before (RFC 9051 §2.3.1.1)."""
        uid = self.uidnext
        self.uidnext += 1
        origin = message.origin or (self.id, uid)
        self.messages[uid] = evolve(message, uid=uid, modseq=modseq, flags=self.spelled(message.flags), origin=origin)
        return uid

    def remove(self, uid: int, modseq: int) -> None:
        """Take out a message and remember that it was there (RFC 7162 §3.2.3)."""
        del self.messages[uid]
        self.expunged[uid] = modseq

    def spelled(self, flags: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Order flags, system flags first; keywords as the mailbox first saw them spelled (RFC 9051 §2.3.2)."""
        wanted = {flag.lower() for flag in flags}
        system = tuple(flag for flag in SYSTEM_FLAGS if flag.lower() in wanted)
        for flag in flags:
            self.spellings.setdefault(flag.lower(), flag)
        return system + tuple(self.spellings[each] for each in sorted(wanted) if not each.startswith(b"\\"))

    def keywords(self) -> tuple[bytes, ...]:
        """The keywords that some message has, sorted (RFC 9051 §7.3.5)."""
        used = {flag for message in self.messages.values() for flag in message.flags}
        return tuple(sorted(used - set(SYSTEM_FLAGS), key=bytes.lower))


@define
class Account:
    """One user's mailboxes by number, and the names subscribed to (RFC 9051 §6.3.7).

    ``threads``: the THREADID of each message id that a message has had or referred to (RFC 8474 §5.2).
    """

    user: UserName
    mailboxes: dict[int, Mailbox] = field(factory=dict)
    subscriptions: set[str] = field(factory=set)
    last_number: int = 0
    threads: dict[str, str] = field(factory=dict)

    def find(self, name: str) -> Mailbox | None:
        """The mailbox of that name, if there is one."""
        return next((mailbox for mailbox in self.mailboxes.values() if mailbox.name == name), None)

    def get(self, name: str) -> Mailbox:
        """The mailbox of that name, or ``MailboxNotFound``."""
        mailbox = self.find(name)
        if mailbox is None:
            raise MailboxNotFound(f"there is no mailbox {name}")
        return mailbox


@define
class World:
    """All there is. ``now``, ``uidvalidities`` and ``nonce`` come from outside, so that two stores can be given the same."""

    passwords: dict[str, str]
    now: Callable[[], datetime]
    uidvalidities: Iterator[int]
    nonce: Callable[[], str]
    message_octets_max: int
    accounts: dict[UserName, Account] = field(factory=dict)
    staged: dict[str, bytes] = field(factory=dict)
    last_token: int = 0
    groups: dict[str, frozenset[str]] = field(factory=dict)

    def account(self, user: UserName) -> Account:
        """The user's account, with the mailboxes of a new one when this is the first time."""
        if user not in self.accounts:
            account = self.accounts[user] = Account(user)
            for name, special_use in NEW_ACCOUNT:
                self.new_mailbox(account, name, special_use)
        return self.accounts[user]

    def new_mailbox(self, account: Account, name: str, special_use: tuple[bytes, ...] = ()) -> Mailbox:
        """Make an empty mailbox with a UIDVALIDITY of its own (RFC 9051 §2.3.1.1) and the ACL of the one above (RFC 4314 §4)."""
        account.last_number += 1
        number = account.last_number
        mailbox = Mailbox(MailboxId(account.user, number), name, next(self.uidvalidities), special_use)
        above = account.find(name.rpartition("/")[0])
        if above is not None:
            mailbox.acl = dict(above.acl)
        account.mailboxes[number] = mailbox
        return mailbox

    def mailbox(self, id: MailboxId) -> Mailbox:
        """The mailbox with that id, or ``MailboxNotFound`` when it is gone."""
        mailbox = self.account(id.owner).mailboxes.get(id.number)
        if mailbox is None:
            raise MailboxNotFound("this mailbox is no longer there")
        return mailbox
