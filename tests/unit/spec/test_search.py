"""What each SEARCH key means, on one message (RFC 9051 §6.4.4)."""

from datetime import date, datetime, timedelta, timezone

import pytest

from angarium.grammar.imap import search_keys as k
from angarium.grammar.imap.sequence_set import STAR, SequenceSet
from angarium.spec.model.state import Message
from angarium.spec.search import matches

CONTENT = (
    b"From: Xerxes <xerxes@example.org>\r\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\nDate: Mon, 2 Jan 2023 23:30:00 -0800\r\n"
    b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nDie K=F6nigsstra=DFe\r\n"
)
RECEIVED = datetime(2023, 1, 4, 0, 30, tzinfo=timezone(timedelta(hours=12)))
MESSAGE = Message(uid=7, flags=(b"\\Seen", b"$Road"), modseq=5, internal_date=RECEIVED, content=CONTENT)


def day(field: k.DateField, test: k.DateTest, number: int) -> k.DateIs:
    return k.DateIs(field, test, date(2023, 1, number))


HITS = (
    k.All(),
    k.HasFlag(b"\\SEEN"),
    k.HasFlag(b"$road"),
    k.Larger(len(CONTENT) - 1),
    k.Smaller(len(CONTENT) + 1),
    k.UidIs(SequenceSet(((6, 8),))),
    k.UidIs(SequenceSet(((STAR, 7),))),
    k.ModSequenceSince(5),
    k.HeaderContains(b"subject", "GRÜ".encode()),
    k.HeaderContains(b"FROM", b"XERXES@"),
    k.HeaderContains(b"Date", b""),
    k.BodyContains("KÖNIG".encode()),
    k.TextContains("königs".encode()),
    k.TextContains("grüß".encode()),
    # the date as written, whatever the zone makes of it
    day(k.DateField.INTERNAL, k.DateTest.ON, 4),
    day(k.DateField.INTERNAL, k.DateTest.BEFORE, 5),
    day(k.DateField.INTERNAL, k.DateTest.SINCE, 4),
    day(k.DateField.SENT, k.DateTest.ON, 2),
    day(k.DateField.SENT, k.DateTest.BEFORE, 3),
    day(k.DateField.SENT, k.DateTest.SINCE, 2),
    k.Or(k.Not(k.All()), k.All()),
    k.And((k.All(), k.HasFlag(b"\\Seen"))),
)
MISSES = (
    k.HasFlag(b"\\Deleted"),
    k.Larger(len(CONTENT)),
    k.Smaller(len(CONTENT)),
    k.UidIs(SequenceSet(((1, 6),))),
    k.UidIs(SequenceSet()),
    k.ModSequenceSince(6),
    k.HeaderContains(b"To", b""),
    k.HeaderContains(b"Subject", b"xerxes"),
    k.BodyContains("grüß".encode()),
    k.TextContains(b"=F6"),
    day(k.DateField.INTERNAL, k.DateTest.BEFORE, 4),
    day(k.DateField.INTERNAL, k.DateTest.ON, 3),
    day(k.DateField.SENT, k.DateTest.SINCE, 3),
    k.Or(k.Not(k.All()), k.Not(k.All())),
    k.And((k.All(), k.Not(k.All()))),
)


@pytest.mark.parametrize(("key", "expected"), [*((key, True) for key in HITS), *((key, False) for key in MISSES)])
def test_key(key: k.SearchKey, expected: bool) -> None:
    assert matches(key, MESSAGE) is expected
    assert matches(k.Not(key), MESSAGE) is not expected


@pytest.mark.parametrize("test", k.DateTest)
def test_no_date_field_matches_no_sent_key(test: k.DateTest) -> None:
    undated = Message(uid=1, flags=(), modseq=1, internal_date=RECEIVED, content=b"Subject: a\r\n\r\nb\r\n")
    assert not matches(day(k.DateField.SENT, test, 2), undated)


def test_message_numbers_are_a_sessions_matter() -> None:
    with pytest.raises(AssertionError, match="UIDs"):
        matches(k.SequenceIs(SequenceSet(((1, 1),))), MESSAGE)
