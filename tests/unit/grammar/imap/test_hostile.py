"""Long lines made to be slow: parsing stays linear, so a line at the limit costs well under a second of processor time."""

from time import process_time

import pytest

from angarium.grammar.imap.framing import Frame
from angarium.grammar.imap.parse_command import CommandSyntaxError, parse_command
from angarium.grammar.imap.parse_response import ResponseSyntaxError, parse_response

SECONDS_MAX = 2.0  # the slowest takes 0.3; one quadratic in length takes 5 and more


def long(start, repeated, end=b""):
    return start + repeated * (60_000 // len(repeated)) + end


def seconds(parse, octets):
    begun = process_time()
    try:
        parse(Frame(octets))
    except (CommandSyntaxError, ResponseSyntaxError):
        return process_time() - begun
    return process_time() - begun


@pytest.mark.parametrize(
    ("start", "repeated", "end"),
    [
        (b"a LIST (", b"SUBSCRIBED ", b"X"),
        (b"a LIST (", b"REMOTE ", b"X"),
        (b'a LOGIN "', b'\\"', b""),
        (b'a LOGIN "', b"\xc3\xa9", b"\xff"),
        (b"a FETCH 1 BODY[HEADER.FIELDS (", b"a ", b""),
        (b"a FETCH 1 BODY[", b"1.", b"x"),
        (b"a FETCH ", b"1:2,", b"x"),
        (b"a STORE 1 FLAGS (", b"a ", b""),
        (b"a SEARCH ", b"(", b""),
        (b"a SEARCH ", b"NOT ", b"X"),
        (b"a SEARCH ", b"OR ", b""),
        (b"a SEARCH ", b"ALL ", b"X"),
        (b"a AUTHENTICATE X ", b"AAAA", b"A"),
        (b"a ID (", b'"" "" ', b"x"),
        (b"", b"a", b'"'),
    ],
)
def test_commands(start, repeated, end):
    parse_command(Frame(b"a NOOP"))
    assert seconds(parse_command, long(start, repeated, end)) < SECONDS_MAX


@pytest.mark.parametrize(
    ("start", "repeated", "end"),
    [
        (b"* OK [A ", b'"', b""),
        (b"* OK [A ", b'"a', b"]"),
        (b"* LIST (", b"\\a ", b"x"),
        (b"* SEARCH ", b"1 ", b"x"),
        (b"* CAPABILITY ", b"A ", b'"'),
        (b"* 1 FETCH (ENVELOPE (NIL NIL (", b"(NIL NIL NIL NIL)", b"x"),
        (b"* 1 FETCH (BODY ", b"(", b""),
        (b'* 1 FETCH (BODY ("A" "B" (', b'"x" "y" ', b"x"),
        (b'* 1 FETCH (BODY ("A" "B" NIL NIL NIL "A" 1 NIL NIL NIL NIL ', b"(", b""),
        (b'* 1 FETCH (BODY[HEADER.FIELDS ("', b"\xc3\xa9", b""),
    ],
)
def test_responses(start, repeated, end):
    parse_response(Frame(b"* 1 EXISTS"))
    assert seconds(parse_response, long(start, repeated, end)) < SECONDS_MAX
