"""RFC 9051 §6.3.11, §6.3.12: STATUS beside a selected mailbox, and APPEND that succeeds whole or not at all."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from angarium.engine.operations import AppendMessages, OverQuota, StoreUnavailable, TooLarge
from conformance.dialogue import Dialogue

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"
ITEMS = "MESSAGES UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE"


def test_status_of_the_selected_mailbox(inbox: Dialogue) -> None:
    inbox.command(r"a STORE 1 +FLAGS (\Deleted)")
    assert inbox.command("b STATUS INBOX (MESSAGES UNSEEN DELETED UIDNEXT)")[0] == (
        b"* STATUS INBOX (MESSAGES 3 UNSEEN 3 DELETED 1 UIDNEXT 4)"
    )
    assert inbox.command("c FETCH 3 UID")[0] == b"* 3 FETCH (UID 3)"


def test_status_changes_nothing(tim: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    tim.append(MESSAGE)
    tim.command("a SELECT Sent")
    for _ in range(2):
        assert re.match(rb"\* STATUS INBOX \(MESSAGES 1 .* RECENT 1\)", tim.command(f"b STATUS INBOX ({ITEMS} RECENT)")[0])
    assert tim.command("c FETCH 1:* UID")[-1].startswith(b"c BAD")
    other = log_in()
    assert b"* 1 RECENT" in other.command("d SELECT INBOX")
    assert other.command("e FETCH 1 FLAGS")[0] == rb"* 1 FETCH (FLAGS (\Recent))"


def test_size_is_at_least_the_sum_of_the_messages(tim: Dialogue) -> None:
    for size in (0, 1, 1000, 70_000):
        tim.append(b"x: " + b"y" * size + b"\r\n\r\n")
    tim.command("a SELECT INBOX")
    sizes = [int(line.split()[-1][:-1]) for line in tim.command("b FETCH 1:* RFC822.SIZE")[:-1]]
    told = re.match(rb"\* STATUS INBOX \(SIZE (\d+)\)", tim.command("c STATUS INBOX (SIZE)")[0])
    assert told
    assert len(sizes) == 4
    assert int(told[1]) >= sum(sizes)


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (b"{5+}\r\na\0b\r\n", b"BAD"),
        (b'"31-Feb-2020 00:00:00 +0000" {3+}\r\nabc', b"BAD"),
        (b"(\\Seen {3+}\r\nabc", b"BAD"),
        (b"{3+}\r\nabc more", b"BAD"),
        (b"{999999999999}", b"NO"),
    ],
)
def test_a_refused_append_leaves_no_trace(inbox: Dialogue, arguments: bytes, answer: bytes) -> None:
    before = inbox.command(f"a STATUS INBOX ({ITEMS})")
    assert inbox.say(b"b APPEND INBOX " + arguments + b"\r\n")[-1].startswith(b"b " + answer)
    assert inbox.command(f"a STATUS INBOX ({ITEMS})") == before
    assert inbox.command("c NOOP") == [b"c OK NOOP completed"]


@pytest.mark.parametrize("error", [OverQuota(), StoreUnavailable(), TooLarge()])
@pytest.mark.parametrize("size", [10, 100_000], ids=["gathered", "staged"])
def test_an_append_that_fails_leaves_no_trace(inbox: Dialogue, error: Exception, size: int) -> None:
    execute = inbox.execute

    def failing(operation: Any) -> Any:
        if isinstance(operation, AppendMessages):
            raise error
        return execute(operation)

    before = inbox.command(f"a STATUS INBOX ({ITEMS})")
    inbox.execute = failing
    assert inbox.say(b"b APPEND INBOX {%d+}\r\n%b\r\n" % (size, b"x" * size))[-1].startswith(b"b NO [")
    inbox.execute = execute
    assert inbox.command(f"a STATUS INBOX ({ITEMS})") == before
    inbox.append(MESSAGE)
    assert inbox.command("c FETCH 4 BODY.PEEK[]")[0] == b"* 4 FETCH (BODY[] {%d}\r\n%b)" % (len(MESSAGE), MESSAGE)


@pytest.mark.parametrize("mailbox", ["nowhere", "Sent/below", "INBOX/below", "&AOQ-"])
@pytest.mark.parametrize("size", [3, 100_000], ids=["gathered", "staged"])
def test_append_creates_no_mailbox_but_says_that_it_could_be_created(tim: Dialogue, mailbox: str, size: int) -> None:
    before = tim.command('a LIST "" *')
    octets = b"b APPEND %b {%d+}\r\n%b\r\n" % (mailbox.encode(), size, b"x" * size)
    assert tim.say(octets)[-1].startswith(b"b NO [TRYCREATE] ")
    assert tim.command('a LIST "" *') == before
    tim.command(f"c CREATE {mailbox}")
    assert tim.say(octets)[-1].startswith(b"b OK [APPENDUID ")


def test_without_flags_and_date_a_message_has_none_and_that_of_today(tim: Dialogue) -> None:
    tim.append(MESSAGE)
    tim.command("a ENABLE IMAP4rev2")
    tim.command("b SELECT INBOX")
    assert tim.command("c FETCH 1 (FLAGS INTERNALDATE)")[0] == (
        b'* 1 FETCH (INTERNALDATE " 1-Jan-2000 00:00:00 +0000" FLAGS ())'
    ), "the clock of the model stands still"
