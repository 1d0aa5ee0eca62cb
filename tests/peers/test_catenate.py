"""CATENATE over the wire, on Angarium and on Dovecot: a part that is joined is the part that FETCH shows (RFC 4469 §3).

Where a URL names no message both say BADURL with it and add nothing. Dovecot joins nothing where a message has no such part,
which RFC 4469 §4.1 counts among the reasons for BADURL; says no code for a whole mailbox; and makes CR LF of every line's end.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice

import pytest

from angarium.grammar.imap import commands as c
from angarium.grammar.imap.responses import BodySection, Code, FetchData
from angarium.grammar.imap.sections import Partial, Section, SectionText
from angarium.grammar.imap.sequence_set import NumberSet, SequenceSet
from angarium.transports.client import Connection, connect
from peers import corpus
from peers.servers import PASSWORD, Server, angarium, dovecot, dovecot_missing

EVERY = 60
SECTIONS = {
    b"": Section(),
    b"/;SECTION=HEADER": Section(text=SectionText.HEADER),
    b"/;SECTION=TEXT": Section(text=SectionText.TEXT),
    b"/;SECTION=1": Section((1,)),
    b"/;SECTION=1.MIME": Section((1,), SectionText.MIME),
    b"/;SECTION=2": Section((2,)),
    b"/;SECTION=HEADER.FIELDS%20(SUBJECT%20from)": Section((), SectionText.HEADER_FIELDS, (b"SUBJECT", b"from")),
}
WRONG = (
    b"/box/;UID=99999",
    b"/none/;UID=1",
    b"/box",
    b"/box/;UID=1/;SECTION=9.9.9",
    b"/box;UIDVALIDITY=1/;UID=1",
    b"imap://elsewhere.example.org/box/;UID=1",
)
ANGARIUM, DOVECOT = 0, 1
TOLD = [(ANGARIUM, url) for url in WRONG] + [(DOVECOT, url) for url in (*WRONG[:2], *WRONG[4:])]

pytestmark = [
    pytest.mark.peer,
    pytest.mark.mail,
    pytest.mark.skipif(corpus.MISSING is not None, reason=str(corpus.MISSING)),
    pytest.mark.skipif(dovecot_missing() is not None, reason=str(dovecot_missing())),
]


def filled(server: Server) -> tuple[Connection, int]:
    """A connection to a mailbox with every so many messages of the corpus, selected, and their count."""
    connection, count = connect(server.host, server.port), 0
    connection.login("u1", PASSWORD)
    connection.command(c.Create("box"))
    connection.command(c.Create("made"))
    for message in islice(corpus.messages(), 0, None, EVERY):
        connection.command(c.Append("box", message)).require_ok()
        count += 1
    connection.command(c.Select("box"))
    return connection, count


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Connection, int]]]:
    """Angarium and Dovecot."""
    with ExitStack() as stack:
        servers = stack.enter_context(angarium(tmp_path_factory.mktemp("angarium"))), stack.enter_context(dovecot())
        connections = [filled(server) for server in servers]
        yield connections
        for connection, _ in connections:
            connection.close()


def shown(connection: Connection, uid: int, section: Section, partial: Partial | None = None) -> bytes | None:
    """What FETCH shows of a message."""
    item = c.FetchBody(section, partial, peek=True)
    done = connection.command(c.Fetch(SequenceSet(((uid, uid),)), (item,), uid=True)).require_ok()
    items = [item for each in done.responses if isinstance(each, FetchData) for item in each.items]
    (octets,) = [item.octets for item in items if isinstance(item, BodySection)]
    return octets


def made(connection: Connection, *parts: bytes | c.Url) -> int | bytes:
    """The UID of a message put together, or the URL that was at fault."""
    code = connection.command(c.Append("made", c.Catenation(parts))).tagged.code
    assert code is not None
    if code.code is Code.BADURL:
        (url,) = code.arguments
        assert isinstance(url, bytes)
        return url
    assert code.code is Code.APPENDUID
    _, uids = code.arguments
    assert isinstance(uids, NumberSet)
    return uids.ranges[0][0]


@pytest.mark.parametrize("which", [ANGARIUM, DOVECOT], ids=["angarium", "dovecot"])
@pytest.mark.parametrize("part", SECTIONS, ids=bytes.decode)
def test_what_is_joined_is_what_fetch_shows(both: list[tuple[Connection, int]], which: int, part: bytes) -> None:
    connection, count = both[which]
    expected: dict[int, bytes] = {}
    for uid in range(1, count + 1):
        whole, cut = shown(connection, uid, SECTIONS[part]), shown(connection, uid, SECTIONS[part], Partial(3, 50))
        url = b"/box/;UID=%d%b" % (uid, part)
        found = made(connection, b"a: ", c.Url(url), b"\r\n", c.Url(url + b"/;PARTIAL=3.50"))
        if whole is None:
            assert found == url
        else:
            assert isinstance(found, int)
            expected[found] = b"a: " + whole + b"\r\n" + (cut or b"")
    assert len(expected) > count / 20
    connection.command(c.Select("made"))
    actual: dict[int, bytes | None] = {uid: shown(connection, uid, Section()) for uid in expected}
    connection.command(c.Select("box"))
    if which == DOVECOT:
        actual, expected = ({uid: (each or b"").replace(b"\r", b"") for uid, each in of.items()} for of in (actual, expected))
    assert actual == expected


@pytest.mark.parametrize(("which", "url"), TOLD)
def test_what_is_no_message_is_told(both: list[tuple[Connection, int]], which: int, url: bytes) -> None:
    assert made(both[which][0], c.Url(b"/box/;UID=1"), c.Url(url)) == url
