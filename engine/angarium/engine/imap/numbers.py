"""From the numbers a client writes to UIDs, by the session's view of the mailbox (RFC 9051 §2.3.1, §9)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from angarium.engine.imap.asks import Refused, bad
from angarium.engine.imap.state import Selected
from angarium.grammar.imap.sequence_set import NumberSet, PartialRange, SequenceSet


def uids_of(selected: Selected, numbers: SequenceSet, uid: bool) -> NumberSet:
    """The UIDs that ``numbers`` name, UIDs or message sequence numbers (RFC 9051 §9, ``sequence-set``)."""
    if numbers.saved:
        return selected.saved
    return _of_uids(selected, numbers) if uid else _of_sequence_numbers(selected, numbers)


def _of_uids(selected: Selected, numbers: SequenceSet) -> NumberSet:
    """Clip to what has been announced: a UID that is unknown here is passed over (RFC 9051 §6.4.9)."""
    last = selected.last_uid
    if not last:
        return NumberSet()
    return NumberSet(tuple((low, min(high, last)) for low, high in numbers.resolve(last).ranges if low <= last))


def _of_sequence_numbers(selected: Selected, numbers: SequenceSet) -> NumberSet:
    """A number above the number of messages is an error, and so is ``*`` in an empty mailbox (RFC 9051 §9, ``seq-number``)."""
    count = len(selected.uids)
    resolved = numbers.resolve(count)
    if not count or resolved.ranges[-1][1] > count:
        raise Refused(bad(f"there are {count} messages, expected smaller seq-number"))
    view = selected.uids.numbers
    return NumberSet(tuple((view[low - 1], view[high - 1]) for low, high in resolved.ranges))


def part_of(selected: Selected, uids: NumberSet, partial: PartialRange) -> NumberSet:
    """Of the messages among ``uids`` that the client knows of, those in these places (RFC 9394 §3.3).

    Only the ends of ranges are looked for, so a range may have any number of messages in it.
    """
    view = selected.uids.numbers
    spans = [(bisect_left(view, low), bisect_right(view, high)) for low, high in uids.ranges]
    places = partial.places(sum(end - begin for begin, end in spans))
    part, before = [], 0
    for begin, end in spans:
        first, last = begin + max(places.start - before, 0), min(begin + places.stop - before, end)
        if first < last:
            part.append((view[first], view[last - 1]))
        before += end - begin
    return NumberSet(tuple(part))


def sequence_numbers(selected: Selected, uids: Iterable[int]) -> NumberSet:
    """Message sequence numbers of UIDs in the view (RFC 9051 §2.3.1.2)."""
    return NumberSet.from_numbers(map(selected.sequence_number, uids))


def compact(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Ranges in the order given, for COPYUID, whose two lists correspond one to one (RFC 9051 §7.1)."""
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return tuple(ranges)
