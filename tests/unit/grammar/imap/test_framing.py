"""Octets to frames: every case whole, octet by octet and split at each position gives the same events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.grammar.imap.commands import StagedLiteral
from angarium.grammar.imap.framing import Frame, Framer, LineTooLong, LiteralChunk, LiteralEnd, LiteralWanted


def framer(line=64, literal=100, count=3, threshold=10, **options):
    return Framer(line, literal, count, threshold, **options)


def events_of(pieces, refuse=(), stream=False, make=framer):
    """All events; ``refuse`` has the sizes to refuse; chunks of one literal are joined."""
    machine, events, chunks = make(), [], b""
    for piece in pieces:
        machine.feed(piece)
        while (event := machine.next()) is not None:
            match event:
                case LiteralChunk(octets):
                    chunks += octets
                    continue
                case LiteralEnd():
                    machine.literal_stored("t")
                    event, chunks = chunks, b""
                case LiteralWanted(_, size, _, _, within) if size in refuse or not within:
                    machine.refuse_literal()
                case LiteralWanted():
                    machine.accept_literal(stream)
            events.append(event)
    return events, machine.pending


def wanted(octets, size, synchronizing=True, binary=False, within_limits=True):
    return LiteralWanted(octets, size, synchronizing, binary, within_limits)


CASES = {
    "line": (b"a NOOP\r\n", {}, [Frame(b"a NOOP")]),
    "empty line": (b"\r\n", {}, [Frame(b"")]),
    "two lines": (b"a NOOP\r\nDONE\r\n", {}, [Frame(b"a NOOP"), Frame(b"DONE")]),
    "incomplete": (b"a NOOP\r", {}, []),
    "NUL is the parser's": (b"a \0\r\n", {}, [Frame(b"a \0")]),
    "CR alone is the parser's": (b"a\rb\r\n", {}, [Frame(b"a\rb")]),
    "LF alone ends a line and shows": (b"a NOOP\nb NOOP\r\n", {}, [Frame(b"a NOOP\n"), Frame(b"b NOOP")]),
    "literal": (b"a LOGIN {1}\r\nx y\r\n", {}, [wanted(b"a LOGIN {1}", 1), Frame(b"a LOGIN {1}\r\n y", (b"x",))]),
    "empty literal": (b"a X {0}\r\n\r\n", {}, [wanted(b"a X {0}", 0), Frame(b"a X {0}\r\n", (b"",))]),
    "literal with lines in it": (
        b"a X {6+}\r\nb\r\nc\r\n\r\n",
        {},
        [wanted(b"a X {6+}", 6, False), Frame(b"a X {6+}\r\n", (b"b\r\nc\r\n",))],
    ),
    "two literals": (
        b"a X {1}\r\nx ~{2+}\r\n\0\0\r\n",
        {},
        [
            wanted(b"a X {1}", 1),
            wanted(b"a X {1}\r\n ~{2+}", 2, False, True),
            Frame(b"a X {1}\r\n ~{2+}\r\n", (b"x", b"\0\0")),
        ],
    ),
    "leading zeros": (b"a {01}\r\nx\r\n", {}, [wanted(b"a {01}", 1), Frame(b"a {01}\r\n", (b"x",))]),
    "no announcement": (
        b"a {}\r\na {x}\r\na {1-}\r\na {1} \r\na {1}\n{111111111111111111111}\r\n",
        {},
        [
            Frame(b"a {}"),
            Frame(b"a {x}"),
            Frame(b"a {1-}"),
            Frame(b"a {1} "),
            Frame(b"a {1}\n"),
            Frame(b"{111111111111111111111}"),
        ],
    ),
    "streamed": (
        b"a APPEND x {12}\r\n0123456789AB\r\nb NOOP\r\n",
        {"stream": True},
        [
            wanted(b"a APPEND x {12}", 12),
            b"0123456789AB",
            Frame(b"a APPEND x {12}\r\n", (StagedLiteral("t", 12),)),
            Frame(b"b NOOP"),
        ],
    ),
    "small literals do not stream": (
        b"a APPEND x {10}\r\n0123456789\r\n",
        {"stream": True},
        [wanted(b"a APPEND x {10}", 10), Frame(b"a APPEND x {10}\r\n", (b"0123456789",))],
    ),
    "refused": (b"a X {5}\r\nb NOOP\r\n", {"refuse": {5}}, [wanted(b"a X {5}", 5), Frame(b"b NOOP")]),
    "refused while it comes": (
        b"a X {5+}\r\nx\r\ny\n rest\r\nb NOOP\r\n",
        {"refuse": {5}},
        [wanted(b"a X {5+}", 5, False), Frame(b"b NOOP")],
    ),
    "refused with more literals behind": (
        b"a X {1+}\r\nx {4+}\r\n\r\n\r\n ~{1+}\r\ny\r\nb NOOP\r\n",
        {"refuse": {1}},
        [wanted(b"a X {1+}", 1, False), Frame(b"b NOOP")],
    ),
    "refused with one behind that will not come": (
        b"a X {1+}\r\nx {4}\r\nb NOOP\r\n",
        {"refuse": {1}},
        [wanted(b"a X {1+}", 1, False), Frame(b"b NOOP")],
    ),
    "refused first, then good": (
        b"a X {2}\r\na X {1}\r\nx\r\n",
        {"refuse": {2}},
        [wanted(b"a X {2}", 2), wanted(b"a X {1}", 1), Frame(b"a X {1}\r\n", (b"x",))],
    ),
    "too large": (b"a X {101}\r\nb\r\n", {}, [wanted(b"a X {101}", 101, within_limits=False), Frame(b"b")]),
    "too many": (
        b"{1+}\r\nx{1+}\r\nx{1+}\r\nx{1}\r\nb\r\n",
        {},
        [
            wanted(b"{1+}", 1, False),
            wanted(b"{1+}\r\n{1+}", 1, False),
            wanted(b"{1+}\r\n{1+}\r\n{1+}", 1, False),
            wanted(b"{1+}\r\n{1+}\r\n{1+}\r\n{1}", 1, within_limits=False),
            Frame(b"b"),
        ],
    ),
    "longest line": (b"x" * 64 + b"\r\n", {}, [Frame(b"x" * 64)]),
    "line too long": (b"x" * 65 + b"\r\nb\r\n", {}, [LineTooLong(b"x" * 64), Frame(b"b")]),
    "line much too long": (b"x" * 500 + b"\r\nb\r\n", {}, [LineTooLong(b"x" * 64), Frame(b"b")]),
    "line too long with a literal": (
        b"x" * 80 + b" {4+}\r\n\r\n\r\n\r\nb\r\n",
        {},
        [LineTooLong(b"x" * 64), Frame(b"b")],
    ),
    "too long behind a literal": (
        b"a {1+}\r\n." + b"x" * 80 + b"\r\nb\r\n",
        {},
        [wanted(b"a {1+}", 1, False), LineTooLong(b"a {1+}\r\n" + b"x" * 56), Frame(b"b")],
    ),
    "quirk_bare_lf": (
        b"a {2+}\nx\n\nb NOOP\n",
        {"make": lambda: framer(quirk_bare_lf=True)},
        [wanted(b"a {2+}", 2, False), Frame(b"a {2+}\r\n", (b"x\n",)), Frame(b"b NOOP")],
    ),
    "a status response has no literal": (
        b"* OK {5}\r\na no [X] {5}\r\n+ {5}\r\n* OKAY {1}\r\nx\r\n",
        {"make": lambda: framer(responses=True)},
        [
            Frame(b"* OK {5}"),
            Frame(b"a no [X] {5}"),
            Frame(b"+ {5}"),
            wanted(b"* OKAY {1}", 1),
            Frame(b"* OKAY {1}\r\n", (b"x",)),
        ],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_same_events_however_split(case):
    octets, options, expected = case
    whole, pending = events_of([octets], **options)
    assert whole == expected
    assert pending is (not expected)
    assert events_of([bytes([octet]) for octet in octets], **options) == (whole, pending)
    for position in range(len(octets)):
        assert events_of([octets[:position], octets[position:]], **options) == (whole, pending)


@given(st.lists(st.sampled_from([b"a", b" ", b"{3}", b"{3+}", b"~{0+}", b"{999+}", b"\r\n", b"\n", b"\0", b"x" * 30])), st.data())
def test_any_octets_in_any_pieces(parts, data):
    octets = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=4)))
    pieces = [octets[low:high] for low, high in zip([0, *cuts], [*cuts, len(octets)], strict=True)]
    assert events_of(pieces) == events_of([octets])


def test_streamed_literal_is_never_gathered():
    machine = framer()
    machine.feed(b"a APPEND x {20}\r\n")
    machine.next()
    machine.accept_literal(stream=True)
    assert machine.next() is None
    machine.feed(b"0123456789")
    assert machine.next() == LiteralChunk(b"0123456789")
    machine.feed(b"0123456789\r\n")
    assert machine.next() == LiteralChunk(b"0123456789")
    assert machine.next() == LiteralEnd()
    assert machine.next() is None
    machine.literal_stored("token")
    assert machine.next() == Frame(b"a APPEND x {20}\r\n", (StagedLiteral("token", 20),))


def test_small_literals_are_streamed_once_enough_is_in_memory():
    machine = Framer(1_000, 100, 10, 20, 25)
    machine.feed(b"a APPEND x {15}\r\n" + b"0" * 15 + b" ~{11}\r\n")
    machine.next()
    machine.accept_literal(stream=True)
    assert machine.next() == wanted(b"a APPEND x {15}\r\n ~{11}", 11, True, binary=True)
    machine.accept_literal(stream=True)
    machine.feed(b"1" * 11 + b" {10}\r\n")
    assert [machine.next(), machine.next()] == [LiteralChunk(b"1" * 11, binary=True), LiteralEnd()]
    machine.literal_stored("token")
    machine.next()
    machine.accept_literal(stream=True)
    machine.feed(b"2" * 10 + b"\r\na APPEND x {20}\r\n" + b"3" * 20)
    assert machine.next() == Frame(b"a APPEND x {15}\r\n ~{11}\r\n {10}\r\n", (b"0" * 15, StagedLiteral("token", 11), b"2" * 10))
    machine.next()
    machine.accept_literal(stream=True)
    assert machine.next() is None, "what an earlier command has gathered counts no more"


def test_refused_octets_are_not_kept():
    machine = framer()
    machine.feed(b"a X {9999999+}\r\n")
    assert machine.next() == wanted(b"a X {9999999+}", 9999999, False, within_limits=False)
    machine.refuse_literal()
    for piece in (b"x" * 9_000_000, b"x" * 999_999, b"y" * 1_000_000):
        machine.feed(piece)
        assert machine.next() is None
    # Of the line behind it only as much stays as could announce another literal.
    assert len(machine.take_rest()) < 64


def test_discard_forgets_what_came_before_tls():
    machine = framer()
    machine.feed(b"a STARTTLS\r\nb LOGIN x y\r\nc {1}\r\n")
    assert machine.next() == Frame(b"a STARTTLS")
    assert machine.pending
    machine.discard()
    assert not machine.pending
    assert machine.next() is None
    machine.feed(b"d NOOP\r\n")
    assert machine.next() == Frame(b"d NOOP")


def test_take_rest_hands_over_what_is_in_no_frame():
    machine = framer()
    machine.feed(b"a STARTTLS\r\nrest")
    machine.next()
    assert machine.take_rest() == b"rest"
    assert machine.take_rest() == b""


def test_answers_out_of_turn_are_errors():
    machine = framer()
    for answer in (lambda: machine.accept_literal(stream=False), machine.refuse_literal, lambda: machine.literal_stored("t")):
        with pytest.raises(RuntimeError, match="a line is being gathered"):
            answer()
    machine.feed(b"{101}\r\n")
    assert machine.next() is not None
    assert machine.pending
    assert machine.next() is None
    with pytest.raises(ValueError, match="beyond the limits"):
        machine.accept_literal(stream=False)
