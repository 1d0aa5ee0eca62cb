"""``sequence-set``: message sequence numbers or UIDs as ranges (RFC 9051 §9)."""

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

STAR: Final = 0
"""Stands for ``*``, the largest number in use; 0 is free because every number here is an ``nz-number``."""


@frozen
class SequenceSet:
    """``sequence-set`` as the client wrote it: ranges in order, either end may be ``STAR`` (RFC 9051 §9).

    ``saved`` is ``$``, the result of the last SEARCH that asked to SAVE (RFC 9051 §6.4.4.1); then ``ranges`` is empty.
    """

    ranges: tuple[tuple[int, int], ...] = ()
    saved: bool = False

    def resolve(self, largest: int) -> "NumberSet":
        """Replace ``*`` by ``largest`` and put each range in ascending order (RFC 9051 §9, ``seq-range``)."""
        return NumberSet.of((min(a or largest, b or largest), max(a or largest, b or largest)) for a, b in self.ranges)


@frozen
class NumberSet:
    """``uid-set`` without ``*``: ascending, disjoint, non-adjacent inclusive ranges (RFC 9051 §9)."""

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, ranges: Iterable[tuple[int, int]]) -> "NumberSet":
        """Build the canonical form from ranges in any order, overlapping or not."""
        merged: list[tuple[int, int]] = []
        for low, high in sorted(ranges):
            if merged and low <= merged[-1][1] + 1:
                if high > merged[-1][1]:
                    merged[-1] = (merged[-1][0], high)
            else:
                merged.append((low, high))
        return cls(tuple(merged))

    @classmethod
    def from_numbers(cls, numbers: Iterable[int]) -> "NumberSet":
        """Build from single numbers in any order."""
        return cls.of((number, number) for number in numbers)

    def __iter__(self) -> Iterator[int]:
        for low, high in self.ranges:
            yield from range(low, high + 1)

    def __len__(self) -> int:
        return sum(high - low + 1 for low, high in self.ranges)

    def __contains__(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self.ranges)

    def __bytes__(self) -> bytes:
        return b",".join(b"%d" % low if low == high else b"%d:%d" % (low, high) for low, high in self.ranges)

    def intersection(self, other: "NumberSet") -> "NumberSet":
        """Numbers in both, in time linear in the number of ranges."""
        result: list[tuple[int, int]] = []
        left, right = iter(self.ranges), iter(other.ranges)
        a, b = next(left, None), next(right, None)
        while a and b:
            low, high = max(a[0], b[0]), min(a[1], b[1])
            if low <= high:
                result.append((low, high))
            if a[1] < b[1]:
                a = next(left, None)
            else:
                b = next(right, None)
        return NumberSet(tuple(result))


@frozen
class PartialRange:
    """``partial-range``: from which place to which in a list of results, counted from its end where negative (RFC 9394 §4)."""

    first: int
    last: int

    def places(self, count: int) -> slice:
        """Where that is in a list of ``count`` results; either end may come first (RFC 9394 §4)."""
        low, high = sorted((abs(self.first), abs(self.last)))
        return slice(low - 1, high) if self.first > 0 else slice(max(count - high, 0), max(count - low + 1, 0))

    def __bytes__(self) -> bytes:
        return b"%d:%d" % (self.first, self.last)


@frozen
class NumberList:
    """Numbers in an order of their own, as inclusive ranges: the result of an extended SORT (RFC 5267 §3.2)."""

    ranges: tuple[tuple[int, int], ...]

    def __iter__(self) -> Iterator[int]:
        for low, high in self.ranges:
            yield from range(low, high + 1)

    def __len__(self) -> int:
        return sum(high - low + 1 for low, high in self.ranges)

    def __bytes__(self) -> bytes:
        return bytes(NumberSet(self.ranges))


def in_order(ranges: Iterable[tuple[int, int]]) -> NumberSet | NumberList:
    """Numbers as they come, in as few ranges as that allows; a set where they ascend (RFC 5267 §3.2)."""
    merged: list[tuple[int, int]] = []
    ascending = True
    for low, high in ranges:
        if merged and low == merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], high)
            continue
        ascending = ascending and (not merged or low > merged[-1][1])
        merged.append((low, high))
    return NumberSet(tuple(merged)) if ascending else NumberList(tuple(merged))
