"""``search-key`` values to octets (RFC 9051 §6.4.4, RFC 7162 §3.1.5 and extensions)."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from angarium.grammar.imap import search_keys as keys
from angarium.grammar.imap.render_strings import Part, astring, string
from angarium.grammar.imap.render_values import render_sequence_set
from angarium.grammar.imap.search_keys import DateField, SearchKey
from angarium.grammar.imap.search_rules import DATE_FIELDS, SYSTEM_FLAGS
from angarium.grammar.imap.terminals import MONTHS

_FLAG_NAMES: Final = {flag.lower(): name.encode("ascii") for name, flag in SYSTEM_FLAGS.items()}
_DATE_PREFIXES: Final = {DateField.INTERNAL: b"", **{field: name.encode("ascii") for name, field in DATE_FIELDS.items()}}
_FIELD_KEYS: Final = {b"BCC", b"CC", b"FROM", b"SUBJECT", b"TO"}


def search_key_parts(key: SearchKey, utf8: bool) -> Iterator[Part]:
    """One ``search-key``, in parentheses if it is several."""
    match key:
        case keys.And(several):
            yield b"("
            yield from conjunction_parts(several, utf8)
            yield b")"
        case keys.Or(left, right):
            yield b"OR "
            yield from search_key_parts(left, utf8)
            yield b" "
            yield from search_key_parts(right, utf8)
        case keys.Not(keys.HasFlag(flag)) if flag.lower() != rb"\recent":
            yield b"UN" + _flag(flag)
        case keys.Not(negated):
            yield b"NOT "
            yield from search_key_parts(negated, utf8)
        case keys.HeaderContains(field, text) if field in _FIELD_KEYS:
            yield field + b" "
            yield astring(text, utf8)
        case keys.HeaderContains(field, text):
            yield b"HEADER "
            yield astring(field, utf8)
            yield b" "
            yield astring(text, utf8)
        case keys.BodyContains(text):
            yield b"BODY "
            yield astring(text, utf8)
        case keys.TextContains(text):
            yield b"TEXT "
            yield astring(text, utf8)
        case _:
            yield from _simple(key)


def conjunction_parts(several: tuple[SearchKey, ...], utf8: bool) -> Iterator[Part]:
    """``search-key`` by ``search-key`` with SP between."""
    for index, key in enumerate(several):
        if index:
            yield b" "
        yield from search_key_parts(key, utf8)


def _simple(key: SearchKey) -> Iterator[Part]:
    match key:
        case keys.HasFlag(flag):
            yield _flag(flag)
        case keys.DateIs(field, test, day):
            yield _DATE_PREFIXES[field] + test.value.encode("ascii") + b" " + _date(day)
        case keys.Larger(octets):
            yield b"LARGER %d" % octets
        case keys.Smaller(octets):
            yield b"SMALLER %d" % octets
        case keys.SequenceIs(numbers):
            yield render_sequence_set(numbers)
        case keys.UidIs(uids):
            yield b"UID " + render_sequence_set(uids)
        case keys.ModSequenceSince(mod_sequence, entry, entry_type):
            yield b"MODSEQ "
            if entry is not None and entry_type is not None:
                yield string(entry, False)
                yield b" %b " % entry_type
            yield b"%d" % mod_sequence
        case keys.EmailIdIs(object_id):
            yield b"EMAILID " + object_id
        case keys.ThreadIdIs(object_id):
            yield b"THREADID " + object_id
        case keys.SaveDateSupported():
            yield b"SAVEDATESUPPORTED"
        case keys.Older(seconds):
            yield b"OLDER %d" % seconds
        case keys.Younger(seconds):
            yield b"YOUNGER %d" % seconds
        case _:
            yield b"ALL"


def _flag(flag: bytes) -> bytes:
    return _FLAG_NAMES.get(flag.lower()) or b"KEYWORD " + flag


def _date(day: date) -> bytes:
    return f"{day.day}-{MONTHS[day.month - 1]}-{day.year:04}".encode("ascii")
