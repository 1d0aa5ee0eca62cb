"""Octets of messages in files: line ends, From_ lines, dates."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.server.importing.octets import from_line_date, header_date, header_octets, looks_like_message, with_crlf


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (b"", b""),
        (b"a\nb\n", b"a\r\nb\r\n"),
        (b"a\r\nb\r\n", b"a\r\nb\r\n"),
        (b"a\r\nb\nc", b"a\r\nb\r\nc"),
        (b"a\rb\n", b"a\rb\r\n"),
        (b"\n\n", b"\r\n\r\n"),
        (b"a\r\r\n", b"a\r\r\n"),
    ],
)
def test_line_ends(stored: bytes, expected: bytes) -> None:
    assert with_crlf(stored) == expected


@given(st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b"x", b"\x00", b"\xff"])).map(b"".join))
def test_line_ends_are_final(octets: bytes) -> None:
    once = with_crlf(octets)
    assert with_crlf(once) == once
    assert once.replace(b"\r\n", b"").find(b"\n") == -1
    assert once.replace(b"\r", b"").replace(b"\n", b"") == octets.replace(b"\r", b"").replace(b"\n", b"")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"From a@example.org  Tue Aug  6 12:39:49 2002", datetime(2002, 8, 6, 12, 39, 49, tzinfo=UTC)),
        (b"From a@example.org Tue Aug 06 12:39:49 2002\r\n", datetime(2002, 8, 6, 12, 39, 49, tzinfo=UTC)),
        (b"From - Sat Jan  1 00:00 2000", datetime(2000, 1, 1, tzinfo=UTC)),
        (b"From a b Sat Jan  1 00:00:00 +0200 2000", datetime(2000, 1, 1, tzinfo=timezone(timedelta(hours=2)))),
        (b"From a@example.org Sat Jan  1 00:00:00 CEST 2000", datetime(2000, 1, 1, tzinfo=UTC)),
        (b"From a@example.org Sat Feb 31 00:00:00 2000", None),
        (b"From a@example.org Sat Jan  1 25:00:00 2000", None),
        (b"From a@example.org Sat Jan  1 00:00:00 +9999 2000", None),
        (b"From here to there", None),
        (b"from a@example.org Sat Jan  1 00:00:00 2000", None),
    ],
)
def test_from_line(line: bytes, expected: datetime | None) -> None:
    assert from_line_date(line) == expected


@pytest.mark.parametrize(
    ("message", "header"),
    [
        (b"A: b\n\nbody\n", b"A: b\n"),
        (b"A: b\r\nC: d\r\n\r\nbody", b"A: b\r\nC: d\r\n"),
        (b"\nbody", b""),
        (b"\r\nbody", b""),
        (b"A: b\n", b"A: b\n"),
        (b"", b""),
    ],
)
def test_header(message: bytes, header: bytes) -> None:
    assert header_octets(message) == header


RECEIVED = b"Received: from a\n\tby b; Mon, 5 Aug 2002\n\t10:00:00 +0100\nReceived: from c; Mon, 5 Aug 2002 08:00:00 +0100\n"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (RECEIVED + b"Date: Mon, 5 Aug 2002 07:00:00 +0000\n", datetime(2002, 8, 5, 9, tzinfo=UTC)),
        (b"Subject: x\nDATE: Mon, 5 Aug 2002 07:00:00 -0000\n", datetime(2002, 8, 5, 7, tzinfo=UTC)),
        (b"Received: by a without date\nDate: Mon, 5 Aug 2002 07:00:00 +0000\n", datetime(2002, 8, 5, 7, tzinfo=UTC)),
        (b"Received: by a; yesterday\nDate: Mon, 5 Aug 2002 07:00:00 +0000\n", datetime(2002, 8, 5, 7, tzinfo=UTC)),
        (b"Date: someday\n", None),
        (b"Date: \xff\xfe 99 99 99999 99:99\n", None),
        (b"X-Date: Mon, 5 Aug 2002 07:00:00 +0000\n", None),
    ],
)
def test_header_date(header: bytes, expected: datetime | None) -> None:
    assert header_date(header) == expected


@given(st.binary(max_size=200))
def test_no_header_is_too_strange(octets: bytes) -> None:
    moment = header_date(b"Date:" + octets + b"\n")
    assert moment is None or moment.tzinfo is not None


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"Subject: x", True),
        (b"From a@b Sat Jan  1 00:00:00 2000\nSubject: x", True),
        (b"From: a@b", True),
        (b"hello\n", False),
        (b"\x89PNG\r\n", False),
        (b"", False),
    ],
)
def test_looks_like_message(start: bytes, expected: bool) -> None:
    assert looks_like_message(start) is expected
