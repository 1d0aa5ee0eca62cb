"""RFC 7162 §3.2 to §3.2.5, §3.2.11, §6: nothing is lost when the connection is, ENABLE QRESYNC, and SELECT with QRESYNC."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from angarium.engine.operations import ReadChanges, StoreBusy
from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    yield from request.param(tmp_path)


@pytest.fixture
def other(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> Dialogue:
    """Another connection with the mailbox selected."""
    connection = log_in()
    connection.command("a SELECT INBOX")
    return connection


def uidvalidity(connection: Dialogue) -> str:
    """The UIDVALIDITY of INBOX."""
    return connection.command("u STATUS INBOX (UIDVALIDITY)")[0].split(b"UIDVALIDITY ")[1].rstrip(b")").decode()


def remove(connection: Dialogue, numbers: str) -> None:
    r"""Expunge messages, and say nothing of it."""
    connection.command(f"r STORE {numbers} +FLAGS.SILENT (\\Deleted)")
    assert connection.command("r EXPUNGE")[-1].startswith(b"r OK")


@pytest.mark.parametrize("extension", ["QRESYNC", "CONDSTORE"])
def test_while_removals_are_held_back_highestmodseq_stays_below_theirs(inbox: Dialogue, other: Dialogue, extension: str) -> None:
    inbox.command(f"a ENABLE {extension}")
    remove(other, "3")  # takes mod-sequences 5 and 6
    assert inbox.command("b STORE 1 +FLAGS (\\Seen)") == [
        b"* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent) MODSEQ (7))",
        b"* OK [HIGHESTMODSEQ 4] all changes up to here have been told",
        b"b OK [EXPUNGEISSUED] STORE completed",
    ]
    assert inbox.command("c FETCH 1 (MODSEQ)") == [
        b"* 1 FETCH (MODSEQ (7))",
        b"* OK [HIGHESTMODSEQ 4] all changes up to here have been told",
        b"c OK [EXPUNGEISSUED] FETCH completed",
    ]
    gone = b"* VANISHED 3" if extension == "QRESYNC" else b"* 3 EXPUNGE"
    assert inbox.command("d NOOP") == [
        gone,
        b"* OK [HIGHESTMODSEQ 7] all changes up to here have been told",
        b"d OK NOOP completed",
    ]


def test_the_first_enabling_command_tells_no_more_than_has_been_told(inbox: Dialogue, other: Dialogue) -> None:
    remove(other, "3")
    inbox.command("a FETCH 1 UID")
    assert inbox.command("b FETCH 1 (MODSEQ)")[0].startswith(b"* OK [HIGHESTMODSEQ 4]")


def test_when_the_store_cannot_say_what_is_gone_highestmodseq_stays(inbox: Dialogue, other: Dialogue) -> None:
    inbox.command("a ENABLE QRESYNC")
    remove(other, "3")
    execute = inbox.execute

    def busy(operation: Any) -> Any:
        if isinstance(operation, ReadChanges):
            raise StoreBusy
        return execute(operation)

    inbox.execute = busy
    assert inbox.command("b STORE 1 +FLAGS (\\Seen)")[1].startswith(b"* OK [HIGHESTMODSEQ 4]")


def test_a_client_that_is_cut_off_loses_nothing(inbox: Dialogue, other: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    """It goes on from the HIGHESTMODSEQ of its last tagged response, and hears of the removal that had been held back."""
    inbox.command("a ENABLE QRESYNC")
    remove(other, "3")
    told = [line for line in inbox.command("b STORE 1 +FLAGS (\\Seen)") if b"[HIGHESTMODSEQ" in line]
    resumed = log_in()
    resumed.command("c ENABLE QRESYNC")
    highest = int(told[-1].split(b"[HIGHESTMODSEQ ")[1].split(b"]")[0])
    assert b"* VANISHED (EARLIER) 3" in resumed.command(f"d SELECT INBOX (QRESYNC ({uidvalidity(resumed)} {highest} 1:3))")


def test_capabilities(tim: Dialogue) -> None:
    names = tim.command("a CAPABILITY")[0].split()
    assert {b"CONDSTORE", b"QRESYNC", b"ENABLE"} <= set(names)


@pytest.mark.parametrize("names", ["QRESYNC", "QRESYNC CONDSTORE", "CONDSTORE QRESYNC", "qresync"])
def test_enable_in_any_order_does_the_same(inbox: Dialogue, other: Dialogue, names: str) -> None:
    assert b"QRESYNC" in inbox.command(f"a ENABLE {names}")[0]
    other.command("b STORE 1 +FLAGS.SILENT (\\Deleted)")
    assert inbox.command("c NOOP")[0] == b"* 1 FETCH (UID 1 FLAGS (\\Deleted \\Recent) MODSEQ (5))"
    other.command("d EXPUNGE")
    assert inbox.command("e NOOP")[0] == b"* VANISHED 1"


def test_enabling_condstore_alone_keeps_expunge(inbox: Dialogue, other: Dialogue) -> None:
    inbox.command("a ENABLE CONDSTORE")
    remove(other, "1")
    assert inbox.command("b NOOP")[0] == b"* 1 EXPUNGE"


@pytest.mark.parametrize("enabled", ["", "CONDSTORE"])
@pytest.mark.parametrize("command", ["SELECT INBOX (QRESYNC (1 1))", "EXAMINE Sent (QRESYNC (1 1))"])
def test_qresync_parameter_before_enable_is_bad(inbox: Dialogue, enabled: str, command: str) -> None:
    if enabled:
        inbox.command(f"a ENABLE {enabled}")
    assert inbox.command(f"b {command}")[-1].startswith(b"b BAD")
    assert inbox.command("c UID FETCH 1:* UID (CHANGEDSINCE 1 VANISHED)")[-1].startswith(b"c BAD")


@pytest.mark.parametrize(
    "parameter",
    ["(1)", "(0 1)", "(1 0)", "(1 x)", "(1 1 1:*)", "(1 1 1:3 (1:* 1:3))", "(1 1 1:3 (1:3 *))", "(1 1 1:3 (1:3))", "1 1"],
)
def test_parameters_that_are_not_well_formed_are_bad_and_open_nothing(tim: Dialogue, parameter: str) -> None:
    tim.command("a ENABLE QRESYNC")
    lines = tim.command(f"b SELECT INBOX (QRESYNC {parameter})")
    assert len(lines) == 1
    assert lines[0].startswith(b"b BAD")
    assert tim.command("c FETCH 1 UID")[0].startswith(b"c BAD")


@pytest.mark.parametrize("command", ["SELECT", "EXAMINE"])
@pytest.mark.parametrize("parameter", ["({} 2)", "(9 2)"])
def test_all_that_select_tells_is_told_with_the_parameter_too(inbox: Dialogue, command: str, parameter: str) -> None:
    inbox.command("a ENABLE QRESYNC")
    known = uidvalidity(inbox)
    plain = inbox.command(f"b {command} INBOX")[1:-1]
    lines = inbox.command(f"c {command} INBOX (QRESYNC {parameter.format(known)})")[1:-1]
    assert plain == lines[: len(plain)]
    assert {line.split(b" ")[1] for line in lines[len(plain) :]} <= {b"1", b"2", b"3"}


def test_another_uidvalidity_leaves_the_rest_unheeded(inbox: Dialogue) -> None:
    inbox.command("a ENABLE QRESYNC")
    remove(inbox, "1")
    lines = inbox.command("b SELECT INBOX (QRESYNC (2 1 1:9 (1:2 2:3)))")
    assert lines[-1].startswith(b"b OK")
    assert not any(b"VANISHED" in line or b"FETCH" in line for line in lines)


@pytest.mark.parametrize(
    ("known", "vanished", "fetched"),
    [
        ("", b"2:3", {b"UID 1", b"UID 4", b"UID 5"}),
        (" 1:3", b"2:3", {b"UID 1"}),
        (" 3,5", b"3", {b"UID 5"}),
        (" 1:9 (1 1)", b"2:3", {b"UID 1", b"UID 4", b"UID 5"}),
        (" 1:9 (1,2 1,4)", None, {b"UID 1", b"UID 4", b"UID 5"}),
        (" 1:9 (1,3 1,3)", b"2:3", {b"UID 1", b"UID 4", b"UID 5"}),
        (" 1:9 (7,8 7,8)", b"2:3", {b"UID 1", b"UID 4", b"UID 5"}),
        (" (1:2 1:2)", b"2:3", {b"UID 1", b"UID 4", b"UID 5"}),
    ],
)
def test_what_the_client_knows_limits_what_it_is_told(
    tim: Dialogue, known: str, vanished: bytes | None, fetched: set[bytes]
) -> None:
    for _ in range(5):
        tim.append(MESSAGE)
    tim.command("a ENABLE QRESYNC")
    tim.command("b SELECT INBOX")
    remove(tim, "2:3")
    lines = tim.command(f"c SELECT INBOX (QRESYNC ({uidvalidity(tim)} 1{known}))")
    found = [line for line in lines if b"VANISHED" in line]
    assert found == ([b"* VANISHED (EARLIER) " + vanished] if vanished else [])
    fetches = [line for line in lines if b" FETCH " in line]
    assert {line[line.index(b"UID") : line.index(b" FLAGS")] for line in fetches} == fetched
    assert all(b" FLAGS (" in line and b" MODSEQ (" in line for line in fetches)
    if found:
        assert lines.index(found[0]) < lines.index(fetches[0])


def test_a_mailbox_that_never_had_messages_has_nothing_to_tell(tim: Dialogue) -> None:
    tim.command("a ENABLE QRESYNC")
    lines = tim.command("b SELECT Sent (QRESYNC (5 1))")
    assert lines[-1].startswith(b"b OK")
    assert not any(b"VANISHED" in line or b"FETCH" in line for line in lines)


@pytest.mark.parametrize("enabled", ["", "CONDSTORE", "QRESYNC"])
@pytest.mark.parametrize("target", ["Sent", "INBOX", "nowhere"])
def test_closed_parts_the_old_mailbox_from_the_new(inbox: Dialogue, other: Dialogue, enabled: str, target: str) -> None:
    if enabled:
        inbox.command(f"a ENABLE {enabled}")
    lines = inbox.command(f"b SELECT {target}")
    assert [line[:14] for line in lines].count(b"* OK [CLOSED] ") == 1
    assert lines[0].startswith(b"* OK [CLOSED]")
    assert not any(b"[CLOSED]" in line for line in other.command("c CLOSE"))


def test_unselect_and_select_without_a_mailbox_close_nothing(inbox: Dialogue) -> None:
    assert inbox.command("a UNSELECT") == [b"a OK UNSELECT completed"]
    assert not any(b"[CLOSED]" in line for line in inbox.command("b SELECT INBOX"))
