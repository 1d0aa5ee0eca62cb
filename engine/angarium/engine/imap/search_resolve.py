"""SEARCH keys as a store can evaluate them: no message numbers, no session, text in UTF-8 (RFC 9051 §6.4.4)."""

from collections.abc import Callable, Iterator
from typing import Final

from attrs import evolve

from angarium.engine.imap.asks import Refused, no
from angarium.engine.imap.limits import Limits
from angarium.engine.imap.numbers import uids_of
from angarium.engine.imap.state import Selected
from angarium.grammar.imap.responses import Code
from angarium.grammar.imap.search_keys import (
    And,
    BodyContains,
    HasFlag,
    HeaderContains,
    ModSequenceSince,
    Not,
    Or,
    SearchKey,
    SequenceIs,
    TextContains,
    UidIs,
)
from angarium.grammar.imap.sequence_set import NumberSet, SequenceSet

Decode = Callable[[bytes], bytes]
"""From the client's charset to UTF-8."""

NOT_CHARSETS: Final = frozenset({"idna", "punycode", "raw_unicode_escape", "unicode_escape", "undefined", "utf_7", "mbcs", "oem"})
"""Codecs of Python that are no charsets of mail, or not safe ones."""


def require_modest(key: SearchKey, limits: Limits) -> None:
    """Refuse more keys than one SEARCH may have, for cost grows with each (RFC 9051 §7.1, RFC 5530 §3 LIMIT)."""
    keys = text_keys = 0
    for leaf in leaves(key):
        keys += 1
        text_keys += isinstance(leaf, HeaderContains | BodyContains | TextContains)
    if keys > limits.search_keys_max:
        raise Refused(no(f"more than {limits.search_keys_max} search keys", Code.LIMIT))
    if text_keys > limits.search_text_keys_max:
        raise Refused(no(f"more than {limits.search_text_keys_max} search keys look at text", Code.LIMIT))


def leaves(key: SearchKey) -> Iterator[SearchKey]:
    """The keys that are not made of others (RFC 9051 §6.4.4)."""
    match key:
        case And(keys=keys):
            for inner in keys:
                yield from leaves(inner)
        case Or(left=left, right=right):
            yield from leaves(left)
            yield from leaves(right)
        case Not(key=inner):
            yield from leaves(inner)
        case _:
            yield key


def mapped(key: SearchKey, change: Callable[[SearchKey], SearchKey]) -> SearchKey:
    """The same key with other leaves."""
    match key:
        case And(keys=keys):
            return And(tuple(mapped(inner, change) for inner in keys))
        case Or(left=left, right=right):
            return Or(mapped(left, change), mapped(right, change))
        case Not(key=inner):
            return Not(mapped(inner, change))
        case _:
            return change(key)


def resolve(key: SearchKey, selected: Selected, decode: Decode) -> SearchKey:
    r"""Replace sets by plain UIDs, \Recent by what it is here, and text by its UTF-8 (RFC 9051 §6.4.4)."""

    def resolved(leaf: SearchKey) -> SearchKey:
        match leaf:
            case SequenceIs(numbers=numbers):
                return _uids(uids_of(selected, numbers, uid=False))
            case UidIs(uids=uids):
                return _uids(uids_of(selected, uids, uid=True))
            case HasFlag(flag=flag) if flag.lower() == rb"\recent":
                return _uids(NumberSet(tuple(selected.recent)))
            case HeaderContains() | BodyContains() | TextContains():
                return evolve(leaf, text=decode(leaf.text))
            case _:
                return leaf

    return mapped(key, resolved)


def fixed(key: SearchKey, selected: Selected, decode: Decode) -> SearchKey:
    r"""What has to be kept of a search to repeat it later: what message numbers and ``$`` meant, and text (RFC 5267 §4.3).

    ``*`` among UIDs and \Recent are left as they are: what they mean changes with the mailbox.
    """

    def kept(leaf: SearchKey) -> SearchKey:
        stays = isinstance(leaf, HasFlag) or (isinstance(leaf, UidIs) and not leaf.uids.saved)
        return leaf if stays else resolve(leaf, selected, decode)

    return mapped(key, kept)


def _uids(numbers: NumberSet) -> UidIs:
    return UidIs(SequenceSet(numbers.ranges))


def asks_modseq(key: SearchKey) -> bool:
    """Whether MODSEQ is among the keys, so that the answer carries one (RFC 7162 §3.1.5)."""
    return any(isinstance(leaf, ModSequenceSince) for leaf in leaves(key))


def decoder(charset: bytes | None) -> Decode:
    """Text is UTF-8 unless CHARSET says otherwise (RFC 9051 §6.4.4; for IMAP4rev1 US-ASCII, which is part of it)."""
    name = (charset or b"UTF-8").decode("ascii", "replace")
    if not _is_charset(name):
        raise Refused(no("no such charset", Code.BADCHARSET, b"US-ASCII", b"UTF-8"))

    def decode(text: bytes) -> bytes:
        try:
            return text.decode(name).encode("utf-8")
        except UnicodeError:
            raise Refused(no("the text is not in this charset", Code.BADCHARSET, b"US-ASCII", b"UTF-8")) from None

    return decode


def _is_charset(name: str) -> bool:
    """Whether Python decodes it to text; looked at with octets, for those of no text are decoded unseen."""
    try:
        b"ab".decode(name)
    except UnicodeError:
        pass
    except (LookupError, ValueError):
        return False
    return name.lower().replace("-", "_") not in NOT_CHARSETS
