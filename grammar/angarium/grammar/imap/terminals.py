"""Values of the terminals that commands and responses share: strings, numbers, sets, dates, sections (RFC 9051 §4, §9).

The grammar has already accepted the text, so these functions only convert; what they refuse is a value out of range.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Final

from attrs import field, frozen
from lark import Token

from angarium.grammar.imap.commands import StagedLiteral
from angarium.grammar.imap.framing import Frame
from angarium.grammar.imap.mailbox_name import canonical, decode_modified_utf7
from angarium.grammar.imap.sections import Partial, Section, SectionText
from angarium.grammar.imap.sequence_set import STAR, NumberList, NumberSet, PartialRange, SequenceSet, in_order
from angarium.grammar.imap.syntax_errors import ValueRefused

NUMBER_MAX: Final = 2**32 - 1
NUMBER64_MAX: Final = 2**63 - 1

_ESCAPED: Final = re.compile(r'\\(["\\])')
_ASTRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\{[0-9]+\+?\}\r\n|[^ ()]+', re.DOTALL)
_LITERAL: Final = re.compile(rb"\{[0-9]+\+?\}\r\n")
_SECTION: Final = re.compile(
    r"\[(?P<part>[0-9.]*)(?P<text>[A-Z.]*)(?: \((?P<fields>.*)\))?\](?:<(?P<offset>[0-9]+)(?:\.(?P<size>[0-9]+))?>)?",
    re.IGNORECASE | re.DOTALL,
)
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS: Final = {month.upper(): number for number, month in enumerate(MONTHS, start=1)}


@frozen
class Source:
    """What a value needs beside the text: the literals, by the offset where their announcement ends, and the charset of names.

    ``utf8``: mailbox names are Net-Unicode (RFC 9051 §5.1), else modified UTF-7 (RFC 3501 §5.1.3).
    """

    utf8: bool
    literals: Mapping[int, bytes | StagedLiteral] = field(factory=dict)


def source_of(frame: Frame, start: int, utf8: bool) -> Source:
    """Match the announcements in the frame's text from octet ``start`` on with the frame's literals."""
    if not frame.literals:
        return Source(utf8)
    # Nothing but an announcement holds CR LF, so this finds them all; those before ``start`` are no literal of a sentence.
    ends = (announcement.end() - start for announcement in _LITERAL.finditer(frame.octets))
    return Source(utf8, dict(zip(ends, frame.literals, strict=False)))


def string(token: Token, source: Source) -> bytes:
    """``astring``, ``string``, ``list-mailbox``: the octets meant (RFC 9051 §4)."""
    return octets_of(token, token.start_pos or 0, source)


def octets_of(text: str, start: int, source: Source) -> bytes:
    """The octets meant by a string that begins at offset ``start`` of the whole text."""
    if text[0] == '"':
        text = text[1:-1]
        return (_ESCAPED.sub(r"\1", text) if "\\" in text else text).encode("latin-1")
    if text[-1] != "\n":
        return text.encode("latin-1")
    literal = source.literals.get(start + len(text))
    # RFC 9051 §9: CHAR8 is any octet but NUL; and only APPEND has a use for a literal that went to the store.
    if not isinstance(literal, bytes) or b"\0" in literal:
        raise ValueRefused(start, "string")
    return literal


def literal(token: Token, source: Source) -> bytes | StagedLiteral:
    """``literal`` and ``literal8`` of APPEND: in memory or in the store (RFC 9051 §6.3.12)."""
    content = source.literals.get(token.end_pos or 0)
    if content is None:
        raise ValueRefused(token.start_pos or 0, "literal")
    return content


def nstring(token: Token, source: Source) -> bytes | None:
    """``nstring`` (RFC 9051 §4.4)."""
    return None if token[0] in "Nn" else string(token, source)


def mailbox(token: Token, source: Source) -> str:
    """``mailbox``: text of a name, INBOX in one spelling (RFC 9051 §5.1)."""
    octets = string(token, source)
    try:
        return canonical(octets.decode("utf-8") if source.utf8 else decode_modified_utf7(octets))
    except ValueError:
        raise ValueRefused(token.start_pos or 0, "mailbox") from None


def list_mailbox(token: Token, source: Source) -> str:
    """``list-mailbox``: a pattern; what is not modified UTF-7 can match no name but is no error (RFC 3501 §6.3.8)."""
    octets = string(token, source)
    try:
        return octets.decode("utf-8") if source.utf8 else decode_modified_utf7(octets)
    except ValueError:
        if octets.isascii():
            return octets.decode("ascii")
        raise ValueRefused(token.start_pos or 0, "list-mailbox") from None


def count(digits: str, start: int, high: int, rule: str) -> int:
    """Digits at offset ``start`` to a number that the RFC's words limit to ``high``."""
    # int() of very many digits is slow; leading zeros are digits too.
    value = int(digits) if len(digits) <= 20 else int(digits.lstrip("0")[:20] or "0")
    if value > high:
        raise ValueRefused(start, rule)
    return value


def number(token: Token, low: int = 0, high: int = NUMBER_MAX) -> int:
    """``number``, ``nz-number``, ``number64``, ``mod-sequence-value`` with the range that the RFC gives it in words."""
    rule = token.type.lower().replace("_", "-")
    value = count(token, token.start_pos or 0, high, rule)
    if value < low:
        raise ValueRefused(token.start_pos or 0, rule)
    return value


def nz_numbers(token: Token) -> tuple[int, ...]:
    """``nz-number`` with SP between, in the order sent: SEARCH and SORT data (RFC 9051 §9, RFC 5256 §5)."""
    # A list is faster than a generator here, and int() than a check of each: answers have many thousands.
    found = tuple([int(number) for number in token.split(" ")])
    count(str(max(found)), token.start_pos or 0, NUMBER_MAX, "nz-number")
    return found


def nz_number64(token: Token) -> int:
    """``mod-sequence-value``: 1 to 2**63-1 (RFC 7162 §7)."""
    return number(token, 1, NUMBER64_MAX)


def sequence_set(token: Token) -> SequenceSet:
    """``sequence-set`` (RFC 9051 §9)."""
    if token == "$":
        return SequenceSet(saved=True)
    return SequenceSet(ranges(token))


def ranges(token: Token) -> tuple[tuple[int, int], ...]:
    """``uid-set`` with the ranges as they were sent: COPYUID pairs them in that order (RFC 9051 §7.1)."""
    return tuple(_ranges(token))


def number_set(token: Token) -> NumberSet:
    """``uid-set`` as a set (RFC 9051 §9)."""
    return NumberSet.of((min(pair), max(pair)) for pair in _ranges(token))


def number_list(token: Token) -> NumberSet | NumberList:
    """``sequence-set`` of a result, in the order sent (RFC 5267 §3.2: 12:10 is 10:12)."""
    return in_order((min(pair), max(pair)) for pair in _ranges(token))


def _ranges(token: Token) -> Iterator[tuple[int, int]]:
    for part in token.split(","):
        first, colon, last = part.partition(":")
        low = _seq_number(first, token)
        yield low, _seq_number(last, token) if colon else low


def _seq_number(text: str, token: Token) -> int:
    if text == "*":
        return STAR
    return count(text, token.start_pos or 0, NUMBER_MAX, "nz-number")


def flags(token: Token) -> tuple[bytes, ...]:
    """``flag-list`` or flags with spaces between (RFC 9051 §9)."""
    return tuple(token.strip("()").encode("ascii").split())


def day(token: Token) -> date:
    """``date`` (RFC 9051 §9)."""
    number, month, year = token.strip('"').split("-")
    try:
        return date(int(year), _MONTHS[month.upper()], int(number))
    except ValueError:
        raise ValueRefused(token.start_pos or 0, "date") from None


def partial_range(token: Token) -> PartialRange:
    """``partial-range`` (RFC 9394 §4)."""
    first, last = token.split(":")
    start = token.start_pos or 0
    sign = -1 if first[0] == "-" else 1
    return PartialRange(*(sign * count(number.lstrip("-"), start, NUMBER_MAX, "nz-number") for number in (first, last)))


def date_time(token: Token) -> datetime:
    """``date-time`` (RFC 9051 §9); second 60, a leap second, counts as 59 (``quirk_leap_second``)."""
    text = token
    hours, minutes = int(text[23:25]), int(text[25:27])
    try:
        if minutes > 59:
            raise ValueError
        zone = timezone(timedelta(hours=hours, minutes=minutes) * (-1 if text[22] == "-" else 1))
        second = 59 if text[19:21] == "60" else int(text[19:21])
        return datetime(
            int(text[8:12]), _MONTHS[text[4:7].upper()], int(text[1:3]), int(text[13:15]), int(text[16:18]), second, 0, zone
        )
    except ValueError:
        raise ValueRefused(token.start_pos or 0, "date-time") from None


def section_part(text: str, start: int) -> tuple[int, ...]:
    """``section-part`` (RFC 9051 §9)."""
    if not text:
        return ()
    return tuple(count(number, start, NUMBER_MAX, "section-part") for number in text.split("."))


def section(token: Token, source: Source) -> tuple[Section, int | None, int | None, int]:
    """``section`` in a terminal, the two numbers of ``partial`` behind it, and where it ends (RFC 9051 §6.4.5)."""
    bracket = token.index("[")
    start = (token.start_pos or 0) + bracket
    found = _SECTION.match(token, bracket)
    assert found, "the terminal in rfc9051.lark and this pattern disagree"
    part, text, fields, offset, size = found.group("part", "text", "fields", "offset", "size")
    names = []
    if fields:
        listed = (token.start_pos or 0) + found.start("fields")
        names = [octets_of(name[0], listed + name.start(), source) for name in _ASTRING.finditer(fields)]
    return (
        Section(
            section_part(part.rstrip("."), start),
            SectionText(text.upper().encode("ascii")) if text else None,
            tuple(names),
        ),
        None if offset is None else count(offset, start, NUMBER64_MAX, "number64"),
        None if size is None else count(size, start, NUMBER64_MAX, "nz-number64"),
        found.end(),
    )


def partial(offset: int | None, size: int | None) -> Partial | None:
    """``partial`` of a FETCH command (RFC 9051 §6.4.5)."""
    return None if offset is None or size is None else Partial(offset, size)
