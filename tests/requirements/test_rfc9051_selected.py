"""Clauses of RFC 9051 §6.4 on CLOSE, STORE, COPY, MOVE and the UID forms."""

from collections.abc import Callable

import pytest

from conformance.dialogue import Dialogue

DATED = b'a APPEND Drafts (\\Flagged Work) "17-Jul-1996 02:44:25 -0730" {17+}\r\nSubject: a\r\n\r\nb\r\n\r\n'


def messages(connection: Dialogue, mailbox: str) -> int:
    """How many messages STATUS counts."""
    line = connection.command(f"st STATUS {mailbox} (MESSAGES)")[0]
    return int(line.rstrip(b")").rsplit(b" ", 1)[1])


@pytest.mark.parametrize(
    "command",
    [
        *("CLOSE", "UNSELECT", "EXPUNGE", "SEARCH ALL", "FETCH 1 UID", "STORE 1 FLAGS ()", "COPY 1 Sent", "MOVE 1 Sent"),
        *("UID EXPUNGE 1", "UID SEARCH ALL", "UID FETCH 1 UID", "UID STORE 1 FLAGS ()", "UID COPY 1 Sent", "UID MOVE 1 Sent"),
    ],
)
def test_needs_a_selected_mailbox(inbox: Dialogue, command: str) -> None:
    inbox.command("a UNSELECT")
    assert inbox.command(f"b {command}")[-1].startswith(b"b BAD ")


def test_close_of_a_read_only_mailbox_removes_nothing(inbox: Dialogue) -> None:
    inbox.command("a STORE 1:2 +FLAGS (\\Deleted)")
    inbox.command("b EXAMINE INBOX")
    assert inbox.command("c CLOSE") == [b"c OK CLOSE completed"]
    assert messages(inbox, "INBOX") == 3


@pytest.mark.parametrize("command", ["SELECT Sent", "EXAMINE Sent", "LOGOUT"])
def test_leaving_without_close_removes_nothing(inbox: Dialogue, log_in: Callable[[], Dialogue], command: str) -> None:
    inbox.command("a STORE 1:2 +FLAGS (\\Deleted)")
    lines = inbox.command(f"b {command}")
    assert lines[-1].startswith(b"b OK ")
    assert not any(b"EXPUNGE" in line for line in lines)
    assert messages(log_in(), "INBOX") == 3


def test_silent_store_is_silent(inbox: Dialogue) -> None:
    assert inbox.command("a STORE 1:3 +FLAGS.SILENT (\\Flagged)") == [b"a OK STORE completed"]
    assert inbox.command("b NOOP") == [b"b OK NOOP completed"]
    assert inbox.command("c STORE 1 -FLAGS.SILENT (\\Flagged)") == [b"c OK STORE completed"]
    assert inbox.command("d STORE 1 FLAGS.SILENT (\\Draft)") == [b"d OK STORE completed"]
    assert inbox.command("e FETCH 1 FLAGS")[0] == b"* 1 FETCH (FLAGS (\\Draft \\Recent))"


@pytest.mark.parametrize("command", ["COPY 1", "MOVE 1", "UID COPY 1", "UID MOVE 1"])
def test_copies_keep_flags_and_internal_date(tim: Dialogue, command: str) -> None:
    assert tim.say(DATED)[-1].startswith(b"a OK ")
    tim.command("b SELECT Drafts")
    assert tim.command(f"c {command} Sent")[-1].startswith(b"c OK ")
    tim.command("d EXAMINE Sent")
    (line, _) = tim.command("e FETCH 1:* (INTERNALDATE FLAGS)")
    assert b'INTERNALDATE "17-Jul-1996 02:44:25 -0730"' in line
    assert b"FLAGS (\\Flagged Work" in line


@pytest.mark.parametrize("command", ["COPY 1:2", "MOVE 1:2", "UID COPY 1:2", "UID MOVE 1:2"])
def test_a_missing_target_is_not_made(inbox: Dialogue, command: str) -> None:
    (answer,) = inbox.command(f"a {command} nowhere")
    assert answer.startswith(b"a NO [TRYCREATE] ")
    assert inbox.command('b LIST "" nowhere') == [b"b OK LIST completed"]
    assert messages(inbox, "INBOX") == 3


def test_move_shows_no_step_between(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    other = log_in()
    other.command("a SELECT INBOX")
    assert not any(b"MODIFIED" in line or b"FETCH" in line for line in inbox.command("b MOVE 1:2 Sent"))
    assert other.command("c NOOP") == [b"* 1 EXPUNGE", b"* 1 EXPUNGE", b"c OK NOOP completed"]
    other.command("d SELECT Sent")
    assert other.command("e SEARCH DELETED")[0] == b"* SEARCH"
    assert other.command("f SEARCH ALL")[0] == b"* SEARCH 1 2"


def test_move_leaves_no_copy_behind(inbox: Dialogue) -> None:
    inbox.command("a MOVE 2:3 Sent")
    assert inbox.command("b UID SEARCH ALL")[0] == b"* SEARCH 1"
    assert messages(inbox, "Sent") == 2


@pytest.mark.parametrize("extension", ["", "QRESYNC"])
def test_move_tells_copyuid_first(inbox: Dialogue, extension: str) -> None:
    if extension:
        inbox.command(f"a ENABLE {extension}")
    lines = inbox.command("b UID MOVE 2:3 Sent")
    assert lines[0].startswith(b"* OK [COPYUID ")
    assert lines[1:-1] == ([b"* VANISHED 2:3"] if extension else [b"* 2 EXPUNGE", b"* 2 EXPUNGE"])
    assert b"COPYUID" not in lines[-1]


def test_move_into_the_same_mailbox(inbox: Dialogue) -> None:
    lines = inbox.command("a MOVE 1:2 INBOX")
    assert lines[-1].startswith(b"a OK ")
    assert b" 1:2 4:5] " in lines[0]
    assert inbox.command("b UID SEARCH ALL")[0] == b"* SEARCH 3 4 5"


@pytest.mark.parametrize(
    "command",
    ["UID FETCH 77 FLAGS", "UID STORE 77 +FLAGS (\\Seen)", "UID COPY 77 Sent", "UID MOVE 77 Sent", "UID EXPUNGE 77"],
)
def test_absent_uids_are_passed_over(inbox: Dialogue, command: str) -> None:
    (answer,) = inbox.command(f"a {command}")
    assert answer.startswith(b"a OK ")
    assert inbox.command("b UID SEARCH UID 77")[0] == b"* SEARCH"


def test_uid_expunge_spares_others(inbox: Dialogue) -> None:
    inbox.command("a STORE 1,3 +FLAGS.SILENT (\\Deleted)")
    assert inbox.command("b UID EXPUNGE 2:3") == [b"* 3 EXPUNGE", b"b OK EXPUNGE completed"]
    assert inbox.command("c UID SEARCH ALL")[0] == b"* SEARCH 1 2"
    assert inbox.command("d SEARCH DELETED")[0] == b"* SEARCH 1"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("UID FETCH 3 FLAGS", b"* 2 FETCH (UID 3 FLAGS (\\Recent))"),
        ("UID FETCH 3 (FLAGS UID)", b"* 2 FETCH (UID 3 FLAGS (\\Recent))"),
        ("UID STORE 3 +FLAGS (\\Seen)", b"* 2 FETCH (UID 3 FLAGS (\\Seen \\Recent))"),
        ("UID SEARCH RETURN (ALL MIN MAX) 2", b'* ESEARCH (TAG "a") UID MIN 3 MAX 3 ALL 3'),
        ("UID SEARCH RETURN () 1:2 UID 3:300", b'* ESEARCH (TAG "a") UID ALL 3'),
    ],
)
def test_uid_forms_speak_of_uids(inbox: Dialogue, command: str, answer: bytes) -> None:
    inbox.command("b STORE 1 +FLAGS.SILENT (\\Deleted)")
    inbox.command("c EXPUNGE")
    lines = inbox.command(f"a {command}")
    assert lines[0] == answer
    assert lines[-1].startswith(b"a OK ")


@pytest.mark.parametrize("numbers", ["559:*", "*:559", "*", "3:*"])
def test_star_is_the_last_uid(inbox: Dialogue, numbers: str) -> None:
    assert inbox.command(f"a UID FETCH {numbers} UID") == [b"* 3 FETCH (UID 3)", b"a OK FETCH completed"]
    inbox.command("b SELECT Sent")
    assert inbox.command(f"c UID FETCH {numbers} UID") == [b"c OK FETCH completed"]
