"""IMAP responses as values (RFC 9051 §7, RFC 3501 §7, RFC 7162, RFC 2971): what a server line means.

The server renders them, the client side parses them. A server that has octets ready (an ENVELOPE made at delivery)
puts them in as ``Prerendered``, which renders as it stands; the parser never returns it.
"""

from datetime import datetime
from enum import Enum

from attrs import frozen

from angarium.grammar.imap.commands import StatusItem
from angarium.grammar.imap.sections import Section
from angarium.grammar.imap.sequence_set import NumberList, NumberSet, PartialRange
from angarium.grammar.imap.sorting import ThreadMembers


class Condition(Enum):
    """``resp-cond-state``, ``-bye``, ``-auth`` (RFC 9051 §7.1)."""

    OK = b"OK"
    NO = b"NO"
    BAD = b"BAD"
    BYE = b"BYE"
    PREAUTH = b"PREAUTH"


class Code(Enum):
    """``resp-text-code`` names (RFC 9051 §7.1, RFC 3501 §7.1, RFC 7162 §7, RFC 8474 §7)."""

    ALERT = b"ALERT"
    ALREADYEXISTS = b"ALREADYEXISTS"
    APPENDUID = b"APPENDUID"
    AUTHENTICATIONFAILED = b"AUTHENTICATIONFAILED"
    AUTHORIZATIONFAILED = b"AUTHORIZATIONFAILED"
    BADCHARSET = b"BADCHARSET"
    BADURL = b"BADURL"
    CANNOT = b"CANNOT"
    CAPABILITY = b"CAPABILITY"
    CLIENTBUG = b"CLIENTBUG"
    CLOSED = b"CLOSED"
    COMPRESSIONACTIVE = b"COMPRESSIONACTIVE"
    CONTACTADMIN = b"CONTACTADMIN"
    COPYUID = b"COPYUID"
    CORRUPTION = b"CORRUPTION"
    EXPIRED = b"EXPIRED"
    EXPUNGEISSUED = b"EXPUNGEISSUED"
    HASCHILDREN = b"HASCHILDREN"
    HIGHESTMODSEQ = b"HIGHESTMODSEQ"
    INPROGRESS = b"INPROGRESS"
    INUSE = b"INUSE"
    LIMIT = b"LIMIT"
    MAILBOXID = b"MAILBOXID"
    MODIFIED = b"MODIFIED"
    NOMODSEQ = b"NOMODSEQ"
    NONEXISTENT = b"NONEXISTENT"
    NOPERM = b"NOPERM"
    NOTSAVED = b"NOTSAVED"
    NOUPDATE = b"NOUPDATE"
    OVERQUOTA = b"OVERQUOTA"
    PARSE = b"PARSE"
    PERMANENTFLAGS = b"PERMANENTFLAGS"
    PRIVACYREQUIRED = b"PRIVACYREQUIRED"
    READ_ONLY = b"READ-ONLY"
    READ_WRITE = b"READ-WRITE"
    SERVERBUG = b"SERVERBUG"
    TOOBIG = b"TOOBIG"
    TRYCREATE = b"TRYCREATE"
    UIDNEXT = b"UIDNEXT"
    UIDNOTSTICKY = b"UIDNOTSTICKY"
    UIDREQUIRED = b"UIDREQUIRED"
    UIDVALIDITY = b"UIDVALIDITY"
    UNAVAILABLE = b"UNAVAILABLE"
    UNKNOWN_CTE = b"UNKNOWN-CTE"
    UNSEEN = b"UNSEEN"
    USEATTR = b"USEATTR"


@frozen
class ResponseCode:
    """``resp-text-code``; ``arguments`` by code:

    CAPABILITY, PERMANENTFLAGS, BADCHARSET: octets each; UIDNEXT, UIDVALIDITY, UNSEEN, HIGHESTMODSEQ: one ``int``;
    NOUPDATE: the tag as octets (RFC 5267 §4.3.1);
    INPROGRESS: the tag as octets, how many are done, how many there are, each None where it is NIL, or nothing (RFC 9585 §4);
    APPENDUID: ``int``, ``NumberSet``; COPYUID: ``int`` and two tuples of ranges kept in order (pairs may be unordered,
    RFC 9051 §7.1); MODIFIED: one ``NumberSet``; MAILBOXID, BADURL: octets. A code that is not in ``Code`` keeps its name and
    its text as octets.
    """

    code: Code | bytes
    arguments: tuple[object, ...] = ()


@frozen
class Tagged:
    """``response-tagged`` (RFC 9051 §7.1)."""

    tag: bytes
    condition: Condition
    text: str = ""
    code: ResponseCode | None = None


@frozen
class Untagged:
    """``* OK``, ``* NO``, ``* BAD``, ``* BYE``, ``* PREAUTH``; the greeting too (RFC 9051 §7.1)."""

    condition: Condition
    text: str = ""
    code: ResponseCode | None = None


@frozen
class Continuation:
    """``continue-req`` (RFC 9051 §7.6); ``challenge`` is SASL data before base64, and then there is no text."""

    text: str = ""
    code: ResponseCode | None = None
    challenge: bytes | None = None


@frozen
class CapabilityData:
    """``* CAPABILITY`` (RFC 9051 §7.2.2)."""

    capabilities: tuple[bytes, ...]


@frozen
class Enabled:
    """``* ENABLED`` (RFC 9051 §7.2.1)."""

    capabilities: tuple[bytes, ...]


@frozen
class IdData:
    """``* ID`` (RFC 2971 §3.2)."""

    parameters: tuple[tuple[bytes, bytes | None], ...] | None


@frozen
class ListData:
    """``* LIST`` and, with ``lsub``, ``* LSUB`` (RFC 9051 §7.3.1, RFC 3501 §7.2.3).

    ``child_info`` is CHILDINFO's list, ``old_name`` OLDNAME's, ``None`` where absent; ``separator`` None is NIL.
    """

    attributes: tuple[bytes, ...]
    separator: str | None
    mailbox: str
    child_info: tuple[bytes, ...] | None = None
    old_name: str | None = None
    lsub: bool = False


@frozen
class NamespaceDescription:
    """One ``namespace-descr`` (RFC 9051 §7.3.2)."""

    prefix: str
    separator: str | None


@frozen
class NamespaceData:
    """``* NAMESPACE``: personal, other users', shared; None is NIL (RFC 9051 §7.3.2)."""

    personal: tuple[NamespaceDescription, ...] | None
    other_users: tuple[NamespaceDescription, ...] | None = None
    shared: tuple[NamespaceDescription, ...] | None = None


@frozen
class AclData:
    """``* ACL``: pairs of an identifier and its rights (RFC 4314 §3.6)."""

    mailbox: str
    entries: tuple[tuple[bytes, bytes], ...]


@frozen
class ListRightsData:
    """``* LISTRIGHTS``: what an identifier always has, and what it can be given, tied rights together (RFC 4314 §3.7)."""

    mailbox: str
    identifier: bytes
    required: bytes
    optional: tuple[bytes, ...] = ()


@frozen
class MyRightsData:
    """``* MYRIGHTS`` (RFC 4314 §3.8)."""

    mailbox: str
    rights: bytes


StatusValue = int | bytes | None
"""``status-att-val``: octets for MAILBOXID, a number for everything else; None is NIL, no APPENDLIMIT.

(RFC 9051 §7.3.3, RFC 8474 §4.3, RFC 7889 §3)
"""


@frozen
class StatusData:
    """``* STATUS`` (RFC 9051 §7.3.3)."""

    mailbox: str
    items: tuple[tuple[StatusItem, StatusValue], ...]


@frozen
class FlagsData:
    """``* FLAGS`` (RFC 9051 §7.3.5)."""

    flags: tuple[bytes, ...]


@frozen
class Exists:
    """``* n EXISTS`` (RFC 9051 §7.4.1)."""

    messages: int


@frozen
class Recent:
    """``* n RECENT`` (RFC 3501 §7.3.2)."""

    messages: int


@frozen
class Expunged:
    """``* n EXPUNGE`` (RFC 9051 §7.5.1)."""

    sequence_number: int


@frozen
class Vanished:
    """``* VANISHED [(EARLIER)] uids`` (RFC 7162 §3.2.10)."""

    uids: NumberSet
    earlier: bool = False


@frozen
class SearchData:
    """``* SEARCH``; order as sent (RFC 3501 §7.2.5; ``mod_sequence`` RFC 7162 §3.1.5)."""

    numbers: tuple[int, ...]
    mod_sequence: int | None = None


@frozen
class SortData:
    """``* SORT``, in the order asked for (RFC 5256 §4; ``mod_sequence`` RFC 7162 §3.1.9)."""

    numbers: tuple[int, ...]
    mod_sequence: int | None = None


@frozen
class ThreadData:
    """``* THREAD`` (RFC 5256 §4)."""

    members: ThreadMembers


@frozen
class PartialResults:
    """``ret-data-partial``: the range that was asked for, and what is there; None is NIL (RFC 9394 §3.1)."""

    range: PartialRange
    numbers: NumberSet | NumberList | None


@frozen
class ResultUpdate:
    """A pair of ADDTO, or with ``removes`` of REMOVEFROM: from where in the result, 0 for mailbox order (RFC 5267 §4.3.2)."""

    removes: bool
    position: int
    numbers: NumberSet | NumberList


@frozen
class EsearchData:
    """``* ESEARCH`` (RFC 9051 §7.3.4, RFC 7162 §3.1.10); a field is None where absent.

    ``all`` has the order of an extended SORT (RFC 5267 §3.1).
    """

    tag: bytes | None = None
    uid: bool = False
    minimum: int | None = None
    maximum: int | None = None
    all: NumberSet | NumberList | None = None
    count: int | None = None
    mod_sequence: int | None = None
    partial: PartialResults | None = None
    updates: tuple[ResultUpdate, ...] = ()


@frozen
class Prerendered:
    """Octets of a FETCH item's value made earlier, sent as they are."""

    octets: bytes


@frozen
class Address:
    """``address`` of an ENVELOPE (RFC 9051 §7.5.2)."""

    name: bytes | None
    adl: bytes | None
    mailbox: bytes | None
    host: bytes | None


@frozen
class Envelope:
    """``envelope`` (RFC 9051 §7.5.2); an address list is None for NIL."""

    date: bytes | None
    subject: bytes | None
    from_: tuple[Address, ...] | None
    sender: tuple[Address, ...] | None
    reply_to: tuple[Address, ...] | None
    to: tuple[Address, ...] | None
    cc: tuple[Address, ...] | None
    bcc: tuple[Address, ...] | None
    in_reply_to: bytes | None
    message_id: bytes | None


Extension = bytes | int | None | tuple["Extension", ...]
"""``body-extension`` (RFC 9051 §9)."""

Parameters = tuple[tuple[bytes, bytes], ...] | None
"""``body-fld-param``: pairs, or None for NIL."""


@frozen
class BodyExtensions:
    """What BODYSTRUCTURE has after the basic fields, in RFC order (RFC 9051 §7.5.2).

    ``given`` is how many of the fields (md5 or parameters first) were there at all: 1 to 4.
    """

    md5: bytes | None = None
    parameters: Parameters = None
    disposition: tuple[bytes, Parameters] | None = None
    language: bytes | tuple[bytes, ...] | None = None
    location: bytes | None = None
    extensions: tuple[Extension, ...] = ()
    given: int = 4


@frozen
class SinglePart:
    """``body-type-1part`` (RFC 9051 §7.5.2); message fields for MESSAGE/RFC822, ``lines`` also for TEXT."""

    type: bytes
    subtype: bytes
    parameters: Parameters
    id: bytes | None
    description: bytes | None
    encoding: bytes
    octets: int
    envelope: Envelope | None = None
    body: "BodyStructure | None" = None
    lines: int | None = None
    extensions: BodyExtensions | None = None


@frozen
class MultiPart:
    """``body-type-mpart`` (RFC 9051 §7.5.2)."""

    parts: tuple["BodyStructure", ...]
    subtype: bytes
    extensions: BodyExtensions | None = None


BodyStructure = SinglePart | MultiPart


@frozen
class Uid:
    """``UID n``."""

    uid: int


@frozen
class Flags:
    """``FLAGS (...)``."""

    flags: tuple[bytes, ...]


@frozen
class InternalDate:
    """``INTERNALDATE date-time``; aware, in the zone it was given with."""

    date_time: datetime


@frozen
class Size:
    """``RFC822.SIZE n``."""

    octets: int


@frozen
class ModSequence:
    """``MODSEQ (n)`` (RFC 7162 §3.1.4.2)."""

    mod_sequence: int


@frozen
class EmailId:
    """``EMAILID (objectid)`` (RFC 8474 §5.1)."""

    object_id: bytes


@frozen
class ThreadId:
    """``THREADID (objectid)``; None is NIL (RFC 8474 §5.2)."""

    object_id: bytes | None


@frozen
class SaveDate:
    """``SAVEDATE date-time``; None is NIL (RFC 8514 §4.2)."""

    date_time: datetime | None


@frozen
class Preview:
    """``PREVIEW nstring``: UTF-8; None is NIL (RFC 8970 §3.2)."""

    text: bytes | None


@frozen
class EnvelopeItem:
    """``ENVELOPE``."""

    envelope: Envelope | Prerendered


@frozen
class BodyItem:
    """``BODY`` and, with ``extensible``, ``BODYSTRUCTURE``."""

    structure: BodyStructure | Prerendered
    extensible: bool = False


@frozen
class BodySection:
    """``BODY[section]<origin>``; ``octets`` None is NIL (RFC 9051 §7.5.2)."""

    section: Section
    octets: bytes | None
    origin: int | None = None


class Rfc822Item(Enum):
    """The names RFC 3501 has for three sections (RFC 3501 §7.4.2)."""

    RFC822 = b"RFC822"
    HEADER = b"RFC822.HEADER"
    TEXT = b"RFC822.TEXT"


@frozen
class Rfc822:
    """``RFC822``, ``RFC822.HEADER``, ``RFC822.TEXT``."""

    item: Rfc822Item
    octets: bytes | None


@frozen
class BinarySection:
    """``BINARY[part]<origin>`` (RFC 9051 §7.5.2); sent as ``literal8`` when it holds NUL."""

    part: tuple[int, ...]
    octets: bytes | None
    origin: int | None = None


@frozen
class BinarySize:
    """``BINARY.SIZE[part] n``."""

    part: tuple[int, ...]
    octets: int


FetchDatum = (
    Uid | Flags | InternalDate | Size | ModSequence | EmailId | ThreadId | SaveDate | Preview
    | EnvelopeItem | BodyItem | BodySection | Rfc822 | BinarySection | BinarySize
)  # fmt: skip


@frozen
class FetchData:
    """``* n FETCH (...)`` (RFC 9051 §7.5.2)."""

    sequence_number: int
    items: tuple[FetchDatum, ...]


@frozen
class UidFetchData:
    """``* uid UIDFETCH (...)`` (RFC 9586 §3.3)."""

    uid: int
    items: tuple[FetchDatum, ...]


Response = (
    Tagged | Untagged | Continuation | CapabilityData | Enabled | IdData | ListData | NamespaceData | StatusData | FlagsData
    | AclData | ListRightsData | MyRightsData
    | Exists | Recent | Expunged | Vanished | SearchData | SortData | ThreadData | EsearchData | FetchData
    | UidFetchData
)  # fmt: skip
