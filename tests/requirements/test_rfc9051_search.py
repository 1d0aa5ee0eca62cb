"""Clauses of RFC 9051 §6.4.4 and §7.3.4: what SEARCH finds, and ESEARCH."""

from itertools import combinations

import pytest

from conformance.dialogue import Dialogue

LETTER = (
    b"From: Smith <smith@example.org>\r\nTo: ann@example.org\r\nCc: bob@example.org\r\nBcc: eve@example.org\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from far\r\nDate: Mon, 2 Jan 2023 23:30:00 -0800\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nDie K=F6nige\r\n"
)
PICTURE = (
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nleaf\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
    b"Subject: inner\r\n\r\nenclosed\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"aGlkZGVu\r\n--b--\r\n"
)


@pytest.fixture
def found(inbox: Dialogue) -> Dialogue:
    """Message 4 is the letter, flagged, received on 4 January 2023; 5 has parts. The three before are short and new."""
    line = b'ap APPEND INBOX (\\Flagged \\Answered Work) " 4-Jan-2023 00:30:00 +1200" {%d+}\r\n%b\r\n' % (len(LETTER), LETTER)
    inbox.say(line)
    inbox.append(PICTURE)
    return inbox


def search(connection: Dialogue, line: str, text: bytes | None = None) -> list[int]:
    """The numbers that SEARCH finds; ``text`` is the last argument, as a literal."""
    literal = b"" if text is None else b" {%d+}\r\n%b" % (len(text), text)
    answers = connection.say(b"s SEARCH " + line.encode() + literal + b"\r\n")
    assert answers[-1].startswith(b"s OK "), answers
    return [int(number) for number in answers[0].split()[2:]]


@pytest.mark.parametrize("returns", ["RETURN ()", "RETURN (ALL)"])
def test_no_option_is_all(inbox: Dialogue, returns: str) -> None:
    assert inbox.command(f"a SEARCH {returns} 2:3")[0] == b'* ESEARCH (TAG "a") ALL 2:3'
    inbox.command("b ENABLE IMAP4rev2")
    assert inbox.command("c SEARCH 2:3")[0] == b'* ESEARCH (TAG "c") ALL 2:3'


@pytest.mark.parametrize("options", ["NONSENSE", "ALL NONSENSE", "MINIMUM"])
def test_unknown_result_option_is_bad(inbox: Dialogue, options: str) -> None:
    (answer,) = inbox.command(f"a SEARCH RETURN ({options}) ALL")
    assert answer.startswith(b"a BAD ")


@pytest.mark.parametrize(
    ("options", "rest"),
    [("MIN", b""), ("MAX", b""), ("ALL", b""), ("COUNT", b" COUNT 0"), ("MIN MAX ALL COUNT", b" COUNT 0"), ("", b"")],
)
def test_no_match_is_answered_without_its_items(inbox: Dialogue, options: str, rest: bytes) -> None:
    assert inbox.command(f"a SEARCH RETURN ({options}) SEEN") == [b'* ESEARCH (TAG "a")' + rest, b"a OK SEARCH completed"]
    assert inbox.command(f"b UID SEARCH RETURN ({options}) SEEN")[0] == b'* ESEARCH (TAG "b") UID' + rest


OPTIONS = ("MIN", "MAX", "ALL", "COUNT", "SAVE")


@pytest.mark.parametrize("options", [chosen for size in range(1, 6) for chosen in combinations(OPTIONS, size)])
def test_one_response_for_any_combination(inbox: Dialogue, options: tuple[str, ...]) -> None:
    answers = inbox.command(f"a SEARCH RETURN ({' '.join(options)}) 2:3")
    if options == ("SAVE",):
        assert answers == [b"a OK SEARCH completed"]
        return
    (data, _) = answers
    items = data.removeprefix(b'* ESEARCH (TAG "a") ').decode().split()
    assert sorted(zip(items[::2], items[1::2], strict=True)) == sorted(
        (option, {"MIN": "2", "MAX": "3", "ALL": "2:3", "COUNT": "2"}[option]) for option in options if option != "SAVE"
    )


def test_ranges_hold_only_what_matches(inbox: Dialogue) -> None:
    inbox.command("a STORE 2 +FLAGS.SILENT (\\Deleted)")
    assert inbox.command("b SEARCH RETURN () UNDELETED")[0] == b'* ESEARCH (TAG "b") ALL 1,3'
    inbox.command("c EXPUNGE")
    assert inbox.command("d UID SEARCH RETURN () ALL")[0] == b'* ESEARCH (TAG "d") UID ALL 1,3'


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        *(("ALL", [1, 2, 3, 4, 5]), ("2:3,5", [2, 3, 5]), ("UID 3:4", [3, 4]), ("*", [5])),
        *(("ANSWERED", [4]), ("FLAGGED", [4]), ("SEEN", []), ("DELETED", []), ("DRAFT", []), ("KEYWORD work", [4])),
        *(("UNANSWERED", [1, 2, 3, 5]), ("UNFLAGGED 3:4", [3]), ("UNSEEN 4", [4]), ("UNDELETED 1", [1]), ("UNDRAFT 1", [1])),
        *(("UNKEYWORD Work 4:5", [5]), ("FROM smith@", [4]), ("TO ann", [4]), ("CC bob", [4]), ("BCC eve", [4])),
        *(('SUBJECT "from far"', [4]), ("SUBJECT hello", [1, 2, 3]), ("BODY hello", [1, 2, 3]), ("BODY far", [])),
        *(("TEXT far", [4]), ("TEXT hello", [1, 2, 3]), ("TEXT iso-8859-1", [4]), ("HEADER Date Jan", [4])),
        *(("LARGER 25 SMALLER 1000", [4, 5]), ("SMALLER 26", [1, 2, 3]), ("LARGER 24 3", [3]), ("SMALLER 25", [])),
        *(
            ("ON 4-Jan-2023", [4]),
            ("BEFORE 5-Jan-2023 ON 4-Jan-2023", [4]),
            ("BEFORE 4-Jan-2023 4", []),
            ("SINCE 5-Jan-2023", []),
        ),
        *(
            ("SENTON 2-Jan-2023", [4]),
            ("SENTBEFORE 3-Jan-2023", [4]),
            ("SENTSINCE 3-Jan-2023", []),
            ("SENTSINCE 2-Jan-2023", [4]),
        ),
        *(("NOT 2:5", [1]), ("OR 1 5", [1, 5]), ("(1:2 2:3)", [2]), ("NOT (1 2)", [1, 2, 3, 4, 5]), ("OR (1:2 2) 4", [2, 4])),
        *(("1:2 2:3", [2]), ("FLAGGED ANSWERED", [4]), ("FLAGGED SEEN", [])),
    ],
)
def test_keys(found: Dialogue, key: str, expected: list[int]) -> None:
    assert search(found, key) == expected


@pytest.mark.parametrize(("text", "expected"), [(b"leaf", [5]), (b"enclosed", [5]), (b"inner", [5]), (b"aGlkZGVu", [])])
def test_which_parts_are_searched(found: Dialogue, text: bytes, expected: list[int]) -> None:
    assert search(found, "BODY", text) == expected


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("BODY", "Könige".encode(), [4]),
        ("BODY", b"K=F6nige", []),
        ("SUBJECT", "Grüße".encode(), [4]),
        ("SUBJECT", b"=C3=BC", []),
        ("HEADER Subject", "Grüße".encode(), [4]),
        ("TEXT", "Grüße".encode(), [4]),
    ],
)
def test_text_is_decoded_before_it_is_compared(found: Dialogue, key: str, text: bytes, expected: list[int]) -> None:
    assert search(found, key, text) == expected


@pytest.mark.parametrize("charset", ["US-ASCII", "us-ascii", "UTF-8", "utf-8", '"UTF-8"', "ISO-8859-1", "KOI8-R"])
def test_charsets(found: Dialogue, charset: str) -> None:
    assert search(found, f"CHARSET {charset} FROM", b"smith") == [4]


def test_no_charset_is_utf8(found: Dialogue) -> None:
    text = "könige".encode()
    assert search(found, "BODY", text) == search(found, "CHARSET UTF-8 BODY", text) == [4]
    assert search(found, "CHARSET ISO-8859-1 BODY", "könige".encode("latin-1")) == [4]


def test_unknown_charset(inbox: Dialogue) -> None:
    (answer,) = inbox.command("a SEARCH CHARSET X-NONE TEXT hello")
    assert answer.startswith(b"a NO [BADCHARSET (US-ASCII UTF-8)] ")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        *(('BODY "ell"', [1, 2, 3]), ('FROM "mit"', [4]), ('SUBJECT ""', [1, 2, 3, 4]), ('HEADER Cc ""', [4])),
        *(('HEADER X-None ""', []), ('HEADER Content-Type "ext/pl"', [4])),
    ],
)
def test_substrings(found: Dialogue, key: str, expected: list[int]) -> None:
    assert search(found, key) == expected


@pytest.mark.parametrize("key", ["FROM SMITH", "TEXT fRoM", "BODY NIGE", "HEADER SUBJECT FAR", "header subject far"])
def test_case_does_not_matter(found: Dialogue, key: str) -> None:
    assert search(found, key) == [4]
