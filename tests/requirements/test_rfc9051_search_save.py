"""Clauses of RFC 9051 §6.4.4.1 and §6.4.4.2: the search result variable, ``$``."""

import pytest

from conformance.dialogue import Dialogue


def saved(connection: Dialogue) -> bytes:
    """The message numbers that ``$`` stands for."""
    return connection.command("s SEARCH $")[0].removeprefix(b"* SEARCH").strip()


@pytest.mark.parametrize("command", ["SELECT", "EXAMINE"])
def test_select_empties_it(inbox: Dialogue, command: str) -> None:
    inbox.command("a SEARCH RETURN (SAVE) ALL")
    inbox.command(f"b {command} INBOX")
    assert saved(inbox) == b""


@pytest.mark.parametrize(
    ("options", "key", "expected"),
    [
        ("SAVE", "ALL", b"1 2 3"),
        ("SAVE", "SEEN", b""),
        ("SAVE MIN", "ALL", b"1"),
        ("MAX SAVE", "ALL", b"3"),
        ("SAVE MIN", "SEEN", b""),
        ("MAX SAVE MIN", "ALL", b"1 3"),
        ("MAX SAVE MIN", "2", b"2"),
        ("SAVE ALL", "ALL", b"1 2 3"),
        ("SAVE COUNT", "ALL", b"1 2 3"),
        ("MAX SAVE MIN COUNT", "ALL", b"1 2 3"),
        ("ALL SAVE MIN", "ALL", b"1 2 3"),
    ],
)
def test_what_is_saved(inbox: Dialogue, options: str, key: str, expected: bytes) -> None:
    inbox.command("a SEARCH RETURN (SAVE) 2")
    assert inbox.command(f"b SEARCH RETURN ({options}) {key}")[-1].startswith(b"b OK ")
    assert saved(inbox) == expected


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("SEARCH RETURN (SAVE) 9", b"BAD"),
        ("SEARCH RETURN (SAVE) NONSENSE", b"BAD"),
        ("SEARCH CHARSET X-NONE TEXT a", b"NO"),
        ("SEARCH RETURN (ALL) CHARSET X-NONE TEXT a", b"NO"),
        ("SEARCH ALL", b"OK"),
        ("SEARCH RETURN (MIN MAX ALL COUNT) ALL", b"OK"),
    ],
)
def test_what_leaves_it_alone(inbox: Dialogue, command: str, answer: bytes) -> None:
    inbox.command("a SEARCH RETURN (SAVE) 2")
    assert inbox.command(f"b {command}")[-1].startswith(b"b " + answer)
    assert saved(inbox) == b"2"


def test_a_refusal_empties_it(inbox: Dialogue) -> None:
    inbox.command("a SEARCH RETURN (SAVE) 2")
    assert inbox.command("b SEARCH RETURN (SAVE) CHARSET X-NONE TEXT a")[-1].startswith(b"b NO ")
    assert saved(inbox) == b""


def test_expunged_messages_leave_it(inbox: Dialogue) -> None:
    inbox.command("a SEARCH RETURN (SAVE) 1,3")
    inbox.command("b STORE 1 +FLAGS.SILENT (\\Deleted)")
    inbox.command("c EXPUNGE")
    assert saved(inbox) == b"2"
    assert inbox.command("d FETCH $ UID") == [b"* 2 FETCH (UID 3)", b"d OK FETCH completed"]


@pytest.mark.parametrize(
    "command",
    [
        *("FETCH $ UID", "UID FETCH $ FLAGS", "STORE $ FLAGS (\\Seen)", "UID STORE $ FLAGS (\\Seen)"),
        *("COPY $ Sent", "UID COPY $ Sent", "MOVE $ Sent", "UID MOVE $ Sent", "UID EXPUNGE $"),
    ],
)
def test_empty_is_no_error(inbox: Dialogue, command: str) -> None:
    (answer,) = inbox.command(f"a {command}")
    assert answer.startswith(b"a OK ")
    assert inbox.command("b SEARCH UNSEEN")[0] == b"* SEARCH 1 2 3"


@pytest.mark.parametrize("search", ["SEARCH RETURN (SAVE) 2", "UID SEARCH RETURN (SAVE) 2"])
def test_serves_numbers_and_uids(inbox: Dialogue, search: str) -> None:
    inbox.command("a STORE 1 +FLAGS.SILENT (\\Deleted)")
    inbox.command("b EXPUNGE")
    inbox.command(f"c {search}")
    assert inbox.command("d FETCH $ UID")[0] == b"* 2 FETCH (UID 3)"
    assert inbox.command("e UID FETCH $ UID")[0] == b"* 2 FETCH (UID 3)"
    assert inbox.command("f SEARCH $")[0] == b"* SEARCH 2"
    assert inbox.command("g UID SEARCH UID $")[0] == b"* SEARCH 3"


def test_pipelined_commands_see_it(inbox: Dialogue) -> None:
    lines = inbox.say(b"a SEARCH RETURN (SAVE) 2\r\nb COPY $ Sent\r\nc SEARCH RETURN (SAVE) 3\r\nd FETCH $ UID\r\n")
    assert [line.split()[:2] for line in lines if not line.startswith(b"*")] == [[tag, b"OK"] for tag in (b"a", b"b", b"c", b"d")]
    assert b" 2 1] " in lines[1]
    assert lines[-2] == b"* 3 FETCH (UID 3)"
