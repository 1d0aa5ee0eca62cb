"""Faults of SEARCH: what matches, how it is told, what is saved (RFC 9051 §6.4.4, RFC 4731, RFC 5182, RFC 7162 §3.1.5)."""

from datetime import timedelta
from typing import Any

from attrs import evolve

from angarium.engine.imap.asks import Asking, Outcome
from angarium.engine.imap.commands import search
from angarium.engine.imap.state import Session
from angarium.engine.operations import Found, SearchMessages
from angarium.grammar.imap import commands as c
from angarium.grammar.imap import search_keys as k
from angarium.grammar.imap.commands import SearchReturn
from angarium.grammar.imap.responses import EsearchData, SearchData
from angarium.grammar.imap.sequence_set import NumberSet, PartialRange
from stateful.faults.changes import Change, altered, answered, asked, replaced, row
from stateful.faults.fault import fault


def changed_leaves(key: k.SearchKey, change: Any) -> k.SearchKey:
    """The key with each of its leaves changed."""
    match key:
        case k.And(keys):
            return k.And(tuple(changed_leaves(each, change) for each in keys))
        case k.Or(left, right):
            return k.Or(changed_leaves(left, change), changed_leaves(right, change))
        case k.Not(inner):
            return k.Not(changed_leaves(inner, change))
        case _:
            return change(key)


def leaf(kind: type, change: Any) -> Change:
    """Keys of one kind are taken for others."""

    def wrong(key: k.SearchKey) -> k.SearchKey:
        return change(key) if isinstance(key, kind) else key

    return asked(SearchMessages, lambda operation: evolve(operation, key=changed_leaves(operation.key, wrong)))


def without_not(key: k.SearchKey) -> k.SearchKey:
    match key:
        case k.And(keys):
            return k.And(tuple(map(without_not, keys)))
        case k.Or(left, right):
            return k.Or(without_not(left), without_not(right))
        case k.Not(inner):
            return without_not(inner)
        case _:
            return key


def and_for_or(key: k.SearchKey) -> k.SearchKey:
    match key:
        case k.And(keys):
            return k.And(tuple(map(and_for_or, keys)))
        case k.Or(left, right):
            return k.And((and_for_or(left), and_for_or(right)))
        case k.Not(inner):
            return k.Not(and_for_or(inner))
        case _:
            return key


def first_key(key: k.SearchKey) -> k.SearchKey:
    return key.keys[0] if isinstance(key, k.And) else key


def keyed(change: Any) -> Change:
    """The store is asked for another key."""
    return asked(SearchMessages, lambda operation: evolve(operation, key=change(operation.key)))


def first_lost(model: Any, operation: SearchMessages, found: Found) -> Found:
    return evolve(found, uids=type(found.uids)(list(found.uids)[1:]))


def uids_for_numbers(session: Session, command: c.Search) -> Asking[Outcome]:
    return search.search(session, evolve(command, uid=True))


def never_extended(session: Session, command: c.Search) -> Asking[Outcome]:
    revision2, session.revision2 = session.revision2, False
    try:
        return (yield from search.search(session, evolve(command, returns=None)))
    finally:
        session.revision2 = revision2


def without(option: SearchReturn) -> Change:
    """One of the options is passed over."""

    def handler(session: Session, command: c.Search) -> Asking[Outcome]:
        returns = command.returns and command.returns - {option}
        return search.search(session, evolve(command, returns=returns or command.returns))

    return row(c.Search, handler=handler)


def saved_is_empty(returns: frozenset[SearchReturn], uids: Any) -> NumberSet:
    return NumberSet()


def ordered(data: EsearchData) -> PartialRange | None:
    """The range with its lesser end first."""
    return data.partial and PartialRange(*sorted((data.partial.range.first, data.partial.range.last)))


def from_the_beginning(wanted: PartialRange, count: int) -> slice:
    """Places from the end are taken for places from the beginning."""
    low, high = sorted((abs(wanted.first), abs(wanted.last)))
    return slice(low - 1, high)


def all_beside_partial(wish: search.Wish, uids: Any) -> NumberSet:
    return NumberSet.from_numbers(uids if wish.partial else search.reported(wish, uids))


def saved_is_everything(returns: frozenset[SearchReturn], uids: Any) -> NumberSet:
    return NumberSet.from_numbers(uids)


def one_higher(modseq: int | None) -> int | None:
    return modseq and modseq + 1


FAULTS = (
    fault("SEARCH finds everything", "rfc9051-6.4.4-26", keyed(lambda key: k.All())),
    fault("SEARCH finds nothing", "rfc9051-6.4.4-26", keyed(lambda key: k.Not(k.All()))),
    fault("SEARCH leaves out the first message found", "rfc9051-6.4.4-26", answered(SearchMessages, first_lost)),
    fault("NOT is passed over", "rfc9051-6.4.4-14", keyed(without_not)),
    fault("OR is taken for AND", "rfc9051-6.4.4-14", keyed(and_for_or)),
    fault("of several keys the first counts", "rfc9051-6.4.4-14", keyed(first_key)),
    fault("SEARCH by flag finds what lacks it", "rfc9051-6.4.4-26", leaf(k.HasFlag, k.Not)),
    fault("SEARCH LARGER finds what is as large", "rfc9051-6.4.4-26", leaf(k.Larger, lambda key: k.Larger(key.octets - 40))),
    fault(
        "SEARCH HEADER looks at the whole message",
        "rfc9051-6.4.4-24",
        leaf(k.HeaderContains, lambda key: k.TextContains(key.text)),
    ),
    fault("SEARCH TEXT looks at the body only", "rfc9051-6.4.4-26", leaf(k.TextContains, lambda key: k.BodyContains(key.text))),
    fault(
        "SEARCH HEADER with an empty text finds nothing",
        "rfc9051-6.4.4-24",
        leaf(k.HeaderContains, lambda key: key if key.text else k.Not(k.All())),
    ),
    fault("dates are a day late", "rfc9051-6.4.4-26", leaf(k.DateIs, lambda key: evolve(key, day=key.day + timedelta(days=1)))),
    fault(
        "SENTON and its like go by the internal date",
        "rfc9051-6.4.4-26",
        leaf(k.DateIs, lambda key: evolve(key, field=k.DateField.INTERNAL)),
    ),
    fault(
        "SEARCH MODSEQ leaves out what is equal",
        "rfc7162-3.1.5-1",
        leaf(k.ModSequenceSince, lambda key: evolve(key, mod_sequence=key.mod_sequence + 1)),
    ),
    fault("SEARCH MODSEQ tells no mod-sequence", "rfc7162-3.1.5-4", replaced(search, "asks_modseq", lambda key: False)),
    fault(
        "the mod-sequence of a SEARCH is one too high",
        "rfc7162-3.1.5-4",
        altered((SearchData, EsearchData), lambda data: evolve(data, mod_sequence=one_higher(data.mod_sequence))),
    ),
    fault("SEARCH answers with UIDs where numbers are asked for", "rfc9051-6.4.9-3", row(c.Search, handler=uids_for_numbers)),
    fault("ESEARCH is answered as SEARCH", "rfc4731-3.1-11 rfc9051-6.4.4-13", row(c.Search, handler=never_extended)),
    fault(
        "SEARCH is not answered where nothing is found",
        "rfc3501-6.4.4-2",
        altered(SearchData, lambda data: data if data.numbers else None),
    ),
    fault(
        "ESEARCH does not come where nothing is found",
        "rfc9051-6.4.4-5",
        altered(EsearchData, lambda data: data if data.all or data.minimum or data.maximum or data.count else None),
    ),
    fault("ESEARCH names no tag", "rfc9051-7.3.4-1", altered(EsearchData, lambda data: evolve(data, tag=None))),
    fault("ESEARCH names another tag", "rfc9051-7.3.4-1", altered(EsearchData, lambda data: evolve(data, tag=b"t0"))),
    fault(
        "ESEARCH of UID SEARCH is not marked UID",
        "rfc9051-6.4.9-3 rfc4731-3.1-12",
        altered(EsearchData, lambda data: evolve(data, uid=False)),
    ),
    fault(
        "MAX is the least",
        "rfc4731-3.1-4",
        altered(EsearchData, lambda data: evolve(data, maximum=data.maximum and (data.minimum or 1))),
    ),
    fault(
        "COUNT is left out where it is 0",
        "rfc9051-6.4.4-11",
        altered(EsearchData, lambda data: evolve(data, count=data.count or None)),
    ),
    fault(
        "ALL comes though nobody asked",
        "rfc9051-6.4.4-13",
        altered(EsearchData, lambda data: evolve(data, all=data.all or NumberSet.from_numbers([1]))),
    ),
    fault("MIN is passed over", "rfc4731-3.1-1", without(SearchReturn.MIN)),
    fault("SAVE is passed over", "rfc9051-6.4.4.1-2 rfc5182-2.1-3", without(SearchReturn.SAVE)),
    fault("SAVE saves nothing", "rfc9051-6.4.4.1-2", replaced(search, "saved", saved_is_empty)),
    fault("SAVE with MIN saves everything", "rfc9051-6.4.4.1-7 rfc5182-2.4-2", replaced(search, "saved", saved_is_everything)),
    fault(
        "PARTIAL from the end counts from the beginning",
        "rfc9394-3.1-1",
        replaced(PartialRange, "places", from_the_beginning),
    ),
    fault(
        "PARTIAL puts the ends of its range in order",
        "rfc9394-3.1-4",
        altered(EsearchData, lambda data: evolve(data, partial=data.partial and evolve(data.partial, range=ordered(data)))),
    ),
    fault("PARTIAL tells everything", "rfc9394-3.1-1", replaced(search, "part", lambda wish, uids: uids if wish.partial else ())),
    fault("SAVE with PARTIAL saves everything", "rfc9394-3.2-1", replaced(search, "saved", all_beside_partial), attempts=4),
)
