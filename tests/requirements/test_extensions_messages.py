"""UIDPLUS (RFC 4315), MOVE (RFC 6851), UNSELECT (RFC 3691), STATUS=SIZE (RFC 8438)."""

from collections.abc import Callable
from typing import Any

import pytest

from angarium.engine.operations import CopyMessages, StoreUnavailable
from conformance.dialogue import Dialogue


def uids(connection: Dialogue, mailbox: str) -> list[int]:
    """The UIDs in a mailbox, seen by another connection."""
    connection.command(f"u EXAMINE {mailbox}")
    return [int(number) for number in connection.command("u UID SEARCH ALL")[0].removeprefix(b"* SEARCH").split()]


def test_appenduid_names_one_uid_and_no_range(inbox: Dialogue) -> None:
    for uid in (1, 2):
        (answer,) = inbox.say(b"a APPEND Sent {5+}\r\nhello\r\n")
        assert answer == b"a OK [APPENDUID 5 %d] APPEND completed" % uid


def test_copyuid_pairs_source_and_target(inbox: Dialogue) -> None:
    inbox.command("a STORE 2 +FLAGS.SILENT (\\Deleted)")
    inbox.command("b EXPUNGE")
    assert inbox.command("c COPY 2,1 Sent") == [b"c OK [COPYUID 5 1,3 1:2] COPY completed"]
    assert inbox.command("d UID COPY 3 Sent") == [b"d OK [COPYUID 5 3 3] COPY completed"]


def test_nothing_copied_is_no_copyuid(inbox: Dialogue) -> None:
    (answer,) = inbox.command("a UID COPY 8:9 Sent")
    assert answer.startswith(b"a OK ")
    assert b"COPYUID" not in answer


def test_uid_expunge_takes_what_is_deleted_and_named(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    inbox.command("a STORE 1:2 +FLAGS.SILENT (\\Deleted)")
    assert inbox.command("b UID EXPUNGE 2:3") == [b"* 2 EXPUNGE", b"b OK EXPUNGE completed"]
    assert uids(log_in(), "INBOX") == [1, 3]


@pytest.mark.parametrize("command", ["MOVE 2:3 Sent", "UID MOVE 2:3 Sent", "move 2:3 Sent"])
def test_move_is_copy_and_removal_in_one(inbox: Dialogue, log_in: Callable[[], Dialogue], command: str) -> None:
    expected = [b"* OK [COPYUID 5 2:3 1:2] moved", b"* 2 EXPUNGE", b"* 2 EXPUNGE", b"a OK MOVE completed"]
    assert inbox.command(f"a {command}") == expected
    other = log_in()
    assert uids(other, "INBOX") == [1]
    assert uids(other, "Sent") == [1, 2]


def test_move_sets_no_deleted_and_tells_of_no_store(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    watcher = log_in()
    watcher.command("w SELECT INBOX")
    inbox.command("a STORE 2 +FLAGS.SILENT (\\Flagged)")
    watcher.command("w NOOP")
    told = [*inbox.command("b MOVE 2 Sent"), *watcher.command("w NOOP")]
    assert not any(b"FETCH" in line or b"\\Deleted" in line for line in told)
    watcher.command("w EXAMINE Sent")
    (fetched, _) = watcher.command("w FETCH 1 FLAGS")
    assert fetched.startswith(b"* 1 FETCH (FLAGS (\\Flagged")
    assert b"\\Deleted" not in fetched


def test_a_move_that_fails_moves_nothing(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    execute = inbox.execute

    def failing(operation: Any) -> Any:
        if isinstance(operation, CopyMessages):
            raise StoreUnavailable
        return execute(operation)

    inbox.execute = failing
    assert inbox.command("a MOVE 1:3 Sent")[-1].startswith(b"a NO [UNAVAILABLE]")
    other = log_in()
    assert uids(other, "INBOX") == [1, 2, 3]
    assert uids(other, "Sent") == []


def test_moved_messages_may_stay_where_they_are(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    assert inbox.command("a MOVE 1 INBOX")[-1].startswith(b"a OK")
    assert uids(log_in(), "INBOX") == [2, 3, 4]


def test_move_with_qresync(inbox: Dialogue) -> None:
    inbox.command("a ENABLE QRESYNC")
    before = int(inbox.command("b STATUS INBOX (HIGHESTMODSEQ)")[0].split(b"HIGHESTMODSEQ ")[1].rstrip(b")"))
    moved, vanished, tagged = inbox.command("c MOVE 2 Sent")
    assert moved.startswith(b"* OK [COPYUID ")
    assert vanished == b"* VANISHED 2"
    assert tagged == b"c OK [HIGHESTMODSEQ %d] MOVE completed" % (before + 1)
    assert inbox.command(f"d UID FETCH 1:* FLAGS (CHANGEDSINCE {before} VANISHED)")[0] == b"* VANISHED (EARLIER) 2"


def test_moved_messages_have_mod_sequences_above_those_of_the_target(inbox: Dialogue) -> None:
    inbox.command("a COPY 1 Sent")
    inbox.command("b ENABLE CONDSTORE")
    highest = int(inbox.command("c STATUS Sent (HIGHESTMODSEQ)")[0].split(b"HIGHESTMODSEQ ")[1].rstrip(b")"))
    inbox.command("d MOVE 1:2 Sent")
    inbox.command("e SELECT Sent")
    lines = inbox.command("f FETCH 2:3 MODSEQ")
    assert [int(line.split(b"MODSEQ (")[1].rstrip(b")")) > highest for line in lines[:-1]] == [True, True]


def test_unselect_removes_nothing(inbox: Dialogue) -> None:
    inbox.command("a STORE 1:2 +FLAGS.SILENT (\\Deleted)")
    assert inbox.command("b uNSELECT") == [b"b OK UNSELECT completed"]
    assert inbox.command("c STATUS INBOX (MESSAGES)")[0] == b"* STATUS INBOX (MESSAGES 3)"


@pytest.mark.parametrize(("command", "selected"), [("UNSELECT", False), ("UNSELECT x", True)])
def test_unselect_out_of_place_or_with_an_argument_is_bad(tim: Dialogue, command: str, selected: bool) -> None:
    if selected:
        tim.command("a SELECT INBOX")
    assert tim.command(f"b {command}")[-1].startswith(b"b BAD")


def test_unselect_forgets_the_mailbox(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    inbox.command("a UNSELECT")
    log_in().append(b"x")
    assert inbox.command("b NOOP") == [b"b OK NOOP completed"]
    assert inbox.command("c FETCH 1 UID")[-1].startswith(b"c BAD")


@pytest.mark.parametrize("command", ["STATUS INBOX (SIZE)", 'LIST "" INBOX RETURN (STATUS (SIZE))'])
def test_size_is_the_sum_of_the_messages(inbox: Dialogue, command: str) -> None:
    inbox.append(b"Subject: longer\r\n\r\n" + b"x" * 10_000)
    sizes = [int(line.split(b"RFC822.SIZE ")[1].rstrip(b")")) for line in inbox.command("a FETCH 1:* RFC822.SIZE")[:-1]]
    assert len(sizes) == 4
    (status,) = (line for line in inbox.command(f"b {command}") if line.startswith(b"* STATUS"))
    assert int(status.split(b"SIZE ")[1].rstrip(b")")) == sum(sizes)
