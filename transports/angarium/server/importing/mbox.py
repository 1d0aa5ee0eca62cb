"""mbox files: messages one after the other, each begun by a ``From_`` line (RFC 4155, and the mboxrd variant).

A ``From_`` line counts only at the start of the file or after an empty line, and only with a date in it: old files hold
unquoted body lines that begin with ``From``. Quoting is undone as mboxrd does, one ``>`` off every ``>From`` line.

What mail programs keep about a message in fields (``Status``, ``X-Status``, ``X-Keywords``, ``X-Mozilla-Status``) becomes
flags, and the fields go: they describe the message's place in that file and are no part of the message.
"""

import mmap
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from angarium.server.importing.octets import FROM_LINE, from_line_date, header_octets, with_crlf
from angarium.server.importing.source import Source, SourceMessage

SEPARATOR_LINE: Final = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))" + FROM_LINE.pattern)
QUOTED_FROM: Final = re.compile(rb"(?m)^>(>*From )")
STATE_FIELD: Final = re.compile(
    rb"(?im)^(Status|X-Status|X-Keywords|X-UID|X-IMAP|X-IMAPbase|X-Mozilla-Status2?|X-Mozilla-Keys):([^\n]*(?:\n[ \t][^\n]*)*)\n"
)
STATUS_FLAGS: Final = {
    (b"status", b"R"): b"\\Seen",
    (b"x-status", b"A"): b"\\Answered",
    (b"x-status", b"F"): b"\\Flagged",
    (b"x-status", b"D"): b"\\Deleted",
    (b"x-status", b"T"): b"\\Draft",
}
MOZILLA_FLAGS: Final = {0x0001: b"\\Seen", 0x0002: b"\\Answered", 0x0004: b"\\Flagged", 0x1000: b"$Forwarded"}
HEXADECIMAL: Final = re.compile(rb"[0-9A-Fa-f]{1,8}")
MOZILLA_EXPUNGED: Final = re.compile(rb"(?im)^X-Mozilla-Status:[ \t]*[0-9a-f]{3}[89a-f][ \t]*\r?$")
"""Thunderbird leaves deleted messages in the file, with bit 0x0008 set, until it compacts the folder."""
KEYWORD: Final = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\\]]+")
"""``flag-keyword`` (RFC 9051 §9)."""
FOLDER_INTERNAL_DATA: Final = b"DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA"
"""The subject of the note to itself that the c-client library keeps first in an mbox (alpine, UW imapd)."""


def message_spans(path: Path) -> list[tuple[int, int]]:
    """Find where each message of an mbox begins, its ``From_`` line included, and ends."""
    if path.stat().st_size == 0:
        return []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        starts = [match.start() for match in SEPARATOR_LINE.finditer(octets)]
        return list(zip(starts, [*starts[1:], len(octets)], strict=True))


def open_mbox(path: Path, mailbox: str) -> Source:
    """Open one mbox file whose messages belong into ``mailbox``."""
    spans = message_spans(path)
    return Source("mbox", partial(_messages, path, mailbox, spans), len(spans), (mailbox,))


def _messages(path: Path, mailbox: str, spans: list[tuple[int, int]]) -> Iterator[SourceMessage]:
    with path.open("rb") as file:
        for number, (start, end) in enumerate(spans, 1):
            file.seek(start)
            message = read_message(file.read(end - start), mailbox, f"{path} message {number}")
            if message is not None:
                yield message


def read_message(octets: bytes, mailbox: str, origin: str) -> SourceMessage | None:
    """Read one message of an mbox, from its ``From_`` line on; None for what is not mail or was deleted."""
    from_line, _, rest = octets.partition(b"\n")
    # The empty line before the next From_ line belongs to the file (RFC 4155 Appendix A).
    content = QUOTED_FROM.sub(rb"\1", rest)
    content = content.removesuffix(b"\r\n" if content.endswith(b"\r\n\r\n") else b"\n" if content.endswith(b"\n\n") else b"")
    header = header_octets(content)
    if FOLDER_INTERNAL_DATA in header or MOZILLA_EXPUNGED.search(header):
        return None
    kept, flags = split_state(header)
    whole = with_crlf(kept + content[len(header) :])
    return SourceMessage(mailbox, origin, lambda: whole, flags, from_line_date(from_line), normal_form=normal_form)


def normal_form(octets: bytes) -> bytes:
    """What an mbox can hold of a message: line ends CRLF, the last line ended, none of the fields that mailboxes keep flags in.

    A message of an mbox is in this form, and a stored one that differs from it only in that has come into the file from there.
    """
    octets = with_crlf(octets)
    if octets and not octets.endswith(b"\r\n"):
        octets += b"\r\n"
    header = header_octets(octets)
    return STATE_FIELD.sub(b"", header) + octets[len(header) :]


def split_state(header: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """Take the mbox's own fields out of a header, and read the flags in them."""
    flags: list[bytes] = []
    for name, value in STATE_FIELD.findall(header):
        flags += _flags_in(name.lower(), value.strip())
    return STATE_FIELD.sub(b"", header), tuple(dict.fromkeys(flags))


def _flags_in(name: bytes, value: bytes) -> list[bytes]:
    if name in (b"x-keywords", b"x-mozilla-keys"):
        return [word for word in value.split() if KEYWORD.fullmatch(word)]
    if name == b"x-mozilla-status":
        bits = int(value, 16) if HEXADECIMAL.fullmatch(value) else 0
        return [flag for bit, flag in MOZILLA_FLAGS.items() if bits & bit]
    return [flag for (field, letter), flag in STATUS_FLAGS.items() if field == name and letter in value]
