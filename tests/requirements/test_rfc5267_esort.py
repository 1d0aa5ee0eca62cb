"""ESORT: SORT with RETURN (RFC 5267 §3), on both stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH


@pytest.fixture(params=BOTH, ids=lambda make: make.__name__)
def mailbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Dialogue]:
    """Six messages, selected, the first expunged: by subject they are 4, 1, 2, 3, 5, by UID 5, 2, 3, 4, 6."""
    stores = request.param(tmp_path)
    connection = Dialogue(next(stores).execute)
    connection.command("in LOGIN tim secret")
    for subject in ("x", "b", "c", "d", "a", "e"):
        connection.append(f"Subject: {subject}\r\n\r\nx".encode(), "\\Deleted" if subject == "x" else "")
    connection.command("sel SELECT INBOX")
    connection.command("ex EXPUNGE")
    yield connection
    next(stores, None)


@pytest.mark.parametrize(
    ("returns", "answer"),
    [
        ("", "ALL 4,1:3,5"),
        ("ALL", "ALL 4,1:3,5"),
        ("MIN", "MIN 4"),
        ("MAX", "MAX 5"),
        ("COUNT", "COUNT 5"),
        ("min MAX count all", "MIN 4 MAX 5 ALL 4,1:3,5 COUNT 5"),
    ],
)
def test_return_options(mailbox: Dialogue, returns: str, answer: str) -> None:
    lines = mailbox.command(f"a SORT RETURN ({returns}) (SUBJECT) UTF-8 ALL")
    assert lines == [f'* ESEARCH (TAG "a") {answer}'.encode(), b"a OK SORT completed"]


def test_uids(mailbox: Dialogue) -> None:
    lines = mailbox.command("a UID SORT RETURN (MIN MAX ALL) (SUBJECT) UTF-8 ALL")
    assert lines[0] == b'* ESEARCH (TAG "a") UID MIN 5 MAX 6 ALL 5,2:4,6'


def test_ranges_only_ascend(mailbox: Dialogue) -> None:
    assert mailbox.command("a SORT RETURN () (REVERSE SUBJECT) UTF-8 ALL")[0] == b'* ESEARCH (TAG "a") ALL 5,3,2,1,4'
    assert mailbox.command("a SORT RETURN () (ARRIVAL) UTF-8 ALL")[0] == b'* ESEARCH (TAG "a") ALL 1:5'


def test_nothing_found(mailbox: Dialogue) -> None:
    lines = mailbox.command("a SORT RETURN (MIN MAX ALL COUNT) (SUBJECT) UTF-8 SUBJECT none")
    assert lines == [b'* ESEARCH (TAG "a") COUNT 0', b"a OK SORT completed"]


@pytest.mark.parametrize("options", ["X", "MIN X", "UPDATE X", "PARTIAL"])
def test_options_that_are_not_offered_are_bad(mailbox: Dialogue, options: str) -> None:
    assert mailbox.command(f"a SORT RETURN ({options}) (SUBJECT) UTF-8 ALL")[-1].startswith(b"a BAD")


def test_without_return_the_answer_is_sort(mailbox: Dialogue) -> None:
    assert mailbox.command("a SORT (SUBJECT) UTF-8 ALL")[0] == b"* SORT 4 1 2 3 5"


@pytest.mark.parametrize(
    ("returns", "saved"),
    [
        ("SAVE", b"1 2 3 4 5"),
        ("SAVE ALL", b"1 2 3 4 5"),
        ("SAVE MIN", b"4"),
        ("SAVE MIN MAX", b"4 5"),
        ("SAVE MIN COUNT", b"1 2 3 4 5"),
    ],
)
def test_the_result_can_be_saved(mailbox: Dialogue, returns: str, saved: bytes) -> None:
    lines = mailbox.command(f"a SORT RETURN ({returns}) (SUBJECT) UTF-8 ALL")
    assert len(lines) == (1 if returns == "SAVE" else 2)
    assert mailbox.command("b SEARCH $")[0] == b"* SEARCH " + saved


def test_a_sort_to_be_saved_that_fails_saves_nothing(mailbox: Dialogue) -> None:
    mailbox.command("a SORT RETURN (SAVE) (SUBJECT) UTF-8 ALL")
    assert mailbox.command("b SORT RETURN (SAVE) (SUBJECT) X-NONE ALL")[0].startswith(b"b NO")
    assert mailbox.command("c SEARCH $")[0] == b"* SEARCH"


@pytest.mark.parametrize(("returns", "place"), [("MIN", [4]), ("MAX", [5]), ("MIN MAX", [4, 5]), ("ALL", [1, 2, 3, 4, 5])])
def test_modseq_is_the_highest_of_what_is_returned(mailbox: Dialogue, returns: str, place: list[int]) -> None:
    mailbox.command("n ENABLE CONDSTORE")
    for number in (5, 4, 1):
        mailbox.command(f"s STORE {number} +FLAGS.SILENT (\\Seen)")
    rows = mailbox.command("f FETCH 1:5 (MODSEQ)")
    modseqs = [int(row.partition(b"MODSEQ (")[2].partition(b")")[0]) for row in rows[:5]]
    highest = max(modseqs[number - 1] for number in place)
    assert mailbox.command(f"a SORT RETURN ({returns}) (SUBJECT) UTF-8 MODSEQ 1")[0].endswith(b" MODSEQ %d" % highest)
