"""Lines and mail data out of octets, however they are cut (RFC 5321 §4.5.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.grammar.lmtp.framing import LineBuffer, LineTooLong, Unstuffer


def unstuff(pieces):
    unstuffer, content, rest = Unstuffer(), b"", None
    for piece in pieces:
        if rest is not None:
            rest += piece
            continue
        octets, rest = unstuffer.feed(piece)
        content += octets
    return content, rest


def cuts(octets):
    yield [octets]
    yield [octets[i : i + 1] for i in range(len(octets))]
    for i in range(1, len(octets)):
        yield [octets[:i], octets[i:]]


@pytest.mark.parametrize(
    ("sent", "content", "rest"),
    [
        (b".\r\n", b"", b""),
        (b".\r\nQUIT\r\n", b"", b"QUIT\r\n"),
        (b"hello\r\n.\r\n", b"hello\r\n", b""),
        (b"..\r\n.\r\n", b".\r\n", b""),
        (b"a\r\n..b\r\n.\r\nRSET\r\n", b"a\r\n.b\r\n", b"RSET\r\n"),
        (b".a\r\n.\r\n", b"a\r\n", b""),
        (b"\r\n\r\n.\r\n", b"\r\n\r\n", b""),
        # What is no end, though other servers have taken it for one:
        (b"a\n.\nb\r\n.\r\n", b"a\n.\nb\r\n", b""),
        (b"a\n.\r\nb\r\n.\r\n", b"a\n.\r\nb\r\n", b""),
        (b"a\r.\rb\r\n.\r\n", b"a\r.\rb\r\n", b""),
        (b"a\r\n.\nMAIL\r\n.\r\n", b"a\r\n\nMAIL\r\n", b""),
        (b"a\r\n.\rMAIL\r\n.\r\n", b"a\r\n\rMAIL\r\n", b""),
        (b"a\r\n\x00.\r\n.\r\n", b"a\r\n\x00.\r\n", b""),
        (b"a\r\r\n.\r\n", b"a\r\r\n", b""),
        (b"a\r\n.\r\r\n.\r\n", b"a\r\n\r\r\n", b""),
    ],
)
def test_only_crlf_dot_crlf_ends_data(sent, content, rest):
    for pieces in cuts(sent):
        assert unstuff(pieces) == (content, rest), pieces


def test_data_without_end_goes_on():
    content, rest = unstuff([b"a\r\n.", b"\r"])
    assert (content, rest) == (b"a", None)


ODD_TEXT = st.lists(st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"a", b"\r\n.", b"\r\n..", b"\x00"]), max_size=30).map(b"".join)


@given(ODD_TEXT, st.binary(max_size=10), st.data())
def test_stuffed_text_comes_out_as_it_was(text, behind, data):
    text = text + b"\r\n" if text and not text.endswith(b"\r\n") else text
    stuffed = (b"\r\n" + text).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"
    whole = stuffed + behind
    cut = data.draw(st.integers(0, len(whole)))
    assert unstuff([whole[:cut], whole[cut:]]) == (text, behind)


@pytest.mark.parametrize(
    ("sent", "lines"),
    [
        (b"NOOP\r\nQUIT\r\n", [b"NOOP", b"QUIT"]),
        (b"a\nb\r\n", [b"a\nb"]),
        (b"a\rb\r\r\n", [b"a\rb\r"]),
        (b"x" * 30 + b"\r\nNOOP\r\n", [LineTooLong(), b"NOOP"]),
        (b"x" * 18 + b"\r\n", [b"x" * 18]),
        (b"x" * 19 + b"\r\n", [LineTooLong()]),
        (b"\r\n", [b""]),
    ],
)
def test_lines_end_with_crlf_only(sent, lines):
    for pieces in cuts(sent):
        buffer, got = LineBuffer(20), []
        for piece in pieces:
            buffer.feed(piece)
            while (line := buffer.line()) is not None:
                got.append(line)
        assert got == lines


def test_an_endless_line_takes_no_room():
    buffer = LineBuffer(100)
    for _ in range(100):
        buffer.feed(b"x" * 50)
        assert buffer.line() is None
        assert len(buffer) <= 150


def test_chunks_are_taken_by_count():
    buffer = LineBuffer(100)
    buffer.feed(b"BDAT 3\r\nabcNOOP\r\n")
    assert buffer.line() == b"BDAT 3"
    assert buffer.take(3) == b"abc"
    assert buffer.line() == b"NOOP"
    buffer.give_back(b"QUIT\r\n")
    assert buffer.line() == b"QUIT"
