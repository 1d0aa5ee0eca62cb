"""Commands as octets and as values, and what is said of octets that are none."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.grammar.imap import commands, search_keys
from angarium.grammar.imap.commands import (
    FetchItem,
    ListReturn,
    ListSelect,
    SearchReturn,
    StagedLiteral,
    StatusItem,
    TaggedCommand,
)
from angarium.grammar.imap.framing import Frame
from angarium.grammar.imap.parse_command import CommandSyntaxError, parse_command
from angarium.grammar.imap.sections import Partial, Section, SectionText
from angarium.grammar.imap.sequence_set import STAR, PartialRange, SequenceSet
from angarium.grammar.imap.sorting import SortCriterion, SortKey, ThreadAlgorithm

ONE = SequenceSet(((1, 1),))
SEEN = search_keys.HasFlag(rb"\Seen")


def search(key, **fields):
    return commands.Search(key, **fields)


@pytest.mark.parametrize(
    ("octets", "command"),
    [
        (b"CAPABILITY", commands.Capability()),
        (b"noop", commands.Noop()),
        (b"Logout", commands.Logout()),
        (b"STARTTLS", commands.StartTls()),
        (b"IDLE", commands.Idle()),
        (b"CHECK", commands.Check()),
        (b"CLOSE", commands.Close()),
        (b"UNSELECT", commands.Unselect()),
        (b"NAMESPACE", commands.Namespace()),
        (b"EXPUNGE", commands.Expunge()),
        (b"UID EXPUNGE 1", commands.Expunge(ONE)),
        (b"ID NIL", commands.Id(None)),
        (b"ID ()", commands.Id(())),
        (b'id ("name" "x" "version" nil)', commands.Id(((b"name", b"x"), (b"version", None)))),
        (b"AUTHENTICATE PLAIN", commands.Authenticate(b"PLAIN")),
        (b"AUTHENTICATE PLAIN =", commands.Authenticate(b"PLAIN", b"")),
        (b"AUTHENTICATE PLAIN AGEAYg==", commands.Authenticate(b"PLAIN", b"\0a\0b")),
        (b"LOGIN joe pass]word", commands.Login(b"joe", b"pass]word")),
        (rb'LOGIN "j\"o\\e" ""', commands.Login(rb"j\"o\e".replace(rb"\"", b'"'), b"")),
        (b"ENABLE CONDSTORE IMAP4rev2", commands.Enable((b"CONDSTORE", b"IMAP4rev2"))),
        (b"SELECT inbox", commands.Select("INBOX")),
        (b"SELECT status", commands.Select("status")),
        (b"EXAMINE fetch (CONDSTORE)", commands.Select("fetch", read_only=True, condstore=True)),
        (
            b"SELECT a (QRESYNC (1 2 3:4 (1,2 5,7)))",
            commands.Select(
                "a",
                qresync=commands.Qresync(
                    1, 2, SequenceSet(((3, 4),)), (SequenceSet(((1, 1), (2, 2))), SequenceSet(((5, 5), (7, 7))))
                ),
            ),
        ),
        (b"SELECT a (QRESYNC (1 2))", commands.Select("a", qresync=commands.Qresync(1, 2))),
        (b"CREATE a/", commands.Create("a/")),
        (b"CREATE Entw&APw-rfe", commands.Create("Entwürfe")),
        (b'DELETE "a b"', commands.Delete("a b")),
        (b"RENAME a NIL", commands.Rename("a", "NIL")),
        (b"SUBSCRIBE a", commands.Subscribe("a")),
        (b"UNSUBSCRIBE a", commands.Unsubscribe("a")),
        (b'LIST "" %', commands.List("", ("%",))),
        (b'LIST "" "&"', commands.List("", ("&",))),
        (b'LIST () "" a', commands.List("", ("a",), extended=True)),
        (b'LIST "" (a)', commands.List("", ("a",), extended=True)),
        (b'LIST "" a RETURN ()', commands.List("", ("a",), extended=True)),
        (
            b'LIST (SUBSCRIBED RECURSIVEMATCH REMOTE) "" (a b*) RETURN (CHILDREN STATUS (MESSAGES SIZE) SPECIAL-USE)',
            commands.List(
                "",
                ("a", "b*"),
                frozenset({ListSelect.SUBSCRIBED, ListSelect.RECURSIVEMATCH, ListSelect.REMOTE}),
                frozenset({ListReturn.CHILDREN, ListReturn.SPECIAL_USE}),
                (StatusItem.MESSAGES, StatusItem.SIZE),
                extended=True,
            ),
        ),
        (b'LSUB "" *', commands.Lsub("", "*")),
        (b"STATUS recent (RECENT HIGHESTMODSEQ)", commands.Status("recent", (StatusItem.RECENT, StatusItem.HIGHESTMODSEQ))),
        (b"COPY 1 a", commands.Copy(ONE, "a")),
        (b"UID MOVE $ a", commands.Move(SequenceSet(saved=True), "a", uid=True)),
        (
            b"FETCH 1:*,*:2,* (UID)",
            commands.Fetch(SequenceSet(((1, STAR), (STAR, 2), (STAR, STAR))), (FetchItem.UID,)),
        ),
        (b"FETCH 1 fast", commands.Fetch(ONE, (FetchItem.FLAGS, FetchItem.INTERNALDATE, FetchItem.RFC822_SIZE))),
        (
            b"UID FETCH 1 FULL (VANISHED CHANGEDSINCE 9)",
            commands.Fetch(
                ONE,
                (FetchItem.FLAGS, FetchItem.INTERNALDATE, FetchItem.RFC822_SIZE, FetchItem.ENVELOPE, FetchItem.BODY),
                uid=True,
                changed_since=9,
                vanished=True,
            ),
        ),
        (
            b"FETCH 1 (RFC822 RFC822.SIZE RFC822.HEADER BODY BODYSTRUCTURE MODSEQ)",
            commands.Fetch(
                ONE,
                (
                    FetchItem.RFC822,
                    FetchItem.RFC822_SIZE,
                    FetchItem.RFC822_HEADER,
                    FetchItem.BODY,
                    FetchItem.BODYSTRUCTURE,
                    FetchItem.MODSEQ,
                ),
            ),
        ),
        (
            b'FETCH 1 (BODY.PEEK[1.2.HEADER.FIELDS.NOT (From "a b" x])]<3.4> body[] BODY[TEXT] BODY[1.MIME] BODY[7])',
            commands.Fetch(
                ONE,
                (
                    commands.FetchBody(
                        Section((1, 2), SectionText.HEADER_FIELDS_NOT, (b"From", b"a b", b"x]")), Partial(3, 4), peek=True
                    ),
                    commands.FetchBody(Section()),
                    commands.FetchBody(Section((), SectionText.TEXT)),
                    commands.FetchBody(Section((1,), SectionText.MIME)),
                    commands.FetchBody(Section((7,))),
                ),
            ),
        ),
        (
            b"FETCH 1 (BINARY[] BINARY.PEEK[1.2]<0.1> BINARY.SIZE[3])",
            commands.Fetch(
                ONE,
                (
                    commands.FetchBinary(),
                    commands.FetchBinary((1, 2), Partial(0, 1), peek=True),
                    commands.FetchBinarySize((3,)),
                ),
            ),
        ),
        (b"STORE 1 FLAGS ()", commands.Store(ONE, commands.StoreMode.REPLACE, ())),
        (
            b"UID STORE 1 (UNCHANGEDSINCE 0) +flags.silent \\Seen seen",
            commands.Store(ONE, commands.StoreMode.ADD, (rb"\Seen", b"seen"), True, True, 0),
        ),
        (b"STORE 1 -FLAGS (\\Deleted)", commands.Store(ONE, commands.StoreMode.REMOVE, (rb"\Deleted",))),
        (
            b'sort (reverse date subject) "UTF-8" seen',
            commands.Sort((SortCriterion(SortKey.DATE, True), SortCriterion(SortKey.SUBJECT)), SEEN, b"UTF-8"),
        ),
        (b"UID SORT (CC) x ALL", commands.Sort((SortCriterion(SortKey.CC),), search_keys.All(), b"x", uid=True)),
        (b"uid Thread references x SEEN", commands.Thread(ThreadAlgorithm.REFERENCES, SEEN, b"x", uid=True)),
        (b"SEARCH ALL", search(search_keys.All())),
        (b"UID SEARCH UNSEEN", search(search_keys.Not(SEEN), uid=True)),
        (b"SEARCH (SEEN)", search(SEEN)),
        (b"SEARCH NEW", search(search_keys.And((search_keys.HasFlag(rb"\Recent"), search_keys.Not(SEEN))))),
        (b"SEARCH OLD", search(search_keys.Not(search_keys.HasFlag(rb"\Recent")))),
        (b'CANCELUPDATE "b1" "b 2"', commands.CancelUpdate((b"b1", b"b 2"))),
        (
            b"SEARCH RETURN (update CONTEXT) ALL",
            commands.Search(search_keys.All(), returns=frozenset({SearchReturn.UPDATE, SearchReturn.CONTEXT})),
        ),
        (
            b"SEARCH RETURN (partial 9:4 COUNT) ALL",
            commands.Search(search_keys.All(), returns=frozenset({SearchReturn.COUNT}), partial=PartialRange(9, 4)),
        ),
        (
            b"UID FETCH 1 FLAGS (PARTIAL -1:-5 CHANGEDSINCE 7)",
            commands.Fetch(SequenceSet(((1, 1),)), (FetchItem.FLAGS,), True, 7, partial=PartialRange(-1, -5)),
        ),
        (
            b"SEARCH RETURN (MIN save) CHARSET utf-8 KEYWORD all UNKEYWORD $x",
            search(
                search_keys.And((search_keys.HasFlag(b"all"), search_keys.Not(search_keys.HasFlag(b"$x")))),
                charset=b"utf-8",
                returns=frozenset({commands.SearchReturn.MIN, commands.SearchReturn.SAVE}),
            ),
        ),
        (
            b'SEARCH OR (BODY a text b) NOT FROM "c d" HEADER X-Y ""',
            search(
                search_keys.And(
                    (
                        search_keys.Or(
                            search_keys.And((search_keys.BodyContains(b"a"), search_keys.TextContains(b"b"))),
                            search_keys.Not(search_keys.HeaderContains(b"FROM", b"c d")),
                        ),
                        search_keys.HeaderContains(b"X-Y", b""),
                    )
                )
            ),
        ),
        (
            b'SEARCH SENTSINCE 1-feb-2020 ON "29-Feb-2020"',
            search(
                search_keys.And(
                    (
                        search_keys.DateIs(search_keys.DateField.SENT, search_keys.DateTest.SINCE, date(2020, 2, 1)),
                        search_keys.DateIs(search_keys.DateField.INTERNAL, search_keys.DateTest.ON, date(2020, 2, 29)),
                    )
                )
            ),
        ),
        (
            b"SEARCH LARGER 1 SMALLER 2 UID 1 1:* $",
            search(
                search_keys.And(
                    (
                        search_keys.Larger(1),
                        search_keys.Smaller(2),
                        search_keys.UidIs(ONE),
                        search_keys.SequenceIs(SequenceSet(((1, STAR),))),
                        search_keys.SequenceIs(SequenceSet(saved=True)),
                    )
                )
            ),
        ),
        (
            rb'SEARCH MODSEQ "/flags/\\draft" ALL 5 MODSEQ 0',
            search(
                search_keys.And((search_keys.ModSequenceSince(5, rb"/flags/\draft", b"all"), search_keys.ModSequenceSince(0)))
            ),
        ),
    ],
)
def test_values(octets, command):
    assert parse_command(Frame(b"a1 " + octets)) == TaggedCommand(b"a1", command)


@pytest.mark.parametrize(
    ("frame", "command"),
    [
        (Frame(b"a LOGIN {1}\r\n {2+}\r\n", (b"x", b"\xff\n")), commands.Login(b"x", b"\xff\n")),
        (Frame(b"a SELECT {5}\r\n", (b"iNbOx",)), commands.Select("INBOX")),
        (Frame(b'a APPEND "x" {3}\r\n', (b"abc",)), commands.Append("x", b"abc")),
        (
            Frame(b"a APPEND x (a) catenate (url /a/;UID=1 Text {1}\r\n URL {1}\r\n) {1}\r\n", (b"x", b"/", b"y")),
            commands.Append(
                "x",
                commands.Catenation((commands.Url(b"/a/;UID=1"), b"x", commands.Url(b"/"))),
                (b"a",),
                more=(commands.AppendMessage(b"y"),),
            ),
        ),
        (Frame(b"a APPEND x ~{3}\r\n", (b"a\0c",)), commands.Append("x", b"a\0c", binary=True)),
        (
            Frame(
                b'a APPEND x {3}\r\n (a) {2+}\r\n " 1-Jul-2020 01:02:03 +0000" ~{1}\r\n', (b"abc", StagedLiteral("t", 2), b"\0")
            ),
            commands.Append(
                "x",
                b"abc",
                more=(
                    commands.AppendMessage(StagedLiteral("t", 2), (b"a",)),
                    commands.AppendMessage(b"\0", date_time=datetime(2020, 7, 1, 1, 2, 3, tzinfo=UTC), binary=True),
                ),
            ),
        ),
        (
            Frame(b"a UID REPLACE * x (a) {3}\r\n", (b"abc",)),
            commands.Replace(SequenceSet(((STAR, STAR),)), "x", commands.AppendMessage(b"abc", (b"a",)), uid=True),
        ),
        (
            Frame(b'a APPEND {1}\r\n (\\Seen x) " 1-Jul-2020 01:02:60 -0130" {9}\r\n', (b"x", StagedLiteral("t", 9))),
            commands.Append(
                "x",
                StagedLiteral("t", 9),
                (rb"\Seen", b"x"),
                datetime(2020, 7, 1, 1, 2, 59, tzinfo=timezone(-timedelta(minutes=90))),
            ),
        ),
        (
            Frame(b"a FETCH 1 BODY[HEADER.FIELDS (a {2}\r\n)]", (b") ",)),
            commands.Fetch(ONE, (commands.FetchBody(Section((), SectionText.HEADER_FIELDS, (b"a", b") "))),)),
        ),
        (
            Frame(b"a SEARCH TEXT {1}\r\n BODY {1}\r\n", (b"x", b"y")),
            search(search_keys.And((search_keys.TextContains(b"x"), search_keys.BodyContains(b"y")))),
        ),
    ],
)
def test_literals(frame, command):
    assert parse_command(frame) == TaggedCommand(b"a", command)


def test_names_are_utf8_after_enable():
    octets = b'a CREATE "caf\xc3\xa9"'
    assert parse_command(Frame(octets), utf8=True).command == commands.Create("café")
    with pytest.raises(CommandSyntaxError, match="expected mailbox at octet 9"):
        parse_command(Frame(octets))
    assert parse_command(Frame(b"a CREATE &AOk-"), utf8=True).command == commands.Create("&AOk-")
    assert parse_command(Frame(b"a CREATE &AOk-")).command == commands.Create("é")
    assert parse_command(Frame(b'a LIST "" "\xc3\xa9*"'), utf8=True).command == commands.List("", ("é*",))


@pytest.mark.parametrize(
    ("octets", "tag", "octet", "expected", "unknown"),
    [
        (b"", None, 0, ("tag",), False),
        (b" NOOP", None, 0, ("tag",), False),
        (b"a+b NOOP", None, 0, ("tag",), False),
        (b"a(b NOOP", None, 0, ("tag",), False),
        (b"a", b"a", 1, ("SP",), False),
        (b"a ", b"a", 2, ("command-any", "command-auth", "command-nonauth", "command-select"), True),
        (b"a FOO x", b"a", 2, ("command-any", "command-auth", "command-nonauth", "command-select"), True),
        (b"a NOOPS", b"a", 2, ("command-any", "command-auth", "command-nonauth", "command-select"), True),
        (b"a UID FOO", b"a", 6, ("copy", "expunge", "fetch", "move", "replace", "search", "sort", "store", "thread"), True),
        (b"a NOOP x", b"a", 6, ("CRLF",), False),
        (b"a NOOP\n", b"a", 6, ("CRLF",), False),
        (b"a NOOP\0", b"a", 2, ("command-any", "command-auth", "command-nonauth", "command-select"), True),
        (b"a SELECT", b"a", 8, ("SP",), False),
        (b"a SELECT ", b"a", 9, ("astring",), False),
        (b"a SELECT a (X)", b"a", 12, ("select-param",), False),
        (b'a SELECT "a', b"a", 9, ("astring",), False),
        (b"a SELECT a\0", b"a", 10, ("CRLF", "SP"), False),
        (b"a LOGIN a\xe9 b", b"a", 9, ("SP",), False),
        (b"a FETCH 1,x FLAGS", b"a", 9, ("SP",), False),
        (b"a FETCH 0 FLAGS", b"a", 8, ("sequence-set",), False),
        (b"a FETCH 4294967296 FLAGS", b"a", 8, ("nz-number",), False),
        (b"a FETCH " + b"9" * 5000 + b" FLAGS", b"a", 8, ("nz-number",), False),
        (b"a FETCH 1 (FLAGS X)", b"a", 17, ("fetch-att",), False),
        (b"a FETCH 1 BODY[4294967296]", b"a", 14, ("section-part",), False),
        (b"a FETCH 1 BODY[]<9223372036854775808.1>", b"a", 14, ("number64",), False),
        (b"a FETCH 1 BODY[]<1.9223372036854775808>", b"a", 14, ("nz-number64",), False),
        (b"a FETCH 1 BODY[MIME]", b"a", 14, ("CRLF", "SP"), False),
        (b"a FETCH 1 FLAGS (CHANGEDSINCE 0)", b"a", 30, ("mod-sequence-value",), False),
        (b"a STORE 1 FLAGS", b"a", 15, ("SP",), False),
        (b"a SORT (X) UTF-8 ALL", b"a", 7, ('"RETURN"', "sort-criteria"), False),
        (b"a SORT (REVERSE) UTF-8 ALL", b"a", 7, ('"RETURN"', "sort-criteria"), False),
        (b"a SORT (DATE) ALL", b"a", 17, ("SP",), False),
        (b"a THREAD X UTF-8 ALL", b"a", 9, ("thread-alg",), False),
        (b"a SEARCH", b"a", 8, ("SP",), False),
        (b"a SEARCH ON 30-Feb-2020", b"a", 12, ("date",), False),
        (b"a SEARCH SMALLER 9223372036854775808", b"a", 17, ("number64",), False),
        (b"a SEARCH RETURN (ALL PARTIAL 1:2) ALL", b"a", 29, ("search-return-opt",), False),
        (b"a SEARCH RETURN (PARTIAL 1:2 PARTIAL 1:2) ALL", b"a", 37, ("search-return-opt",), False),
        (b"a SEARCH RETURN (PARTIAL 1:-2) ALL", b"a", 25, ("partial-range",), False),
        (b"a SEARCH RETURN (PARTIAL 1:4294967296) ALL", b"a", 25, ("nz-number",), False),
        (b"a UID FETCH 1 FLAGS (PARTIAL 1:2 PARTIAL 1:2)", b"a", 41, ("fetch-modifier",), False),
        (b"a SEARCH RETURN (X) ALL", b"a", 17, ('")"', "modifier-partial", "search-return-opt"), False),
        (b'a LIST (RECURSIVEMATCH) "" a', b"a", 7, ("astring", "list-select-opts"), False),
        (b'a LIST (X) "" a', b"a", 7, ("astring", "list-select-opts"), False),
        (b'a LIST "" "\xc3\xa9"', b"a", 10, ("list-mailbox",), False),
        (b'a APPEND a "x"', b"a", 11, ('"CATENATE"', "date-time", "flag-list", "literal", "literal8"), False),
        (b"a CREATE &AOk", b"a", 9, ("mailbox",), False),
        (b"a AUTHENTICATE PLAIN *", b"a", 21, ("initial-resp",), False),
        (b"a STATUS a ()", b"a", 12, ("status-att",), False),
    ],
)
def test_syntax_errors(octets, tag, octet, expected, unknown):
    with pytest.raises(CommandSyntaxError) as raised:
        parse_command(Frame(octets))
    error = raised.value
    assert (error.tag, error.octet, error.expected, error.unknown_command) == (tag, octet, expected, unknown)
    assert error.message == str(error) == f"expected {' or '.join(expected)} at octet {octet}"


@pytest.mark.parametrize(
    "moment",
    ["31-Feb-2020 00:00:00 +0000", "01-Jan-2020 24:00:00 +0000", "01-Jan-2020 00:00:61 +0000", "01-Jan-0000 00:00:00 +0000",
     "01-Jan-2020 00:00:00 +0060", "01-Jan-2020 00:00:00 -2400", " 0-Jan-2020 00:00:00 +0000"],
)  # fmt: skip
def test_impossible_moments(moment):
    with pytest.raises(CommandSyntaxError, match="expected date-time at octet 11"):
        parse_command(Frame(b'a APPEND x "%b" {0}\r\n' % moment.encode(), (b"",)))


@pytest.mark.parametrize(
    "frame",
    [
        Frame(b"a LOGIN {1}\r\n x", (b"\0",)),
        Frame(b"a LOGIN {1}\r\n x", (StagedLiteral("t", 1),)),
        Frame(b"a LOGIN {1}\r\n x"),
        Frame(b"a APPEND x {1}\r\n"),
    ],
    ids=["NUL", "staged", "lost", "message lost"],
)
def test_literals_that_cannot_be(frame):
    with pytest.raises(CommandSyntaxError, match=r"expected (string|literal) at octet"):
        parse_command(frame)


@pytest.mark.parametrize(("opening", "closing"), [(b"(", b")"), (b"NOT ", b""), (b"OR SEEN ", b""), (b"NOT (", b")")])
def test_nesting_is_limited(opening, closing):
    def nested(levels):
        return Frame(b"a SEARCH " + opening * levels + b"SEEN" + closing * levels)

    parse_command(nested(40))
    for levels in (200, 20_000):
        with pytest.raises(CommandSyntaxError, match="expected search-"):
            parse_command(nested(levels))


def test_same_text_is_parsed_once_but_credentials_are_not_kept():
    first, second = (parse_command(Frame(tag + b" FETCH 1 FLAGS")) for tag in (b"a", b"b"))
    assert first.command is second.command
    first, second = (parse_command(Frame(tag + b" login x y")) for tag in (b"a", b"b"))
    assert first.command is not second.command
    long = b" SEARCH TEXT " + b"x" * 600
    first, second = (parse_command(Frame(tag + long)) for tag in (b"a", b"b"))
    assert first.command is not second.command


@given(st.one_of(st.binary(), st.lists(st.sampled_from(
    b"a| |UID|FETCH|SEARCH|1:*|(|)|FLAGS|BODY[|]|{1}\r\n|\"|\\|NOT|OR|\0|\xff|LIST|RETURN|APPEND|\"\"|1-Jan-2020".split(b"|")
)).map(b"".join)))  # fmt: skip
def test_any_octets_parse_or_are_a_syntax_error(octets):
    frame = Frame(b"a " + octets)
    try:
        parse_command(frame)
    except CommandSyntaxError as error:
        place = error.octet
    else:
        place = 0
    assert 0 <= place <= len(frame.octets)
