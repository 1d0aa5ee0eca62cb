import pytest

from angarium.engine.imap.asks import Refused
from angarium.engine.imap.numbers import compact, part_of, sequence_numbers, uids_of
from angarium.engine.imap.state import Selected
from angarium.engine.operations import MailboxId, OpenedMailbox, UidMap, UserName
from angarium.grammar.imap.responses import Condition
from angarium.grammar.imap.sequence_set import NumberSet, PartialRange, SequenceSet


def selected(*uids: int) -> Selected:
    return Selected(OpenedMailbox(MailboxId(UserName("tim"), 1), "INBOX", 1, 100, 1, UidMap(uids)), read_only=False)


@pytest.mark.parametrize(
    ("ranges", "uid", "expected"),
    [
        (((1, 1),), False, ((3, 3),)),
        (((1, 3),), False, ((3, 9),)),
        (((3, 2), (0, 0)), False, ((5, 9),)),
        (((0, 1),), False, ((3, 9),)),
        (((1, 4),), True, ((1, 4),)),
        (((9, 4000),), True, ((9, 9),)),
        (((10, 11), (5, 5)), True, ((5, 5),)),
        (((50, 0),), True, ((9, 9),)),
    ],
)
def test_resolves(ranges: tuple[tuple[int, int], ...], uid: bool, expected: tuple[tuple[int, int], ...]) -> None:
    assert uids_of(selected(3, 5, 9), SequenceSet(ranges), uid).ranges == expected


@pytest.mark.parametrize(("uids", "ranges"), [((), ((0, 0),)), ((), ((1, 1),)), ((3,), ((2, 2),)), ((3, 4), ((1, 3),))])
def test_numbers_above_the_last_are_bad(uids: tuple[int, ...], ranges: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(Refused) as refusal:
        uids_of(selected(*uids), SequenceSet(ranges), uid=False)
    assert refusal.value.outcome.condition is Condition.BAD


def test_uids_of_an_empty_mailbox_are_none() -> None:
    assert uids_of(selected(), SequenceSet(((1, 0),)), uid=True) == NumberSet()


def test_saved_result() -> None:
    view = selected(3, 5, 9)
    view.saved = NumberSet(((5, 5),))
    assert uids_of(view, SequenceSet(saved=True), uid=False) == uids_of(view, SequenceSet(saved=True), uid=True) == view.saved


def test_back_to_sequence_numbers() -> None:
    assert sequence_numbers(selected(3, 5, 9), [9, 5]) == NumberSet(((2, 3),))


@pytest.mark.parametrize(
    ("numbers", "ranges"),
    [([], ()), ([1, 2, 3], ((1, 3),)), ([3, 1, 2], ((3, 3), (1, 2))), ([5, 4], ((5, 5), (4, 4)))],
)
def test_compact_keeps_the_order(numbers: list[int], ranges: tuple[tuple[int, int], ...]) -> None:
    assert compact(numbers) == ranges


@pytest.mark.parametrize(
    ("ranges", "first", "last", "expected"),
    [
        (((1, 99),), 1, 2, ((3, 5),)),
        (((1, 99),), -1, -2, ((9, 12),)),
        (((1, 4), (8, 99)), 2, 2, ((9, 9),)),
        (((1, 4), (8, 99)), 1, 3, ((3, 3), (9, 12))),
        (((3, 3), (5, 5), (6, 8), (12, 12)), -3, -2, ((3, 3), (5, 5))),
        (((4, 4), (5, 5)), 2, 9, ()),
        ((), 1, 9, ()),
    ],
)
def test_parts_count_messages_and_not_uids(
    ranges: tuple[tuple[int, int], ...], first: int, last: int, expected: tuple[tuple[int, int], ...]
) -> None:
    assert part_of(selected(3, 5, 9, 12), NumberSet(ranges), PartialRange(first, last)).ranges == expected
