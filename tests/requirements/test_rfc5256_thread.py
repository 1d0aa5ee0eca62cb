"""THREAD (RFC 5256 §3), on both stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH

EARLY, LATE = "Date: Mon, 2 Jan 2023 08:00:00 +0000", "Date: Mon, 2 Jan 2023 20:00:00 +0000"


@pytest.fixture(params=BOTH, ids=lambda make: make.__name__)
def mailbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Dialogue]:
    """An empty INBOX, selected."""
    stores = request.param(tmp_path)
    connection = Dialogue(next(stores).execute)
    connection.command("in LOGIN tim secret")
    connection.command("sel SELECT INBOX")
    yield connection
    next(stores, None)


def put(connection: Dialogue, *headers: str) -> None:
    """One message with these header fields, received in order; without a date each is sent a minute after the one before."""
    count = len(connection.server.session.mailbox.uids)
    date = () if any(each.startswith("Date:") for each in headers) else (f"Date: Mon, 2 Jan 2023 10:{count:02}:00 +0000",)
    message = "".join(f"{each}\r\n" for each in (*headers, *date)).encode() + b"\r\nx"
    assert connection.say(b"put APPEND INBOX {%d+}\r\n%b\r\n" % (len(message), message))[-1].startswith(b"put OK")


def threads(connection: Dialogue, algorithm: str, keys: str = "ALL") -> bytes:
    """What a THREAD answers with."""
    lines = connection.command(f"t THREAD {algorithm} UTF-8 {keys}")
    assert lines[-1] == b"t OK THREAD completed"
    (answer,) = [line for line in lines if line.startswith(b"* THREAD")]
    return answer.removeprefix(b"* THREAD").strip()


def test_ordered_subject(mailbox: Dialogue) -> None:
    for subject in ("b", "a", "Re: b", "A", "c", "re: B (fwd)"):
        put(mailbox, f"Subject: {subject}")
    assert threads(mailbox, "ORDEREDSUBJECT") == b"(1 (3)(6))(2 4)(5)"


def test_ordered_subject_by_the_date_of_the_first(mailbox: Dialogue) -> None:
    put(mailbox, "Subject: a", LATE)
    put(mailbox, "Subject: b")
    put(mailbox, "Subject: b", LATE)
    put(mailbox, "Subject: c", EARLY)
    put(mailbox, "Subject: a")
    assert threads(mailbox, "ORDEREDSUBJECT") == b"(4)(2 3)(5 1)"


def test_ordered_subject_of_no_subject(mailbox: Dialogue) -> None:
    for subject in ("", "a", "Re:"):
        put(mailbox, f"Subject: {subject}")
    assert threads(mailbox, "ORDEREDSUBJECT") == b"(1 3)(2)"


@pytest.mark.parametrize("algorithm", ["ORDEREDSUBJECT", "REFERENCES"])
def test_nothing_found(mailbox: Dialogue, algorithm: str) -> None:
    put(mailbox, "Subject: a")
    assert mailbox.command(f"t THREAD {algorithm} UTF-8 SUBJECT gewp") == [b"* THREAD", b"t OK THREAD completed"]


def test_uid_thread_names_uids(mailbox: Dialogue) -> None:
    for _ in range(3):
        put(mailbox, "Subject: a")
    mailbox.command("d STORE 1 +FLAGS (\\Deleted)")
    mailbox.command("e EXPUNGE")
    assert mailbox.command("t UID THREAD ORDEREDSUBJECT UTF-8 ALL")[0] == b"* THREAD (2 3)"
    assert threads(mailbox, "ORDEREDSUBJECT") == b"(1 2)"


Mail = tuple[tuple[str, ...], ...]
CASES: list[tuple[str, Mail, bytes]] = [
    (
        "a chain and its branches",
        (
            ("Message-ID: <1@x>",),
            ("Message-ID: <2@x>", "References: <1@x>"),
            ("Message-ID: <3@x>", "References: <1@x> <2@x>"),
            ("Message-ID: <4@x>", "References: <1@x> <2@x>"),
            ("Message-ID: <5@x>", "References: <1@x> <2@x> <4@x>"),
        ),
        b"(1 2 (3)(4 5))",
    ),
    ("quoting makes no difference", (('Message-ID: <"1"@x>',), ("References: <1@x>",)), b"(1 2)"),
    ("nor the other way round", (("Message-ID: <1@x>",), ('References: <"1"@x>',)), b"(1 2)"),
    ("case does", (("Message-ID: <a@x>",), ("References: <A@x>",)), b"(1)(2)"),
    ("In-Reply-To where there is no References", (("Message-ID: <1@x>",), ("In-Reply-To: <1@x>",)), b"(1 2)"),
    ("and where it has no id", (("Message-ID: <1@x>",), ("References: none", "In-Reply-To: a <1@x>")), b"(1 2)"),
    (
        "the first id of In-Reply-To",
        (("Message-ID: <1@x>",), ("Message-ID: <2@x>",), ("In-Reply-To: <1@x> <2@x>",)),
        b"(1 3)(2)",
    ),
    ("References before In-Reply-To", (("Message-ID: <1@x>",), ("References: <9@x>", "In-Reply-To: <1@x>")), b"(1)(2)"),
    ("siblings of a parent that is not there", (("References: <9@x>",), ("References: <9@x>",)), b"((1)(2))"),
    ("an only child of nobody", (("References: <8@x> <9@x>",),), b"(1)"),
    ("a child behind a lost one", (("Message-ID: <1@x>",), ("References: <1@x> <9@x>",)), b"(1 2)"),
    (
        "children of lost siblings",
        (("Message-ID: <1@x>",), ("References: <1@x> <8@x>",), ("References: <1@x> <9@x>",)),
        b"(1 (2)(3))",
    ),
    ("a child before its parent", (("References: <1@x>", LATE), ("Message-ID: <1@x>", EARLY)), b"(2 1)"),
    ("the first of two with one id", (("Message-ID: <1@x>",), ("Message-ID: <1@x>",), ("References: <1@x>",)), b"(1 3)(2)"),
    ("ids that are none", (("Message-ID: 1@x",), ("References: 1@x",)), b"(1)(2)"),
    ("its own parent", (("Message-ID: <1@x>", "References: <1@x>"),), b"(1)"),
    ("a loop of two", (("Message-ID: <1@x>", "References: <2@x>"), ("Message-ID: <2@x>", "References: <1@x>")), b"(2 1)"),
    (
        "a parent known from others stays",
        (
            ("Message-ID: <9@x>", "References: <1@x> <2@x>"),
            ("Message-ID: <8@x>", "References: <3@x> <2@x>"),
            ("Message-ID: <1@x>",),
            ("Message-ID: <3@x>",),
        ),
        b"(3 (1)(2))(4)",
    ),
    (
        "until the message itself says better",
        (
            ("References: <1@x> <2@x>",),
            ("Message-ID: <1@x>",),
            ("Message-ID: <3@x>",),
            ("Message-ID: <2@x>", "References: <3@x>"),
        ),
        b"(2)(3 4 1)",
    ),
    (
        "and none is better, too",
        (("References: <1@x> <2@x>",), ("Message-ID: <1@x>",), ("Message-ID: <2@x>",)),
        b"(2)(3 1)",
    ),
    (
        "by date, the youngest first",
        (
            ("Message-ID: <1@x>", LATE),
            ("Message-ID: <2@x>", EARLY),
            ("References: <1@x>", LATE),
            ("References: <1@x>", EARLY),
        ),
        b"(2)(1 (4)(3))",
    ),
    (
        "lost parents by their first child",
        (("References: <9@x>", LATE), ("References: <9@x>",), ("Message-ID: <3@x>", LATE), ("Message-ID: <4@x>", EARLY)),
        b"(4)((2)(1))(3)",
    ),
    ("a reply by subject", (("Subject: a",), ("Subject: Re: a",), ("Subject: b",)), b"(1 2)(3)"),
    ("a reply before it", (("Subject: a (fwd)",), ("Subject: a",)), b"(2 1)"),
    ("a forward in brackets", (("Subject: a",), ("Subject: [fwd: a]",)), b"(1 2)"),
    ("the same subject twice", (("Subject: a",), ("Subject: A",)), b"((1)(2))"),
    ("three times", (("Subject: a",), ("Subject: a",), ("Subject: a",)), b"((1)(2)(3))"),
    ("two replies", (("Subject: Re: a",), ("Subject: Re: a",)), b"((1)(2))"),
    ("a blob is no reply", (("Subject: a",), ("Subject: [x] a",)), b"((1)(2))"),
    ("empty subjects are left alone", (("Subject:",), ("Subject: Re:",), ("X: y",)), b"(1)(2)(3)"),
    (
        "two lost parents of one subject",
        (
            ("Subject: a", "References: <8@x>"),
            ("Subject: a", "References: <8@x>"),
            ("Subject: a", "References: <9@x>"),
            ("Subject: b", "References: <9@x>"),
        ),
        b"((1)(2)(3)(4))",
    ),
    (
        "a message to a lost parent",
        (("Subject: a",), ("Subject: a", "References: <8@x>"), ("Subject: b", "References: <8@x>")),
        b"((1)(2)(3))",
    ),
    (
        "the subject of the head counts",
        (("Subject: a", "Message-ID: <1@x>"), ("Subject: b", "References: <1@x>"), ("Subject: Re: b",)),
        b"(1 2)(3)",
    ),
]


@pytest.mark.parametrize(("mail", "answer"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_references(mailbox: Dialogue, mail: Mail, answer: bytes) -> None:
    """Each message has a subject of its own, unless the case is about subjects."""
    for number, headers in enumerate(mail):
        named = any(each.startswith("Subject:") for line in mail for each in line)
        put(mailbox, *headers, *(() if named else (f"Subject: {number}",)))
    assert threads(mailbox, "REFERENCES") == answer


def test_only_what_matches_is_threaded(mailbox: Dialogue) -> None:
    put(mailbox, "Message-ID: <1@x>", "Subject: a")
    put(mailbox, "Message-ID: <2@x>", "References: <1@x>", "Subject: b")
    put(mailbox, "Message-ID: <3@x>", "References: <1@x> <2@x>", "Subject: c")
    put(mailbox, "Message-ID: <4@x>", "References: <1@x>", "Subject: d")
    assert threads(mailbox, "REFERENCES", "NOT SUBJECT b") == b"(1 (3)(4))"
    assert threads(mailbox, "REFERENCES", "NOT SUBJECT a") == b"((2 3)(4))"


def test_the_internal_date_stands_in_for_the_sent_date(mailbox: Dialogue) -> None:
    put(mailbox, "Subject: a", "Date: Mon, 2 Jan 2099 10:00:00 +0000")
    put(mailbox, "Subject: b", "Date: none")
    assert threads(mailbox, "REFERENCES") == b"(2)(1)"
    assert threads(mailbox, "ORDEREDSUBJECT") == b"(2)(1)"


def test_unknown_algorithms_are_bad(mailbox: Dialogue) -> None:
    assert mailbox.command("t THREAD X-NONE UTF-8 ALL")[0].startswith(b"t BAD")


def test_refs_is_references_without_subjects_and_the_newest_thread_last(mailbox: Dialogue) -> None:
    mail = (
        (3, "Message-ID: <1@x>", LATE),
        (2, "Date: none"),
        (1, "References: <1@x>", EARLY),
        (4, "References: <9@x>"),
        (5, "References: <9@x>", EARLY),
    )
    for day, *headers in mail:
        message = "".join(f"{each}\r\n" for each in (*headers, "Subject: a")).encode() + b"\r\nx"
        line = b'put APPEND INBOX "%2d-Jan-2023 10:00:00 +0000" {%d+}\r\n%b\r\n' % (day, len(message), message)
        assert mailbox.say(line)[-1].startswith(b"put OK")
    assert threads(mailbox, "REFS") == b"(2)(1 3)((5)(4))"
