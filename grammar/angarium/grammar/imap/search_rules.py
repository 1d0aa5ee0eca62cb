"""``search-key`` rules to values (RFC 9051 §6.4.4, RFC 3501 §6.4.4, RFC 7162 §3.1.5 and extensions)."""

from collections.abc import Callable
from typing import Any, Final

from lark import Token

from angarium.grammar.imap import search_keys as keys
from angarium.grammar.imap import terminals
from angarium.grammar.imap.search_keys import DateField, DateTest, SearchKey
from angarium.grammar.imap.terminals import NUMBER64_MAX, Source

SYSTEM_FLAGS: Final = {
    "ANSWERED": rb"\Answered",
    "DELETED": rb"\Deleted",
    "DRAFT": rb"\Draft",
    "FLAGGED": rb"\Flagged",
    "RECENT": rb"\Recent",
    "SEEN": rb"\Seen",
}
"""``search-key`` that names a system flag; with UN before it, the flag is absent."""

FLAG_KEYS: Final[dict[str, SearchKey]] = {
    "ALL": keys.All(),
    **{name: keys.HasFlag(flag) for name, flag in SYSTEM_FLAGS.items()},
    **{f"UN{name}": keys.Not(keys.HasFlag(flag)) for name, flag in SYSTEM_FLAGS.items() if name != "RECENT"},
    "NEW": keys.And((keys.HasFlag(rb"\Recent"), keys.Not(keys.HasFlag(rb"\Seen")))),
    "OLD": keys.Not(keys.HasFlag(rb"\Recent")),
    "SAVEDATESUPPORTED": keys.SaveDateSupported(),
}
"""Every ``search-key`` without an argument."""

DATE_FIELDS: Final = {"SENT": DateField.SENT, "SAVED": DateField.SAVED}
"""How ``search-key`` begins that looks at another date than INTERNALDATE (RFC 9051 §6.4.4, RFC 8514 §4.3)."""


def _flag(children: list[Any], source: Source) -> SearchKey:
    return FLAG_KEYS[children[0].upper()]


def _keyword(children: list[Any], source: Source) -> SearchKey:
    name, keyword = children
    present = keys.HasFlag(keyword.encode("ascii"))
    return present if name.upper() == "KEYWORD" else keys.Not(present)


def _string(children: list[Any], source: Source) -> SearchKey:
    name, token = children
    text = terminals.string(token, source)
    match name.upper():
        case "BODY":
            return keys.BodyContains(text)
        case "TEXT":
            return keys.TextContains(text)
        case field:
            return keys.HeaderContains(field.encode("ascii"), text)


def _header(children: list[Any], source: Source) -> SearchKey:
    field, text = children
    return keys.HeaderContains(terminals.string(field, source), terminals.string(text, source))


def _date(children: list[Any], source: Source) -> SearchKey:
    name, token = children
    for prefix, field in DATE_FIELDS.items():
        if name.upper().startswith(prefix):
            return keys.DateIs(field, DateTest(name.upper().removeprefix(prefix)), terminals.day(token))
    return keys.DateIs(DateField.INTERNAL, DateTest(name.upper()), terminals.day(token))


def _size(children: list[Any], source: Source) -> SearchKey:
    name, token = children
    octets = terminals.number(token, 0, NUMBER64_MAX)
    return keys.Larger(octets) if name.upper() == "LARGER" else keys.Smaller(octets)


def _modsequence(children: list[Any], source: Source) -> SearchKey:
    entry, entry_type, token = children
    mod_sequence = terminals.number(token, 0, NUMBER64_MAX)
    if entry is None:
        return keys.ModSequenceSince(mod_sequence)
    return keys.ModSequenceSince(mod_sequence, terminals.string(entry, source), entry_type.lower().encode("ascii"))


def _object_id(children: list[Token], source: Source) -> SearchKey:
    name, object_id = children
    key = keys.EmailIdIs if name.upper() == "EMAILID" else keys.ThreadIdIs
    return key(object_id.encode("ascii"))


def _within(children: list[Token], source: Source) -> SearchKey:
    name, seconds = children
    return (keys.Older if name.upper() == "OLDER" else keys.Younger)(terminals.number(seconds, 1))


def _sequence(children: list[Token], source: Source) -> SearchKey:
    return keys.SequenceIs(terminals.sequence_set(children[0]))


def _uid(children: list[Token], source: Source) -> SearchKey:
    return keys.UidIs(terminals.sequence_set(children[0]))


def _not(children: list[Any], source: Source) -> SearchKey:
    return keys.Not(children[0])


def _or(children: list[Any], source: Source) -> SearchKey:
    return keys.Or(*children)


def conjunction(children: list[Any], source: Source) -> SearchKey:
    """Keys in a row: all of them; one alone is itself (RFC 9051 §6.4.4)."""
    return children[0] if len(children) == 1 else keys.And(tuple(children))


SEARCH_RULES: Final[dict[str, Callable[[list[Any], Source], Any]]] = {
    "search_flag": _flag,
    "search_keyword": _keyword,
    "search_string": _string,
    "search_header": _header,
    "search_date": _date,
    "search_size": _size,
    "search_modsequence": _modsequence,
    "search_objectid": _object_id,
    "search_within": _within,
    "search_sequence": _sequence,
    "search_uid": _uid,
    "search_not": _not,
    "search_or": _or,
    "search_and": conjunction,
    "search_keys": conjunction,
}
