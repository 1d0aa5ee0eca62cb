"""SEARCH over the wire finds what a naive reading of the RFC's words finds, for many random keys (RFC 9051 §6.4.4)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from attrs import frozen

from angarium.grammar.imap.commands import Append, Create, Search, SearchReturn, Select
from angarium.grammar.imap.responses import EsearchData
from angarium.grammar.imap.search_keys import (
    All,
    And,
    BodyContains,
    DateField,
    DateIs,
    DateTest,
    HasFlag,
    HeaderContains,
    Larger,
    Not,
    Or,
    SearchKey,
    Smaller,
    TextContains,
    UidIs,
)
from angarium.grammar.imap.sequence_set import SequenceSet
from angarium.spec.search import matches
from angarium.transports.client import Connection, connect
from bench.messages import messages as made_messages
from peers import corpus
from peers.servers import PASSWORD, angarium

KEYS = 150
MESSAGES = 80
FLAGS = (rb"\Seen", rb"\Flagged", rb"\Answered", rb"\Deleted", rb"\Draft", b"$Junk", b"Work")
FIELDS = (b"Subject", b"From", b"To", b"Cc", b"Received", b"X-Mailer", b"Message-ID", b"Content-Type")


@frozen
class Stored:
    """A message as it was appended, and what the naive scan may ask of it."""

    uid: int
    internal_date: datetime
    content: bytes
    flags: frozenset[bytes]
    modseq: int = 1
    saved: datetime | None = None

    def has(self, flag: bytes) -> bool:
        """Whether the flag is set."""
        return flag.lower() in {each.lower() for each in self.flags}


def of_corpus() -> list[bytes]:
    """A sample of the real mail, from every folder of it."""
    every = list(corpus.messages())
    return every[:: len(every) // MESSAGES][:MESSAGES]


SOURCES = {
    "made": lambda: list(made_messages(MESSAGES)),
    "real": of_corpus,
}


@pytest.fixture(
    params=[
        "made",
        pytest.param("real", marks=[pytest.mark.mail, pytest.mark.skipif(bool(corpus.MISSING), reason=str(corpus.MISSING))]),
    ]
)
def mailbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Connection, list[Stored]]]:
    """A mailbox on a running server, and the same messages in a list."""
    rng = Random(7)
    stored = [
        Stored(uid, corpus.date_of(uid * 40), content, frozenset(rng.sample(FLAGS, rng.randrange(4))))
        for uid, content in enumerate(SOURCES[request.param](), 1)
    ]
    with angarium(tmp_path, workers=1) as server, connect(server.host, server.port) as connection:
        connection.login("u1", PASSWORD)
        connection.command(Create("searched")).require_ok()
        for message in stored:
            append = Append("searched", message.content, tuple(sorted(message.flags)), message.internal_date)
            connection.command(append).require_ok()
        connection.command(Select("searched")).require_ok()
        yield connection, stored


def words(message: bytes, rng: Random) -> bytes:
    """Something that may be in a message: a piece of its octets made text, in any case."""
    start = rng.randrange(max(1, len(message) - 30))
    text = message[start : start + rng.choice((1, 2, 3, 5, 8, 13))].decode("latin-1")
    kept = "".join(each for each in text if each.isprintable()) or "x"
    return rng.choice((str.upper, str.lower, str.swapcase, str))(kept).encode()


def some_key(rng: Random, stored: list[Stored], depth: int = 0) -> SearchKey:
    """A random key, with a fair chance of some hits."""
    message = rng.choice(stored)
    simple: list[SearchKey] = [
        All(),
        HasFlag(rng.choice(FLAGS)),
        HeaderContains(rng.choice(FIELDS), words(message.content[:2000], rng)),
        HeaderContains(rng.choice(FIELDS), b""),
        BodyContains(words(message.content, rng)),
        TextContains(words(message.content, rng)),
        BodyContains(rng.choice(("größe", "CAFÉ", "ångström", "ﬁ", "Łódź")).encode()),
        DateIs(rng.choice((DateField.INTERNAL, DateField.SENT)), rng.choice(list(DateTest)), _some_day(message, rng)),
        Larger(len(message.content) - rng.choice((0, 1))),
        Smaller(len(message.content) + rng.choice((0, 1))),
        UidIs(SequenceSet(((message.uid, rng.randrange(0, len(stored))),))),
    ]
    if depth < 3 and rng.random() < 0.5:
        left, right = some_key(rng, stored, depth + 1), some_key(rng, stored, depth + 1)
        return rng.choice((Not(left), Or(left, right), And((left, right))))
    return rng.choice(simple)


def _some_day(message: Stored, rng: Random) -> date:
    return message.internal_date.date() + timedelta(days=rng.choice((-1, 0, 0, 1)))


def resolved(key: SearchKey, largest: int) -> SearchKey:
    """``*`` is the largest UID of the mailbox, which one message alone does not know."""
    match key:
        case UidIs(uids):
            return UidIs(SequenceSet(uids.resolve(largest).ranges))
        case Not(inner):
            return Not(resolved(inner, largest))
        case Or(left, right):
            return Or(resolved(left, largest), resolved(right, largest))
        case And(keys):
            return And(tuple(resolved(each, largest) for each in keys))
    return key


def test_search_equals_a_naive_scan(mailbox: tuple[Connection, list[Stored]]) -> None:
    connection, stored = mailbox
    rng = Random(11)
    hits = 0
    for _ in range(KEYS):
        key = some_key(rng, stored)
        command = Search(key, b"UTF-8", frozenset({SearchReturn.ALL, SearchReturn.COUNT}), uid=True)
        (answer,) = [each for each in connection.command(command).require_ok().responses if isinstance(each, EsearchData)]
        meaning = resolved(key, len(stored))
        expected = [message.uid for message in stored if matches(meaning, message)]
        assert list(answer.all or ()) == expected, key
        assert answer.count == len(expected)
        hits += 0 < len(expected) < len(stored)
    assert hits > KEYS // 5  # keys that find nothing or everything prove little
