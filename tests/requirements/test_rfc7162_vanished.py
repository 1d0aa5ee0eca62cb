"""RFC 7162 §3.2.6, §3.2.10: when VANISHED comes, with EARLIER and without, and which UIDs it may name."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    yield from request.param(tmp_path)


@pytest.fixture
def reader(inbox: Dialogue) -> Dialogue:
    """A connection with QRESYNC and five messages."""
    inbox.append(MESSAGE)
    inbox.append(MESSAGE)
    inbox.command("a ENABLE QRESYNC")
    return inbox


@pytest.fixture
def other(reader: Dialogue, log_in: Callable[[], Dialogue]) -> Dialogue:
    """Another connection with the mailbox selected."""
    connection = log_in()
    connection.command("a SELECT INBOX")
    return connection


def remove(connection: Dialogue, numbers: str) -> None:
    r"""Expunge messages, and say nothing of it."""
    connection.command(f"r STORE {numbers} +FLAGS.SILENT (\\Deleted)")
    assert connection.command("r EXPUNGE")[-1].startswith(b"r OK")


def vanished(lines: list[bytes]) -> list[bytes]:
    """The VANISHED responses."""
    return [line for line in lines if line.startswith(b"* VANISHED")]


@pytest.mark.parametrize(
    "command",
    [
        "FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)",
        "FETCH 1:* FLAGS (VANISHED CHANGEDSINCE 1)",
        "FETCH 1:* FLAGS (VANISHED)",
        "UID FETCH 1:* FLAGS (VANISHED)",
    ],
)
def test_vanished_only_with_uid_fetch_and_changedsince(reader: Dialogue, command: str) -> None:
    assert reader.command(f"b {command}")[-1].startswith(b"b BAD")


def test_vanished_and_changedsince_in_either_order(reader: Dialogue) -> None:
    remove(reader, "2")
    assert reader.command("b UID FETCH 1:9 UID (VANISHED CHANGEDSINCE 6)")[0] == b"* VANISHED (EARLIER) 2"


@pytest.mark.parametrize("enabled", ["", "CONDSTORE"])
def test_vanished_before_enable_is_bad(inbox: Dialogue, enabled: str) -> None:
    if enabled:
        inbox.command(f"a ENABLE {enabled}")
    assert inbox.command("b UID FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)")[-1].startswith(b"b BAD")


@pytest.mark.parametrize(
    ("uids", "since", "told"),
    [
        ("1:9", 1, [b"* VANISHED (EARLIER) 2,4"]),
        ("1:3", 1, [b"* VANISHED (EARLIER) 2"]),
        ("3:9", 1, [b"* VANISHED (EARLIER) 4"]),
        ("1,3,5", 1, []),
        ("1:9", 8, [b"* VANISHED (EARLIER) 4"]),
        ("1:9", 10, []),
        ("4:*", 1, [b"* VANISHED (EARLIER) 4"]),
    ],
)
def test_earlier_names_what_went_since_then(reader: Dialogue, uids: str, since: int, told: list[bytes]) -> None:
    remove(reader, "2")  # mod-sequences 7 and 8
    remove(reader, "3")  # mod-sequences 9 and 10
    lines = reader.command(f"b UID FETCH {uids} FLAGS (CHANGEDSINCE {since} VANISHED)")
    assert vanished(lines) == told
    assert not told or lines[0] == told[0]


def test_a_mod_sequence_older_than_any_removal_gets_them_all(reader: Dialogue) -> None:
    for number in (5, 4, 1):
        remove(reader, str(number))
    assert reader.command("b UID FETCH 1:9 UID (CHANGEDSINCE 1 VANISHED)")[0] == b"* VANISHED (EARLIER) 1,4:5"


def test_earlier_does_not_renumber(reader: Dialogue) -> None:
    remove(reader, "2")
    assert reader.command("b UID FETCH 3 UID (CHANGEDSINCE 3 VANISHED)")[0] == b"* 2 FETCH (UID 3 MODSEQ (4))"
    reader.command("c UID FETCH 1:9 UID (CHANGEDSINCE 6 VANISHED)")
    assert reader.command("d FETCH 2 UID")[0] == b"* 2 FETCH (UID 3)"


@pytest.mark.parametrize(
    "command", ["NOOP", "UID FETCH 1 UID", "UID STORE 1 +FLAGS (\\Seen)", "UID SEARCH ALL", "COPY 1 Sent", "IDLE"]
)
def test_removals_of_others_are_told_as_vanished(reader: Dialogue, other: Dialogue, command: str) -> None:
    remove(other, "2,4")
    assert vanished(reader.command(f"b {command}")) == [b"* VANISHED 2,4"]


@pytest.mark.parametrize("command", ["EXPUNGE", "UID EXPUNGE 1:9", "MOVE 2,4 Sent", "UID MOVE 2,4 Sent"])
def test_own_removals_are_told_as_vanished_and_renumber(reader: Dialogue, command: str) -> None:
    reader.command("b STORE 2,4 +FLAGS.SILENT (\\Deleted)")
    lines = reader.command(f"c {command}")
    assert vanished(lines) == [b"* VANISHED 2,4"]
    assert not any(line.endswith((b" EXPUNGE", b" EXISTS")) for line in lines)
    assert [line.split()[1] for line in reader.command("d FETCH 1:* UID")[:-1]] == [b"1", b"2", b"3"]
    assert reader.command("e FETCH 3 UID")[0] == b"* 3 FETCH (UID 5)"


def test_vanished_stays_for_the_connection(reader: Dialogue) -> None:
    reader.command("b UNSELECT")
    reader.command("c SELECT INBOX")
    reader.command("d STORE 1 +FLAGS.SILENT (\\Deleted)")
    assert vanished(reader.command("e EXPUNGE")) == [b"* VANISHED 1"]


def test_earlier_and_now_are_told_apart(reader: Dialogue, other: Dialogue) -> None:
    """UID 2 went before the mailbox was selected, UID 4 after it, and the client still counts the latter."""
    remove(other, "2")
    reader.command("b SELECT INBOX")
    remove(other, "3")
    lines = reader.command("c UID FETCH 1:9 UID (CHANGEDSINCE 6 VANISHED)")
    assert vanished(lines) == [b"* VANISHED (EARLIER) 2", b"* VANISHED 4"]


def test_uids_are_named_once(reader: Dialogue, other: Dialogue) -> None:
    remove(other, "2")
    assert vanished(reader.command("b NOOP")) == [b"* VANISHED 2"]
    remove(other, "3")
    assert vanished(reader.command("c NOOP")) == [b"* VANISHED 4"]


def test_what_came_and_went_unannounced_is_not_named(reader: Dialogue, other: Dialogue) -> None:
    other.append(MESSAGE)
    remove(other, "2,6")
    lines = reader.command("b NOOP")
    assert vanished(lines) == [b"* VANISHED 2"]
    assert not any(line.endswith(b" EXISTS") for line in lines)
    other.append(MESSAGE)
    assert b"* 5 EXISTS" in reader.command("c NOOP")


@pytest.mark.parametrize(
    "command",
    ["FETCH 1 UID", "STORE 1 +FLAGS (\\Seen)", "SEARCH ALL", "SEARCH UID 1:9", "UID SEARCH 1:3", "UID SEARCH NOT (OR 1 2)"],
)
def test_vanished_does_not_come_where_numbers_are_used(reader: Dialogue, other: Dialogue, command: str) -> None:
    remove(other, "2")
    lines = reader.command(f"b {command}")
    assert lines[-1].startswith(b"b OK")
    assert vanished(lines) == []
    assert vanished(reader.command("c NOOP")) == [b"* VANISHED 2"]


def test_vanished_does_not_come_while_no_command_is_in_progress(reader: Dialogue, other: Dialogue) -> None:
    """A command whose literal is still awaited is not in progress."""
    remove(other, "2")
    assert reader.lines() == []
    assert len(reader.command("b COPY 1 {4}")) == 1
    assert reader.lines() == []
    assert vanished(reader.say(b"Sent\r\n")) == [b"* VANISHED 2"]
