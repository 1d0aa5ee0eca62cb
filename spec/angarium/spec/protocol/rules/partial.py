"""PARTIAL: results and messages by their place (RFC 9394 §3.1, §3.3; RFC 5267 §4.4)."""

from collections.abc import Sequence
from typing import TypeVar

from angarium.grammar.imap.commands import Fetch, Search, Sort
from angarium.grammar.imap.responses import Condition, EsearchData
from angarium.grammar.imap.sequence_set import PartialRange
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.replay import require_only_updates
from angarium.spec.protocol.turn import Turn

T = TypeVar("T")


def in_range(results: Sequence[T], wanted: PartialRange | None) -> list[T]:
    """The results from the one place to the other, both counted from 1, or back from the last (RFC 9394 §3.1)."""
    if wanted is None:
        return []
    least, most = sorted(abs(place) for place in (wanted.first, wanted.last))
    count = len(results)
    places = enumerate(results, start=1) if wanted.first > 0 else ((count - at, each) for at, each in enumerate(results))
    return [each for place, each in places if least <= place <= most]


def named(turn: Turn, command: Fetch) -> list[int]:
    """The messages that FETCH is about; another server may have passed over those that are gone (RFC 9394 §3.3)."""
    found = turn.targets(command.numbers, command.uid)
    if command.partial is None:
        return found
    there = [uid for uid in found if uid in turn.mailbox.messages]
    return in_range(found if turn.exact or there == found else turn.choices.pick((found, there)), command.partial)


def is_misplaced(command: Fetch) -> bool:
    """Say whether PARTIAL stands in a FETCH that is not by UID (RFC 9394 §3.3)."""
    return command.partial is not None and not command.uid


def refused(turn: Turn) -> None:
    """Only UID FETCH knows the modifier (RFC 9394 §3.3)."""
    turn.answer.expect(Condition.BAD, rule="RFC 9394 §3.3: PARTIAL is for UID FETCH, else BAD")
    require_only_updates(turn.replay(expunges=False))


def require_range(command: Search | Sort, data: EsearchData) -> None:
    """PARTIAL where it was asked for, with the range as it was asked for (RFC 9394 §3.1)."""
    told = None if data.partial is None else data.partial.range
    require(told == command.partial, "RFC 9394 §3.1: PARTIAL where it was asked for, with its range", data)
