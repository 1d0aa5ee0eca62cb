"""Responses as octets and as values, and what is said of octets that are none."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.grammar.imap import responses
from angarium.grammar.imap.commands import StagedLiteral, StatusItem
from angarium.grammar.imap.framing import Frame
from angarium.grammar.imap.parse_response import ResponseSyntaxError, parse_response
from angarium.grammar.imap.responses import Code, Condition, PartialResults, ResponseCode, ResultUpdate
from angarium.grammar.imap.sections import Section, SectionText
from angarium.grammar.imap.sequence_set import NumberList, NumberSet, PartialRange


def fetch(*items):
    return responses.FetchData(1, items)


@pytest.mark.parametrize(
    ("octets", "response"),
    [
        (b"* OK ready", responses.Untagged(Condition.OK, "ready")),
        (b"* preauth ", responses.Untagged(Condition.PREAUTH)),
        (b"* BYE [ALERT] now", responses.Untagged(Condition.BYE, "now", ResponseCode(Code.ALERT))),
        (b"* OK [not a code", responses.Untagged(Condition.OK, "[not a code")),
        (b"* OK [READ-WRITE]", responses.Untagged(Condition.OK, "[READ-WRITE]")),
        (b"* OK caf\xe9 \xc3\xa9", responses.Untagged(Condition.OK, "caf\ufffd é")),
        (b"a1 NO [X-Y some text] no", responses.Tagged(b"a1", Condition.NO, "no", ResponseCode(b"X-Y", (b"some text",)))),
        (b"a BAD [uidnext 4] x", responses.Tagged(b"a", Condition.BAD, "x", ResponseCode(Code.UIDNEXT, (4,)))),
        (
            b"a OK [COPYUID 1 4:3,9 5:7] x",
            responses.Tagged(b"a", Condition.OK, "x", ResponseCode(Code.COPYUID, (1, ((4, 3), (9, 9)), ((5, 7),)))),
        ),
        (
            b"a OK [APPENDUID 1 5:7] x",
            responses.Tagged(b"a", Condition.OK, "x", ResponseCode(Code.APPENDUID, (1, NumberSet(((5, 7),))))),
        ),
        (b"a NO [BADCHARSET] x", responses.Tagged(b"a", Condition.NO, "x", ResponseCode(Code.BADCHARSET))),
        (
            b'a NO [BADCHARSET (UTF-8 "a ]b")] x',
            responses.Tagged(b"a", Condition.NO, "x", ResponseCode(Code.BADCHARSET, (b"UTF-8", b"a ]b"))),
        ),
        (
            b"* OK [PERMANENTFLAGS (\\* \\Seen x)] x",
            responses.Untagged(Condition.OK, "x", ResponseCode(Code.PERMANENTFLAGS, (rb"\*", rb"\Seen", b"x"))),
        ),
        (
            b"* OK [CAPABILITY IMAP4rev2 AUTH=PLAIN] x",
            responses.Untagged(Condition.OK, "x", ResponseCode(Code.CAPABILITY, (b"IMAP4rev2", b"AUTH=PLAIN"))),
        ),
        (b"* OK [HIGHESTMODSEQ 9] x", responses.Untagged(Condition.OK, "x", ResponseCode(Code.HIGHESTMODSEQ, (9,)))),
        (
            b"a NO [MODIFIED 3,1:2] x",
            responses.Tagged(b"a", Condition.NO, "x", ResponseCode(Code.MODIFIED, (NumberSet(((1, 3),)),))),
        ),
        (b"+ idling", responses.Continuation("idling")),
        (b"+ AGE=", responses.Continuation(challenge=b"\0a")),
        (b"+ ", responses.Continuation(challenge=b"")),
        (b"+ [ALERT] x", responses.Continuation("x", ResponseCode(Code.ALERT))),
        (b"* CAPABILITY IMAP4rev1 ID", responses.CapabilityData((b"IMAP4rev1", b"ID"))),
        (b"* ENABLED", responses.Enabled(())),
        (b"* ENABLED CONDSTORE", responses.Enabled((b"CONDSTORE",))),
        (b"* ID NIL", responses.IdData(None)),
        (b'* ID ("name" NIL)', responses.IdData(((b"name", None),))),
        (b'* LIST () "/" inbox', responses.ListData((), "/", "INBOX")),
        (b'* LSUB (\\Noselect) "\\\\" "&AOk-"', responses.ListData((rb"\Noselect",), "\\", "é", lsub=True)),
        (b'* LIST () nil "caf\xc3\xa9"', responses.ListData((), None, "café")),
        (b"* LIST () NIL &broken", responses.ListData((), None, "&broken")),
        (
            b'* LIST () "/" a (X (1 (b "c")) CHILDINFO ("SUBSCRIBED") "OLDNAME" (b) "V" 5 W ())',
            responses.ListData((), "/", "a", (b"SUBSCRIBED",), "b"),
        ),
        (b"* LIST () NIL a ()", responses.ListData((), None, "a")),
        (
            b'* NAMESPACE (("" "/")("#x/" "/" "X" ("a" "b"))) NIL (("s" NIL))',
            responses.NamespaceData(
                (responses.NamespaceDescription("", "/"), responses.NamespaceDescription("#x/", "/")),
                None,
                (responses.NamespaceDescription("s", None),),
            ),
        ),
        (b"* STATUS a ()", responses.StatusData("a", ())),
        (
            b"* STATUS a (messages 1 SIZE 9223372036854775807)",
            responses.StatusData("a", ((StatusItem.MESSAGES, 1), (StatusItem.SIZE, 2**63 - 1))),
        ),
        (b"* FLAGS (\\Seen x)", responses.FlagsData((rb"\Seen", b"x"))),
        (b"* SEARCH", responses.SearchData(())),
        (b"* SEARCH 5 3", responses.SearchData((5, 3))),
        (b"* SEARCH 5 (MODSEQ 7)", responses.SearchData((5,), 7)),
        (b"* SORT", responses.SortData(())),
        (b"* SORT 5 3 (MODSEQ 7)", responses.SortData((5, 3), 7)),
        (b"* THREAD", responses.ThreadData(())),
        (b"* THREAD (1 2 (3)(4 5))(6)", responses.ThreadData(((0, 1), (1, 2), (2, 3), (2, 4), (3, 5), (0, 6)))),
        (b"* THREAD (((1)(2))(3))", responses.ThreadData(((0, None), (1, None), (2, 1), (2, 2), (1, 3)))),
        (b"* ESEARCH", responses.EsearchData()),
        (
            b'* ESEARCH (TAG "a") UID MIN 1 MAX 9 ALL 3:1,9 COUNT 4 MODSEQ 8 X-Y (1)',
            responses.EsearchData(b"a", True, 1, 9, NumberSet(((1, 3), (9, 9))), 4, 8),
        ),
        (
            b"* ESEARCH partial (-1:-9 4,2)",
            responses.EsearchData(partial=PartialResults(PartialRange(-1, -9), NumberList(((4, 4), (2, 2))))),
        ),
        (b"* ESEARCH PARTIAL (7:9 nil)", responses.EsearchData(partial=PartialResults(PartialRange(7, 9), None))),
        (b"* ESEARCH X -1:-9", responses.EsearchData()),
        (
            b'* ESEARCH (TAG "a") REMOVEFROM (1 7 2 9,4) addto (0 3:4) COUNT 2',
            responses.EsearchData(
                b"a",
                count=2,
                updates=(
                    ResultUpdate(True, 1, NumberSet(((7, 7),))),
                    ResultUpdate(True, 2, NumberList(((9, 9), (4, 4)))),
                    ResultUpdate(False, 0, NumberSet(((3, 4),))),
                ),
            ),
        ),
        (b'* NO [NOUPDATE "b 2"] no', responses.Untagged(Condition.NO, "no", ResponseCode(Code.NOUPDATE, (b"b 2",)))),
        (b"* 0 EXISTS", responses.Exists(0)),
        (b"* 3 recent", responses.Recent(3)),
        (b"* 3 EXPUNGE", responses.Expunged(3)),
        (b"* VANISHED 1:3", responses.Vanished(NumberSet(((1, 3),)))),
        (b"* VANISHED (EARLIER) 1,2", responses.Vanished(NumberSet(((1, 2),)), earlier=True)),
        (
            b'* 1 FETCH (FLAGS (\\Recent) UID 2 RFC822.SIZE 3 INTERNALDATE " 2-Jan-2020 03:04:05 +0000" MODSEQ (4))',
            fetch(
                responses.Flags((rb"\Recent",)),
                responses.Uid(2),
                responses.Size(3),
                responses.InternalDate(datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
                responses.ModSequence(4),
            ),
        ),
        (
            b'* 1 FETCH (RFC822 NIL RFC822.HEADER "a" RFC822.TEXT "" BODY[1.MIME]<0> "x y" BINARY[2] NIL BINARY.SIZE[] 5)',
            fetch(
                responses.Rfc822(responses.Rfc822Item.RFC822, None),
                responses.Rfc822(responses.Rfc822Item.HEADER, b"a"),
                responses.Rfc822(responses.Rfc822Item.TEXT, b""),
                responses.BodySection(Section((1,), SectionText.MIME), b"x y", 0),
                responses.BinarySection((2,), None),
                responses.BinarySize((), 5),
            ),
        ),
        (
            b'* 1 FETCH (BODY ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 2))',
            fetch(responses.BodyItem(responses.SinglePart(b"TEXT", b"PLAIN", None, None, None, b"7BIT", 1, lines=2))),
        ),
        (
            b'* 1 FETCH (BODYSTRUCTURE ("A" "B" ("C" "D") "<i>" NIL "7BIT" 1 NIL NIL ("en" "fr") "loc" "x" 5 (NIL (6))))',
            fetch(
                responses.BodyItem(
                    responses.SinglePart(
                        b"A", b"B", ((b"C", b"D"),), b"<i>", None, b"7BIT", 1,
                        extensions=responses.BodyExtensions(
                            language=(b"en", b"fr"), location=b"loc", extensions=(b"x", 5, (None, (6,)))
                        ),
                    ),
                    extensible=True,
                )
            ),
        ),
    ],
)  # fmt: skip
def test_values(octets, response):
    assert parse_response(Frame(octets)) == response


def test_literals_wherever_a_string_can_be():
    frame = Frame(
        b"* 1 FETCH (BODY[HEADER.FIELDS ({1}\r\n)] {2}\r\n BINARY[1] ~{1}\r\n RFC822 {0}\r\n"
        b" ENVELOPE ({3}\r\n NIL (({1}\r\n NIL NIL NIL)) NIL NIL NIL NIL NIL NIL NIL))",
        (b"x", b"yz", b"\0", b"", b"day", b"a"),
    )
    address = responses.Address(b"a", None, None, None)
    assert parse_response(frame) == fetch(
        responses.BodySection(Section((), SectionText.HEADER_FIELDS, (b"x",)), b"yz"),
        responses.BinarySection((1,), b"\0"),
        responses.Rfc822(responses.Rfc822Item.RFC822, b""),
        responses.EnvelopeItem(responses.Envelope(b"day", None, (address,), None, None, None, None, None, None, None)),
    )


@pytest.mark.parametrize(
    ("octets", "octet"),
    [
        (b"", 0),
        (b"* ", 2),
        (b"* FOO", 2),
        (b"+", 1),
        (b"a MAYBE x", 2),
        (b"* OK\n", 4),
        (b"* OK \0", 5),
        (b"* 1 FETCH ()", 11),
        (b"* 0 FETCH (UID 1)", 2),
        (b"* 0 EXPUNGE", 2),
        (b"* 4294967296 EXISTS", 2),
        (b"* SEARCH 1 4294967296", 9),
        (b"* THREAD (1)(4294967296)", 13),
        (b"* THREAD (1 (2))", 15),
        (b"* THREAD ()", 10),
        (b"* 1 FETCH (UID 4294967296)", 15),
        (b"* 1 FETCH (MODSEQ (9223372036854775808))", 19),
        (b"* 1 FETCH (RFC822.SIZE " + b"9" * 30 + b")", 23),
        (b"* STATUS a (MESSAGES 9223372036854775808)", 21),
        (b'* 1 FETCH (BODY ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 4294967296 1))', 51),
        (b"* OK [UIDNEXT 0] x", 14),
        (b"* OK [UIDNEXT x] x", 14),
        (b"* 1 FETCH (BODY ((NIL))", 18),
        (b"* VANISHED 1:*", 12),
    ],
)
def test_syntax_errors(octets, octet):
    with pytest.raises(ResponseSyntaxError) as raised:
        parse_response(Frame(octets))
    assert raised.value.octet == octet
    assert raised.value.expected


@pytest.mark.parametrize("literal", [b"\0", StagedLiteral("t", 1)], ids=["NUL", "staged"])
def test_literals_that_cannot_be(literal):
    with pytest.raises(ResponseSyntaxError, match="expected string"):
        parse_response(Frame(b"* 1 FETCH (BODY[] {1}\r\n)", (literal,)))


def test_a_staged_binary_literal_cannot_be_read_here():
    with pytest.raises(ResponseSyntaxError, match="expected literal8"):
        parse_response(Frame(b"* 1 FETCH (BINARY[] ~{1}\r\n)", (StagedLiteral("t", 1),)))


def test_nesting_is_limited():
    def nested(levels):
        part = b'("A" "B" NIL NIL NIL "7BIT" 1)'
        return Frame(b"* 1 FETCH (BODY " + b"(" * levels + part + b' "MIXED")' * levels + b")")

    parse_response(nested(40))
    with pytest.raises(ResponseSyntaxError, match="expected body"):
        parse_response(nested(2000))


@given(st.one_of(st.binary(), st.lists(st.sampled_from(
    b"* |1|FETCH|(|)| |BODY[|]|{1}\r\n|\"|\\|NIL|OK|\0|\xff|LIST|ENVELOPE|BODY|\"\"|COPYUID|[|]| x".split(b"|")
)).map(b"".join)))  # fmt: skip
def test_any_octets_parse_or_are_a_syntax_error(octets):
    try:
        parse_response(Frame(octets))
    except ResponseSyntaxError as error:
        place = error.octet
    else:
        place = 0
    assert 0 <= place <= len(octets)


@pytest.mark.parametrize(
    ("octets", "limit"),
    [(b"APPENDLIMIT 257890", 257_890), (b"appendlimit 0", 0), (b"APPENDLIMIT NIL", None), (b"AppendLimit nil", None)],
)
def test_append_limits(octets, limit):
    response = parse_response(Frame(b"* STATUS a (" + octets + b")"))
    assert response == responses.StatusData("a", ((StatusItem.APPENDLIMIT, limit),))


@pytest.mark.parametrize("item", [b"MESSAGES NIL", b"MAILBOXID NIL", b"APPENDLIMIT (x)", b"APPENDLIMIT"])
def test_no_append_limits(item):
    with pytest.raises(ResponseSyntaxError):
        parse_response(Frame(b"* STATUS a (" + item + b")"))
