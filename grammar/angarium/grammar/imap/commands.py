"""IMAP commands as values (RFC 9051 §6, RFC 3501 §6, RFC 7162, RFC 2971): what a client line means.

Mailbox names are text: modified UTF-7 or UTF-8 is decoded where the value is made, and INBOX in any case becomes ``INBOX``.
Flags keep the client's spelling. Strings whose charset the command decides (SEARCH, LOGIN) stay octets.
"""

from datetime import datetime
from enum import Enum

from attrs import frozen

from angarium.grammar.imap.search_keys import SearchKey
from angarium.grammar.imap.sections import Partial, Section
from angarium.grammar.imap.sequence_set import PartialRange, SequenceSet
from angarium.grammar.imap.sorting import SortCriterion, ThreadAlgorithm

# RFC 9051 §6.1, §6.2: any state and not authenticated


@frozen
class Capability:
    """``CAPABILITY`` (RFC 9051 §6.1.1)."""


@frozen
class Noop:
    """``NOOP`` (RFC 9051 §6.1.2)."""


@frozen
class Logout:
    """``LOGOUT`` (RFC 9051 §6.1.3)."""


@frozen
class Id:
    """``ID`` (RFC 2971 §3.1); ``None`` is NIL, a value may be NIL."""

    parameters: tuple[tuple[bytes, bytes | None], ...] | None


@frozen
class StartTls:
    """``STARTTLS`` (RFC 9051 §6.2.1)."""


@frozen
class Authenticate:
    """``AUTHENTICATE`` (RFC 9051 §6.2.2); ``initial_response`` is decoded from base64, ``b""`` where ``=`` was sent."""

    mechanism: bytes
    initial_response: bytes | None = None


@frozen
class Login:
    """``LOGIN`` (RFC 9051 §6.2.3)."""

    userid: bytes
    password: bytes


# RFC 9051 §6.3: authenticated


@frozen
class Enable:
    """``ENABLE`` (RFC 9051 §6.3.1)."""

    capabilities: tuple[bytes, ...]


@frozen
class Qresync:
    """``QRESYNC`` parameter of SELECT (RFC 7162 §3.2.5); the pair is known sequence numbers and their UIDs."""

    uidvalidity: int
    mod_sequence: int
    known_uids: SequenceSet | None = None
    sequence_match: tuple[SequenceSet, SequenceSet] | None = None


@frozen
class Select:
    """``SELECT`` and, with ``read_only``, ``EXAMINE`` (RFC 9051 §6.3.2, §6.3.3; parameters RFC 4466 §2.1, RFC 7162)."""

    mailbox: str
    read_only: bool = False
    condstore: bool = False
    qresync: Qresync | None = None


@frozen
class Create:
    """``CREATE`` (RFC 9051 §6.3.4); a trailing hierarchy separator is kept; ``special_use`` is the list of USE (RFC 6154 §3)."""

    mailbox: str
    special_use: tuple[bytes, ...] | None = None


@frozen
class Delete:
    """``DELETE`` (RFC 9051 §6.3.5)."""

    mailbox: str


@frozen
class Rename:
    """``RENAME`` (RFC 9051 §6.3.6)."""

    mailbox: str
    new_name: str


@frozen
class Subscribe:
    """``SUBSCRIBE`` (RFC 9051 §6.3.7)."""

    mailbox: str


@frozen
class Unsubscribe:
    """``UNSUBSCRIBE`` (RFC 9051 §6.3.8)."""

    mailbox: str


class StatusItem(Enum):
    """``status-att`` (RFC 9051 §6.3.11, RFC 3501 §6.3.10, RFC 7162 §3.1.7, RFC 8474 §4.3)."""

    MESSAGES = b"MESSAGES"
    RECENT = b"RECENT"
    UIDNEXT = b"UIDNEXT"
    UIDVALIDITY = b"UIDVALIDITY"
    UNSEEN = b"UNSEEN"
    DELETED = b"DELETED"
    SIZE = b"SIZE"
    HIGHESTMODSEQ = b"HIGHESTMODSEQ"
    MAILBOXID = b"MAILBOXID"
    APPENDLIMIT = b"APPENDLIMIT"


class ListSelect(Enum):
    """``list-select-opt`` (RFC 9051 §6.3.9.1, RFC 6154 §3)."""

    SUBSCRIBED = b"SUBSCRIBED"
    REMOTE = b"REMOTE"
    RECURSIVEMATCH = b"RECURSIVEMATCH"
    SPECIAL_USE = b"SPECIAL-USE"


class ListReturn(Enum):
    """``return-option`` (RFC 9051 §6.3.9.2, RFC 6154 §3, RFC 8440 §3)."""

    SUBSCRIBED = b"SUBSCRIBED"
    CHILDREN = b"CHILDREN"
    SPECIAL_USE = b"SPECIAL-USE"
    MYRIGHTS = b"MYRIGHTS"


@frozen
class List:
    """``LIST``, basic or extended (RFC 9051 §6.3.9, RFC 5258, RFC 5819, RFC 6154).

    ``extended`` says that any of the extended forms was used, which changes the answer (RFC 5258 §3).
    """

    reference: str
    patterns: tuple[str, ...]
    select: frozenset[ListSelect] = frozenset()
    returns: frozenset[ListReturn] = frozenset()
    status: tuple[StatusItem, ...] | None = None
    extended: bool = False


@frozen
class SetAcl:
    """``SETACL`` (RFC 4314 §3.1): ``rights`` as they came, with what says how to change those there are."""

    mailbox: str
    identifier: bytes
    rights: bytes


@frozen
class DeleteAcl:
    """``DELETEACL`` (RFC 4314 §3.2)."""

    mailbox: str
    identifier: bytes


@frozen
class GetAcl:
    """``GETACL`` (RFC 4314 §3.3)."""

    mailbox: str


@frozen
class ListRights:
    """``LISTRIGHTS`` (RFC 4314 §3.4)."""

    mailbox: str
    identifier: bytes


@frozen
class MyRights:
    """``MYRIGHTS`` (RFC 4314 §3.5)."""

    mailbox: str


@frozen
class Lsub:
    """``LSUB`` (RFC 3501 §6.3.9)."""

    reference: str
    pattern: str


@frozen
class Namespace:
    """``NAMESPACE`` (RFC 9051 §6.3.10)."""


@frozen
class Status:
    """``STATUS`` (RFC 9051 §6.3.11)."""

    mailbox: str
    items: tuple[StatusItem, ...]


@frozen
class StagedLiteral:
    """A literal too large to gather: its octets went to the store while they arrived (``token`` names them there)."""

    token: str
    octets: int


@frozen
class Url:
    """``url``: a message or part of one that is there already (RFC 4469 §3)."""

    octets: bytes


@frozen
class Catenation:
    """``CATENATE``: a message put together of literals and of what URLs name (RFC 4469 §3)."""

    parts: tuple[bytes | StagedLiteral | Url, ...]


@frozen
class AppendMessage:
    """``append-message`` (RFC 4466 §3); ``binary`` where the message came as ``literal8`` (RFC 3516 §4.4)."""

    message: bytes | StagedLiteral | Catenation
    flags: tuple[bytes, ...] = ()
    date_time: datetime | None = None
    binary: bool = False


@frozen
class Append:
    """``APPEND`` (RFC 9051 §6.3.12); ``more`` are the messages after the first (RFC 3502 §6.3.11)."""

    mailbox: str
    message: bytes | StagedLiteral | Catenation
    flags: tuple[bytes, ...] = ()
    date_time: datetime | None = None
    binary: bool = False
    more: tuple[AppendMessage, ...] = ()

    @property
    def messages(self) -> tuple[AppendMessage, ...]:
        """All messages, in the order they came."""
        return (AppendMessage(self.message, self.flags, self.date_time, self.binary), *self.more)


@frozen
class Idle:
    """``IDLE``, up to its continuation request (RFC 9051 §6.3.13)."""


@frozen
class Compress:
    """``COMPRESS DEFLATE`` (RFC 4978 §3)."""


@frozen
class Unauthenticate:
    """``UNAUTHENTICATE`` (RFC 8437 §3)."""


# RFC 9051 §6.4: selected; RFC 3501 §6.4.1 CHECK


@frozen
class Check:
    """``CHECK`` (RFC 3501 §6.4.1)."""


@frozen
class Close:
    """``CLOSE`` (RFC 9051 §6.4.1)."""


@frozen
class Unselect:
    """``UNSELECT`` (RFC 9051 §6.4.2)."""


@frozen
class Expunge:
    """``EXPUNGE``, or ``UID EXPUNGE`` with ``uids`` (RFC 9051 §6.4.3, §6.4.9)."""

    uids: SequenceSet | None = None


class SearchReturn(Enum):
    """``search-return-opt`` without arguments (RFC 9051 §6.4.4; RFC 5267 §4.2, §4.3)."""

    MIN = b"MIN"
    MAX = b"MAX"
    ALL = b"ALL"
    COUNT = b"COUNT"
    SAVE = b"SAVE"
    CONTEXT = b"CONTEXT"
    UPDATE = b"UPDATE"


@frozen
class Search:
    """``SEARCH`` and ``UID SEARCH`` (RFC 9051 §6.4.4); ``returns`` is None without RETURN, empty for ``RETURN ()``.

    ``partial`` is another option of RETURN, the only one with an argument (RFC 9394 §3.1).
    """

    key: SearchKey
    charset: bytes | None = None
    returns: frozenset[SearchReturn] | None = None
    uid: bool = False
    partial: PartialRange | None = None


@frozen
class Sort:
    """``SORT`` and ``UID SORT`` (RFC 5256 §3); ``returns`` and ``partial`` as in ``Search`` (RFC 5267 §3, §4.4)."""

    criteria: tuple[SortCriterion, ...]
    key: SearchKey
    charset: bytes
    uid: bool = False
    returns: frozenset[SearchReturn] | None = None
    partial: PartialRange | None = None


@frozen
class Thread:
    """``THREAD`` and ``UID THREAD`` (RFC 5256 §3)."""

    algorithm: ThreadAlgorithm
    key: SearchKey
    charset: bytes
    uid: bool = False


@frozen
class CancelUpdate:
    """``CANCELUPDATE``: the tags of searches that are not to be updated any more (RFC 5267 §4.3.5)."""

    tags: tuple[bytes, ...]


class FetchItem(Enum):
    """``fetch-att`` without arguments (RFC 9051 §6.4.5, RFC 7162 §3.1.4.2, RFC 8474 §5.3, RFC 8514 §4.2, RFC 8970 §3.1)."""

    ENVELOPE = b"ENVELOPE"
    FLAGS = b"FLAGS"
    INTERNALDATE = b"INTERNALDATE"
    RFC822_SIZE = b"RFC822.SIZE"
    BODY = b"BODY"
    BODYSTRUCTURE = b"BODYSTRUCTURE"
    UID = b"UID"
    MODSEQ = b"MODSEQ"
    EMAILID = b"EMAILID"
    THREADID = b"THREADID"
    SAVEDATE = b"SAVEDATE"
    PREVIEW = b"PREVIEW"
    PREVIEW_LAZY = b"PREVIEW (LAZY)"
    RFC822 = b"RFC822"
    RFC822_HEADER = b"RFC822.HEADER"
    RFC822_TEXT = b"RFC822.TEXT"


@frozen
class FetchBody:
    """``BODY[section]<partial>`` and ``BODY.PEEK`` (RFC 9051 §6.4.5)."""

    section: Section
    partial: Partial | None = None
    peek: bool = False


@frozen
class FetchBinary:
    """``BINARY[part]<partial>`` and ``BINARY.PEEK`` (RFC 9051 §6.4.5, RFC 3516 §4.2)."""

    part: tuple[int, ...] = ()
    partial: Partial | None = None
    peek: bool = False


@frozen
class FetchBinarySize:
    """``BINARY.SIZE[part]`` (RFC 9051 §6.4.5, RFC 3516 §4.3)."""

    part: tuple[int, ...] = ()


FetchAttribute = FetchItem | FetchBody | FetchBinary | FetchBinarySize


@frozen
class Fetch:
    """``FETCH`` and ``UID FETCH`` (RFC 9051 §6.4.5); macros are expanded.

    Modifiers: ``changed_since`` and ``vanished`` (RFC 7162 §3.1.4.1, §3.2.6), ``partial`` (RFC 9394 §3.3).
    """

    numbers: SequenceSet
    items: tuple[FetchAttribute, ...]
    uid: bool = False
    changed_since: int | None = None
    vanished: bool = False
    partial: PartialRange | None = None


class StoreMode(Enum):
    """What STORE does with its flag list (RFC 9051 §6.4.6)."""

    REPLACE = b""
    ADD = b"+"
    REMOVE = b"-"


@frozen
class Store:
    """``STORE`` and ``UID STORE`` (RFC 9051 §6.4.6; ``unchanged_since`` RFC 7162 §3.1.3)."""

    numbers: SequenceSet
    mode: StoreMode
    flags: tuple[bytes, ...]
    silent: bool = False
    uid: bool = False
    unchanged_since: int | None = None


@frozen
class Copy:
    """``COPY`` and ``UID COPY`` (RFC 9051 §6.4.7)."""

    numbers: SequenceSet
    mailbox: str
    uid: bool = False


@frozen
class Move:
    """``MOVE`` and ``UID MOVE`` (RFC 9051 §6.4.8)."""

    numbers: SequenceSet
    mailbox: str
    uid: bool = False


@frozen
class Replace:
    """``REPLACE`` and ``UID REPLACE`` (RFC 8508 §3.2, §3.3); ``number`` names one message."""

    number: SequenceSet
    mailbox: str
    message: AppendMessage
    uid: bool = False


Command = (
    Capability | Noop | Logout | Id | StartTls | Authenticate | Login
    | Enable | Select | Create | Delete | Rename | Subscribe | Unsubscribe | List | Lsub | Namespace | Status | Append | Idle
    | Compress | Unauthenticate
    | SetAcl | DeleteAcl | GetAcl | ListRights | MyRights
    | Check | Close | Unselect | Expunge | Search | Sort | Thread | CancelUpdate | Fetch | Store | Copy | Move | Replace
)  # fmt: skip


@frozen
class TaggedCommand:
    """``command``: a tag and what it labels (RFC 9051 §2.2.1)."""

    tag: bytes
    command: Command
