"""The Date field: RFC 5322 §3.3 with its obsolete forms (§4.3), and what else real mail has there.

Two things are read from it: the moment in UTC, for SORT (RFC 5256 §2.2), and the day as written, for SENTON and its
relatives, which disregard time and zone (RFC 9051 §6.4.4). An invalid time counts as 00:00:00, an invalid zone as UTC.
"""

import re
from datetime import date
from typing import Final

from attrs import frozen

from angarium.engine.mail.lexical import strip_comments


@frozen
class SentDate:
    """``utc``: seconds since 1970; ``day``: the day as written, ``YYYY-MM-DD``."""

    utc: int
    day: str


_TIME: Final = rb"(?:[\s,T]*+(\d{1,2})\s*+[:.]\s*+(\d{1,2})(?:\s*+[:.]\s*+(\d{1,2}))?(?:[.,]\d++)?)?"
_ZONE: Final = rb"\s*+([+-]\d{4}(?!\d)|[+-]\d\d:\d\d|[A-Za-z]++)?"
_USUAL: Final = re.compile(rb"[A-Za-z]{3}, (\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-]\d{4})(?!\d)", re.ASCII)
_RFC5322: Final = re.compile(
    rb"\s*+(?:[A-Za-z]++\.?+\s*+,?+\s*+)?(\d{1,2})[\s-]*+([A-Za-z]{3})[A-Za-z]*+\.?+,?+[\s-]*+(\d{2,4})(?!\d)" + _TIME + _ZONE
)
_ASCTIME: Final = re.compile(
    rb"\s*+(?:[A-Za-z]{3,9},?+\s++)?([A-Za-z]{3})[A-Za-z]*+\.?+\s++(\d{1,2})"
    rb",?+(?:\s++(\d{1,2}):(\d\d)(?::(\d\d))?)?(?:\s++([A-Za-z]++|[+-]\d{4}))?\s++(\d{4})(?!\d)\s*+([+-]\d{4})?"
)
_ISO: Final = re.compile(rb"\s*+(\d{4})-(\d\d)-(\d\d)" + _TIME + _ZONE)

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"), start=1
    )
}
_ZONES: Final = {
    # RFC 5322 §4.3; any other name, military ones included, counts as UTC
    b"EST": -5, b"EDT": -4, b"CST": -6, b"CDT": -5, b"MST": -7, b"MDT": -6, b"PST": -8, b"PDT": -7,
    # not of the RFC, but common
    b"BST": 1, b"CET": 1, b"CEST": 2, b"MET": 1, b"MEST": 2, b"EET": 2, b"EEST": 3, b"MSK": 3, b"JST": 9, b"KST": 9,
}  # fmt: skip
_EPOCH: Final = date(1970, 1, 1).toordinal()


def sent_date(value: bytes) -> SentDate | None:
    """The date of an unfolded Date field body, None when there is none to be found (RFC 5322 §3.3, §4.3)."""
    match = _USUAL.match(value)
    if match is None:
        if b"(" in value:
            value = strip_comments(value)
        match = _RFC5322.match(value)
    if match is not None:
        day, month, year, hour, minute, second, zone = match.groups()
        return _sent_date(_year(year), _MONTHS.get(month.lower()), day, (hour, minute, second), zone)
    if match := _ASCTIME.match(value):
        month, day, hour, minute, second, zone, year, offset = match.groups()
        return _sent_date(int(year), _MONTHS.get(month.lower()), day, (hour, minute, second), offset or zone)
    if match := _ISO.match(value):
        year, month, day, hour, minute, second, zone = match.groups()
        return _sent_date(int(year), int(month), day, (hour, minute, second), zone)
    return None


def _year(digits: bytes) -> int:
    """Two digits are 1950 to 2049, three count from 1900 (RFC 5322 §4.3)."""
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + 2000 if len(digits) == 2 and year < 50 else year + 1900


def _sent_date(
    year: int, month: int | None, day: bytes, time: tuple[bytes | None, bytes | None, bytes | None], zone: bytes | None
) -> SentDate | None:
    try:
        written = date(year, month or 0, int(day))
    except ValueError:
        return None
    seconds = _seconds(time)
    offset = _offset(zone) if zone else 0
    return SentDate((written.toordinal() - _EPOCH) * 86_400 + seconds - offset, written.isoformat())


def _seconds(time: tuple[bytes | None, bytes | None, bytes | None]) -> int:
    """The time of day; an invalid one is 00:00:00 (RFC 5256 §2.2)."""
    hour, minute, second = (int(digits or 0) for digits in time)
    return hour * 3600 + minute * 60 + second if hour < 24 and minute < 60 and second <= 60 else 0


def _offset(zone: bytes) -> int:
    """Seconds east of UTC; an invalid or unknown zone is UTC (RFC 5256 §2.2, RFC 5322 §3.3, §4.3)."""
    if zone[:1].isalpha():
        return _ZONES.get(zone.upper(), 0) * 3600
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    seconds = hours * 3600 + minutes * 60 if minutes < 60 else 0
    return -seconds if zone[:1] == b"-" else seconds
