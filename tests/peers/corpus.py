"""The real mail beside the checkout, as it would be appended: CRLF line ends, no mbox ``From `` line."""

import re
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

ARCHIVE = Path(__file__).parents[3] / "shared" / "mail" / "spamassassin.tar.xz"
MISSING = None if ARCHIVE.exists() else "the real-mail corpus is not beside the checkout"
_LINE_END = re.compile(rb"\r\n|\r|\n")
_FIRST_DATE = datetime(2002, 8, 1, 12, tzinfo=UTC)


def messages() -> Iterator[bytes]:
    """Every message, in the order of the file names."""
    with tarfile.open(ARCHIVE) as archive:
        members = {member.name: member for member in archive.getmembers() if member.isfile()}
        for name in sorted(members):
            file = archive.extractfile(members[name])
            if file is not None:
                yield as_appended(file.read())


def as_appended(octets: bytes) -> bytes:
    """Without the mbox line, with CRLF line ends, without NUL, which no literal may hold (RFC 9051 §9 CHAR8)."""
    if octets.startswith(b"From "):
        octets = octets[octets.find(b"\n") + 1 :]
    return _LINE_END.sub(b"\r\n", octets).replace(b"\0", b"\x80")


def date_of(number: int) -> datetime:
    """An internal date for message ``number``: all zones, days and hours get their turn."""
    zone = timezone(timedelta(minutes=30 * (number % 49 - 24)))
    return (_FIRST_DATE + timedelta(minutes=97 * number)).astimezone(zone)
