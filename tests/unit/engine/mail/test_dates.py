"""Sent dates (RFC 5322 §3.3, §4.3, RFC 5256 §2.2)."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.mail.dates import SentDate, sent_date


def moment(*fields):
    return int(datetime(*fields, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("value", "utc", "day"),
    [
        # RFC 5256 §2.2: the day as written is not the day in UTC
        (b"31 Dec 2000 16:01:33 -0800", moment(2001, 1, 1, 0, 1, 33), "2000-12-31"),
        (b"Thu, 22 Aug 2002 12:36:23 +0200", moment(2002, 8, 22, 10, 36, 23), "2002-08-22"),
        (b"Thu, 22 Aug 2002 12:36:23 +0200 (CEST)", moment(2002, 8, 22, 10, 36, 23), "2002-08-22"),
        (b"Thu (c), 22 (a (b)) Aug 2002 12 : 36 (x) +0200", moment(2002, 8, 22, 10, 36), "2002-08-22"),
        # obsolete years and zones
        (b"1 Jan 49 00:00:00 GMT", moment(2049, 1, 1), "2049-01-01"),
        (b"1 Jan 50 00:00:00 UT", moment(1950, 1, 1), "1950-01-01"),
        (b"1 Jan 102 00:00 EST", moment(2002, 1, 1, 5), "2002-01-01"),
        (b"1 Jan 2002 00:00 pdt", moment(2002, 1, 1, 7), "2002-01-01"),
        (b"1 Jan 2002 00:00 A", moment(2002, 1, 1), "2002-01-01"),
        # invalid zone: UTC; invalid time: midnight
        (b"1 Jan 2002 10:00 XYZ", moment(2002, 1, 1, 10), "2002-01-01"),
        (b"1 Jan 2002 10:00 +0175", moment(2002, 1, 1, 10), "2002-01-01"),
        (b"1 Jan 2002 24:00:00 +0000", moment(2002, 1, 1), "2002-01-01"),
        (b"1 Jan 2002 23:59:60 +0000", moment(2002, 1, 2), "2002-01-01"),
        (b"1 Jan 2002", moment(2002, 1, 1), "2002-01-01"),
        # seen in real mail
        (b"Thu,22-Aug-2002 12:36", moment(2002, 8, 22, 12, 36), "2002-08-22"),
        (b"Thursday, 22 August 2002, 12.36.23", moment(2002, 8, 22, 12, 36, 23), "2002-08-22"),
        (b"22 Aug 2002 12:36:23.123 +02:00", moment(2002, 8, 22, 10, 36, 23), "2002-08-22"),
        (b"Thu Aug 22 12:36:23 2002", moment(2002, 8, 22, 12, 36, 23), "2002-08-22"),
        (b"Thu Aug 22 12:36:23 EDT 2002", moment(2002, 8, 22, 16, 36, 23), "2002-08-22"),
        (b"Thu Aug 22 12:36:23 2002 -0400", moment(2002, 8, 22, 16, 36, 23), "2002-08-22"),
        (b"Aug 22, 2002", moment(2002, 8, 22), "2002-08-22"),
        (b"2002-08-22T12:36:23Z", moment(2002, 8, 22, 12, 36, 23), "2002-08-22"),
        (b"2002-08-22 12:36:23 +0100", moment(2002, 8, 22, 11, 36, 23), "2002-08-22"),
        (b"22/08/2002", None, None),
        (b"31 Feb 2002 10:00 +0000", None, None),
        (b"1 Foo 2002 10:00 +0000", None, None),
        (b"1 Jan 20022 10:00", None, None),
        (b"2002-13-01", None, None),
        (b"", None, None),
        (b"yesterday", None, None),
    ],
)
def test_sent_date(value, utc, day):
    assert sent_date(value) == (None if day is None else SentDate(utc, day))


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 30)), st.integers(-1439, 1439))
def test_what_python_writes(when, minutes):
    when = when.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    expected = SentDate(round((when - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()), when.date().isoformat())
    assert sent_date(format_datetime(when).encode()) == expected
    assert sent_date(when.isoformat().encode()) == expected


@given(st.binary() | st.from_regex(rb"[A-Za-z0-9 :+,-]{0,40}"))
def test_any_value(value):
    found = sent_date(value)
    assert found is None or len(found.day) == 10
