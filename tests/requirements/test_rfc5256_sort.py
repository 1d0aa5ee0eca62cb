"""SORT (RFC 5256 §2, §3), on both stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH


@pytest.fixture(params=BOTH, ids=lambda make: make.__name__)
def mailbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Dialogue]:
    """An empty INBOX, selected."""
    stores = request.param(tmp_path)
    connection = Dialogue(next(stores).execute)
    connection.command("in LOGIN tim secret")
    connection.command("sel SELECT INBOX")
    yield connection
    next(stores, None)


def put(connection: Dialogue, *headers: str, body: str = "", date: str = "") -> None:
    """One message with these header fields."""
    message = "".join(f"{each}\r\n" for each in headers).encode() + b"\r\n" + body.encode()
    internal = f'"{date}" ' if date else ""
    octets = f"put APPEND INBOX {internal}{{{len(message)}+}}\r\n".encode() + message
    assert connection.say(octets + b"\r\n")[-1].startswith(b"put OK")


def order(connection: Dialogue, criteria: str, keys: str = "ALL", charset: str = "UTF-8") -> list[int]:
    """The numbers that a SORT answers with."""
    lines = connection.command(f"s SORT ({criteria}) {charset} {keys}")
    assert lines[-1] == b"s OK SORT completed"
    (answer,) = [line for line in lines if line.startswith(b"* SORT")]
    return [int(number) for number in answer.split()[2:]]


@pytest.mark.parametrize(
    ("subjects", "expected"),
    [
        (["b", "A", "c"], [2, 1, 3]),
        (["b", "a", "B", "A"], [2, 4, 1, 3]),
        (["Z", "=?utf-8?q?=C3=A4?=", "a", "b", ""], [5, 3, 2, 4, 1]),
        (["=?utf-8?q?=C3=9F?=", "sz", "=?utf-8?q?=C3=84a?=", "=?iso-8859-1?q?=E4A?="], [3, 4, 2, 1]),
        (["=?utf-8?q?=EF=AC=81?=", "fh", "fj"], [2, 3, 1]),
    ],
)
def test_strings_are_collated_by_unicode_casemap(mailbox: Dialogue, subjects: list[str], expected: list[int]) -> None:
    for subject in subjects:
        put(mailbox, f"Subject: {subject}")
    assert order(mailbox, "SUBJECT") == expected


@pytest.mark.parametrize(
    ("subject", "like"),
    [
        ("=?utf-8?q?m?=", "m"),
        ("m \t\r\n  n", "m n"),
        ("m (fwd) (FWD)  ", "m"),
        ("Re: Re : fw: Fwd: m", "m"),
        ("re[2]: [list] RE: m", "m"),
        ("[a][b] Re: m", "m"),
        ("[a] [b]", "[b]"),
        ("[fwd: Re: m (fwd)]", "m"),
        ("[fwd: [fwd: m]]", "m"),
        ("Re:", ""),
        ("reply: m", "reply: m"),
        ("m [fwd: n]", "m [fwd: n]"),
        ("Re: [a] m (fwd) x", "m (fwd) x"),
    ],
)
def test_the_base_subject_is_what_the_steps_leave(mailbox: Dialogue, subject: str, like: str) -> None:
    put(mailbox, f"Subject: {like}", "Date: Mon, 2 Jan 2023 10:00:00 +0000")
    put(mailbox, f"Subject: {subject}", "Date: Mon, 2 Jan 2023 09:00:00 +0000")
    put(mailbox, f"Subject: {like}", "Date: Mon, 2 Jan 2023 08:00:00 +0000")
    assert order(mailbox, "SUBJECT DATE") == [3, 2, 1]


def test_sent_dates_are_compared_in_utc(mailbox: Dialogue) -> None:
    put(mailbox, "Date: Mon, 2 Jan 2023 10:00:00 +0100")
    put(mailbox, "Date: Mon, 2 Jan 2023 09:30:00 +0000")
    put(mailbox, "Date: Sun, 1 Jan 2023 23:59:00 -0800")
    assert order(mailbox, "DATE") == [3, 1, 2]


def test_an_invalid_zone_counts_as_utc(mailbox: Dialogue) -> None:
    put(mailbox, "Date: Mon, 2 Jan 2023 10:00:01 +0000")
    put(mailbox, "Date: Mon, 2 Jan 2023 10:00:00 +0199")
    put(mailbox, "Date: Mon, 2 Jan 2023 09:59:59 +0000")
    assert order(mailbox, "DATE") == [3, 2, 1]


def test_an_invalid_time_counts_as_midnight(mailbox: Dialogue) -> None:
    put(mailbox, "Date: Mon, 2 Jan 2023 00:00:01 +0000")
    put(mailbox, "Date: Mon, 2 Jan 2023 25:61:00 +0000")
    put(mailbox, "Date: Sun, 1 Jan 2023 23:59:59 +0000")
    assert order(mailbox, "DATE") == [3, 2, 1]


@pytest.mark.parametrize("lacking", ["X: y", "Date:", "Date: some day", "Date: 99 Jan 2023 10:00:00 +0000"])
def test_the_internal_date_stands_in_for_a_sent_date_that_is_not_there(mailbox: Dialogue, lacking: str) -> None:
    put(mailbox, "Date: Mon, 2 Jan 2023 10:00:01 +0000", date=" 1-Jan-2020 00:00:00 +0000")
    put(mailbox, lacking, date=" 2-Jan-2023 11:00:00 +0100")
    put(mailbox, "Date: Mon, 2 Jan 2023 09:59:59 +0000", date=" 1-Jan-2024 00:00:00 +0000")
    assert order(mailbox, "DATE") == [3, 2, 1]


def test_what_is_equal_stays_in_the_order_of_the_mailbox(mailbox: Dialogue) -> None:
    for subject in ("b", "a", "b", "a"):
        put(mailbox, f"Subject: {subject}", "Date: Mon, 2 Jan 2023 10:00:00 +0000")
    assert order(mailbox, "DATE") == [1, 2, 3, 4]
    assert order(mailbox, "SUBJECT") == [2, 4, 1, 3]
    assert order(mailbox, "REVERSE SUBJECT") == [1, 3, 2, 4]
    assert order(mailbox, "REVERSE DATE REVERSE SUBJECT") == [1, 3, 2, 4]


def test_each_criterion(mailbox: Dialogue) -> None:
    put(mailbox, "From: C <b@z>", "To: a@x, z@x", "Cc: b@x", body="xx", date=" 3-Jan-2023 10:00:00 +0000")
    put(mailbox, "From: A <C@a>", "To: =?utf-8?q?A?= <c@x>", body="xxxxxxxxxxxxxxxxxxxxxxxxx", date=" 3-Jan-2023 10:30:00 +0100")
    put(mailbox, "From: B <a@x>", "Cc: a@x", date=" 1-Jan-2023 10:00:00 +0000")
    assert order(mailbox, "ARRIVAL") == [3, 2, 1]
    assert order(mailbox, "CC") == [2, 3, 1]
    assert order(mailbox, "FROM") == [3, 1, 2]
    assert order(mailbox, "TO") == [3, 1, 2]
    assert order(mailbox, "SIZE") == [3, 1, 2]
    assert order(mailbox, "REVERSE SIZE") == [2, 1, 3]


def test_the_first_criterion_comes_first(mailbox: Dialogue) -> None:
    put(mailbox, "Subject: b", "From: a@x")
    put(mailbox, "Subject: a", "From: b@x")
    put(mailbox, "Subject: a", "From: a@x")
    assert order(mailbox, "SUBJECT FROM") == [3, 2, 1]
    assert order(mailbox, "FROM SUBJECT") == [3, 1, 2]
    assert order(mailbox, "FROM REVERSE SUBJECT") == [1, 3, 2]


def test_only_what_matches_is_sorted(mailbox: Dialogue) -> None:
    for subject in ("c", "b", "a"):
        put(mailbox, f"Subject: {subject}")
    assert order(mailbox, "SUBJECT", "NOT SUBJECT b") == [3, 1]
    assert order(mailbox, "SUBJECT", "1:2") == [2, 1]
    assert order(mailbox, "SUBJECT", "SUBJECT nothing") == []
    assert mailbox.command("n SORT (SUBJECT) UTF-8 SUBJECT nothing")[0] == b"* SORT"


def test_uid_sort_names_uids(mailbox: Dialogue) -> None:
    for subject in ("x", "b", "a"):
        put(mailbox, f"Subject: {subject}")
    mailbox.command("d STORE 1 +FLAGS (\\Deleted)")
    mailbox.command("e EXPUNGE")
    assert mailbox.command("u UID SORT (SUBJECT) UTF-8 ALL") == [b"* SORT 3 2", b"u OK SORT completed"]
    assert order(mailbox, "SUBJECT") == [2, 1]
    assert mailbox.command("u UID SORT (SUBJECT) UTF-8 1") == [b"* SORT 2", b"u OK SORT completed"]


@pytest.mark.parametrize("command", ["SORT (DATE)", "THREAD REFERENCES", "UID SORT (DATE)", "UID THREAD ORDEREDSUBJECT"])
def test_charsets(mailbox: Dialogue, command: str) -> None:
    put(mailbox, "Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=")
    for charset in ("US-ASCII", "us-ascii", "UTF-8", '"utf-8"'):
        assert b"1" in mailbox.command(f"c {command} {charset} SUBJECT gr")[0]
    for charset in ("UTF-8", "ISO-8859-1"):
        text = "grüß".encode(charset)
        line = f"c {command} {charset} SUBJECT {{{len(text)}+}}\r\n".encode() + text
        assert b"1" in mailbox.say(line + b"\r\n")[0]
    assert mailbox.command(f"c {command} X-NONE ALL")[0].startswith(b"c NO [BADCHARSET (US-ASCII UTF-8)]")
    assert mailbox.command(f"c {command} ALL")[0].startswith(b"c BAD")


@pytest.mark.parametrize("command", ["SORT (DATE)", "THREAD REFERENCES"])
def test_expunges_wait_unless_uids_were_asked_for(mailbox: Dialogue, command: str) -> None:
    for subject in ("a", "b"):
        put(mailbox, f"Subject: {subject}")
    mailbox.command("n NOOP")
    other = Dialogue(mailbox.execute)
    for line in ("LOGIN tim secret", "SELECT INBOX", "STORE 1 +FLAGS (\\Deleted)", "EXPUNGE"):
        other.command(f"o {line}")
    assert not [line for line in mailbox.command(f"a {command} UTF-8 ALL") if b"EXPUNGE" in line.split()[2:3]]
    assert not [line for line in mailbox.command(f"b UID {command} UTF-8 1:2") if b"EXPUNGE" in line.split()[2:3]]
    assert b"* 1 EXPUNGE" in mailbox.command(f"c UID {command} UTF-8 ALL")


def test_modseq_among_the_criteria_is_answered(mailbox: Dialogue) -> None:
    for subject in ("b", "a", "c"):
        put(mailbox, f"Subject: {subject}")
    mailbox.command("n ENABLE CONDSTORE")
    rows = mailbox.command("f FETCH 1:3 (MODSEQ)")
    highest = max(int(row.partition(b"MODSEQ (")[2].partition(b")")[0]) for row in rows[:-1])
    assert mailbox.command("s SORT (SUBJECT) UTF-8 MODSEQ 1")[0] == b"* SORT 2 1 3 (MODSEQ %d)" % highest
    assert mailbox.command("s SORT (SUBJECT) UTF-8 MODSEQ 999")[0] == b"* SORT"
    assert mailbox.command("t THREAD ORDEREDSUBJECT UTF-8 MODSEQ 1")[0] == b"* THREAD (1)(2)(3)"


def test_sort_with_modseq_enables_condstore(mailbox: Dialogue) -> None:
    assert any(line.startswith(b"* OK [HIGHESTMODSEQ") for line in mailbox.command("s SORT (DATE) UTF-8 MODSEQ 1"))


@pytest.mark.parametrize("revision", ["", "IMAP4rev2"])
def test_sort_is_answered_with_sort_in_both_revisions(mailbox: Dialogue, revision: str) -> None:
    put(mailbox, "Subject: a")
    if revision:
        mailbox.command(f"e ENABLE {revision}")
    assert b"* SORT 1" in mailbox.command("s SORT (DATE) UTF-8 ALL")


def test_a_long_answer_comes_in_pieces(mailbox: Dialogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("angarium.engine.imap.commands.sort.PIECES_MAX", 2)
    for number in range(7):
        put(mailbox, f"Subject: {number}", f"References: <{number - 1}@x>", f"Message-ID: <{number}@x>")
    assert order(mailbox, "REVERSE SUBJECT") == [7, 6, 5, 4, 3, 2, 1]
    assert mailbox.command("t THREAD REFERENCES UTF-8 ALL")[0] == b"* THREAD (1 2 3 4 5 6 7)"
