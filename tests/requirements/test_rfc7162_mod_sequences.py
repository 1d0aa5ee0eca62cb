"""RFC 7162 §3.1, §3.1.11: which mod-sequences messages have, and what makes an answer carry them."""

import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from angarium.engine.operations import AppendMessages, CreateMailbox, NewMessage, OpenMailbox, SetFlags, UserName
from angarium.grammar.imap.commands import StoreMode
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.sqlite.store import SqliteStore
from conformance.dialogue import Dialogue

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"


def modseq(connection: Dialogue, number: int = 1) -> int:
    """The mod-sequence of a message."""
    return modseqs(connection, f"{number}")[0]


def modseqs(connection: Dialogue, numbers: str = "1:*") -> list[int]:
    """The mod-sequences of messages."""
    return [
        int(found)
        for line in connection.command(f"m FETCH {numbers} (MODSEQ)")
        for found in re.findall(rb"MODSEQ \((\d+)\)", line)
    ]


def test_every_message_has_a_positive_one_of_63_bits(inbox: Dialogue) -> None:
    assert len(modseqs(inbox)) == 3
    assert all(0 < each < 2**63 for each in modseqs(inbox))
    assert inbox.command(f"a FETCH 1 UID (CHANGEDSINCE {2**63 - 1})") == [b"a OK FETCH completed"]
    assert inbox.command(f"b FETCH 1 UID (CHANGEDSINCE {2**63})")[-1].startswith(b"b BAD")


def test_a_changed_flag_raises_it_and_an_unchanged_one_does_not(inbox: Dialogue) -> None:
    before = modseqs(inbox)
    inbox.command(r"a STORE 1 +FLAGS (\Seen)")
    set_ = modseqs(inbox)
    inbox.command(r"b STORE 1 +FLAGS.SILENT (\Seen)")
    inbox.command(r"c STORE 1 -FLAGS (\Draft)")
    inbox.command("d STORE 1 (UNCHANGEDSINCE 99) +FLAGS (\\Seen)")
    inbox.command("e FETCH 1 BODY[]")
    assert modseqs(inbox) == set_
    inbox.command(r"f STORE 1 -FLAGS (\Seen)")
    cleared = modseqs(inbox)
    assert max(before) < set_[0] < cleared[0]
    assert before[1:] == set_[1:] == cleared[1:]


def test_setting_seen_by_reading_raises_it(inbox: Dialogue) -> None:
    before = max(modseqs(inbox))
    inbox.command("a FETCH 2 BODY[]")
    assert modseq(inbox, 2) > before


def test_of_two_stores_the_second_has_the_greater(inbox: Dialogue) -> None:
    inbox.command(r"a STORE 3 +FLAGS (\Seen)")
    inbox.command(r"b STORE 1 +FLAGS (\Flagged)")
    assert modseq(inbox, 3) < modseq(inbox, 1)


def test_stores_at_once_over_several_connections_have_different_ones(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path, upkeep=False)
    tim = UserName("tim")
    store.accounts.add("tim", "secret")
    store.execute(AppendMessages(tim, "INBOX", tuple(NewMessage(MESSAGE, (), None) for _ in range(40))))
    opened = store.execute(OpenMailbox(tim, "INBOX"))
    seen: list[int] = []

    def set_flags(first: int) -> None:
        for uid in range(first, 41, 4):
            done = store.execute(SetFlags(opened.id, NumberSet.from_numbers([uid]), StoreMode.ADD, (b"\\Seen",)))
            seen.extend(row.modseq for row in done.rows)

    threads = [threading.Thread(target=set_flags, args=(first,)) for first in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    assert len(seen) == len(set(seen)) == 40
    assert min(seen) > opened.highest_modseq


@pytest.mark.parametrize("command", ["APPEND INBOX {3+}\r\nx:y", "COPY 1 INBOX"])
def test_a_message_that_comes_has_the_highest_of_its_mailbox(inbox: Dialogue, command: str) -> None:
    inbox.command(r"a STORE 2 +FLAGS (\Seen)")
    before = max(modseqs(inbox))
    assert inbox.command(f"b {command}")[-1].startswith(b"b OK")
    assert modseq(inbox, 4) > before


def test_a_message_that_was_moved_here_has_the_highest(inbox: Dialogue) -> None:
    inbox.command("a CREATE there")
    inbox.command("b COPY 2:3 there")
    inbox.command("c MOVE 1 there")
    inbox.command("d SELECT there")
    assert modseq(inbox, 3) > max(modseqs(inbox, "1:2"))


ENABLING = [
    "SELECT INBOX (CONDSTORE)",
    "EXAMINE INBOX (CONDSTORE)",
    "STATUS Sent (HIGHESTMODSEQ)",
    "FETCH 1 (MODSEQ)",
    "SEARCH MODSEQ 1",
    "SEARCH OR NOT (MODSEQ 1) ALL",
    "FETCH 1 (FLAGS) (CHANGEDSINCE 1)",
    "STORE 1 (UNCHANGEDSINCE 1) +FLAGS (\\Draft)",
    "ENABLE CONDSTORE",
    "ENABLE QRESYNC",
    "ENABLE QRESYNC CONDSTORE",
    "ENABLE CONDSTORE QRESYNC",
]


@pytest.mark.parametrize("command", ENABLING)
def test_enabling_commands(inbox: Dialogue, log_in: Callable[[], Dialogue], command: str) -> None:
    """From then on UID and MODSEQ come with FETCH responses that nobody asked for, for the rest of the connection."""
    other = log_in()
    other.command("a SELECT INBOX")
    other.command("b STORE 1 +FLAGS (\\Answered)")
    assert inbox.command("c NOOP")[0] == b"* 1 FETCH (FLAGS (\\Answered \\Recent))"
    assert inbox.command(f"d {command}")[-1].startswith(b"d OK")
    inbox.command("e CLOSE")
    inbox.command("f SELECT INBOX")
    other.command("g STORE 1 -FLAGS (\\Answered)")
    assert inbox.command("h NOOP")[0].startswith(b"* 1 FETCH (UID 1 FLAGS (")
    other.command("i STORE 1 +FLAGS (\\Answered)")
    assert re.search(rb" MODSEQ \(\d+\)\)$", inbox.command("j NOOP")[0])


@pytest.mark.parametrize("command", ENABLING[2:])
def test_the_first_enabling_command_tells_highestmodseq(inbox: Dialogue, command: str) -> None:
    lines = inbox.command(f"a {command}")
    assert [line for line in lines if line.startswith(b"* OK [HIGHESTMODSEQ 4]")]
    assert not any(b"OK [HIGHESTMODSEQ" in line for line in inbox.command("b FETCH 1 (MODSEQ)"))


def test_store_of_every_kind_tells_uid_and_modseq(inbox: Dialogue) -> None:
    inbox.command("a ENABLE CONDSTORE")
    inbox.command("b STORE 3 +FLAGS (\\Answered)")
    for command in ("STORE 1 +FLAGS (\\Seen)", "UID STORE 1 +FLAGS (\\Draft)", "STORE 1 (UNCHANGEDSINCE 9) +FLAGS (\\Flagged)"):
        fetch = inbox.command(f"c {command}")[0]
        assert re.fullmatch(rb"\* 1 FETCH \(UID 1 FLAGS \(.*\) MODSEQ \(\d+\)\)", fetch)


def test_reading_that_sets_seen_tells_uid_and_modseq(inbox: Dialogue) -> None:
    inbox.command("a ENABLE CONDSTORE")
    line = inbox.command("b FETCH 1 BODY[TEXT]")[0]
    assert b"FLAGS (\\Seen \\Recent) UID 1 MODSEQ (5)" in line
    assert b"MODSEQ" not in inbox.command("c FETCH 1 BODY[TEXT]")[0]


def test_a_fetch_that_asks_for_neither_is_answered_with_neither(inbox: Dialogue) -> None:
    inbox.command("a ENABLE CONDSTORE")
    assert inbox.command("b FETCH 1 FLAGS") == [b"* 1 FETCH (FLAGS (\\Recent))", b"b OK FETCH completed"]
    assert inbox.command("c UID FETCH 1 FLAGS") == [b"* 1 FETCH (UID 1 FLAGS (\\Recent))", b"c OK FETCH completed"]


def test_flags_told_to_a_fetch_without_modseq_are_told_with_it_too(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    inbox.command("a ENABLE CONDSTORE")
    other = log_in()
    other.command("b SELECT INBOX")
    other.command("c STORE 1 +FLAGS (\\Flagged)")
    assert inbox.command("d FETCH 1 FLAGS") == [
        b"* 1 FETCH (FLAGS (\\Flagged \\Recent))",
        b"* 1 FETCH (UID 1 FLAGS (\\Flagged \\Recent) MODSEQ (5))",
        b"d OK FETCH completed",
    ]


def test_idle_tells_uid_and_modseq(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    inbox.command("a ENABLE CONDSTORE")
    other = log_in()
    other.command("b SELECT INBOX")
    other.command("c STORE 1 +FLAGS (\\Flagged)")
    assert inbox.command("d IDLE")[-1] == b"* 1 FETCH (UID 1 FLAGS (\\Flagged \\Recent) MODSEQ (5))"


def test_select_examine_and_status_tell_the_same_highestmodseq(inbox: Dialogue) -> None:
    inbox.command("a STORE 2 +FLAGS (\\Seen)")
    status = inbox.command("b STATUS INBOX (HIGHESTMODSEQ)")
    assert b"* STATUS INBOX (HIGHESTMODSEQ 5)" in status
    assert modseq(inbox, 2) == 5
    for command in ("SELECT INBOX", "EXAMINE INBOX", "SELECT INBOX (CONDSTORE)"):
        lines = inbox.command(f"c {command}")
        assert [line for line in lines if line.startswith(b"* OK [HIGHESTMODSEQ 5]")]
        assert not any(b"NOMODSEQ" in line for line in lines)


def test_mod_sequences_survive_a_restart(tmp_path: Path) -> None:
    tim = UserName("tim")
    first = SqliteStore(tmp_path, upkeep=False)
    first.accounts.add("tim", "secret")
    first.execute(CreateMailbox(tim, "kept"))
    first.execute(AppendMessages(tim, "kept", (NewMessage(MESSAGE, (), None),)))
    before = first.execute(OpenMailbox(tim, "kept")).highest_modseq
    first.close()
    second = SqliteStore(tmp_path, upkeep=False)
    opened = second.execute(OpenMailbox(tim, "kept"))
    assert opened.highest_modseq == before
    rows = second.execute(SetFlags(opened.id, NumberSet.from_numbers([1]), StoreMode.ADD, (b"\\Seen",))).rows
    second.close()
    assert rows[0].modseq > before
