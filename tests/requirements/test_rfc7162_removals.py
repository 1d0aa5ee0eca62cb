"""RFC 7162 §3.2, §3.2.7 to §3.2.9, §5.3: the mod-sequences of removals, and how long they are remembered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from angarium.engine.operations import (
    AppendMessages,
    CreateMailbox,
    DeleteMailbox,
    ExpungeMessages,
    NewMessage,
    OpenMailbox,
    UserName,
)
from angarium.store.sqlite.store import SqliteStore
from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    yield from request.param(tmp_path)


def uidvalidity(connection: Dialogue) -> str:
    """The UIDVALIDITY of INBOX."""
    return connection.command("u STATUS INBOX (UIDVALIDITY)")[0].split(b"UIDVALIDITY ")[1].rstrip(b")").decode()


REMOVALS = {
    "EXPUNGE": b"* VANISHED 2",
    "UID EXPUNGE 1:3": b"* VANISHED 2",
    "MOVE 2 Sent": b"* VANISHED 2",
    "CLOSE": None,
}


@pytest.mark.parametrize("command", REMOVALS)
def test_every_removal_takes_a_mod_sequence_that_is_remembered(inbox: Dialogue, command: str) -> None:
    inbox.command("a ENABLE QRESYNC")
    inbox.command("b STORE 2 +FLAGS.SILENT (\\Deleted)")  # mod-sequence 5
    lines = inbox.command(f"c {command}")
    assert REMOVALS[command] is None or REMOVALS[command] in lines
    known = uidvalidity(inbox)
    lines = inbox.command(f"d SELECT INBOX (QRESYNC ({known} 5))")
    assert [line for line in lines if line.startswith(b"* OK [HIGHESTMODSEQ 6]")]
    assert b"* VANISHED (EARLIER) 2" in lines
    assert not any(b"VANISHED" in line for line in inbox.command(f"e SELECT INBOX (QRESYNC ({known} 6))"))


@pytest.mark.parametrize("command", ["EXPUNGE", "UID EXPUNGE 1:3", "CLOSE"])
def test_where_nothing_is_removed_the_mod_sequence_stays(inbox: Dialogue, command: str) -> None:
    inbox.command("a ENABLE QRESYNC")
    lines = inbox.command(f"b {command}")
    assert not any(b"HIGHESTMODSEQ" in line or b"VANISHED" in line for line in lines)
    assert [line for line in inbox.command("c SELECT INBOX") if line.startswith(b"* OK [HIGHESTMODSEQ 4]")]


@pytest.mark.parametrize("command", ["EXPUNGE", "UID EXPUNGE 1:3", "MOVE 2 Sent"])
def test_the_tagged_ok_of_a_removal_has_highestmodseq(inbox: Dialogue, command: str) -> None:
    inbox.command("a ENABLE QRESYNC")
    inbox.command("b STORE 2 +FLAGS.SILENT (\\Deleted)")
    assert inbox.command(f"c {command}")[-1].startswith(b"c OK [HIGHESTMODSEQ 6]")


def test_close_does_not_tell_highestmodseq(inbox: Dialogue) -> None:
    inbox.command("a ENABLE QRESYNC")
    inbox.command("b STORE 2 +FLAGS.SILENT (\\Deleted)")
    assert inbox.command("c CLOSE") == [b"c OK CLOSE completed"]


@pytest.mark.parametrize("purged", [False, True])
def test_what_is_remembered_of_expunged_messages_goes_with_their_mailbox(tmp_path: Path, purged: bool) -> None:
    tim = UserName("tim")
    store = SqliteStore(tmp_path, upkeep=False)
    store.accounts.add("tim", "secret")
    store.execute(CreateMailbox(tim, "old"))
    store.execute(AppendMessages(tim, "old", (NewMessage(MESSAGE, (b"\\Deleted",)), NewMessage(MESSAGE))))
    store.execute(ExpungeMessages(store.execute(OpenMailbox(tim, "old")).id))
    if purged:
        store.catch_up(tim)
    remembered = "SELECT count(*) FROM expunged"
    assert store.read(tim, lambda mail: mail.connection.execute(remembered).fetchone()[0]) == 1
    store.execute(DeleteMailbox(tim, "old"))
    store.catch_up(tim)
    assert store.read(tim, lambda mail: mail.connection.execute(remembered).fetchone()[0]) == 0
    store.close()
