"""RFC 8508: a message in place of another, in one step."""

from pathlib import Path
from typing import Any

import pytest

from angarium.engine.imap.limits import Limits
from angarium.engine.operations import OverQuota, ReplaceMessage, StoreUnavailable
from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"
NEW = b"Subject: hello again\r\n\r\nhello again\r\n"
LARGE = b"Subject: large\r\n\r\n" + b"x" * 70_000 + b"\r\n"


@pytest.fixture(params=BOTH, ids=lambda make: make.__name__)
def on_both(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Three messages in INBOX, selected, on the model, then on SQLite."""
    stores = request.param(tmp_path)
    store = next(stores)
    connection = Dialogue(store.execute, limits=Limits(append_octets_max=100_000))
    connection.command("in LOGIN tim secret")
    for _ in range(3):
        connection.append(MESSAGE, r"\Flagged Work")
    connection.command("se SELECT INBOX")
    yield connection
    next(stores, None)


def replaced(connection: Dialogue, text: str, octets: bytes = NEW) -> list[bytes]:
    """The answers to a REPLACE."""
    return connection.say(b"re %b {%d+}\r\n%b\r\n" % (text.encode(), len(octets), octets))


def messages(connection: Dialogue, mailbox: str = "INBOX") -> bytes:
    """How many messages there are."""
    return connection.command(f"st STATUS {mailbox} (MESSAGES)")[0].split(b"(MESSAGES ")[1][:-1]


def test_it_is_announced(on_both: Dialogue) -> None:
    assert b"REPLACE" in on_both.command("a CAPABILITY")[0].split()


@pytest.mark.parametrize("text", ["REPLACE 2", "UID REPLACE 2", "replace 2", "Uid Replace 2"])
def test_the_new_message_comes_and_the_old_one_goes(on_both: Dialogue, text: str) -> None:
    code, *rest, answer = replaced(on_both, rf"{text} INBOX (\Seen)")
    assert code.startswith(b"* OK [APPENDUID ")
    assert b" 4] " in code
    assert rest[:2] == [b"* 2 EXPUNGE", b"* 3 EXISTS"]
    assert answer == b"re OK REPLACE completed"
    assert on_both.command("a UID FETCH 1:* (FLAGS RFC822.SIZE)")[:3] == [
        rb"* 1 FETCH (UID 1 RFC822.SIZE %d FLAGS (\Flagged Work \Recent))" % len(MESSAGE),
        rb"* 2 FETCH (UID 3 RFC822.SIZE %d FLAGS (\Flagged Work \Recent))" % len(MESSAGE),
        rb"* 3 FETCH (UID 4 RFC822.SIZE %d FLAGS (\Seen \Recent))" % len(NEW),
    ]


@pytest.mark.parametrize("octets", [NEW, LARGE])
def test_the_mailbox_may_be_another(on_both: Dialogue, octets: bytes) -> None:
    code, *rest, answer = replaced(on_both, 'REPLACE * Sent () "07-Feb-1994 22:43:04 -0800"', octets)
    assert b" 1] " in code
    assert rest == [b"* 3 EXPUNGE"]
    assert answer.startswith(b"re OK ")
    on_both.command("a SELECT Sent")
    assert on_both.command("b FETCH 1 (INTERNALDATE RFC822.SIZE)")[0] == (
        b'* 1 FETCH (INTERNALDATE " 7-Feb-1994 22:43:04 -0800" RFC822.SIZE %d)' % len(octets)
    )


def test_nothing_is_told_of_a_store_and_no_other_message_goes(on_both: Dialogue) -> None:
    on_both.command(r"a STORE 1 +FLAGS.SILENT (\Deleted)")
    lines = replaced(on_both, "REPLACE 3 INBOX")
    assert not any(b"FETCH" in line for line in lines)
    assert on_both.command("b FETCH 1 FLAGS")[0] == rb"* 1 FETCH (FLAGS (\Flagged \Deleted Work \Recent))"


@pytest.mark.parametrize(
    ("text", "octets", "answer"),
    [
        ("REPLACE 1 nowhere", NEW, b"re NO [TRYCREATE] "),
        ("UID REPLACE 99 INBOX", NEW, b"re NO [NONEXISTENT] "),
        ("UID REPLACE 99 nowhere", NEW, b"re NO [NONEXISTENT] "),
        ("REPLACE 4 INBOX", NEW, b"re BAD "),
        ("REPLACE 1 INBOX", b"x" * 100_001, b"re NO [TOOBIG] "),
        ("REPLACE 1 INBOX", b"", b"re NO "),
        ("REPLACE 1 INBOX", b"\0", b"re BAD "),
        ("REPLACE 1:2 INBOX", NEW, b"re BAD "),
        ("REPLACE 1 INBOX {1+}\r\nx", NEW, b"re BAD "),
    ],
)
def test_what_fails_changes_nothing_and_tells_of_no_removal(on_both: Dialogue, text: str, octets: bytes, answer: bytes) -> None:
    lines = replaced(on_both, text, octets)
    assert len(lines) == 1
    assert lines[0].startswith(answer)
    assert messages(on_both) == b"3"


@pytest.mark.parametrize("error", [OverQuota("full"), StoreUnavailable("no disk")])
def test_a_store_that_fails_changes_nothing(on_both: Dialogue, error: Exception) -> None:
    real = on_both.execute

    def execute(operation: Any) -> Any:
        if isinstance(operation, ReplaceMessage):
            raise error
        return real(operation)

    on_both.execute = execute
    (answer,) = replaced(on_both, "REPLACE 1 Sent", LARGE)
    assert answer.startswith(b"re NO [")
    on_both.execute = real
    assert (messages(on_both), messages(on_both, "Sent")) == (b"3", b"0")


def test_a_message_that_somebody_else_removed_is_not_replaced(on_both: Dialogue) -> None:
    other = Dialogue(on_both.execute)
    other.command("in LOGIN tim secret")
    other.command("se SELECT INBOX")
    other.command(r"a STORE 2 +FLAGS.SILENT (\Deleted)")
    other.command("b EXPUNGE")
    lines = replaced(on_both, "REPLACE 2 INBOX")
    assert lines[-1].startswith(b"re NO [NONEXISTENT] ")
    assert messages(on_both) == b"2"


def test_nothing_is_replaced_in_a_read_only_mailbox(on_both: Dialogue) -> None:
    on_both.command("a EXAMINE INBOX")
    assert replaced(on_both, "REPLACE 1 Sent")[-1].startswith(b"re NO [READ-ONLY] ")
    assert (messages(on_both), messages(on_both, "Sent")) == (b"3", b"0")


@pytest.mark.parametrize("text", ["REPLACE 1 INBOX", "UID REPLACE 1 INBOX"])
def test_it_needs_a_selected_mailbox(on_both: Dialogue, text: str) -> None:
    on_both.command("a UNSELECT")
    assert replaced(on_both, text)[-1].startswith(b"re BAD ")
    assert messages(on_both) == b"3"


def test_with_qresync_it_vanishes_and_highestmodseq_is_told(on_both: Dialogue) -> None:
    on_both.command("a ENABLE QRESYNC")
    highest = int(on_both.command("b STATUS INBOX (HIGHESTMODSEQ)")[0].split()[-1][:-1])
    code, *rest, answer = replaced(on_both, "UID REPLACE 2 INBOX")
    assert code.startswith(b"* OK [APPENDUID ")
    assert rest[0] == b"* VANISHED 2"
    assert answer.startswith(b"re OK [HIGHESTMODSEQ ")
    assert int(answer.split()[3][:-1]) > highest


def test_other_sessions_see_both_at_once(on_both: Dialogue) -> None:
    other = Dialogue(on_both.execute)
    other.command("in LOGIN tim secret")
    other.command("se SELECT INBOX")
    replaced(on_both, "REPLACE 2 INBOX")
    assert other.command("a NOOP")[:2] == [b"* 2 EXPUNGE", b"* 3 EXISTS"]


def test_the_replacement_has_another_emailid(on_both: Dialogue) -> None:
    (before, _) = on_both.command("a FETCH 3 EMAILID")
    replaced(on_both, "REPLACE 3 INBOX")
    (after, _) = on_both.command("b FETCH 3 EMAILID")
    assert before != after
    assert b"EMAILID (" in after


def test_nul_is_taken_as_append_takes_it(on_both: Dialogue) -> None:
    octets = b"Content-Type: image/png\r\n\r\n\0\1"
    (*_, answer) = on_both.say(b"re REPLACE 1 INBOX ~{%d+}\r\n%b\r\n" % (len(octets), octets))
    assert answer.startswith(b"re OK ")
    assert on_both.command("a FETCH 3 BINARY.PEEK[1]")[0] == b"* 3 FETCH (BINARY[1] ~{2}\r\n\0\1)"
