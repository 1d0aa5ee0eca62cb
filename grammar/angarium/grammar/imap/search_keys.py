"""``search-key``: the criteria of SEARCH as a tree of values (RFC 9051 §6.4.4, RFC 3501 §6.4.4 and extensions)."""

from datetime import date
from enum import Enum

from attrs import frozen

from angarium.grammar.imap.sequence_set import SequenceSet


@frozen
class All:
    """``ALL``: every message."""


@frozen
class HasFlag:
    r"""``SEEN``, ``KEYWORD x``, ``RECENT`` ...: the flag is set; the ``UN`` forms are ``Not`` of this.

    ``NEW`` is ``And(HasFlag(\Recent), Not(HasFlag(\Seen)))``, ``OLD`` is ``Not(HasFlag(\Recent))`` (RFC 3501 §6.4.4).
    """

    flag: bytes


@frozen
class HeaderContains:
    """``HEADER field string``, and ``BCC CC FROM SUBJECT TO`` with that field; empty ``text``: the field is there."""

    field: bytes
    text: bytes


@frozen
class BodyContains:
    """``BODY string``."""

    text: bytes


@frozen
class TextContains:
    """``TEXT string``: header or body."""

    text: bytes


class DateField(Enum):
    """Which date of a message a date key looks at."""

    INTERNAL = "INTERNALDATE"
    SENT = "Date:"
    SAVED = "SAVEDATE"


class DateTest(Enum):
    """How a date key compares, time and zone disregarded."""

    BEFORE = "BEFORE"
    ON = "ON"
    SINCE = "SINCE"


@frozen
class DateIs:
    """``BEFORE ON SINCE SENTBEFORE SENTON SENTSINCE``, and ``SAVEDBEFORE SAVEDON SAVEDSINCE`` (RFC 8514 §4.3)."""

    field: DateField
    test: DateTest
    day: date


@frozen
class Larger:
    """``LARGER n``: RFC822.SIZE above ``octets``."""

    octets: int


@frozen
class Smaller:
    """``SMALLER n``: RFC822.SIZE below ``octets``."""

    octets: int


@frozen
class SequenceIs:
    """A bare ``sequence-set``: message sequence numbers."""

    numbers: SequenceSet


@frozen
class UidIs:
    """``UID sequence-set``."""

    uids: SequenceSet


@frozen
class ModSequenceSince:
    """``MODSEQ [entry-name entry-type] n``: mod-sequence at least ``mod_sequence`` (RFC 7162 §3.1.5)."""

    mod_sequence: int
    entry: bytes | None = None
    entry_type: bytes | None = None


@frozen
class EmailIdIs:
    """``EMAILID objectid`` (RFC 8474 §6)."""

    object_id: bytes


@frozen
class ThreadIdIs:
    """``THREADID objectid`` (RFC 8474 §6)."""

    object_id: bytes


@frozen
class SaveDateSupported:
    """``SAVEDATESUPPORTED`` (RFC 8514 §4.3)."""


@frozen
class Older:
    """``OLDER n``: INTERNALDATE ``seconds`` or more before now (RFC 5032 §2)."""

    seconds: int


@frozen
class Younger:
    """``YOUNGER n``: INTERNALDATE ``seconds`` or less before now (RFC 5032 §2)."""

    seconds: int


@frozen
class Not:
    """``NOT key``."""

    key: "SearchKey"


@frozen
class Or:
    """``OR key key``."""

    left: "SearchKey"
    right: "SearchKey"


@frozen
class And:
    """Juxtaposed or parenthesised keys."""

    keys: tuple["SearchKey", ...]


SearchKey = (
    All | HasFlag | HeaderContains | BodyContains | TextContains | DateIs | Larger | Smaller
    | SequenceIs | UidIs | ModSequenceSince | EmailIdIs | ThreadIdIs | SaveDateSupported | Older | Younger
    | Not | Or | And
)  # fmt: skip
