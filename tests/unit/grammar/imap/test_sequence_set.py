"""``sequence-set`` and the sets of numbers it stands for (RFC 9051 §9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.grammar.imap.sequence_set import STAR, NumberSet, PartialRange, SequenceSet

numbers = st.frozensets(st.integers(1, 30))


@pytest.mark.parametrize(
    ("ranges", "largest", "resolved"),
    [
        (((1, 3),), 9, ((1, 3),)),
        (((3, 1),), 9, ((1, 3),)),
        (((1, STAR),), 9, ((1, 9),)),
        (((STAR, 12),), 9, ((9, 12),)),
        (((STAR, STAR),), 9, ((9, 9),)),
        (((5, 6), (1, 2), (3, 3), (5, 9)), 9, ((1, 3), (5, 9))),
        ((), 9, ()),
    ],
)
def test_resolve(ranges, largest, resolved):
    assert SequenceSet(ranges).resolve(largest) == NumberSet(resolved)


@given(numbers)
def test_a_set_of_numbers_is_one(chosen):
    made = NumberSet.from_numbers(chosen)
    assert list(made) == sorted(chosen)
    assert len(made) == len(chosen)
    assert [number for number in range(32) if number in made] == sorted(chosen)
    assert all(high + 1 < low for (_, high), (low, _) in zip(made.ranges, made.ranges[1:], strict=False))


@given(numbers, numbers)
def test_intersection(left, right):
    both = NumberSet.from_numbers(left).intersection(NumberSet.from_numbers(right))
    assert both == NumberSet.from_numbers(left & right)


@pytest.mark.parametrize(("chosen", "octets"), [((), b""), ((4,), b"4"), ((1, 2, 3, 7), b"1:3,7")])
def test_octets(chosen, octets):
    assert bytes(NumberSet.from_numbers(chosen)) == octets


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [(1, 2, "ab"), (2, 1, "ab"), (3, 9, "cd"), (5, 9, ""), (-1, -2, "cd"), (-2, -1, "cd"), (-3, -9, "ab"), (-5, -9, "")],
)
def test_partial_range(first, last, found):
    assert "abcd"[PartialRange(first, last).places(4)] == found
    assert bytes(PartialRange(first, last)) == b"%d:%d" % (first, last)
