"""Octets of messages in files: line ends, mbox ``From_`` lines, dates (RFC 5322 §2.3, RFC 4155).

Files of mail on a Unix machine end lines with LF; a mail store keeps CRLF. Nothing else of a message is changed here.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

BARE_LF: Final = re.compile(rb"(?<!\r)\n")
HEADER_END: Final = re.compile(rb"\n\r?\n")
HEADER_START: Final = re.compile(rb"(?:From [^\n]*\n)?[!-9;-~]+[ \t]*:")
"""A ``From_`` line may come first, then a field name and its colon (RFC 5322 §2.2)."""

FROM_LINE: Final = re.compile(
    rb"From [^\r\n]*?(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(?P<day>\d{1,2})\s+"
    rb"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\s+[A-Z]{3,5})?(?:\s+(?P<zone>[+-]\d{4}))?\s+(?P<year>\d{4})"
)
"""The separator of an mbox: an address and the time of delivery as ``asctime`` writes it (RFC 4155 Appendix A).

The date is what tells it from a line of text that begins with ``From``; the address may be missing or have spaces.
"""
MONTHS: Final = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
RECEIVED_DATE: Final = re.compile(rb"(?im)^Received:(?:[^\n]|\n[ \t])*?;([^;\n]*(?:\n[ \t][^;\n]*)*)\n(?![ \t])")
DATE_FIELD: Final = re.compile(rb"(?im)^Date:((?:[^\n]|\n[ \t])*)\n")


def with_crlf(octets: bytes) -> bytes:
    """End every line with CRLF; a CR that is alone stays what it was."""
    if b"\r" not in octets:
        return octets.replace(b"\n", b"\r\n")
    return BARE_LF.sub(b"\r\n", octets)


def with_lf(content: bytes) -> bytes:
    """End every line with LF, as files of mail do, where ``with_crlf`` makes of that what it was; else leave it as it is."""
    text = content.replace(b"\r\n", b"\n")
    return text if with_crlf(text) == content else content


def looks_like_message(start: bytes) -> bool:
    """Say whether a file that starts with these octets is a message: a header field comes first, or the separator of an mbox."""
    return HEADER_START.match(start) is not None or FROM_LINE.match(start) is not None


def from_line_date(line: bytes) -> datetime | None:
    """Read the time of delivery in a ``From_`` line, UTC unless it names an offset (RFC 4155 Appendix A)."""
    match = FROM_LINE.match(line)
    if match is None:
        return None
    year, month, day = int(match["year"]), MONTHS.index(match["month"]) + 1, int(match["day"])
    try:
        moment = datetime(year, month, day, int(match["hour"]), int(match["minute"]), int(match["second"] or 0), tzinfo=UTC)
    except ValueError:
        return None
    zone = match["zone"]
    return moment if zone is None else _at_offset(moment, zone)


def _at_offset(moment: datetime, zone: bytes) -> datetime | None:
    try:
        return moment.replace(tzinfo=datetime.strptime(zone.decode("ascii"), "%z").tzinfo)
    except ValueError:
        return None


def header_octets(octets: bytes) -> bytes:
    """Return the header of a message, its empty line excluded, whichever way its lines end (RFC 5322 §2.1)."""
    if octets.startswith((b"\n", b"\r\n")):
        return b""
    match = HEADER_END.search(octets)
    return octets[: match.start() + 1] if match else octets


def header_date(header: bytes) -> datetime | None:
    """Find when a message arrived: its topmost ``Received`` field, else its ``Date`` (RFC 5322 §3.6.7, §3.6.1)."""
    for pattern in (RECEIVED_DATE, DATE_FIELD):
        match = pattern.search(header)
        moment = match and _parse_date(match[1])
        if moment:
            return moment
    return None


def _parse_date(text: bytes) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text.decode("ascii", "replace"))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    # ``-0000`` says that the zone is unknown; the time itself is UTC (RFC 5322 §3.3).
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
