"""Octets of the values that commands and responses share (RFC 9051 §4, §9): the opposite of ``terminals``."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from angarium.grammar.imap.mailbox_name import encode_modified_utf7
from angarium.grammar.imap.sections import Section
from angarium.grammar.imap.sequence_set import STAR, SequenceSet
from angarium.grammar.imap.terminals import MONTHS

_MONTHS: Final = tuple(month.encode("ascii") for month in MONTHS)
_QUOTED_OCTETS_MAX: Final = 1024  # a longer line is hard on peers with small line buffers
# RFC 9051 §9 lets more of CTL into quoted than is wise to send: a literal is understood by everyone.
_QUOTABLE: Final = re.compile(rb"[\t -~]*\Z")
_QUOTABLE_UTF8: Final = re.compile(rb"[\t -~\x80-\xFF]*\Z")
_SPECIAL: Final = re.compile(rb'(["\\])')
_ASTRING_ATOM: Final = re.compile(rb"[!#$&'+,\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]+\Z")
_LIST_ATOM: Final = re.compile(rb"[!#$%&'*+,\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]+\Z")


def render_quoted(octets: bytes, utf8: bool = False) -> bytes | None:
    """``quoted`` (RFC 9051 §4.3), or None where only a literal can carry ``octets``.

    ``utf8``: UTF-8 may stand in it, as IMAP4rev2 allows; octets above 127 that are not UTF-8 never may.
    """
    if len(octets) > _QUOTED_OCTETS_MAX or not (_QUOTABLE_UTF8 if utf8 else _QUOTABLE).match(octets):
        return None
    if utf8 and not octets.isascii():
        try:
            octets.decode("utf-8")
        except UnicodeDecodeError:
            return None
    if b'"' in octets or b"\\" in octets:
        octets = _SPECIAL.sub(rb"\\\1", octets)
    return b'"' + octets + b'"'


def render_literal(octets: bytes) -> bytes:
    """``literal`` as a server sends it (RFC 9051 §4.3)."""
    return b"{%d}\r\n%b" % (len(octets), octets)


def render_string(octets: bytes) -> bytes:
    """``string``: quoted if it can be (RFC 9051 §4.3)."""
    return render_quoted(octets) or render_literal(octets)


def render_nstring(octets: bytes | None) -> bytes:
    """``nstring`` (RFC 9051 §4.4)."""
    return b"NIL" if octets is None else render_string(octets)


def is_astring_atom(octets: bytes) -> bool:
    """Whether ``octets`` may stand as they are where an ``astring`` is wanted; NIL may, but would be misread."""
    return bool(_ASTRING_ATOM.match(octets)) and octets.upper() != b"NIL"


def is_list_atom(octets: bytes) -> bool:
    """Whether ``octets`` may stand as they are where a ``list-mailbox`` is wanted (RFC 9051 §6.3.9)."""
    return bool(_LIST_ATOM.match(octets)) and octets.upper() != b"NIL"


def render_astring(octets: bytes) -> bytes:
    """``astring`` (RFC 9051 §9)."""
    return octets if is_astring_atom(octets) else render_string(octets)


def mailbox_octets(name: str, utf8: bool) -> bytes:
    """A mailbox name as it goes into a string: UTF-8 (RFC 9051 §5.1) or modified UTF-7 (RFC 3501 §5.1.3)."""
    return name.encode("utf-8") if utf8 else encode_modified_utf7(name)


def render_mailbox(name: str, utf8: bool) -> bytes:
    """``mailbox`` in a response (RFC 9051 §9)."""
    octets = mailbox_octets(name, utf8)
    if is_astring_atom(octets):
        return octets
    return render_quoted(octets, utf8) or render_literal(octets)


def render_flags(flags: Iterable[bytes]) -> bytes:
    """``flag-list`` (RFC 9051 §9)."""
    return b"(" + b" ".join(flags) + b")"


def render_date_time(moment: datetime) -> bytes:
    """``date-time``: the local time of the moment's own zone; without a zone it counts as UTC (RFC 9051 §9)."""
    offset = moment.utcoffset()
    minutes = 0 if offset is None else offset.days * 1440 + offset.seconds // 60
    return b'"%2d-%b-%04d %02d:%02d:%02d %b%02d%02d"' % (
        moment.day,
        _MONTHS[moment.month - 1],
        moment.year,
        moment.hour,
        moment.minute,
        moment.second,
        b"-" if minutes < 0 else b"+",
        *divmod(abs(minutes), 60),
    )


def render_section_part(part: tuple[int, ...]) -> bytes:
    """``section-part`` (RFC 9051 §9)."""
    return b".".join([b"%d" % number for number in part])


def render_section(section: Section) -> bytes:
    """``section`` with its brackets, as a response echoes it (RFC 9051 §6.4.5, §7.5.2)."""
    spec = render_section_part(section.part)
    if section.text is not None:
        spec = spec + b"." + section.text.value if spec else section.text.value
        if section.fields:
            spec += b" (" + b" ".join([render_astring(name) for name in section.fields]) + b")"
    return b"[" + spec + b"]"


def render_ranges(ranges: Iterable[tuple[int, int]]) -> bytes:
    """``sequence-set`` or ``uid-set`` with the ranges in their order (RFC 9051 §9)."""
    return b",".join([_seq_number(low) if low == high else _seq_number(low) + b":" + _seq_number(high) for low, high in ranges])


def _seq_number(number: int) -> bytes:
    return b"*" if number == STAR else b"%d" % number


def render_sequence_set(numbers: SequenceSet) -> bytes:
    """``sequence-set`` (RFC 9051 §9)."""
    return b"$" if numbers.saved else render_ranges(numbers.ranges)
