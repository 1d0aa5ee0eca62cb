"""Histories as text: read back they are the same events, octet by octet."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.grammar.imap import commands as c
from angarium.spec.history import (
    Closed,
    Connected,
    History,
    Received,
    Record,
    Sent,
    SentGarbage,
    SentLine,
    Unreadable,
    from_text,
    to_text,
)

TEXT = r"""1 connected
1 S: * OK ready
1 C: a1 APPEND INBOX (\Seen) {9+}
1 C+ hello
1 C+
1 C+
1 S: a1 OK [APPENDUID 7 1] done
2 connected
1 C: a2 FETCH 1 BODY[]
1 S: * 1 FETCH (BODY[] {9}
1 S+ hello
1 S+
1 S+  FLAGS (\Seen))
2 C: \x00\xff\
2 C: a1 AUTHENTICATE PLAIN
2 C: AG1pcmEAc2VjcmV0
1 C: a3 IDLE
1 C: DONE
1 S: * NONSENSE
2 closed
"""


def test_a_history_reads_as_it_is_written() -> None:
    assert to_text(from_text(TEXT)) == TEXT


def test_the_events_of_a_text() -> None:
    events = from_text(f"# a remark\n\n{TEXT}")
    assert [type(each) for each in events] == [
        Connected, Received, Sent, Received, Connected, Sent, Received, SentGarbage, Sent, SentLine, Sent, SentLine,
        Unreadable, Closed,
    ]  # fmt: skip
    octets = b"a1 APPEND INBOX (\\Seen) {9+}\r\nhello\r\n\r\n\r\n"
    assert events[2] == Sent(1, b"a1", c.Append("INBOX", b"hello\r\n\r\n", (b"\\Seen",)), octets)
    assert events[7] == SentGarbage(2, b"\x00\xff")
    assert events[11] == SentLine(1, b"DONE")


def test_what_is_no_line_of_a_history() -> None:
    with pytest.raises(ValueError, match="not a line"):
        from_text("1 X: what")


@pytest.mark.parametrize("line", ["2 C: a NOOP", "2 S: * OK ready", "2 C+ more"])
def test_a_session_that_has_not_connected(line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"not a history, for session 2 has not connected: {line!r}")):
        from_text(f"1 connected\n{line}\n")


def test_a_literal_of_another_length_is_unreadable() -> None:
    events = from_text("1 connected\n1 S: * OK x\n1 S: * 1 FETCH (BODY[] {2}\n1 S+ a: b)\n1 C: n NOOP\n1 S: n OK x\n")
    assert [type(each) for each in events] == [Connected, Received, Unreadable, Sent, Received]


def test_names_are_utf8_once_imap4rev2_is_enabled() -> None:
    before, after = from_text('1 connected\n1 S: * OK x\n1 S: * ENABLED IMAP4rev2\n1 C: a CREATE "\\xc3\\xa9"\n')[2:]
    assert isinstance(before, Received)
    assert isinstance(after, Sent)
    assert after.command == c.Create("é")


@given(st.lists(st.tuples(st.integers(1, 3), st.binary(min_size=1, max_size=30)), max_size=6), st.randoms())
def test_any_octets_come_back(sent: list[tuple[int, bytes]], random: object) -> None:
    record = Record()
    for session in (1, 2, 3):
        record.connected(session)
    for session, octets in sent:
        record.sent(session, octets)
    history: History = tuple(record.events)
    assert from_text(to_text(history)) == history


@given(st.binary(max_size=40), st.integers(1, 5))
def test_pieces_do_not_matter(message: bytes, size: int) -> None:
    octets = b"* 1 FETCH (BODY[] {%d}\r\n%b UID 7)\r\n* OK {3}\r\n" % (len(message), message)
    whole, pieces = Record(), Record()
    for record in (whole, pieces):
        record.connected(1)
    whole.received(1, octets)
    for start in range(0, len(octets), size):
        pieces.received(1, octets[start : start + size])
    assert whole.events == pieces.events
    assert from_text(to_text(tuple(whole.events))) == tuple(whole.events)
