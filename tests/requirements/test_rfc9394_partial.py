"""PARTIAL: results of SEARCH and messages of UID FETCH by their place (RFC 9394), on both stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH


@pytest.fixture(params=BOTH, ids=lambda make: make.__name__)
def mailbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Dialogue]:
    """Messages 1 to 5 with the UIDs 1, 2, 4, 5 and 6, selected."""
    stores = request.param(tmp_path)
    connection = Dialogue(next(stores).execute)
    connection.command("in LOGIN tim secret")
    for number in range(6):
        connection.append(b"Subject: %d\r\n\r\nx" % number, "\\Deleted" if number == 2 else "")
    connection.command("sel SELECT INBOX")
    connection.command("ex EXPUNGE")
    yield connection
    next(stores, None)


def test_it_is_announced_after_login(inbox: Dialogue) -> None:
    assert b" PARTIAL " in inbox.command("a CAPABILITY")[0] + b" "


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("1:2", "1:2"),
        ("2:1", "1:2"),
        ("3:3", "3"),
        ("4:9", "4:5"),
        ("-1:-2", "4:5"),
        ("-2:-1", "4:5"),
        ("-4:-9", "1:2"),
        ("1:4294967295", "1:5"),
        ("6:9", "NIL"),
        ("-6:-9", "NIL"),
    ],
)
def test_a_range_of_results(mailbox: Dialogue, asked: str, told: str) -> None:
    lines = mailbox.command(f"a SEARCH RETURN (PARTIAL {asked}) ALL")
    assert lines == [f'* ESEARCH (TAG "a") PARTIAL ({asked} {told})'.encode(), b"a OK SEARCH completed"]


def test_uids_are_told_in_their_order(mailbox: Dialogue) -> None:
    lines = mailbox.command("a UID SEARCH RETURN (partial -1:-3) OR SUBJECT 5 OR SUBJECT 3 SUBJECT 0")
    assert lines[0] == b'* ESEARCH (TAG "a") UID PARTIAL (-1:-3 1,4,6)'


def test_places_are_of_results_and_not_of_messages(mailbox: Dialogue) -> None:
    assert mailbox.command("a SEARCH RETURN (PARTIAL 2:2) NOT 1")[0] == b'* ESEARCH (TAG "a") PARTIAL (2:2 3)'


def test_updates_are_of_all_results(mailbox: Dialogue) -> None:
    lines = mailbox.command("a UID SEARCH RETURN (UPDATE PARTIAL 1:2) UNSEEN")
    assert lines[0] == b'* ESEARCH (TAG "a") UID PARTIAL (1:2 1:2)'
    assert b'* ESEARCH (TAG "a") UID REMOVEFROM (0 6)' in mailbox.command(r"b STORE 5 +FLAGS (\Seen)")
    assert b'* ESEARCH (TAG "a") UID ADDTO (0 6)' in mailbox.command(r"c STORE 5 -FLAGS (\Seen)")


def test_nothing_found(mailbox: Dialogue) -> None:
    lines = mailbox.command("a SEARCH RETURN (MIN COUNT PARTIAL 1:9) SUBJECT none")
    assert lines[0] == b'* ESEARCH (TAG "a") COUNT 0 PARTIAL (1:9 NIL)'


@pytest.mark.parametrize("options", ["PARTIAL 1:2 ALL", "ALL PARTIAL -1:-2", "PARTIAL 1:2 PARTIAL 3:4"])
def test_one_partial_and_not_beside_all(mailbox: Dialogue, options: str) -> None:
    assert mailbox.command(f"a SEARCH RETURN ({options}) ALL")[0].startswith(b"a BAD")


@pytest.mark.parametrize("wrong", ["1", "1:*", "0:1", "1:-1", "-1:1", "1:4294967296", "1:2,4:5", ""])
def test_what_is_no_range_is_bad(mailbox: Dialogue, wrong: str) -> None:
    assert mailbox.command(f"a SEARCH RETURN (PARTIAL {wrong}) ALL")[0].startswith(b"a BAD")
    assert mailbox.command(f"a UID FETCH 1:* FLAGS (PARTIAL {wrong})")[0].startswith(b"a BAD")


@pytest.mark.parametrize(
    ("returns", "data", "saved"),
    [
        ("SAVE PARTIAL 2:3", "PARTIAL (2:3 2:3)", "2 3"),
        ("SAVE PARTIAL 8:9", "PARTIAL (8:9 NIL)", ""),
        ("SAVE PARTIAL 2:3 MIN", "MIN 1 PARTIAL (2:3 2:3)", "1 2 3"),
        ("SAVE PARTIAL -2:-3 MAX", "MAX 5 PARTIAL (-2:-3 3:4)", "3 4 5"),
        ("SAVE PARTIAL 3:3 MIN MAX", "MIN 1 MAX 5 PARTIAL (3:3 3)", "1 3 5"),
        ("SAVE PARTIAL 3:3 COUNT", "COUNT 5 PARTIAL (3:3 3)", "1 2 3 4 5"),
        ("SAVE PARTIAL 3:3 MIN COUNT", "MIN 1 COUNT 5 PARTIAL (3:3 3)", "1 2 3 4 5"),
    ],
)
def test_what_is_saved(mailbox: Dialogue, returns: str, data: str, saved: str) -> None:
    assert mailbox.command(f"a SEARCH RETURN ({returns}) ALL")[0] == f'* ESEARCH (TAG "a") {data}'.encode()
    assert mailbox.command("b SEARCH $")[0] == f"* SEARCH {saved}".rstrip().encode()


def uids_fetched(lines: list[bytes]) -> list[int]:
    return [int(line.partition(b"(UID ")[2].split(b" ")[0]) for line in lines if b" FETCH (" in line]


@pytest.mark.parametrize(
    ("numbers", "asked", "uids"),
    [
        ("1:*", "1:2", [1, 2]),
        ("1:*", "-1:-2", [5, 6]),
        ("2:5", "-2:-2", [4]),
        ("1,4:6", "2:3", [4, 5]),
        ("3", "1:9", []),
        ("1:*", "6:9", []),
        ("1:*", "3:99", [4, 5, 6]),
    ],
)
def test_a_range_of_messages(mailbox: Dialogue, numbers: str, asked: str, uids: list[int]) -> None:
    lines = mailbox.command(f"a UID FETCH {numbers} (FLAGS) (PARTIAL {asked})")
    assert uids_fetched(lines) == uids
    assert lines[-1] == b"a OK FETCH completed"


@pytest.mark.parametrize("modifiers", ["PARTIAL -1:-2 CHANGEDSINCE {}", "CHANGEDSINCE {} PARTIAL -1:-2"])
def test_changed_messages_are_chosen_from_the_range(mailbox: Dialogue, modifiers: str) -> None:
    (status,) = [line for line in mailbox.command("m STATUS INBOX (HIGHESTMODSEQ)") if line.startswith(b"* STATUS")]
    before = status.rpartition(b" ")[2].rstrip(b")").decode()
    mailbox.command(r"s UID STORE 1,5 +FLAGS.SILENT (\Flagged)")
    lines = mailbox.command(f"a UID FETCH 1:* (FLAGS) ({modifiers.format(before)})")
    assert uids_fetched(lines) == [5]


def test_only_the_messages_in_the_range_become_seen(mailbox: Dialogue) -> None:
    mailbox.command("a UID FETCH 1:* (BODY[TEXT]) (PARTIAL 2:3)")
    assert mailbox.command("b UID SEARCH SEEN")[0] == b"* SEARCH 2 4"


def test_fetch_by_number_does_not_know_it(mailbox: Dialogue) -> None:
    assert mailbox.command("a FETCH 1:3 FLAGS (PARTIAL 1:2)") == [b"a BAD PARTIAL needs UID FETCH"]


def test_vanished_tells_of_all_that_was_named(mailbox: Dialogue) -> None:
    mailbox.command("e ENABLE QRESYNC")
    lines = mailbox.command("a UID FETCH 1:* (FLAGS) (PARTIAL 1:1 VANISHED CHANGEDSINCE 1)")
    assert b"* VANISHED (EARLIER) 3" in lines
    assert uids_fetched(lines) == [1]


def test_modseq_is_the_highest_of_what_is_returned(mailbox: Dialogue) -> None:
    for number in (1, 5, 2, 3):
        mailbox.command(rf"s STORE {number} +FLAGS.SILENT (\Seen)")
    told = [mailbox.command(f"a SEARCH RETURN ({asked}) MODSEQ 1")[-2] for asked in ("PARTIAL 1:2", "PARTIAL 4:5", "PARTIAL 7:9")]
    rows = mailbox.command("f FETCH 1:5 (MODSEQ)")
    modseqs = [int(row.partition(b"MODSEQ (")[2].partition(b")")[0]) for row in rows[:5]]
    assert told[0].endswith(b" MODSEQ %d PARTIAL (1:2 1:2)" % max(modseqs[:2]))
    assert told[1].endswith(b" MODSEQ %d PARTIAL (4:5 4:5)" % max(modseqs[3:]))
    assert told[2].endswith(b'(TAG "a") PARTIAL (7:9 NIL)')
