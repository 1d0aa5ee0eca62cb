"""RFC 4469: messages put together of literals and of messages that are there already; the URLs of RFC 5092 in it."""

from pathlib import Path
from typing import Any

import pytest

from angarium.engine.imap.limits import Limits
from angarium.engine.operations import (
    AppendMessages,
    DiscardStaged,
    ExpungeMessages,
    FetchMessages,
    OpenMailbox,
    OverQuota,
    ReadContent,
    ReadStaged,
    ReplaceMessage,
    SetFlags,
    StageOctets,
    StoreUnavailable,
    UserName,
)
from angarium.grammar.imap.commands import StoreMode
from angarium.grammar.imap.sequence_set import NumberSet
from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH
from requirements.sharing_world import MESSAGE, STORES, People

PARTS = (
    b"Subject: two\r\nFrom: tim@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nX-Part: 1\r\n\r\nfirst\r\n--b\r\nContent-Type: image/x\r\n\r\nsecond\r\n--b--\r\n"
)
LARGE = b"Subject: large\r\n\r\n" + bytes(range(32, 127)) * 3_000 + b"\r\n"
LIMITS = Limits(
    literal_octets_max=1_000,
    append_octets_max=400_000,
    append_memory_octets_max=2_000,
    append_sum_octets_max=900_000,
    content_chunk_octets=50_000,
    url_octets_max=100,
)


@pytest.fixture(params=BOTH, ids=lambda make: make.__name__)
def tim(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A connection on the model, then on SQLite: two messages in INBOX, a mailbox ``a``, limits that are soon reached."""
    stores = request.param(tmp_path)
    store = next(stores)
    connection = Dialogue(store.execute, limits=LIMITS)
    connection.command("in LOGIN tim secret")
    connection.command("c CREATE a")
    for octets in (PARTS, LARGE):
        assert connection.say(b"p APPEND INBOX {%d+}\r\n%b\r\n" % (len(octets), octets))[0].startswith(b"p OK ")
    yield connection
    next(stores, None)


def text(octets: bytes) -> bytes:
    return b"TEXT {%d+}\r\n%b" % (len(octets), octets)


def url(octets: bytes) -> bytes:
    return b'URL "%b"' % octets


def catenate(*parts: bytes, mailbox: bytes = b"a") -> bytes:
    return b"x APPEND %b CATENATE (%b)\r\n" % (mailbox, b" ".join(parts))


def contents(connection: Dialogue, mailbox: str = "a") -> list[bytes]:
    """What is in a mailbox, as the store has it."""
    found = connection.execute(_opened(mailbox))
    return [connection.execute(ReadContent(found.id, uid, 0, 2_000_000)) for uid in found.uids]


def _opened(mailbox: str) -> Any:
    return OpenMailbox(UserName("tim"), mailbox)


def uidvalidity(connection: Dialogue, mailbox: str = "INBOX") -> int:
    found: int = connection.execute(_opened(mailbox)).uidvalidity
    return found


def test_it_is_announced(tim: Dialogue) -> None:
    assert b"CATENATE" in tim.command("a CAPABILITY")[0].split()


@pytest.mark.parametrize(
    ("part", "octets"),
    [
        (b"", PARTS),
        (b"/;SECTION=HEADER", PARTS[: PARTS.index(b"--b")]),
        (b"/;SECTION=TEXT", PARTS[PARTS.index(b"--b") :]),
        (b"/;section=1", b"first"),
        (b"/;SECTION=1.MIME", b"X-Part: 1\r\n\r\n"),
        (b"/;SECTION=2", b"second"),
        (b"/;SECTION=HEADER.FIELDS%20(SUBJECT)", b"Subject: two\r\n\r\n"),
        (b"/;SECTION=HEADER.FIELDS.NOT%20(subject%20content-type)", b"From: tim@example.org\r\n\r\n"),
        (b"/;PARTIAL=3.5", PARTS[3:8]),
        (b"/;PARTIAL=3", PARTS[3:]),
        (b"/;SECTION=1/;PARTIAL=1.2", b"ir"),
        (b"/;SECTION=HEADER/;PARTIAL=0.7", b"Subject"),
    ],
)
def test_what_is_named_is_what_fetch_shows(tim: Dialogue, part: bytes, octets: bytes) -> None:
    (answer,) = tim.say(catenate(text(b"before "), url(b"/INBOX/;UID=1" + part), text(b" after")))
    assert answer.startswith(b"x OK [APPENDUID ")
    assert contents(tim) == [b"before %b after" % octets]
    section = part.partition(b"SECTION=")[2].partition(b"/")[0].replace(b"%20", b" ") or b""
    tim.command("s EXAMINE INBOX")
    shown = b"".join(tim.say(b"f UID FETCH 1 BODY.PEEK[%b]\r\n" % section))
    assert octets in shown


def test_parts_come_in_their_order_with_flags_and_date_of_the_command(tim: Dialogue) -> None:
    date = b'" 7-Feb-1994 22:43:04 -0800"'
    parts = (url(b"/INBOX/;UID=1/;SECTION=1"), text(b"-"), url(b"/INBOX/;UID=1/;SECTION=2"), text(b"."))
    (answer,) = tim.say(b"x APPEND a (\\Draft k) %b CATENATE (%b)\r\n" % (date, b" ".join(parts)))
    assert answer.startswith(b"x OK [APPENDUID %d 1]" % uidvalidity(tim, "a"))
    assert contents(tim) == [b"first-second."]
    tim.command("s EXAMINE a")
    (line, _) = tim.command("f FETCH 1 (FLAGS INTERNALDATE)")
    assert line == rb"* 1 FETCH (INTERNALDATE %b FLAGS (\Draft k \Recent))" % date


def test_one_literal_may_be_all(tim: Dialogue) -> None:
    assert tim.say(b"x APPEND a CATENATE (TEXT {3}\r\n") == [b"+ go ahead"]
    assert tim.say(b"abc)\r\n")[0].startswith(b"x OK ")
    assert contents(tim) == [b"abc"]


def test_reading_sets_no_flag_and_selects_nothing(tim: Dialogue) -> None:
    tim.command("s SELECT a")
    tim.operations.clear()
    assert tim.say(catenate(url(b"/INBOX/;UID=1/;SECTION=TEXT")))[:1] == [b"* 1 EXISTS"]
    assert not any(isinstance(each, SetFlags) for each in tim.operations)
    assert tim.command("f STATUS INBOX (UNSEEN)")[0] == b"* STATUS INBOX (UNSEEN 2)"
    assert tim.command("g FETCH 1 RFC822.SIZE")[0].startswith(b"* 1 FETCH")


@pytest.mark.parametrize(
    "reference",
    [
        b"imap://tim@example.org/INBOX/;UID=1",
        b"//tim@example.org/INBOX/;UID=1",
        b"http://example.org/",
        b";UID=1",
        b"INBOX/;UID=1",
        b"/;UID=1",
        b"/INBOX",
        b"/INBOX?SUBJECT%20two",
        b"/",
        b"/INBOX/;UID=1;URLAUTH=anonymous:internal:91354a473744909de610943775f92038",
        b"/INBOX/;UID=9",
        b"/INBOX/;UID=0",
        b"/INBOX/;UID=4294967296",
        b"/nowhere/;UID=1",
        b"/a/;UID=1",
        b"/INBOX;UIDVALIDITY=4000000001/;UID=1",
        b"/INBOX/;UID=1/;SECTION=3",
        b"/INBOX/;UID=1/;SECTION=1.HEADER",
        b"/INBOX/;UID=1/;SECTION=nonsense",
        b"/INBOX/;UID=1/;SECTION=TEXT%5D%20BODY%5B",
        b"/INBOX/;UID=1/;PARTIAL=x",
        b"/%FF/;UID=1",
        b"/INBOX/;UID=1/..",
    ],
)
def test_what_names_no_message_here_is_told_and_nothing_is_added(tim: Dialogue, reference: bytes) -> None:
    tim.command("s SELECT INBOX")
    (answer,) = tim.say(catenate(text(b"x"), url(b"/INBOX/;UID=1"), url(reference), url(b"/also/;UID=1")))
    assert answer.startswith(b"x NO [BADURL %b] " % reference)
    assert contents(tim) == []
    assert tim.command("n STATUS a (UIDNEXT)")[0] == b"* STATUS a (UIDNEXT 1)"


def test_a_url_that_cannot_be_shown_is_shown_encoded(tim: Dialogue) -> None:
    assert tim.say(b'x APPEND a CATENATE (URL "/a]b\\\\ \xc3\xa9/;UID=1")\r\n')[0].startswith(
        b"x NO [BADURL /a%5Db%5C%20%C3%A9/;UID=1] "
    )
    assert tim.say(catenate(url(b"")))[0] == b"x NO a URL is empty"


@pytest.mark.parametrize("name", [b"/a%2Fb", b"/a/b", b"/x/../a/./b"])
def test_the_name_of_a_mailbox_may_be_encoded(tim: Dialogue, name: bytes) -> None:
    tim.command("c CREATE a/b")
    tim.say(b"p APPEND a/b {3+}\r\nabc\r\n")
    tim.say(catenate(url(b"%b;UIDVALIDITY=%d/;uid=1" % (name, uidvalidity(tim, "a/b")))))
    assert contents(tim) == [b"abc"]


def test_names_in_urls_are_utf_8(tim: Dialogue) -> None:
    tim.command("c CREATE &AOk-")
    tim.say(b"p APPEND &AOk- {3+}\r\nabc\r\n")
    tim.say(catenate(url(b"/%C3%A9/;UID=1")))
    assert contents(tim) == [b"abc"]


@pytest.mark.parametrize(
    "parts",
    [
        (url(b"/INBOX/;UID=2"),),
        (text(b"x" * 900), url(b"/INBOX/;UID=2"), text(b"y" * 3_000), text(b"z")),
        (text(b"x" * 3_000), text(b"y" * 3_000)),
        (url(b"/INBOX/;UID=2/;PARTIAL=10.60000"), text(LARGE)),
    ],
)
def test_large_parts_are_staged_in_pieces(tim: Dialogue, parts: tuple[bytes, ...]) -> None:
    tim.operations.clear()
    assert tim.say(catenate(*parts))[0].startswith(b"x OK ")
    names = {b'URL "/INBOX/;UID=2"': LARGE, b'URL "/INBOX/;UID=2/;PARTIAL=10.60000"': LARGE[10:60_010]}
    assert contents(tim) == [b"".join(names.get(part) or part.partition(b"}\r\n")[2] for part in parts)]
    staged = [len(each.octets) for each in tim.operations if isinstance(each, StageOctets)]
    assert staged
    pieces = [each.octets for each in tim.operations if isinstance(each, ReadContent | ReadStaged)]
    assert max(pieces, default=0) <= LIMITS.content_chunk_octets
    assert forgotten(tim) == len([part for part in parts if part.startswith(b"TEXT") and len(part) > 1_100])


def forgotten(connection: Dialogue) -> int:
    return len([each for each in connection.operations if isinstance(each, DiscardStaged)])


def left_over(connection: Dialogue) -> set[Any]:
    """Literals that were staged and neither used up nor forgotten."""
    tokens = set()
    for operation in connection.operations:
        if isinstance(operation, StageOctets) and operation.token is not None:
            tokens.add(operation.token)
    return {each for each in tokens if not _is_forgotten(connection, each)}


def _is_forgotten(connection: Dialogue, token: Any) -> bool:
    try:
        connection.execute(ReadStaged(token, 0, 1))
    except StoreUnavailable:
        return True
    return False


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        (url(b"/INBOX/;UID=9"), b"x NO [BADURL /INBOX/;UID=9]"),
        (url(b"/INBOX/;UID=2"), b"x NO [TOOBIG]"),
        (text(b"nul \0"), b"x BAD"),
    ],
)
def test_what_was_staged_is_forgotten_when_a_later_part_is_refused(tim: Dialogue, more: bytes, answer: bytes) -> None:
    tim.operations.clear()
    assert tim.say(catenate(url(b"/INBOX/;UID=2"), text(LARGE[:100_000]), more))[0].startswith(answer)
    assert any(isinstance(each, StageOctets) for each in tim.operations)
    assert left_over(tim) == set()
    assert contents(tim) == []


@pytest.mark.parametrize("failing", [AppendMessages, FetchMessages, ReadContent, ReadStaged])
def test_nothing_is_left_when_the_store_fails(tim: Dialogue, failing: type) -> None:
    real = tim.execute

    def execute(operation: Any) -> Any:
        if isinstance(operation, failing):
            raise OverQuota("full")
        return real(operation)

    tim.operations.clear()
    tim.execute = execute
    assert tim.say(catenate(url(b"/INBOX/;UID=2"), text(LARGE[:5_000])))[0].startswith(b"x NO [OVERQUOTA]")
    tim.execute = real
    assert left_over(tim) == set()
    assert contents(tim) == []


def test_a_message_that_goes_away_meanwhile_is_not_there(tim: Dialogue) -> None:
    real, id = tim.execute, tim.execute(_opened("INBOX")).id

    def execute(operation: Any) -> Any:
        if isinstance(operation, ReadContent) and operation.offset >= 100_000:
            real(SetFlags(id, NumberSet.from_numbers((2,)), StoreMode.ADD, (rb"\Deleted",)))
            real(ExpungeMessages(id))
        return real(operation)

    tim.execute = execute
    assert tim.say(catenate(url(b"/INBOX/;UID=2")))[0].startswith(b"x NO [BADURL /INBOX/;UID=2]")
    tim.execute = real
    assert contents(tim) == []


def test_all_messages_of_one_append_have_a_limit_together(tim: Dialogue) -> None:
    one = b" CATENATE (%b)" % url(b"/INBOX/;UID=2")
    assert tim.say(b"x APPEND a" + one * 3 + b"\r\n")[0].startswith(b"x OK ")
    assert tim.say(b"x APPEND a" + one * 4 + b"\r\n")[0].startswith(b"x NO [LIMIT]")
    assert len(contents(tim)) == 3


def test_several_messages_may_be_put_together(tim: Dialogue) -> None:
    (answer,) = tim.say(
        b"x APPEND a (\\Seen) CATENATE (%b) {3+}\r\nabc CATENATE (%b %b)\r\n"
        % (url(b"/INBOX/;UID=1/;SECTION=1"), text(b"2: "), url(b"/INBOX/;UID=1/;SECTION=2"))
    )
    assert b" 1:3]" in answer
    assert contents(tim) == [b"first", b"abc", b"2: second"]


def test_one_that_is_wrong_spoils_all(tim: Dialogue) -> None:
    command = b"x APPEND a {3+}\r\nabc CATENATE (%b) CATENATE (%b)\r\n"
    (answer,) = tim.say(command % (url(b"/INBOX/;UID=1"), url(b"/INBOX/;UID=8")))
    assert answer.startswith(b"x NO [BADURL /INBOX/;UID=8]")
    assert contents(tim) == []


def test_a_message_may_be_replaced_by_one_made_of_it(tim: Dialogue) -> None:
    tim.command("s SELECT INBOX")
    tim.operations.clear()
    lines = tim.say(b"x UID REPLACE 1 INBOX CATENATE (%b %b)\r\n" % (text(b"X-New: 1\r\n"), url(b"/INBOX/;UID=1")))
    assert lines[-1].startswith(b"x OK ")
    assert any(isinstance(each, ReplaceMessage) for each in tim.operations)
    assert contents(tim, "INBOX") == [LARGE, b"X-New: 1\r\n" + PARTS]
    assert tim.say(b"x UID REPLACE 9 INBOX CATENATE (%b)\r\n" % url(b"/INBOX/;UID=2"))[-1].startswith(b"x NO [NONEXISTENT]")
    assert left_over(tim) == set()


def test_a_url_may_come_as_a_literal(tim: Dialogue) -> None:
    large = text(b"x" * 1_500)
    assert tim.say(b"x APPEND a CATENATE (%b %b URL {13+}\r\n/INBOX/;UID=1)\r\n" % (large, large))[0].startswith(b"x OK ")
    assert contents(tim) == [b"x" * 3_000 + PARTS]
    assert tim.say(b"x APPEND a CATENATE (URL {101}\r\n") == [b"x BAD the URL is too long"]
    assert tim.say(b"y APPEND URL {3+}\r\nabc\r\n")[0].startswith(b"y NO [TRYCREATE]")


def test_a_missing_target_may_be_created(tim: Dialogue) -> None:
    assert tim.say(catenate(url(b"/INBOX/;UID=1"), mailbox=b"none"))[0].startswith(b"x NO [TRYCREATE]")


@pytest.mark.parametrize(
    "arguments",
    [
        b"CATENATE ()",
        b"CATENATE",
        b"CATENATE (TEXT abc)",
        b"CATENATE (URL)",
        b"CATENATE (TEXT ~{3+}\r\nabc)",
        b"CATENATE (BODY x)",
    ],
)
def test_what_is_no_list_of_parts_is_bad(tim: Dialogue, arguments: bytes) -> None:
    assert tim.say(b"x APPEND a %b\r\n" % arguments)[0].startswith(b"x BAD")
    assert tim.command("n NOOP") == [b"n OK NOOP completed"]


def test_octets_are_not_converted(tim: Dialogue) -> None:
    octets = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=E9 \xe9\r\n.\r\n"
    tim.say(b"p APPEND INBOX {%d+}\r\n%b\r\n" % (len(octets), octets))
    tim.say(catenate(url(b"/INBOX/;UID=3/;SECTION=1"), text(b"=E9")))
    assert contents(tim) == [b"=E9 \xe9\r\n.\r\n=E9"]


def test_nothing_comes_of_nothing(tim: Dialogue) -> None:
    assert tim.say(catenate(text(b""), url(b"/INBOX/;UID=1/;PARTIAL=99999.1")))[0].startswith(b"x NO ")
    assert contents(tim) == []


@pytest.mark.parametrize("make", STORES, ids=lambda make: make.__name__)
def test_a_mailbox_of_somebody_else_is_read_with_the_right_to_it(make: Any, tmp_path: Path) -> None:
    stores = make(tmp_path)
    people = People(next(stores))
    people.does("alice", "CREATE Work")
    people["alice"].append(MESSAGE, mailbox="Work")
    line = b'x APPEND INBOX CATENATE (URL "/Other%%20Users/alice/%b/;UID=1")\r\n'
    people.grants("bob", "lswipkxtea")
    refused = people["bob"].say(line % b"Work")
    assert refused == [answer.replace(b"None", b"Work") for answer in people["bob"].say(line % b"None")]
    assert refused[0].startswith(b"x NO [BADURL /Other%20Users/alice/Work/;UID=1] ")
    people.grants("bob", "r")
    assert people["bob"].say(line % b"Work")[0].startswith(b"x OK ")
    assert people["carol"].say(line % b"Work")[0].startswith(b"x NO [BADURL ")
    assert people.does("bob", "STATUS INBOX (MESSAGES SIZE)") == [b"* STATUS INBOX (MESSAGES 1 SIZE %d)" % len(MESSAGE)]
    next(stores, None)
