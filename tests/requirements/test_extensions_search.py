"""ESEARCH (RFC 4731) and SEARCHRES (RFC 5182)."""

from collections.abc import Callable

import pytest

from conformance.dialogue import Dialogue


def found(connection: Dialogue, command: str) -> list[int]:
    """The numbers that a SEARCH without RETURN answers with."""
    lines = connection.command(f"f {command}")
    assert lines[-1] == b"f OK SEARCH completed"
    return [int(number) for number in lines[0].removeprefix(b"* SEARCH").split()]


@pytest.mark.parametrize(
    ("returns", "answer"),
    [
        ("MIN", b'* ESEARCH (TAG "a")'),
        ("MAX", b'* ESEARCH (TAG "a")'),
        ("ALL", b'* ESEARCH (TAG "a")'),
        ("", b'* ESEARCH (TAG "a")'),
        ("COUNT", b'* ESEARCH (TAG "a") COUNT 0'),
        ("MIN MAX ALL COUNT", b'* ESEARCH (TAG "a") COUNT 0'),
    ],
)
def test_without_matches_there_is_an_esearch_with_nothing_but_the_count(inbox: Dialogue, returns: str, answer: bytes) -> None:
    assert inbox.command(f"a SEARCH RETURN ({returns}) SEEN") == [answer, b"a OK SEARCH completed"]


@pytest.mark.parametrize("returns", ["MIN", "MAX", "ALL", "COUNT", "", "ALL MIN", "COUNT MAX MIN ALL"])
@pytest.mark.parametrize("uid", ["", "UID "])
def test_one_esearch_comes_instead_of_search(inbox: Dialogue, returns: str, uid: str) -> None:
    inbox.command("a STORE 1 +FLAGS.SILENT (\\Deleted)")
    inbox.command("b EXPUNGE")
    answer, tagged = inbox.command(f"c {uid}SEARCH RETURN ({returns}) ALL")
    assert answer.startswith(b'* ESEARCH (TAG "c")' + (b" UID " if uid else b" "))
    first, last = (2, 3) if uid else (1, 2)
    values = {"MIN": b"MIN %d" % first, "MAX": b"MAX %d" % last, "ALL": b"ALL %d:%d" % (first, last), "COUNT": b"COUNT 2"}
    assert all(values[name] in answer for name in returns.split() or ["ALL"])
    assert tagged == b"c OK SEARCH completed"


def test_options_are_read_in_any_case(inbox: Dialogue) -> None:
    expected = [b'* ESEARCH (TAG "a") MIN 1 MAX 3 COUNT 3', b"a OK SEARCH completed"]
    assert inbox.command("a search return (min Max cOUNT save) all") == expected
    assert found(inbox, "Search $") == [1, 2, 3]


@pytest.mark.parametrize(
    ("returns", "modseq"),
    [("MIN", 5), ("MAX", 6), ("MIN MAX", 6), ("MIN COUNT", 7), ("MAX ALL", 7), ("ALL", 7), ("COUNT", 7), ("MIN MAX COUNT", 7)],
)
def test_modseq_is_the_highest_of_what_is_returned(inbox: Dialogue, returns: str, modseq: int) -> None:
    for number in (1, 3, 2):
        inbox.command(f"a STORE {number} +FLAGS.SILENT (\\Seen)")
    inbox.command("b ENABLE CONDSTORE")
    answer, _ = inbox.command(f"c SEARCH RETURN ({returns}) MODSEQ 1")
    assert answer.endswith(b" MODSEQ %d" % modseq)


@pytest.mark.parametrize(
    ("returns", "expected"),
    [
        ("SAVE", [1, 2, 3]),
        ("SAVE MIN", [1]),
        ("SAVE MAX", [3]),
        ("MIN SAVE MAX", [1, 3]),
        ("SAVE ALL", [1, 2, 3]),
        ("SAVE COUNT", [1, 2, 3]),
        ("SAVE MIN ALL", [1, 2, 3]),
        ("SAVE MIN MAX COUNT", [1, 2, 3]),
    ],
)
def test_what_is_saved_depends_on_what_is_returned(inbox: Dialogue, returns: str, expected: list[int]) -> None:
    inbox.command(f"a SEARCH RETURN ({returns}) ALL")
    assert found(inbox, "SEARCH $") == expected


@pytest.mark.parametrize("returns", ["MIN", "MAX", "ALL", "COUNT", "MIN MAX ALL COUNT"])
def test_save_changes_nothing_of_what_is_returned(inbox: Dialogue, returns: str) -> None:
    assert inbox.command(f"a SEARCH RETURN ({returns} SAVE) ALL") == inbox.command(f"a SEARCH RETURN ({returns}) ALL")


def test_save_alone_returns_nothing(inbox: Dialogue) -> None:
    assert inbox.command("a SEARCH RETURN (SAVE) ALL") == [b"a OK SEARCH completed"]


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        ("SEARCH RETURN (SAVE) 9", b"BAD"),
        ("SEARCH RETURN (SAVE) NONSENSE", b"BAD"),
        ("SEARCH 9", b"BAD"),
        ("SEARCH CHARSET X TEXT x", b"NO"),
        ("SEARCH RETURN (ALL) CHARSET X TEXT x", b"NO"),
        ("SEARCH 1", b"OK"),
        ("SEARCH RETURN (MIN ALL) 1", b"OK"),
    ],
)
def test_other_searches_leave_the_saved_result_alone(inbox: Dialogue, command: str, outcome: bytes) -> None:
    inbox.command("a SEARCH RETURN (SAVE) 2:3")
    assert inbox.command(f"b {command}")[-1].split()[1] == outcome
    assert found(inbox, "SEARCH $") == [2, 3]


def test_a_search_to_be_saved_that_fails_saves_nothing(inbox: Dialogue) -> None:
    inbox.command("a SEARCH RETURN (SAVE) 2:3")
    assert inbox.command("b SEARCH RETURN (SAVE) CHARSET X TEXT x")[-1].startswith(b"b NO")
    assert found(inbox, "SEARCH $") == []


@pytest.mark.parametrize("command", ["SELECT INBOX", "EXAMINE INBOX", "SELECT Sent"])
def test_selecting_empties_the_saved_result(inbox: Dialogue, command: str) -> None:
    inbox.command("a SEARCH RETURN (SAVE) ALL")
    assert inbox.command(f"b {command}")[-1].startswith(b"b OK")
    assert found(inbox, "SEARCH $") == []


def test_expunged_messages_leave_the_saved_result(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    inbox.command("a SEARCH RETURN (SAVE) 1,3")
    other = log_in()
    other.command("b SELECT INBOX")
    other.command("c STORE 1:2 +FLAGS.SILENT (\\Deleted)")
    other.command("d EXPUNGE")
    assert inbox.command("e NOOP") == [b"* 1 EXPUNGE", b"* 1 EXPUNGE", b"e OK NOOP completed"]
    assert found(inbox, "SEARCH $") == [1]
    assert found(inbox, "UID SEARCH $") == [3]


@pytest.mark.parametrize(
    "command",
    [
        "FETCH $ FLAGS",
        "UID FETCH $ FLAGS",
        "STORE $ +FLAGS (x)",
        "COPY $ Sent",
        "UID COPY $ Sent",
        "MOVE $ Sent",
        "UID EXPUNGE $",
    ],
)
def test_an_empty_saved_result_is_a_set_that_matches_nothing(inbox: Dialogue, command: str) -> None:
    inbox.command("a SEARCH RETURN (SAVE) SEEN")
    (answer,) = inbox.command(f"b {command}")
    assert answer.startswith(b"b OK")


def test_numbers_and_uids_are_saved_alike(inbox: Dialogue) -> None:
    inbox.command("a STORE 1 +FLAGS.SILENT (\\Deleted)")
    inbox.command("b EXPUNGE")
    inbox.command("c UID SEARCH RETURN (SAVE) UID 3")
    assert inbox.command("d FETCH $ UID")[0] == b"* 2 FETCH (UID 3)"
    inbox.command("e SEARCH RETURN (SAVE) 1")
    assert inbox.command("f UID FETCH $ UID")[0] == b"* 1 FETCH (UID 2)"


def test_pipelined_commands_see_what_was_saved_before_them(inbox: Dialogue) -> None:
    lines = inbox.say(b"a SEARCH RETURN (SAVE) 2\r\nb FETCH $ UID\r\nc SEARCH RETURN (SAVE) 3\r\nd FETCH $ UID\r\n")
    assert [line for line in lines if line.startswith(b"*")] == [b"* 2 FETCH (UID 2)", b"* 3 FETCH (UID 3)"]
    assert [line[:1] for line in lines if not line.startswith(b"*")] == [b"a", b"b", b"c", b"d"]
