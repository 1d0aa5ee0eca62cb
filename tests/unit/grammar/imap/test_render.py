"""Octets of values where the choice of form matters."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from angarium.grammar.imap import commands, responses, search_keys
from angarium.grammar.imap.commands import TaggedCommand
from angarium.grammar.imap.render_command import render_command
from angarium.grammar.imap.render_response import (
    render_body,
    render_date_time,
    render_flags,
    render_nstring,
    render_response,
    render_section,
    render_string,
)
from angarium.grammar.imap.responses import Code, Condition, ResponseCode
from angarium.grammar.imap.sections import Section, SectionText
from angarium.grammar.imap.sequence_set import SequenceSet


@pytest.mark.parametrize(
    ("octets", "rendered"),
    [
        (b"", b'""'),
        (b"a b", b'"a b"'),
        (b'a"b\\', b'"a\\"b\\\\"'),
        (b"NIL", b'"NIL"'),
        (b"\t", b'"\t"'),
        (b"\x7f", b"{1}\r\n\x7f"),
        (b"a\r\nb", b"{4}\r\na\r\nb"),
        (b"caf\xc3\xa9", b"{5}\r\ncaf\xc3\xa9"),
        (b"x" * 1024, b'"' + b"x" * 1024 + b'"'),
        (b"x" * 1025, b"{1025}\r\n" + b"x" * 1025),
    ],
)
def test_strings(octets, rendered):
    assert render_string(octets) == rendered
    assert render_nstring(octets) == rendered


def test_nil_and_flags():
    assert render_nstring(None) == b"NIL"
    assert render_flags(()) == b"()"
    assert render_flags((rb"\Seen", b"x")) == rb"(\Seen x)"


@pytest.mark.parametrize(
    ("zone", "rendered"),
    [
        (UTC, b'" 2-Jan-0099 03:04:05 +0000"'),
        (None, b'" 2-Jan-0099 03:04:05 +0000"'),
        (timezone(timedelta(minutes=330)), b'" 2-Jan-0099 03:04:05 +0530"'),
        (timezone(-timedelta(minutes=90)), b'" 2-Jan-0099 03:04:05 -0130"'),
    ],
)
def test_date_time(zone, rendered):
    assert render_date_time(datetime(99, 1, 2, 3, 4, 5, tzinfo=zone)) == rendered


@pytest.mark.parametrize(
    ("section", "rendered"),
    [
        (Section(), b"[]"),
        (Section((1, 2)), b"[1.2]"),
        (Section((1,), SectionText.MIME), b"[1.MIME]"),
        (Section((), SectionText.HEADER_FIELDS, (b"From", b"a b")), b'[HEADER.FIELDS (From "a b")]'),
    ],
)
def test_section(section, rendered):
    assert render_section(section) == rendered


@pytest.mark.parametrize(
    ("response", "utf8", "rendered"),
    [
        (responses.Untagged(Condition.OK, "é\r\n\0x"), False, b"* OK ? x\r\n"),
        (responses.Untagged(Condition.OK, "é"), True, b"* OK \xc3\xa9\r\n"),
        (responses.Untagged(Condition.OK, "[x] y"), False, b"* OK  [x] y\r\n"),
        (responses.Untagged(Condition.NO, "", ResponseCode(Code.ALERT)), False, b"* NO [ALERT] \r\n"),
        (responses.Untagged(Condition.NO, "x", ResponseCode(Code.BADCHARSET)), False, b"* NO [BADCHARSET] x\r\n"),
        (responses.Untagged(Condition.OK, "x", ResponseCode(Code.PERMANENTFLAGS)), False, b"* OK [PERMANENTFLAGS ()] x\r\n"),
        (responses.ListData((), "/", "Entwürfe"), False, b'* LIST () "/" Entw&APw-rfe\r\n'),
        (responses.ListData((), "/", "Entwürfe"), True, b'* LIST () "/" "Entw\xc3\xbcrfe"\r\n'),
        (responses.ListData((), "/", "nil"), False, b'* LIST () "/" "nil"\r\n'),
        (responses.ListData((), "é", "\x7f"), True, b'* LIST () "\xc3\xa9" {1}\r\n\x7f\r\n'),
        (responses.NamespaceData((), None, None), False, b"* NAMESPACE NIL NIL NIL\r\n"),
        (responses.SearchData((), 5), False, b"* SEARCH\r\n"),
        (
            responses.FetchData(
                1,
                (
                    responses.EnvelopeItem(responses.Prerendered(b"(E)")),
                    responses.BodyItem(responses.Prerendered(b"(B)")),
                    responses.BodyItem(responses.Prerendered(b"(S)"), extensible=True),
                    responses.BinarySection((1,), b"a\0"),
                ),
            ),
            False,
            b"* 1 FETCH (ENVELOPE (E) BODY (B) BODYSTRUCTURE (S) BINARY[1] ~{2}\r\na\0)\r\n",
        ),
    ],
)
def test_responses(response, utf8, rendered):
    assert render_response(response, utf8) == rendered


@pytest.mark.parametrize(
    ("command", "options", "pieces"),
    [
        (commands.Login(b"a", b"\xff"), {}, (b"t LOGIN a {1}\r\n", b"\xff\r\n")),
        (commands.Login(b"\n", b"\xff"), {}, (b"t LOGIN {1}\r\n", b"\n {1}\r\n", b"\xff\r\n")),
        (commands.Login(b"\n", b"\xff"), {"literal_plus": True}, (b"t LOGIN {1+}\r\n\n {1+}\r\n\xff\r\n",)),
        (commands.Login(b"\xff", b"\xc3\xa9"), {"utf8": True}, (b"t LOGIN {1}\r\n", b'\xff "\xc3\xa9"\r\n')),
        (commands.Append("x", b"\0", binary=True), {}, (b"t APPEND x ~{1}\r\n", b"\0\r\n")),
        (
            commands.Append("x", b"1", more=(commands.AppendMessage(b"2", (rb"\Seen",)),)),
            {},
            (b"t APPEND x {1}\r\n", b"1 (\\Seen) {1}\r\n", b"2\r\n"),
        ),
        (
            commands.Replace(SequenceSet(((4, 4),)), "x", commands.AppendMessage(b"2", (rb"\Seen",)), uid=True),
            {},
            (b"t UID REPLACE 4 x (\\Seen) {1}\r\n", b"2\r\n"),
        ),
        (commands.Create("é"), {}, (b"t CREATE &AOk-\r\n",)),
        (commands.Create("é"), {"utf8": True}, (b't CREATE "\xc3\xa9"\r\n',)),
        (commands.List("", ("%",), extended=True), {}, (b't LIST () "" %\r\n',)),
        (commands.List("", ("%", "nil")), {}, (b't LIST "" (% "nil")\r\n',)),
        (
            commands.Search(search_keys.And((search_keys.All(), search_keys.Larger(1))), charset=b"UTF-8"),
            {},
            (b"t SEARCH CHARSET UTF-8 ALL LARGER 1\r\n",),
        ),
        (
            commands.Search(search_keys.HeaderContains(b"X Y", b"")),
            {},
            (b't SEARCH HEADER "X Y" ""\r\n',),
        ),
        (
            commands.Fetch(
                SequenceSet(((1, 1),)), (commands.FetchBody(Section((2,), SectionText.HEADER_FIELDS, (b"a", b"\xff"))),)
            ),
            {},
            (b"t FETCH 1 (BODY[2.HEADER.FIELDS (a {1}\r\n", b"\xff)])\r\n"),
        ),
        (
            commands.Search(search_keys.Not(search_keys.HasFlag(rb"\Recent"))),
            {},
            (b"t SEARCH NOT RECENT\r\n",),
        ),
        (commands.Copy(SequenceSet(((1, 0), (0, 0))), "x", uid=True), {}, (b"t UID COPY 1:*,* x\r\n",)),
    ],
)
def test_commands(command, options, pieces):
    assert render_command(TaggedCommand(b"t", command), **options) == pieces


def test_a_message_without_its_envelope_is_a_basic_part():
    part = responses.SinglePart(b"MESSAGE", b"DELIVERY-STATUS", None, None, None, b"7BIT", 1)
    assert render_body(part, extensible=True) == b'("MESSAGE" "DELIVERY-STATUS" NIL NIL NIL "7BIT" 1)'


def test_body_extensions_of_the_future():
    extensions = responses.BodyExtensions(language=(b"en",), extensions=(b"x", 5, (None, (6,))))
    part = responses.MultiPart((responses.SinglePart(b"A", b"B", None, None, None, b"7BIT", 1),), b"MIXED", extensions)
    assert render_body(part, extensible=True) == b'(("A" "B" NIL NIL NIL "7BIT" 1) "MIXED" NIL NIL ("en") NIL "x" 5 (NIL (6)))'


def test_a_staged_message_cannot_be_sent():
    with pytest.raises(ValueError, match="in the store"):
        render_command(TaggedCommand(b"t", commands.Append("x", commands.StagedLiteral("s", 1))))
