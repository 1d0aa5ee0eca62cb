r"""RFC 3501 §2.3.2, §6.3.2, §6.3.10, §7.3.2: \Recent and RECENT, which only IMAP4rev1 has."""

from collections.abc import Callable

import pytest

from conformance.dialogue import Dialogue

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"


def recent(connection: Dialogue) -> list[bytes]:
    r"""The numbers of the messages that have \Recent, by FETCH; SEARCH has to agree."""
    lines = connection.command("r FETCH 1:* FLAGS")[:-1]
    numbers = [line.split()[1] for line in lines if b"\\Recent" in line]
    assert connection.command("r SEARCH RECENT")[0].split()[2:] == numbers
    return numbers


def test_the_first_session_has_recent_and_no_other(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    other = log_in()
    assert b"* 0 RECENT" in other.command("a SELECT INBOX")
    assert recent(inbox) == [b"1", b"2", b"3"]
    assert recent(other) == []
    other.append(MESSAGE)
    assert recent(other) == [b"4"]
    assert b"* 4 EXISTS" in inbox.command("b NOOP")
    assert recent(inbox) == [b"1", b"2", b"3"]


def test_a_session_keeps_recent_until_it_leaves_the_mailbox(inbox: Dialogue) -> None:
    inbox.command("a STORE 1:* FLAGS (\\Seen)")
    inbox.command("b FETCH 1:* BODY[]")
    assert recent(inbox) == [b"1", b"2", b"3"]
    assert b"* 0 RECENT" in inbox.command("c SELECT INBOX")
    assert recent(inbox) == []


@pytest.mark.parametrize("command", ["EXAMINE INBOX", "STATUS INBOX (RECENT MESSAGES)", "STATUS INBOX (UNSEEN UIDNEXT)"])
def test_looking_takes_recent_from_nobody(tim: Dialogue, log_in: Callable[[], Dialogue], command: str) -> None:
    tim.append(MESSAGE)
    tim.append(MESSAGE)
    assert tim.command(f"a {command}")[-1].startswith(b"a OK")
    assert b"* STATUS INBOX (RECENT 2)" in tim.command("b STATUS INBOX (RECENT)")
    other = log_in()
    assert b"* 2 RECENT" in other.command("c SELECT INBOX")
    assert recent(other) == [b"1", b"2"]
    assert b"* STATUS INBOX (RECENT 0)" in tim.command("d STATUS INBOX (RECENT)")


@pytest.mark.parametrize("command", ["STORE 1 -FLAGS (\\Recent)", "STORE 1 FLAGS (\\Seen)", "STORE 1 +FLAGS (\\Recent)"])
def test_clients_cannot_alter_recent(inbox: Dialogue, log_in: Callable[[], Dialogue], command: str) -> None:
    inbox.command(f"a {command}")
    assert recent(inbox) == [b"1", b"2", b"3"]
    other = log_in()
    other.command("b SELECT INBOX")
    other.command(f"c {command}")
    assert recent(other) == []


@pytest.mark.parametrize("command", ["STORE 1 FLAGS (\\Recent)", "STORE 1 -FLAGS.SILENT (\\Seen \\recent)"])
def test_recent_is_not_among_the_flags_to_store(inbox: Dialogue, command: str) -> None:
    inbox.command("a STORE 1 FLAGS (\\Seen)")
    assert inbox.command(f"b {command}")[-1].startswith(b"b BAD ")
    assert inbox.command("c SEARCH SEEN")[0] == b"* SEARCH 1"


def test_recent_is_not_among_the_flags_to_append(inbox: Dialogue) -> None:
    assert inbox.command("a APPEND INBOX (\\Recent) {3+}\r\nx:y")[-1].startswith(b"a BAD ")
    assert inbox.command("b STATUS INBOX (MESSAGES)")[0] == b"* STATUS INBOX (MESSAGES 3)"


@pytest.mark.parametrize("command", ["COPY 1 INBOX", "APPEND INBOX {3+}\r\nx:y", "APPEND INBOX (\\Seen) {3+}\r\nx:y"])
def test_what_is_copied_or_appended_is_recent(inbox: Dialogue, command: str) -> None:
    inbox.command("a SELECT INBOX")
    assert inbox.command(f"b {command}")[:2] == [b"* 4 EXISTS", b"* 1 RECENT"]
    assert recent(inbox) == [b"4"]


def test_recent_counts_them_when_messages_come(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    log_in().append(MESSAGE)
    assert inbox.command("a NOOP") == [b"* 4 EXISTS", b"* 4 RECENT", b"a OK NOOP completed"]


def test_new_and_old_are_by_recent(inbox: Dialogue) -> None:
    inbox.command("a SELECT INBOX")
    inbox.append(MESSAGE)
    inbox.append(MESSAGE)
    inbox.command("b STORE 5 +FLAGS (\\Seen)")
    assert inbox.command("c SEARCH NEW")[0] == b"* SEARCH 4"
    assert inbox.command("d SEARCH OLD")[0] == b"* SEARCH 1 2 3"
