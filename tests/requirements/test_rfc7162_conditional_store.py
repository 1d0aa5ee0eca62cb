"""RFC 7162 §3.1.3: STORE with UNCHANGEDSINCE, and what STORE does to mod-sequences without it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH

FETCH = re.compile(rb"\* (\d+) FETCH \(UID (\d+)(?: FLAGS \(([^)]*)\))? MODSEQ \((\d+)\)\)")


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    yield from request.param(tmp_path)


@pytest.fixture
def other(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> Dialogue:
    """Another connection with the mailbox selected."""
    connection = log_in()
    connection.command("a SELECT INBOX")
    return connection


def flags(connection: Dialogue, number: int) -> bytes:
    """The flags of a message, as FETCH tells them."""
    return connection.command(f"f FETCH {number} FLAGS")[0].partition(b"FLAGS ")[2]


@pytest.mark.parametrize("command", ["STORE 1:2", "UID STORE 1:2"])
@pytest.mark.parametrize("mode", ["FLAGS", "+FLAGS", "FLAGS.SILENT", "+FLAGS.SILENT"])
def test_what_passes_is_stored_and_told_with_its_new_mod_sequence(inbox: Dialogue, command: str, mode: str) -> None:
    lines = inbox.command(f"a {command} (UNCHANGEDSINCE 4) {mode} (\\Seen)")
    found = [FETCH.fullmatch(line) for line in lines if b"FETCH" in line]
    assert [(each[1], each[2], each[4]) for each in found if each] == [(b"1", b"1", b"5"), (b"2", b"2", b"5")]
    assert all(each and (each[3] is None) == mode.endswith("SILENT") for each in found)
    assert lines[-1] == b"a OK STORE completed"
    assert b"MODSEQ (5)" in inbox.command("b FETCH 1 MODSEQ")[0]


@pytest.mark.parametrize("mode", ["+FLAGS", "+FLAGS.SILENT"])
def test_what_passes_is_told_also_where_nothing_had_to_change(inbox: Dialogue, mode: str) -> None:
    inbox.command("a STORE 1 +FLAGS (\\Seen)")
    lines = inbox.command(f"b STORE 1:2 (UNCHANGEDSINCE 5) {mode} (\\Seen)")
    found = [FETCH.fullmatch(line) for line in lines if b"FETCH" in line]
    assert [(each[2], each[4]) for each in found if each] == [(b"1", b"5"), (b"2", b"6")]


@pytest.mark.parametrize("mode", ["FLAGS", "+FLAGS", "-FLAGS.SILENT"])
def test_equal_passes_and_greater_does_not(inbox: Dialogue, mode: str) -> None:
    assert inbox.command(f"a STORE 2 (UNCHANGEDSINCE 3) {mode} (\\Draft)")[-1] == b"a OK STORE completed"
    assert inbox.command(f"b STORE 3 (UNCHANGEDSINCE 3) {mode} (\\Draft)")[-1].startswith(b"b OK [MODIFIED 3]")


def test_what_fails_is_left_as_it_was(inbox: Dialogue) -> None:
    inbox.command("a STORE 1 +FLAGS (\\Answered)")
    lines = inbox.command("b STORE 1:3 (UNCHANGEDSINCE 4) FLAGS (\\Seen)")
    assert lines[-1].startswith(b"b OK [MODIFIED 1]")
    assert flags(inbox, 1) == b"(\\Answered \\Recent))"
    assert flags(inbox, 2) == flags(inbox, 3) == b"(\\Seen \\Recent))"
    assert inbox.command("c FETCH 1 MODSEQ")[0] == b"* 1 FETCH (MODSEQ (5))"


@pytest.mark.parametrize(("command", "modified"), [("STORE 1:*", b"1:2"), ("UID STORE 1:*", b"2:3"), ("STORE 2,1", b"1:2")])
def test_modified_names_all_that_failed_by_number_or_uid(inbox: Dialogue, command: str, modified: bytes) -> None:
    inbox.append(b"Subject: 4\r\n\r\n")
    inbox.command("a STORE 1 +FLAGS.SILENT (\\Deleted)")
    inbox.command("b EXPUNGE")
    inbox.command("c STORE 1:2 +FLAGS (\\Answered)")
    assert inbox.command(f"d {command} (UNCHANGEDSINCE 5) +FLAGS (\\Seen)")[-1].startswith(b"d OK [MODIFIED %b]" % modified)


def test_no_modified_where_nothing_failed(inbox: Dialogue) -> None:
    assert inbox.command("a STORE 1:* (UNCHANGEDSINCE 4) +FLAGS (\\Seen)")[-1] == b"a OK STORE completed"


@pytest.mark.parametrize("flag", ["\\Seen", "\\Flagged", "\\Deleted", "\\Answered", "\\Draft"])
def test_since_0_fails_for_system_flags_set_or_not(inbox: Dialogue, flag: str) -> None:
    assert inbox.command(f"a STORE 1 (UNCHANGEDSINCE 0) +FLAGS.SILENT ({flag})")[-1].startswith(b"a OK [MODIFIED 1]")
    inbox.command(f"b STORE 1 +FLAGS ({flag})")
    assert inbox.command(f"c STORE 1 (UNCHANGEDSINCE 0) -FLAGS.SILENT ({flag})")[-1].startswith(b"c OK [MODIFIED 1]")


@pytest.mark.xfail(
    strict=True, reason="a message has one mod-sequence, and no session remembers what its client knew of its flags"
)
def test_a_change_of_other_flags_does_not_spoil_adding_one(inbox: Dialogue, other: Dialogue) -> None:
    other.command("a STORE 1 +FLAGS (\\Answered)")
    assert inbox.command("b STORE 1 (UNCHANGEDSINCE 4) +FLAGS (\\Seen)")[-1] == b"b OK STORE completed"


def test_what_others_changed_is_told_along_with_modified(inbox: Dialogue, other: Dialogue) -> None:
    other.command("a STORE 2 +FLAGS (\\Flagged)")
    lines = inbox.command("b STORE 1:3 (UNCHANGEDSINCE 4) +FLAGS.SILENT (\\Seen)")
    assert b"* 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent) MODSEQ (5))" in lines
    assert lines[-1].startswith(b"b OK [MODIFIED 2]")


@pytest.mark.parametrize("command", ["STORE 2,1:3", "STORE 1:2,2,2,3", "UID STORE 3:1,2:3"])
def test_a_message_named_twice_passes_once(inbox: Dialogue, command: str) -> None:
    lines = inbox.command(f"a {command} (UNCHANGEDSINCE 4) +FLAGS (\\Deleted)")
    assert lines[-1] == b"a OK STORE completed"
    assert len([line for line in lines if b"FETCH" in line]) == 3


@pytest.mark.parametrize("condition", ["", "(UNCHANGEDSINCE 9) "])
def test_other_clients_that_keep_mod_sequences_hear_the_new_one(inbox: Dialogue, other: Dialogue, condition: str) -> None:
    other.command("a ENABLE CONDSTORE")
    lines = inbox.command(f"b STORE 1 {condition}+FLAGS (\\Seen)")
    assert b"MODSEQ" not in b"".join(lines) or condition
    assert other.command("c NOOP")[0] == b"* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (5))"


def test_store_without_condition_raises_the_mod_sequence(inbox: Dialogue) -> None:
    inbox.command("a STORE 1 +FLAGS.SILENT (\\Seen)")
    assert b"* 1 FETCH (MODSEQ (5))" in inbox.command("b FETCH 1 (MODSEQ)")


@pytest.mark.parametrize(
    "text", ["(UNCHANGEDSINCE) ", "(UNCHANGEDSINCE x) ", f"(UNCHANGEDSINCE {2**63}) ", "UNCHANGEDSINCE 3 ", "() "]
)
def test_conditions_that_are_not_well_formed_are_bad(inbox: Dialogue, text: str) -> None:
    assert inbox.command(f"a STORE 1 {text}+FLAGS (\\Seen)")[0].startswith(b"a BAD")


def test_a_session_whose_message_is_gone_hears_of_those_that_were_stored(inbox: Dialogue, other: Dialogue) -> None:
    other.command("a STORE 3 +FLAGS.SILENT (\\Deleted)")
    other.command("b EXPUNGE")
    other.command("c STORE 2 +FLAGS (\\Answered)")
    lines = inbox.command("d STORE 1:3 (UNCHANGEDSINCE 4) +FLAGS (\\Seen)")
    assert b"* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent) MODSEQ (8))" in lines
    assert re.match(rb"d (OK|NO) \[MODIFIED 2", lines[-1])
