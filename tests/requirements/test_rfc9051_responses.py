"""Clauses of RFC 9051 §7 on what the server says and when, and §6.5 on what it does not say unasked."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from angarium.engine.imap.capabilities import CAPABILITIES
from angarium.engine.imap.client import ImapClient
from angarium.engine.operations import LimitReached, OpenMailbox, SetFlags
from angarium.engine.steps import Peer
from angarium.grammar.imap.commands import Noop
from angarium.spec.model_store import ModelStore
from angarium.store.sqlite.store import SqliteStore
from conformance.dialogue import Dialogue


@pytest.fixture
def other(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> Dialogue:
    """Another session in the same INBOX."""
    connection = log_in()
    connection.command("sel SELECT INBOX")
    return connection


@pytest.mark.parametrize("command", ["NOOP", "STATUS Sent (MESSAGES)", "CREATE a", "UID FETCH 2 FLAGS"])
def test_what_others_do_is_told(inbox: Dialogue, other: Dialogue, command: str) -> None:
    other.command("a STORE 3 +FLAGS.SILENT (\\Flagged)")
    other.command("b STORE 1 +FLAGS.SILENT (\\Deleted)")
    other.command("c EXPUNGE")
    lines = inbox.command(f"d {command}")
    assert b"* 1 EXPUNGE" in lines
    assert b"* 2 FETCH (FLAGS (\\Flagged \\Recent))" in lines


@pytest.mark.parametrize("begun", [b"", b"a APPEND INBOX {5}\r\n", b"a NO", b"a SEARCH SUBJECT {3}\r\nhel"])
def test_expunge_waits_for_a_whole_command(inbox: Dialogue, other: Dialogue, begun: bytes) -> None:
    other.command("b STORE 1 +FLAGS.SILENT (\\Deleted)")
    other.command("c EXPUNGE")
    heard = inbox.say(begun) if begun else inbox.lines()
    assert [line for line in heard if not line.startswith(b"+")] == []


def test_fetch_that_nobody_asked_for_has_the_uid(inbox: Dialogue, other: Dialogue) -> None:
    inbox.command("a ENABLE IMAP4rev2")
    other.command("b STORE 3 +FLAGS.SILENT (\\Flagged)")
    assert inbox.command("c NOOP")[0] == b"* 3 FETCH (UID 3 FLAGS (\\Flagged))"
    other.command("d STORE 3 -FLAGS.SILENT (\\Flagged)")
    assert inbox.command("e FETCH 1 RFC822.SIZE")[1] == b"* 3 FETCH (UID 3 FLAGS ())"
    inbox.command("f IDLE")
    other.command("g STORE 2 +FLAGS.SILENT (\\Draft)")
    assert inbox.say(b"DONE\r\n")[0] == b"* 2 FETCH (UID 2 FLAGS (\\Draft))"


def test_no_extension_speaks_unasked(inbox: Dialogue, other: Dialogue) -> None:
    other.command("a STORE 1:2 +FLAGS (\\Deleted)")
    other.command("b EXPUNGE")
    commands = ["NOOP", "FETCH 1 FLAGS", "STORE 1 +FLAGS (\\Seen)", "SEARCH ALL", 'LIST "" *', "STATUS INBOX (MESSAGES)"]
    said = b"\n".join(line for command in commands for line in inbox.command(f"c {command}"))
    assert b"VANISHED" not in said
    assert b"MODSEQ" not in said
    assert b"* ID" not in said
    assert b"CHILDINFO" not in said


def test_one_message_appended_is_one_uid(tim: Dialogue) -> None:
    for uid in (1, 2):
        (answer,) = tim.say(b"a APPEND Sent {6+}\r\nX: y\r\n\r\n")
        code = answer.partition(b"]")[0].split()
        assert code[:3] == [b"a", b"OK", b"[APPENDUID"]
        assert code[4] == b"%d" % uid


@pytest.mark.parametrize("flags", ["+FLAGS (new)", "FLAGS (\\Seen new)", "+FLAGS.SILENT (new)"])
def test_no_new_keywords_when_there_are_too_many(inbox: Dialogue, flags: str) -> None:
    inbox.command("a STORE 1 +FLAGS (Work)")
    execute = inbox.execute

    def full(operation: Any) -> Any:
        if isinstance(operation, SetFlags) and b"new" in operation.flags:
            raise LimitReached("there are too many keywords")
        return execute(operation)

    inbox.execute = full
    said, answer = inbox.command(f"b STORE 1 {flags}")
    assert said.startswith(b"* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work)] ")
    assert answer.startswith(b"b NO [LIMIT] ")


def test_a_mailbox_full_of_keywords_offers_no_new_ones(inbox: Dialogue) -> None:
    inbox.command("a STORE 1 +FLAGS (Work)")
    execute = inbox.execute
    inbox.execute = lambda operation: (
        evolve(execute(operation), keywords_full=True) if isinstance(operation, OpenMailbox) else execute(operation)
    )
    lines = inbox.command("b SELECT INBOX")
    assert any(b"[PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work)]" in line for line in lines)


def sqlite_store(folder: Path) -> SqliteStore:
    """A store on disk, with its one user the first time."""
    store = SqliteStore(folder, upkeep=False)
    if not (folder / "made").exists():
        store.accounts.add("tim", "secret")
        (folder / "made").touch()
    return store


def test_uids_last(tmp_path: Path) -> None:
    seen = []
    for _ in range(3):
        store = sqlite_store(tmp_path)
        connection = Dialogue(store.execute)
        connection.command("a LOGIN tim secret")
        connection.append(b"Subject: x\r\n\r\n")
        lines = connection.command("b SELECT INBOX")
        assert not any(b"UIDNOTSTICKY" in line for line in lines)
        seen.append((next(line for line in lines if b"[UIDVALIDITY" in line), connection.command("c UID SEARCH ALL")[0]))
        store.close()
    assert len({uidvalidity for uidvalidity, _ in seen}) == 1
    assert all(later.startswith(earlier) for (_, earlier), (_, later) in pairwise(seen))


def test_a_client_ignores_unknown_codes() -> None:
    client = ImapClient()
    client.receive(b"* OK [X-NEW (a b)] ready\r\n")
    tag = client.send(Noop())
    client.receive(b"* OK [X-OTHER 12] by the way\r\n" + tag + b" OK [X-NEW] done\r\n")
    assert not client.pending(tag)


@pytest.mark.parametrize("data", [b"3 EXISTS", b"1 EXPUNGE", b"1 FETCH (UID 1)", b"FLAGS (x)", b"SEARCH 1", b"3 RECENT"])
@pytest.mark.parametrize("greeting", [b"* OK ready\r\n", b"* PREAUTH ready\r\n"])
def test_a_client_ignores_mailbox_data_while_nothing_is_selected(greeting: bytes, data: bytes) -> None:
    client = ImapClient()
    client.receive(greeting)
    before = client.state
    client.receive(b"* " + data + b"\r\n")
    assert client.view is None
    assert client.state is before


@pytest.mark.parametrize("peer", [Peer("x"), Peer("x", tls=True), Peer("x", local=True), Peer("x", can_start_tls=True)])
def test_no_greeting_authenticates(store: ModelStore, peer: Peer) -> None:
    connection = Dialogue(store.execute, peer)
    (greeting,) = connection.lines()
    assert greeting.startswith(b"* OK ")
    assert connection.command("a SELECT INBOX")[0].startswith(b"a BAD ")


def test_revision_1_until_enabled(inbox: Dialogue) -> None:
    before = inbox.command("a SELECT INBOX")
    assert b"* 0 RECENT" in before
    assert not any(line.startswith(b"* LIST") for line in before)
    assert inbox.command("b SEARCH ALL")[0] == b"* SEARCH 1 2 3"
    inbox.command("c ENABLE IMAP4rev2")
    after = inbox.command("d SELECT INBOX")
    assert not any(b"RECENT" in line for line in after)
    assert any(line.startswith(b"* LIST") for line in after)
    assert inbox.command("e SEARCH ALL")[0] == b'* ESEARCH (TAG "e") ALL 1:3'


RFCS = Path(__file__).parents[3] / "shared" / "rfc"
DRAFTED = b"THREAD=REFS"
"""What several servers have and no RFC; IANA lists it among the thread algorithms."""


@pytest.mark.skipif(not RFCS.is_dir(), reason="needs the texts of the RFCs beside the checkout")
@pytest.mark.parametrize("row", [row for row in CAPABILITIES if row.name != DRAFTED], ids=lambda row: row.name.decode())
def test_every_capability_has_its_rfc(row: Any) -> None:
    rfc, _ = row.source.removeprefix("RFC ").split(" §")
    (text,) = {path.read_text("utf-8-sig").upper() for path in RFCS.glob(f"rfc{rfc}*.txt")}
    assert row.name.decode().removeprefix("AUTH=").removeprefix("THREAD=").upper() in text
