"""RFC 7162 §3.1.4 to §3.1.10, §7: FETCH with CHANGEDSINCE and MODSEQ, SEARCH MODSEQ, and the letters they may be written in."""

from collections.abc import Callable

import pytest

from angarium.grammar.imap.framing import Frame, Framer
from angarium.grammar.imap.parse_response import parse_response
from angarium.grammar.imap.responses import FetchData, Flags
from conformance.dialogue import Dialogue


@pytest.mark.parametrize(
    ("since", "told"),
    [(1, [b"1", b"2", b"3"]), (2, [b"2", b"3"]), (3, [b"3"]), (4, [])],
)
@pytest.mark.parametrize("command", ["FETCH", "UID FETCH"])
def test_changedsince_leaves_out_what_has_not_changed(inbox: Dialogue, command: str, since: int, told: list[bytes]) -> None:
    inbox.command("a ENABLE CONDSTORE")
    lines = inbox.command(f"b {command} 1:* FLAGS (CHANGEDSINCE {since})")
    assert [line.split()[1] for line in lines[:-1]] == told
    assert lines[-1] == b"b OK FETCH completed"


def test_changedsince_looks_only_at_what_was_named(inbox: Dialogue) -> None:
    inbox.command("a ENABLE CONDSTORE")
    assert [line.split()[1] for line in inbox.command("b FETCH 1,3 FLAGS (CHANGEDSINCE 2)")[:-1]] == [b"3"]


def test_changedsince_adds_modseq_once(inbox: Dialogue) -> None:
    inbox.command("a ENABLE CONDSTORE")
    assert inbox.command("b FETCH 3 UID (CHANGEDSINCE 3)")[0] == b"* 3 FETCH (UID 3 MODSEQ (4))"
    assert inbox.command("c FETCH 3 (UID MODSEQ) (CHANGEDSINCE 3)")[0] == b"* 3 FETCH (UID 3 MODSEQ (4))"


def test_modseq_item(inbox: Dialogue) -> None:
    assert inbox.command("a FETCH 1:3 (MODSEQ)")[1:] == [
        b"* 1 FETCH (MODSEQ (2))",
        b"* 2 FETCH (MODSEQ (3))",
        b"* 3 FETCH (MODSEQ (4))",
        b"a OK FETCH completed",
    ]


@pytest.mark.parametrize("since", ["", "0", "x", str(2**63)])
def test_changedsince_wants_a_mod_sequence(inbox: Dialogue, since: str) -> None:
    assert inbox.command(f"a FETCH 1 FLAGS (CHANGEDSINCE {since})")[0].startswith(b"a BAD")


def test_changes_of_another_session_are_told_with_uid_and_modseq(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    inbox.command("a ENABLE CONDSTORE")
    other = log_in()
    other.command("b SELECT INBOX")
    other.command("c STORE 2 +FLAGS.SILENT (\\Deleted)")
    other.command("d STORE 2 -FLAGS.SILENT (\\Deleted)")
    other.command("e UID STORE 3 +FLAGS (\\Flagged)")
    assert inbox.command("f NOOP")[:-1] == [
        b"* 2 FETCH (UID 2 FLAGS (\\Recent) MODSEQ (6))",
        b"* 3 FETCH (UID 3 FLAGS (\\Flagged \\Recent) MODSEQ (7))",
    ]


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("MODSEQ 3", b"* SEARCH 2 3 (MODSEQ 4)"),
        ("MODSEQ 4", b"* SEARCH 3 (MODSEQ 4)"),
        ("MODSEQ 0", b"* SEARCH 1 2 3 (MODSEQ 4)"),
        ("MODSEQ 5", b"* SEARCH"),
        ("NOT MODSEQ 4", b"* SEARCH 1 2 (MODSEQ 3)"),
        ("OR MODSEQ 4 1", b"* SEARCH 1 3 (MODSEQ 4)"),
        ("OR NOT MODSEQ 1 LARGER 50000", b"* SEARCH"),
        ("ALL", b"* SEARCH 1 2 3"),
    ],
)
def test_search_appends_the_highest_mod_sequence_of_what_it_found(inbox: Dialogue, keys: str, found: bytes) -> None:
    inbox.command("a ENABLE CONDSTORE")
    assert inbox.command(f"b SEARCH {keys}")[0] == found
    assert inbox.command(f"c UID SEARCH {keys}")[0] == found


@pytest.mark.parametrize("entry", ['"/flags/\\\\draft" all', '"/flags/\\\\Seen" priv', '"/flags/$MDNSent" shared'])
def test_entry_names_make_no_difference(inbox: Dialogue, entry: str) -> None:
    inbox.command("a ENABLE CONDSTORE")
    inbox.command("b STORE 1 +FLAGS (\\Answered)")
    assert inbox.command(f"c SEARCH MODSEQ {entry} 5") == inbox.command("c SEARCH MODSEQ 5")
    assert inbox.command(f"d SEARCH MODSEQ {entry} 5")[0] == b"* SEARCH 1 (MODSEQ 5)"


@pytest.mark.parametrize(
    ("returns", "found"),
    [
        ("ALL", b"ALL 2:3 MODSEQ 4"),
        ("", b"ALL 2:3 MODSEQ 4"),
        ("COUNT", b"COUNT 2 MODSEQ 4"),
        ("MIN", b"MIN 2 MODSEQ 3"),
        ("MAX", b"MAX 3 MODSEQ 4"),
        ("MIN MAX", b"MIN 2 MAX 3 MODSEQ 4"),
        ("MIN COUNT", b"MIN 2 COUNT 2 MODSEQ 4"),
    ],
)
def test_esearch_has_modseq(inbox: Dialogue, returns: str, found: bytes) -> None:
    inbox.command("a ENABLE CONDSTORE")
    assert inbox.command(f"b SEARCH RETURN ({returns}) MODSEQ 3")[0] == b'* ESEARCH (TAG "b") ' + found
    assert inbox.command(f"c UID SEARCH RETURN ({returns}) MODSEQ 3")[0] == b'* ESEARCH (TAG "c") UID ' + found


def test_esearch_without_a_result_has_no_modseq(inbox: Dialogue) -> None:
    inbox.command("a ENABLE CONDSTORE")
    assert inbox.command("b SEARCH RETURN (ALL COUNT) MODSEQ 9")[0] == b'* ESEARCH (TAG "b") COUNT 0'


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("select inbox (condstore)", b"a OK [READ-WRITE]"),
        ("examine inbox (qresync (1 1))", b"a OK [READ-ONLY]"),
        ("status inbox (highestmodseq)", b"a OK STATUS"),
        ("fetch 1 (modseq)", b"a OK FETCH"),
        ("uid fetch 1 flags (changedsince 1 vanished)", b"a OK FETCH"),
        ('search modseq "/FLAGS/\\\\draft" ALL 1', b"a OK SEARCH"),
        ("store 1 (unchangedsince 9) +flags (\\seen)", b"a OK STORE"),
    ],
)
def test_words_in_any_letters(inbox: Dialogue, command: str, answer: bytes) -> None:
    inbox.command("a enable qresync")
    assert inbox.command(f"a {command}")[-1].startswith(answer)


def test_system_flags_of_no_standard_are_never_told(inbox: Dialogue) -> None:
    inbox.command("a STORE 1 +FLAGS (\\Extension \\Seen)")
    assert inbox.command("b FETCH 1 FLAGS")[0] == b"* 1 FETCH (FLAGS (\\Seen \\Recent))"
    assert not any(b"Extension" in line for line in inbox.command("c SELECT INBOX"))


def test_a_client_takes_system_flags_it_does_not_know() -> None:
    framer = Framer(1_000, 1_000, 1_000, 1_000, responses=True)
    framer.feed(b"* 1 FETCH (FLAGS (\\Extension))\r\n")
    frame = framer.next()
    assert isinstance(frame, Frame)
    assert parse_response(frame) == FetchData(1, (Flags((b"\\Extension",)),))
