"""Header blocks (RFC 5322 §2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.mail import header
from angarium.engine.mail.header import MESSAGE_FIELDS, all_fields, field_bodies, header_end, header_fields, parse_fields

HEADER = b"Subject: one\r\n two\r\nX-A : 1\r\njunk line\r\nTo: a@b\r\nsubject: again\r\nTO: c@d\r\n\r\n"


@pytest.mark.parametrize(
    ("octets", "end"),
    [
        (b"", 0),
        (b"\n", 1),
        (b"\r\nbody", 2),
        (b"A: b\r\n\r\nbody", 8),
        (b"A: b\n\nbody", 6),
        (b"A: b\n\r\nbody\n\n", 7),
        (b"A: b\n\nbody\r\n\r\n", 6),
        (b"A: b", 4),
        (b"A: b\r\n", 6),
        (b"A: b\r\n \r\nC: d\r\n\r\nbody", 17),
    ],
)
def test_header_end(octets, end):
    assert header_end(octets, 0, len(octets)) == end
    assert header_end(b"xx" + octets + b"\r\n\r\n", 2, 2 + len(octets)) == 2 + end


def test_the_first_of_a_field_counts_and_destinations_are_joined():
    assert parse_fields(HEADER, MESSAGE_FIELDS) == {b"subject": b"one two", b"to": b"a@b,c@d"}


def test_field_bodies():
    assert field_bodies(HEADER, b"SUBJECT") == [b"one two", b"again"]
    assert field_bodies(HEADER, b"x-a") == [b"1"]
    assert field_bodies(HEADER, b"junk") == []


def test_all_fields():
    assert [name for name, _ in all_fields(HEADER)] == [b"Subject", b"X-A", b"To", b"subject", b"TO"]


@pytest.mark.parametrize(
    ("names", "invert", "expected"),
    [
        ((b"SUBJECT",), False, b"Subject: one\r\n two\r\nsubject: again\r\n\r\n"),
        ((b"x-a", b"nothing"), False, b"X-A : 1\r\n\r\n"),
        ((b"nothing",), False, b"\r\n"),
        ((b"subject", b"to"), True, b"X-A : 1\r\njunk line\r\n\r\n"),
    ],
)
def test_header_fields(names, invert, expected):
    assert header_fields(HEADER, names, invert) == expected


def test_no_empty_line_is_made_up():
    assert header_fields(b"A: 1\r\nB: 2", (b"b",)) == b"B: 2"


@given(st.lists(st.sampled_from([b"A: 1\r\n", b"B:2\n", b" fold\r\n", b"junk\r\n", b"\t\r\n", b"C:\r\n"])).map(b"".join))
def test_fields_and_not_fields_make_up_the_header(block):
    whole = block + b"\r\n"
    both = [header_fields(whole, (b"a",)), header_fields(whole, (b"a",), invert=True)]
    assert sorted(b"".join(both)) == sorted(whole + b"\r\n")
    assert all(part.endswith(b"\r\n") for part in both)


LINES = (
    b"A: 1\r\n",
    b"aB : 2\n",
    b" fold a: x\r\n",
    b"junk\r\n",
    b"\t\r\n",
    b"C:\r\n",
    b"\r\n",
    b"\n",
    b"A:",
    b"A",
    b" ",
    b"(: y\n",
    b"\rA: z\n",
)


@given(
    st.lists(st.sampled_from(LINES)).map(b"".join) | st.binary(max_size=40),
    st.lists(st.sampled_from([b"a", b"AB", b"c", b"(", b"a:", b"", b"junk", b"a b"]), max_size=4).map(tuple),
)
def test_the_quick_way_keeps_what_the_other_keeps(block, names):
    quick = header_fields(block, names)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(header, "_QUICK_NAMES_MAX", -1)
        assert header_fields(block, names) == quick


def test_a_header_of_hostile_lines_takes_linear_time():
    block = b"A \t" * 200_000 + b"\n" + b"B: x\n \n" * 100_000
    assert header_fields(block, (b"b",)).count(b"B:") == 100_000
