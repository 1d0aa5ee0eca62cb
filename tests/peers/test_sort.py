"""SORT and THREAD of real mail: Dovecot answers the same, but for the order of threads in REFS (RFC 5256, RFC 5957).

Left out are messages whose header breaks RFC 5322 where the keys come from: see docs/reference/dovecot-differences.md.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice

import pytest

from angarium.engine.mail.addresses import address_list
from angarium.engine.mail.prerender import prerender
from angarium.engine.mail.structure import parse_message
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import Response, SortData, ThreadData
from angarium.grammar.imap.search_keys import All, HeaderContains, SearchKey
from angarium.grammar.imap.sorting import SortCriterion, SortKey, ThreadAlgorithm, ThreadMembers
from angarium.transports.client import Connection, connect
from peers import corpus
from peers.servers import PASSWORD, Server, angarium, dovecot, dovecot_missing

EVERY = 12
WORD = re.compile(rb"[^\s@]+")
KEYS = (All(), HeaderContains(b"SUBJECT", b"re"))

pytestmark = [
    pytest.mark.peer,
    pytest.mark.mail,
    pytest.mark.skipif(corpus.MISSING is not None, reason=str(corpus.MISSING)),
    pytest.mark.skipif(dovecot_missing() is not None, reason=str(dovecot_missing())),
]


def is_sound(message: bytes) -> bool:
    """Whether no octet of the header is above 127, the date is of our time, and the addresses have a mailbox of one word."""
    found = prerender(message)
    fields = parse_message(message).fields
    first = [each[0] for name in (b"from", b"to", b"cc") if (each := address_list(fields.get(name, b"")))]
    ours = found.sent_utc is None or 0 <= found.sent_utc < 2**31
    return ours and message[: found.header_octets].isascii() and all(WORD.fullmatch(each.mailbox or b"") for each in first)


def filled(server: Server) -> Connection:
    """A connection to a mailbox with every so many messages of the corpus, selected."""
    connection = connect(server.host, server.port)
    connection.login("u1", PASSWORD)
    connection.command(c.Create("sorted"))
    for number, message in enumerate(filter(is_sound, islice(corpus.messages(), 0, None, EVERY))):
        connection.command(c.Append("sorted", message, date_time=corpus.date_of(number)))
    connection.command(c.Select("sorted"))
    return connection


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Connection]]:
    """Angarium and Dovecot."""
    with ExitStack() as stack:
        servers = stack.enter_context(angarium(tmp_path_factory.mktemp("angarium"))), stack.enter_context(dovecot())
        connections = filled(servers[0]), filled(servers[1])
        yield connections
        for connection in connections:
            connection.close()


def told(connection: Connection, command: c.Sort | c.Thread) -> Response:
    """The one answer of its kind."""
    (answer,) = [each for each in connection.command(command).require_ok().responses if isinstance(each, SortData | ThreadData)]
    return answer


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("by", SortKey)
def test_sort(both: tuple[Connection, Connection], by: SortKey, reverse: bool, key: SearchKey) -> None:
    ours, theirs = (told(each, c.Sort((SortCriterion(by, reverse),), key, b"UTF-8")) for each in both)
    assert isinstance(ours, SortData)
    assert ours.numbers
    assert ours == theirs


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("algorithm", ThreadAlgorithm)
def test_thread(both: tuple[Connection, Connection], algorithm: ThreadAlgorithm, key: SearchKey) -> None:
    ours, theirs = (told(each, c.Thread(algorithm, key, b"UTF-8")) for each in both)
    assert isinstance(ours, ThreadData)
    assert isinstance(theirs, ThreadData)
    assert ours.members
    if algorithm is ThreadAlgorithm.REFS:  # Dovecot has the thread with the message sent last at the end, not received last
        assert sorted(split(ours.members)) == sorted(split(theirs.members))
    else:
        assert ours == theirs


def split(members: ThreadMembers) -> list[list[tuple[int, int]]]:
    """One list for each thread; 0 stands for a parent that is not there."""
    threads: list[list[tuple[int, int]]] = []
    for depth, number in members:
        if depth == 0:
            threads.append([])
        threads[-1].append((depth, number or 0))
    return threads
