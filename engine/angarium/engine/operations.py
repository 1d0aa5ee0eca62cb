"""What the engine asks of a store: the contract every store meets.

An operation is a frozen value; a store carries it out and returns the type named in the docstring, or raises a
``StoreError``, which knows nothing of IMAP. There are no cursors and no open transactions between operations: results
that can be large come in pages (``FetchMessages`` says where to go on), so an idle or slow client holds nothing in the store.

Three rules hold for every store:

- **Durable**: an operation that changes something has returned only when the change survives power loss.
- **Whole**: an operation happens entirely or not at all.
- **Counted**: every change to a mailbox's messages takes the next mod-sequence of that mailbox (RFC 7162 §3.1); a UID is
  never given twice under one UIDVALIDITY (RFC 9051 §2.3.1.1).

``angarium.store.contract`` tests a store against all of it.
"""

from array import array
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Flag, auto
from typing import Final, NewType, overload

from attrs import field, frozen

from angarium.grammar.imap.commands import StagedLiteral, StatusItem, StoreMode
from angarium.grammar.imap.responses import StatusValue
from angarium.grammar.imap.search_keys import SearchKey
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.grammar.imap.sorting import SortCriterion, ThreadAlgorithm, ThreadMembers

UserName = NewType("UserName", str)
Uid = NewType("Uid", int)
ModSeq = NewType("ModSeq", int)

SEPARATOR: Final = "/"
"""The hierarchy separator of mailbox names."""


@frozen
class MailboxId:
    """Names one mailbox for as long as it lives, through renames: the user whose store it lies in, and a number there."""

    owner: UserName
    number: int


# Errors


class StoreError(Exception):
    """A store's refusal or failure; the text is safe to show to the user."""


class AuthenticationFailed(StoreError):
    """Wrong user name or password; which of them is not told."""


class MailboxNotFound(StoreError):
    """No mailbox of that name or id."""


class MessageNotFound(StoreError):
    """No message of that UID."""


class MailboxExists(StoreError):
    """There is one already."""


class HasChildren(StoreError):
    """The mailbox has children and cannot go before them."""


class InvalidMailboxName(StoreError):
    """No mailbox may have this name: empty component, control character, too long."""


class PermissionDenied(StoreError):
    """Not allowed to this user, or never allowed (deleting INBOX)."""


class OverQuota(StoreError):
    """No room within the limits set for the user."""


class TooLarge(StoreError):
    """A message larger than this store takes."""


class UnknownEncoding(StoreError):
    """A message with NUL octets where no transfer encoding could carry them."""


class LimitReached(StoreError):
    """A fixed limit of the store: flags of a mailbox, mailboxes of a user."""


class StoreBusy(StoreError):
    """Locked for too long; trying again may work."""


class StoreUnavailable(StoreError):
    """Disk full, folder read-only, database damaged; the administrator has to act."""


class RecipientUnknown(StoreError):
    """No such local recipient."""


# Authentication (RFC 9051 §6.2, RFC 4616, RFC 5802)


@frozen
class VerifyPassword:
    """Check a password. -> UserName (the name it is stored under). Raises AuthenticationFailed.

    ``user`` and ``password`` are prepared text (RFC 4013); ``authorize_as`` is the identity asked for, if another.
    """

    user: str
    password: str = field(repr=False)
    authorize_as: str | None = None


@frozen
class ScramVerifier:
    """What SCRAM-SHA-256 needs to know of a user, and a fresh nonce (RFC 5802 §5, RFC 7677)."""

    user: UserName
    salt: bytes
    iterations: int
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)
    nonce: str = field(repr=False)
    known: bool = True


@frozen
class FetchScramVerifier:
    """-> ScramVerifier; for an unknown user a stable made-up one with ``known`` false, so that names cannot be probed."""

    user: str


# Mailboxes


@frozen
class MailboxEntry:
    """One name of LIST: a mailbox, or (``id`` None) a name that is only subscribed to or only has children."""

    name: str
    id: MailboxId | None
    subscribed: bool = False
    special_use: tuple[bytes, ...] = ()


@frozen
class ListMailboxes:
    """-> tuple[MailboxEntry, ...]: every mailbox of the user and every subscribed name, sorted by name. INBOX always exists."""

    user: UserName


@frozen
class MailboxStatus:
    """``values`` has every item that was asked for (RFC 9051 §6.3.11)."""

    name: str
    id: MailboxId
    values: dict[StatusItem, StatusValue]


@frozen
class FetchStatus:
    """-> tuple[MailboxStatus | None, ...]: one for each name, None where there is no such mailbox.

    APPENDLIMIT is not asked for: the engine knows it (RFC 7889 §3).
    """

    user: UserName
    names: tuple[str, ...]
    items: frozenset[StatusItem]


@frozen
class CreateMailbox:
    """-> CreatedMailbox. Makes missing parents (RFC 9051 §6.3.4). Raises MailboxExists, InvalidMailboxName, LimitReached."""

    user: UserName
    name: str
    special_use: tuple[bytes, ...] = ()


@frozen
class CreatedMailbox:
    """The new mailbox; ``object_id`` is its MAILBOXID as in ``OpenedMailbox``, which nobody can ask for once it is gone again."""

    id: MailboxId
    object_id: bytes = b""


@frozen
class DeleteMailbox:
    """-> None. Raises MailboxNotFound, PermissionDenied (INBOX), HasChildren (RFC 9051 §6.3.5)."""

    user: UserName
    name: str


@frozen
class RenameMailbox:
    """-> None. Children move too; INBOX's messages move and INBOX stays (RFC 9051 §6.3.6)."""

    user: UserName
    name: str
    new_name: str


@frozen
class SetSubscription:
    """-> None. ``subscribed`` True needs no existing mailbox (RFC 9051 §6.3.7). Raises InvalidMailboxName, LimitReached."""

    user: UserName
    name: str
    subscribed: bool


# Access control (RFC 4314); what lists mean is in ``angarium.engine.acl``


@frozen
class ReadRights:
    """-> str: the rights of ``user`` on the first of ``mailboxes`` that exists, names or ids of ``owner``'s; "" where none does.

    To ask it changes nothing and makes nothing, whoever ``owner`` may be: from the answer nobody can tell a mailbox that is not
    there from one without rights (RFC 4314 §6).
    """

    user: UserName
    owner: UserName
    mailboxes: tuple["str | MailboxId", ...]


@frozen
class ReadAcl:
    """-> tuple[tuple[str, str], ...]: identifiers and their rights, sorted; not the owner's. Raises MailboxNotFound."""

    user: UserName
    name: str


@frozen
class ChangeAcl:
    """SETACL and DELETEACL (RFC 4314 §3.1, §3.2). -> None. Raises MailboxNotFound, LimitReached.

    ``identifier`` and ``rights`` as ``angarium.engine.acl`` makes them; an entry that is left without rights goes. Sessions that
    have the mailbox open are woken.
    """

    user: UserName
    name: str
    identifier: str
    mode: StoreMode
    rights: str


@frozen
class SharedMailbox:
    """A mailbox of somebody else, by its name there, and the rights on it."""

    id: MailboxId
    name: str
    rights: str


@frozen
class ListShared:
    """-> tuple[SharedMailbox, ...]: mailboxes of other owners that ``user`` has the right ``l`` on (RFC 4314 §4 LIST)."""

    user: UserName


class UidMap(Sequence[int]):
    """The UIDs of a mailbox in ascending order: sequence number n is ``uids[n - 1]``. Four octets each, shared, never changed."""

    __slots__ = ("numbers",)

    def __init__(self, uids: Iterable[int] = ()) -> None:
        self.numbers: Final = array("I", uids)

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        return self.numbers[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UidMap) and self.numbers == other.numbers

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"UidMap({self.numbers.tolist()})"


@frozen
class OpenMailbox:
    r"""Look at a mailbox for SELECT or EXAMINE (RFC 9051 §6.3.2). -> OpenedMailbox. Raises MailboxNotFound.

    With ``claim_recent`` the messages that no session was told of become \Recent for this one (RFC 3501 §2.3.2).
    """

    user: UserName
    name: str
    claim_recent: bool = False


@frozen
class OpenedMailbox:
    r"""A mailbox at one moment.

    ``keywords``: those in use; ``recent_from``: the first UID that is recent here (``uidnext`` when none);
    ``first_unseen``: UID of the first message without \Seen, if any; ``stamp``: see ``ReadChanges``;
    ``object_id``: the MAILBOXID, never another mailbox's nor given again (RFC 8474 §4), empty where there is none.
    """

    id: MailboxId
    name: str
    uidvalidity: int
    uidnext: int
    highest_modseq: int
    uids: UidMap
    keywords: tuple[bytes, ...] = ()
    recent_from: int = 2**32
    first_unseen: int | None = None
    read_only: bool = False
    stamp: int = 0
    keywords_full: bool = False
    """there are as many keywords as there can be: no new one can be made"""
    object_id: bytes = b""


@frozen
class FlagsRow:
    r"""The flags of one message and its mod-sequence. ``flags``: system flags first, then keywords, no \Recent."""

    uid: int
    flags: tuple[bytes, ...]
    modseq: int


@frozen
class ReadChanges:
    """What has happened since mod-sequence ``since``. -> Changes, or None when nothing has. Raises MailboxNotFound (deleted).

    ``stamp`` is the one last seen: equal stamps mean no change, and the store answers None without looking further (and
    without blocking: see ``Store.is_quick``). 0 always looks. ``claim_recent`` as in ``OpenMailbox``.
    """

    mailbox: MailboxId
    since: int
    stamp: int = 0
    claim_recent: bool = False


@frozen
class Changes:
    """``flags``: messages new or changed, by UID; ``vanished``: UIDs expunged; ``uids``: all that are there now."""

    highest_modseq: int
    uids: UidMap
    flags: tuple[FlagsRow, ...] = ()
    vanished: NumberSet = NumberSet()
    recent_from: int = 2**32
    stamp: int = 0


# Messages


class Column(Flag):
    """What ``FetchMessages`` should bring of each message."""

    FLAGS = auto()
    """``flags`` and ``modseq``"""
    INTERNALDATE = auto()
    SIZE = auto()
    ENVELOPE = auto()
    BODY = auto()
    BODYSTRUCTURE = auto()
    PARTMAP = auto()
    HEADER = auto()
    """the header of the message up to and with the empty line"""
    CONTENT = auto()
    """the whole message, where it is not longer than ``CONTENT_OCTETS_MAX``; else None: use ``ReadContent``"""

    EMAILID = auto()
    """``emailid``"""
    THREADID = auto()
    """``threadid``"""
    SAVEDATE = auto()
    """``savedate``"""
    PREVIEW = auto()
    """``preview``"""


CONTENT_OCTETS_MAX: Final = 262_144


@frozen
class MessageRow:
    """One message; what was not asked for is left at its default. ``internal_date`` is rendered (``date-time`` with quotes).

    ``emailid`` is that of every message with these octets that came of this one by COPY or MOVE (RFC 8474 §5.1);
    ``threadid``, in parentheses or NIL, is that of every message with the same ``emailid`` and never changes (§5.2).
    ``savedate``, rendered or NIL, is when the message came into this mailbox, by whatever way (RFC 8514 §3). ``preview`` is a
    rendered string, empty where there is nothing to show, NIL where to find out would take long (RFC 8970 §3.2, §4.1).
    """

    uid: int
    flags: tuple[bytes, ...] = ()
    modseq: int = 0
    internal_date: bytes = b""
    size: int = 0
    envelope: bytes = b""
    body: bytes = b""
    bodystructure: bytes = b""
    partmap: bytes = b""
    emailid: bytes = b""
    threadid: bytes = b"NIL"
    savedate: bytes = b"NIL"
    preview: bytes = b'""'
    header: bytes | None = None
    content: bytes | None = None


@frozen
class FetchMessages:
    """Read messages in ascending UID order. -> Page. UIDs that are not there are passed over.

    At most ``rows_max`` rows and about ``octets_max`` octets of content a page. With ``changed_since`` only messages whose
    mod-sequence is above it (RFC 7162 §3.1.4.1).
    """

    mailbox: MailboxId
    uids: NumberSet
    columns: Column
    changed_since: int | None = None
    rows_max: int = 256
    octets_max: int = 1_048_576


@frozen
class Page:
    """``next_uid``: ask again for the UIDs from there on, until it is None."""

    rows: tuple[MessageRow, ...]
    next_uid: int | None = None


@frozen
class ReadContent:
    """-> bytes: ``octets`` octets of a message from ``offset`` on (fewer at its end). Raises MailboxNotFound; b"" if expunged."""

    mailbox: MailboxId
    uid: int
    offset: int
    octets: int


@frozen
class SetFlags:
    r"""STORE (RFC 9051 §6.4.6). -> FlagsSet. \Recent is never among ``flags``.

    ``unchanged_since``: messages with a higher mod-sequence are left alone (RFC 7162 §3.1.3). A message whose flags end
    up as they were takes no new mod-sequence. Flags are compared without regard to case; the first spelling stays.
    ``known_modseq``: up to which mod-sequence the client knows the flags, to be told which of them it did not.
    """

    mailbox: MailboxId
    uids: NumberSet
    mode: StoreMode
    flags: tuple[bytes, ...]
    unchanged_since: int | None = None
    known_modseq: int | None = None
    may: str = "swt"
    """rights: flags that need another one stay as they are (RFC 4314 §4)"""


@frozen
class FlagsSet:
    """``rows``: messages now as wanted, with ``modseq`` (changed or not); ``modified``: UIDs that ``unchanged_since`` spared.

    ``unknown``: UIDs of those rows whose mod-sequence before was above ``known_modseq``.
    """

    rows: tuple[FlagsRow, ...]
    modified: NumberSet = NumberSet()
    unknown: NumberSet = NumberSet()


@frozen
class NewMessage:
    """A message to store. ``content`` octets or a literal staged before; ``prefix`` octets come before it (trace fields).

    ``binary``: it may hold NUL; what is stored is ``angarium.engine.mail.nul_free`` of it (RFC 3516 §4.4).
    """

    content: bytes | StagedLiteral = field(repr=False)
    flags: tuple[bytes, ...] = ()
    internal_date: datetime | None = None
    prefix: bytes = b""
    binary: bool = False


@frozen
class AppendMessages:
    """APPEND and delivery. -> Appended. All of them or none. Raises MailboxNotFound, OverQuota, TooLarge, UnknownEncoding.

    A staged literal is used up when it succeeds and stays when it fails.
    """

    user: UserName
    name: str
    messages: tuple[NewMessage, ...]


@frozen
class Appended:
    """UIDs in the order of the messages (RFC 9051 §7.1 APPENDUID)."""

    mailbox: MailboxId
    uidvalidity: int
    uids: tuple[int, ...]


@frozen
class ReplaceMessage:
    """REPLACE (RFC 8508 §3.4): append a message to the mailbox ``name`` and remove another, both or neither. -> Replaced.

    Raises what AppendMessages does; MailboxNotFound also for ``source``, MessageNotFound where ``uid`` is not in it.
    """

    source: MailboxId
    uid: int
    user: UserName
    name: str
    message: NewMessage


@frozen
class Replaced:
    """Where the new message is; ``highest_modseq`` of the source."""

    appended: Appended
    highest_modseq: int


@frozen
class CopyMessages:
    """COPY, and with ``move`` MOVE (RFC 9051 §6.4.7, §6.4.8). -> Copied. All or none; missing UIDs are passed over.

    Flags and internal dates are kept; object ids of the message (EMAILID) too. Raises MailboxNotFound for ``name``.
    Between two owners a store may need two steps for a move: then messages are in both places for a moment, or after a crash
    between them, but never in neither.
    """

    source: MailboxId
    uids: NumberSet
    user: UserName
    name: str
    move: bool = False
    may: str = "swt"
    """rights: flags that need another one are not copied (RFC 4314 §4)"""


@frozen
class Copied:
    """``pairs``: source UID and target UID, ascending by source (RFC 9051 §7.1 COPYUID); ``highest_modseq`` of the source."""

    target: MailboxId
    uidvalidity: int
    pairs: tuple[tuple[int, int], ...]
    highest_modseq: int


@frozen
class ExpungeMessages:
    r"""Remove messages that have \Deleted, only those in ``uids`` if given (RFC 9051 §6.4.3, §6.4.9). -> Removed."""

    mailbox: MailboxId
    uids: NumberSet | None = None


@frozen
class Removed:
    """What is gone, and the mailbox's mod-sequence after it."""

    uids: NumberSet
    highest_modseq: int


@frozen
class SearchMessages:
    r"""SEARCH (RFC 9051 §6.4.4). -> Found.

    ``key`` holds no ``SequenceIs`` and no unresolved set: the engine has turned numbers into ``UidIs`` with plain ranges,
    and ``HasFlag(\Recent)`` into them too. Text is decoded already: UTF-8. Where the store keeps
    no save dates, keys on them look at INTERNALDATE (RFC 8514 §4.3). ``within``: only these UIDs can be hits.
    """

    mailbox: MailboxId
    key: SearchKey
    within: NumberSet
    want_modseq: bool = False


@frozen
class Found:
    """UIDs that match, ascending; ``highest_modseq`` of the hits when wanted (RFC 7162 §3.1.5), 0 when there are none."""

    uids: UidMap
    highest_modseq: int = 0


@frozen
class SortMessages:
    """SORT (RFC 5256 §3). -> Sorted: what ``SearchMessages`` would find, by ``criteria`` and then by UID.

    Strings compare as i;unicode-casemap (RFC 5051); the sent date of a message without one is its internal date (§2.2).
    """

    mailbox: MailboxId
    criteria: tuple[SortCriterion, ...]
    key: SearchKey
    within: NumberSet
    want_modseq: bool = False


@frozen
class Sorted:
    """UIDs that match, in the order asked for; ``highest_modseq`` as in ``Found``."""

    uids: tuple[int, ...]
    highest_modseq: int = 0


@frozen
class ThreadMessages:
    """THREAD (RFC 5256 §3). -> Threads of what ``SearchMessages`` would find."""

    mailbox: MailboxId
    algorithm: ThreadAlgorithm
    key: SearchKey
    within: NumberSet


@frozen
class Threads:
    """Each member's number is its UID."""

    members: ThreadMembers


# Large literals on their way in


@frozen
class StageOctets:
    """Keep octets of a large literal. -> str, the token: of a new literal where ``token`` is None. Raises StoreUnavailable."""

    octets: bytes = field(repr=False)
    token: str | None = None


@frozen
class ReadStaged:
    """-> bytes: ``octets`` octets of a staged literal from ``offset`` on (fewer at its end). Raises StoreUnavailable."""

    token: str
    offset: int
    octets: int


@frozen
class DiscardStaged:
    """Forget a staged literal. -> None."""

    token: str


# Delivery (RFC 2033)


@frozen
class ResolveRecipient:
    """Find whose mail an LMTP recipient gets. -> Recipient. Raises RecipientUnknown, StoreUnavailable."""

    address: str


@frozen
class Recipient:
    """``mailbox``: where ``user+folder`` points, or INBOX; may not exist: then INBOX is used."""

    user: UserName
    mailbox: str = "INBOX"


Operation = (
    VerifyPassword | FetchScramVerifier | ListMailboxes | FetchStatus | CreateMailbox | DeleteMailbox | RenameMailbox
    | SetSubscription | OpenMailbox | ReadChanges | FetchMessages | ReadContent | SetFlags | AppendMessages | CopyMessages
    | ReplaceMessage | ReadRights | ReadAcl | ChangeAcl | ListShared
    | ExpungeMessages | SearchMessages | SortMessages | ThreadMessages | StageOctets | ReadStaged | DiscardStaged
    | ResolveRecipient
)  # fmt: skip
