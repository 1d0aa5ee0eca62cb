"""RFC 9051 §6.3.2 to §6.3.8: opening mailboxes, making, removing and renaming them, and subscriptions."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from angarium.engine.operations import ListMailboxes, OpenMailbox, StoreBusy
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"
DECOMPOSED = "A\u030a"


def names(connection: Dialogue, pattern: str = "*", options: str = "()") -> set[bytes]:
    """The names that LIST gives, as they are written."""
    lines = connection.command(f'n LIST {options} "" "{pattern}"')
    return {line.rpartition(b' "/" ')[2] for line in lines[:-1]}


def test_select_tells_everything_before_its_ok(tim: Dialogue) -> None:
    tim.append(MESSAGE, r"\Seen Work")
    tim.command("a ENABLE IMAP4rev2")
    for command, code in (("SELECT", b"READ-WRITE"), ("EXAMINE", b"READ-ONLY")):
        *told, last = tim.command(f"b {command} INBOX")
        assert last.startswith(b"b OK [" + code + b"] ")
        for wanted in (
            rb"\* FLAGS \(\\Answered \\Flagged \\Deleted \\Seen \\Draft Work\)",
            rb"\* 1 EXISTS",
            rb'\* LIST \(\\HasNoChildren\) "/" INBOX',
            rb"\* OK \[PERMANENTFLAGS \(.*\)\] .*",
            rb"\* OK \[UIDNEXT 2\] .*",
            rb"\* OK \[UIDVALIDITY \d+\] .*",
        ):
            assert len([line for line in told if re.fullmatch(wanted, line)]) == 1


@pytest.mark.parametrize("command", ["SELECT", "EXAMINE"])
def test_select_lists_the_mailbox_as_it_is(tim: Dialogue, command: str) -> None:
    for line in ("ENABLE IMAP4rev2", "CREATE Sent/2024", "SUBSCRIBE Sent"):
        tim.command(f"a {line}")
    (listed,) = (line for line in tim.command(f"b {command} Sent") if line.startswith(b"* LIST"))
    assert listed == tim.command('c LIST "" Sent RETURN (SUBSCRIBED CHILDREN SPECIAL-USE)')[0]
    assert listed == rb'* LIST (\Subscribed \HasChildren \Sent) "/" Sent'


def test_a_mailbox_that_may_only_be_read_is_selected_as_such(inbox: Dialogue) -> None:
    execute = inbox.execute

    def only_read(operation: Any) -> Any:
        result = execute(operation)
        return evolve(result, read_only=True) if isinstance(operation, OpenMailbox) else result

    inbox.execute = only_read
    *told, last = inbox.command("a SELECT INBOX")
    assert last.startswith(b"a OK [READ-ONLY] ")
    assert any(line.startswith(b"* OK [PERMANENTFLAGS ()] ") for line in told)
    for command in (r"STORE 1 +FLAGS (\Seen)", "EXPUNGE", "MOVE 1 Sent"):
        assert inbox.command(f"b {command}")[-1].startswith(b"b NO [READ-ONLY]")


def test_examine_changes_nothing(tim: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    tim.append(MESSAGE)
    tim.append(MESSAGE, r"\Deleted")
    tim.command("a EXAMINE INBOX")
    for command in (r"STORE 1 +FLAGS (\Flagged)", r"STORE 1 FLAGS.SILENT (Work)", "EXPUNGE", "UID EXPUNGE 2", "MOVE 1 Sent"):
        assert tim.command(f"b {command}")[-1].startswith(b"b NO ")
    for command in ("FETCH 1 BODY[]", "FETCH 1 BINARY[1]", "FETCH 1 RFC822.TEXT", "CLOSE"):
        assert tim.command(f"c {command}")[-1].startswith(b"c OK")
    assert b"* 2 RECENT" in tim.command("d SELECT INBOX")
    assert tim.command("e FETCH 1:2 FLAGS")[:-1] == [
        rb"* 1 FETCH (FLAGS (\Recent))",
        rb"* 2 FETCH (FLAGS (\Deleted \Recent))",
    ]


def test_a_new_mailbox_is_subscribed_to_by_nobody(tim: Dialogue) -> None:
    for command in ("CREATE a/b", "RENAME a/b a/c"):
        assert tim.command(f"a {command}")[-1].startswith(b"a OK")
    assert names(tim, options="(SUBSCRIBED)") == set()


def test_old_name_is_told_even_if_the_store_is_busy_then(tim: Dialogue, store: ModelStore) -> None:
    """What cannot be told for the moment is left out, for the mailbox has been created."""

    def busy(operation: Any) -> Any:
        if isinstance(operation, ListMailboxes):
            raise StoreBusy
        return store.execute(operation)

    tim.command("a ENABLE IMAP4rev2")
    tim.execute = busy
    (answer,) = tim.command(f'b CREATE "{DECOMPOSED}"')
    assert answer.startswith(b"b OK ")
    tim.execute = store.execute
    assert tim.command(f'c DELETE "{DECOMPOSED}"')[0].startswith(rb"* LIST (\NonExistent")


def test_delete_spares_what_is_below(tim: Dialogue) -> None:
    tim.command("a CREATE foo/bar")
    assert tim.command("b DELETE foo")[-1].startswith(b"b NO [HASCHILDREN] ")
    assert names(tim, "foo*") == {b"foo", b"foo/bar"}
    assert tim.command("c DELETE foo/bar")[-1].startswith(b"c OK")
    assert tim.command("d DELETE foo")[-1].startswith(b"d OK")
    assert names(tim, "foo*") == set()


def test_delete_removes_the_messages(tim: Dialogue) -> None:
    tim.command("a CREATE foo")
    tim.append(MESSAGE, mailbox="foo")
    tim.command("b DELETE foo")
    tim.command("c CREATE foo")
    assert tim.command("d STATUS foo (MESSAGES SIZE)")[0] == b"* STATUS foo (MESSAGES 0 SIZE 0)"


def test_rename_takes_along_what_is_below(tim: Dialogue) -> None:
    for name in ("foo/bar/zap", "foobar"):
        tim.command(f"a CREATE {name}")
    tim.append(MESSAGE, mailbox="foo/bar/zap")
    assert tim.command("b RENAME foo baz/rag/zowie")[-1].startswith(b"b OK")
    assert names(tim, "foo*") == {b"foobar"}
    moved = {b"baz/rag/zowie", b"baz/rag/zowie/bar", b"baz/rag/zowie/bar/zap"}
    assert names(tim, "baz*") == moved | {b"baz", b"baz/rag"}
    assert tim.command("c STATUS baz/rag/zowie/bar/zap (MESSAGES)")[0].endswith(b"(MESSAGES 1)")


def test_renaming_inbox_moves_its_messages_and_leaves_it_there(tim: Dialogue) -> None:
    tim.command("a CREATE INBOX/bar")
    tim.append(MESSAGE)
    assert tim.command("b RENAME inbox old-mail")[-1].startswith(b"b OK")
    assert names(tim, "INBOX*") == {b"INBOX", b"INBOX/bar"}
    assert tim.command("c STATUS INBOX (MESSAGES)")[0] == b"* STATUS INBOX (MESSAGES 0)"
    assert tim.command("d STATUS old-mail (MESSAGES)")[0] == b"* STATUS old-mail (MESSAGES 1)"


def test_a_refused_rename_leaves_everything(tim: Dialogue) -> None:
    tim.command("a CREATE foo/bar")
    before = names(tim)
    for old, new in (("nowhere", "x"), ("foo", "Sent"), ("foo", "INBOX"), ("foo", "foo/bar"), ("foo", "x//y")):
        assert tim.command(f"b RENAME {old} {new}")[-1].startswith(b"b NO ")
    assert names(tim) == before


def test_subscriptions_are_left_alone(tim: Dialogue) -> None:
    """They outlive the mailbox, also by another name, and come and go only on command, as often as that is given."""
    for command in ("CREATE foo", "SUBSCRIBE foo", "SUBSCRIBE foo", "CREATE bar", "SUBSCRIBE bar", "SUBSCRIBE not-there"):
        assert tim.command(f"a {command}")[-1].startswith(b"a OK")
    subscribed = {b"foo", b"bar", b"not-there"}
    for command in ("DELETE foo", "RENAME bar baz", "CREATE foo", "DELETE foo"):
        assert tim.command(f"b {command}")[-1].startswith(b"b OK")
        assert names(tim, options="(SUBSCRIBED)") == subscribed
    for command in ("UNSUBSCRIBE foo", "UNSUBSCRIBE foo", "UNSUBSCRIBE never"):
        assert tim.command(f"c {command}")[-1].startswith(b"c OK")
    assert names(tim, options="(SUBSCRIBED)") == subscribed - {b"foo"}
