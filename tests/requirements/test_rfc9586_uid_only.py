"""UIDONLY (RFC 9586): once it is enabled nobody says a message number, and everything is told by UID."""

from collections.abc import Callable
from pathlib import Path

import pytest

from angarium import engine
from angarium.engine.imap.tables import COMMANDS, Command, Seqs
from angarium.engine.steps import Received, Woken
from angarium.grammar.imap.responses import FetchData, Flags, ModSequence, Response, Uid, UidFetchData
from conformance.dialogue import Dialogue

REFUSED = b"BAD [UIDREQUIRED] "
BY_NUMBER = {
    "FETCH": "FETCH 1 UID",
    "STORE": "STORE 1 FLAGS ()",
    "SEARCH": "SEARCH ALL",
    "SORT": "SORT (DATE) UTF-8 ALL",
    "THREAD": "THREAD REFERENCES UTF-8 ALL",
    "COPY": "COPY 1 INBOX",
    "MOVE": "MOVE 1 INBOX",
    "REPLACE": "REPLACE 1 INBOX {1+}\r\nx",
}
"""Each command that may name messages by number, doing so."""


@pytest.fixture
def alone(inbox: Dialogue) -> Dialogue:
    """INBOX with the UIDs 2, 3 and 4, so that no UID is a message number; UIDONLY enabled."""
    inbox.append(b"Subject: fourth\r\n\r\nx\r\n")
    inbox.command(r"r STORE 1 +FLAGS.SILENT (\Deleted)")
    inbox.command("r EXPUNGE")
    assert inbox.command("r ENABLE UIDONLY") == [b"* ENABLED UIDONLY", b"r OK ENABLE completed"]
    return inbox


def parsed(connection: Dialogue, line: str) -> list[Response]:
    connection.begin(Received(line.encode() + b"\r\n"))
    return [response for _, response in connection.responses()]


def test_it_is_announced_after_login(inbox: Dialogue) -> None:
    assert b" UIDONLY" in inbox.command("a CAPABILITY")[0]


def test_until_it_is_enabled_nothing_changes(inbox: Dialogue) -> None:
    assert inbox.command("a FETCH 1 (UID)") == [b"* 1 FETCH (UID 1)", b"a OK FETCH completed"]
    assert inbox.command("b UID FETCH 1 (MODSEQ)")[1].startswith(b"* 1 FETCH (UID 1 MODSEQ")


@pytest.mark.parametrize(
    "line",
    [
        "FETCH 1 FLAGS",
        "FETCH * FLAGS",
        r"STORE 1 +FLAGS (\Seen)",
        "SEARCH ALL",
        "SEARCH UID 2",
        "COPY 1 INBOX",
        "MOVE 1 INBOX",
        "UID SEARCH 1:3",
        "UID SEARCH *",
        "UID SEARCH NOT 1",
        "UID SEARCH OR ALL 1",
        "UID SEARCH (SEEN 1:2)",
        "UID SEARCH $",
        "UID SORT (DATE) UTF-8 1:2",
        "UID THREAD REFERENCES UTF-8 OR 1 ALL",
    ],
)
def test_message_numbers_are_bad(alone: Dialogue, line: str) -> None:
    operations = len(alone.operations)
    (answer,) = alone.command(f"a {line}")
    assert answer.startswith(b"a " + REFUSED)
    assert len(alone.operations) == operations


def test_known_numbers_in_qresync_are_bad(tim: Dialogue) -> None:
    tim.command("a ENABLE QRESYNC UIDONLY")
    assert tim.command("b SELECT INBOX (QRESYNC (1 1 1:9 (1 1)))")[-1].startswith(b"b " + REFUSED)
    assert tim.command("c SELECT INBOX (QRESYNC (1 1 1:9))")[-1].startswith(b"c OK")


def test_the_same_by_uid_is_fine(alone: Dialogue) -> None:
    for line in ("UID FETCH 2 FLAGS", r"UID STORE 2 +FLAGS (\Seen)", "UID SEARCH ALL", "UID SEARCH UID 2:3", "UID COPY 2 INBOX"):
        assert alone.command(f"a {line}")[-1].startswith(b"a OK")
    assert alone.command("b UID SEARCH RETURN (SAVE) UID 3")[-1].startswith(b"b OK")
    assert alone.command("c UID FETCH $ UID")[0] == b"* 3 UIDFETCH (UID 3)"


def test_uid_fetch_is_answered_by_uidfetch(alone: Dialogue) -> None:
    assert alone.command("a UID FETCH 1:* (RFC822.SIZE)")[:3] == [
        b"* 2 UIDFETCH (RFC822.SIZE 25)",
        b"* 3 UIDFETCH (RFC822.SIZE 25)",
        b"* 4 UIDFETCH (RFC822.SIZE 22)",
    ]


def test_the_uid_is_an_item_where_it_is_asked_for(alone: Dialogue) -> None:
    assert alone.command("a UID FETCH 3 (UID RFC822.SIZE)")[0] == b"* 3 UIDFETCH (UID 3 RFC822.SIZE 25)"
    assert alone.command("b UID FETCH 3 (FLAGS)")[0] == b"* 3 UIDFETCH (FLAGS (\\Recent))"


def test_flags_that_a_fetch_sets_come_with_it(alone: Dialogue) -> None:
    answers = alone.command("a UID FETCH 3 BODY[TEXT]")
    assert answers[0] == b"* 3 UIDFETCH (BODY[TEXT] {7}\r\nhello\r\n FLAGS (\\Seen \\Recent))"


@pytest.mark.parametrize("silent", ["", ".SILENT"])
def test_uid_store_is_answered_by_uidfetch(alone: Dialogue, silent: str) -> None:
    alone.command("e ENABLE CONDSTORE")
    said = parsed(alone, rf"a UID STORE 3 +FLAGS{silent} (\Seen)")
    responses = [each for each in said if isinstance(each, UidFetchData)]
    assert [each.uid for each in responses] == [3]
    kinds = {type(item) for item in responses[0].items}
    assert kinds == ({ModSequence} if silent else {Flags, ModSequence})
    assert Uid not in kinds


@pytest.mark.parametrize("line", ["EXPUNGE", "UID EXPUNGE 3", "UID MOVE 3 Archive"])
def test_removals_are_told_as_vanished(alone: Dialogue, line: str) -> None:
    alone.command("c CREATE Archive")
    alone.command(r"d UID STORE 3 +FLAGS.SILENT (\Deleted)")
    answers = alone.command(f"a {line}")
    assert b"* VANISHED 3" in answers
    assert not any(answer.endswith(b" EXPUNGE") for answer in answers)


def test_copy_and_move_tell_the_new_uids(alone: Dialogue) -> None:
    assert alone.command("a UID COPY 2 INBOX")[-1].startswith(b"a OK [COPYUID ")
    assert alone.command("b UID MOVE 2 INBOX")[0].startswith(b"* OK [COPYUID ")


@pytest.mark.parametrize("extensions", ["", "CONDSTORE", "QRESYNC", "IMAP4rev2"])
def test_what_others_do_is_told_by_uid(alone: Dialogue, log_in: Callable[[], Dialogue], extensions: str) -> None:
    if extensions:
        alone.command(f"e ENABLE {extensions}")
    other = log_in()
    for line in ("SELECT INBOX", r"STORE 2 +FLAGS (\Flagged)", r"STORE 1 +FLAGS (\Deleted)", "EXPUNGE"):
        other.command(f"b {line}")
    other.append(b"Subject: fifth\r\n\r\nx\r\n")
    answers = alone.command("a NOOP")
    assert answers[0] == b"* VANISHED 2"
    assert b"* 3 EXISTS" in answers
    assert (b"* 2 RECENT" in answers) is (extensions != "IMAP4rev2")
    (flags,) = [answer for answer in answers if b"FETCH" in answer]
    assert flags.startswith(b"* 3 UIDFETCH (FLAGS (\\Flagged")
    assert (b"MODSEQ" in flags) is (extensions in ("CONDSTORE", "QRESYNC"))


def test_during_idle_too(alone: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    alone.command("a IDLE")
    other = log_in()
    for line in ("SELECT INBOX", r"STORE 2 +FLAGS (\Deleted)", "EXPUNGE"):
        other.command(f"b {line}")
    assert alone.send(Woken()) == [b"* VANISHED 3"]


def test_select_says_no_number_of_an_unseen_message(alone: Dialogue) -> None:
    answers = alone.command("a SELECT INBOX")
    assert not any(b"UNSEEN" in answer for answer in answers)
    assert b"* 3 EXISTS" in answers


def test_qresync_resynchronizes_by_uid(alone: Dialogue) -> None:
    alone.command("a ENABLE QRESYNC")
    alone.command(r"b UID STORE 4 +FLAGS (\Seen)")
    answers = alone.command("c SELECT INBOX (QRESYNC (1 5))")
    assert b"* VANISHED (EARLIER) 1" in answers
    (flags,) = [answer for answer in answers if b"FETCH" in answer]
    assert flags.startswith(b"* 4 UIDFETCH (FLAGS (\\Seen")


def test_no_response_has_a_number(alone: Dialogue) -> None:
    lines = [
        "SELECT INBOX",
        "UID FETCH 1:* ALL",
        r"UID STORE 2 FLAGS (\Deleted)",
        "EXPUNGE",
        "UID SEARCH RETURN (ALL) ALL",
        "NOOP",
    ]
    said = [response for line in lines for response in parsed(alone, f"a {line}")]
    assert not any(isinstance(response, FetchData) for response in said)
    assert sum(isinstance(response, UidFetchData) for response in said) == 4


@pytest.mark.parametrize("name", ["uidonly", "UidOnly"])
def test_any_case_of_letters(tim: Dialogue, name: str) -> None:
    assert tim.command(f"a ENABLE {name}")[0] == b"* ENABLED UIDONLY"


def test_uidnotsticky_is_never_said() -> None:
    sources = [path.read_text("utf-8") for path in Path(engine.__path__[0]).rglob("*.py")]
    assert sources
    assert not any("UIDNOTSTICKY" in source for source in sources)


@pytest.mark.parametrize("row", [row for row in COMMANDS if Seqs.USES in row.seqs], ids=lambda row: row.name)
def test_every_command_that_uses_numbers_is_refused(alone: Dialogue, row: Command) -> None:
    assert alone.command(f"a {BY_NUMBER[row.name]}")[-1].startswith(b"a " + REFUSED)
